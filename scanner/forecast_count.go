package scanner

import (
	"runtime"
	"slices"
	"sync"

	"github.com/mxvet/mxvet/scanner/input"
)

// count reads the source and returns how many rows each domain has. One
// goroutine reads and several parse, each counting for itself.
func (o *outlook) count(source *input.Source) map[string]int64 {
	work := make(chan []input.Input)
	counts := make([]counted, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range counts {
		c := &counts[i]
		c.domains = make(map[string]int64)
		all.Go(func() {
			for lines := range work {
				for _, line := range lines {
					c.take(o.work(0, line))
				}
				o.watch.Rows.Add(int64(len(lines)))
			}
		})
	}
	o.handOut(source, work)
	all.Wait()
	o.watch.ReadAll.Store(true)
	return o.sum(counts)
}

// handOut gives the rows of the source to whoever is free, until it ends or the
// run does.
func (o *outlook) handOut(source *input.Source, work chan<- []input.Input) {
	defer close(work)
	lines := make([]input.Input, 0, streamBatch)
	for line := range source.All() {
		line.Values = nil // the user's own columns are not told
		if lines = append(lines, line); len(lines) < streamBatch {
			continue
		}
		work <- slices.Clone(lines)
		lines = lines[:0]
		if o.stopping.Load() {
			return
		}
	}
	work <- lines
}

// sum adds up what the goroutines counted.
func (o *outlook) sum(counts []counted) map[string]int64 {
	domains := counts[0].domains
	for i, c := range counts {
		o.Rows += c.rows
		o.BadSyntax += c.badSyntax
		o.Excluded += c.excluded
		for name, rows := range c.domains {
			if i > 0 {
				domains[name] += rows
			}
		}
	}
	return domains
}
