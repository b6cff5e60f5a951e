package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/mxvet/mxvet/scanner"
)

const (
	patience    = 2 * time.Second  // work shorter than this shows no progress
	logInterval = 10 * time.Second // between lines where there is no terminal
)

// progress shows how far a run is: a bar on a terminal, a line every ten
// seconds on a log.
type progress struct {
	ctx   context.Context // ends when the user interrupts
	done  chan struct{}
	all   sync.WaitGroup
	until int64 // rows after which a bar gives way to a table on the same screen; 0 is never
}

func startProgress(ctx context.Context, w io.Writer, watch *scanner.Counters, quiet bool, until int64) *progress {
	p := &progress{ctx: ctx, done: make(chan struct{}), until: until}
	if quiet || watch == nil {
		return p
	}
	show := p.log
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		show = p.bar
	}
	p.all.Go(func() { show(w, watch) })
	return p
}

// stop ends the showing and waits until the last of it is gone.
func (p *progress) stop() {
	close(p.done)
	p.all.Wait()
}

func (p *progress) log(w io.Writer, watch *scanner.Counters) {
	ticker := time.NewTicker(logInterval)
	defer ticker.Stop()
	estimate := newEstimate(watch, time.Now())
	interrupted := p.ctx.Done()
	for {
		select {
		case <-p.done:
			return
		case <-interrupted:
			fmt.Fprintln(w, finishing)
			interrupted = nil
		case now := <-ticker.C:
			fmt.Fprintln(w, line(watch, estimate.look(now)))
		}
	}
}

// finishing tells who has interrupted that the end takes a moment.
const finishing = "finishing what is in hand; Ctrl-C again stops at once"

// line says how far a run is.
func line(watch *scanner.Counters, f figures) string {
	elapsed := f.elapsed.Round(time.Second)
	switch {
	case !f.known && f.done == 0:
		return fmt.Sprintf("%v: %d rows read", elapsed, f.rows)
	case f.done == 0:
		return fmt.Sprintf("%v: %d rows read, %s looked up, %s", elapsed, f.rows, count(watch.Domains.Load(), "domain"), busy(watch, f))
	}
	words := fmt.Sprintf("%v: %d of %d rows, %s, %s", elapsed, f.done, f.rows, f.rates(), busy(watch, f))
	if found := verdicts(watch); found != "" {
		words += "; " + found
	}
	return words
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (p *progress) bar(w io.Writer, watch *scanner.Counters) {
	estimate := newEstimate(watch, time.Now())
	select {
	case <-p.done:
		return
	case <-time.After(patience):
	}
	var shown atomic.Pointer[figures]
	first := estimate.look(time.Now())
	shown.Store(&first)
	bars := mpb.New(mpb.WithOutput(w), mpb.WithWidth(20), mpb.WithAutoRefresh())
	bar := bars.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
			f := shown.Load()
			return fmt.Sprintf("%d of %d ", f.done, f.rows)
		})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + p.beside(watch, *shown.Load()) })))
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			bar.Abort(true)
			bars.Wait()
			return
		case now := <-ticker.C:
			if p.until > 0 && watch.Done.Load() >= p.until {
				bar.Abort(true)
				bars.Wait()
				return
			}
			f := estimate.look(now)
			shown.Store(&f)
			bar.SetTotal(max(f.rows, f.done+1), false)
			bar.SetCurrent(f.done)
		}
	}
}

// beside is what stands behind the bar.
func (p *progress) beside(watch *scanner.Counters, f figures) string {
	switch {
	case p.ctx.Err() != nil:
		return finishing
	case f.known && f.done == 0:
		return fmt.Sprintf("%s looked up, %s", count(watch.Domains.Load(), "domain"), busy(watch, f))
	}
	words := f.rates() + ", " + busy(watch, f)
	if found := verdicts(watch); found != "" {
		words += "; " + found
	}
	return words
}
