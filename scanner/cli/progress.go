package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
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
	start := time.Now()
	interrupted := p.ctx.Done()
	for {
		select {
		case <-p.done:
			return
		case <-interrupted:
			fmt.Fprintln(w, finishing)
			interrupted = nil
		case <-ticker.C:
			fmt.Fprintln(w, line(watch, time.Since(start)))
		}
	}
}

// finishing tells who has interrupted that the end takes a moment.
const finishing = "finishing what is in hand; Ctrl-C again stops at once"

// line says how far a run is.
func line(watch *scanner.Counters, elapsed time.Duration) string {
	rows, done := watch.Rows.Load(), watch.Done.Load()
	if !watch.ReadAll.Load() {
		return fmt.Sprintf("%v: %d rows read", elapsed.Round(time.Second), rows)
	}
	return fmt.Sprintf("%v: %d of %d rows, %s, %s open, %s looked up", elapsed.Round(time.Second), done, rows,
		count(watch.Asked.Load(), "answer"), count(watch.Open.Load(), "conversation"), count(watch.Domains.Load(), "domain"))
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (p *progress) bar(w io.Writer, watch *scanner.Counters) {
	select {
	case <-p.done:
		return
	case <-time.After(patience):
	}
	bars := mpb.New(mpb.WithOutput(w), mpb.WithWidth(28), mpb.WithAutoRefresh())
	bar := bars.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
			return fmt.Sprintf("%d of %d rows ", watch.Done.Load(), watch.Rows.Load())
		})),
		mpb.AppendDecorators(
			decor.Any(func(decor.Statistics) string {
				if p.ctx.Err() != nil {
					return " " + finishing
				}
				return fmt.Sprintf(" %s, %s open", count(watch.Asked.Load(), "answer"), count(watch.Open.Load(), "conversation"))
			})))
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			bar.Abort(true)
			bars.Wait()
			return
		case <-ticker.C:
			if p.until > 0 && watch.Done.Load() >= p.until {
				bar.Abort(true)
				bars.Wait()
				return
			}
			bar.SetTotal(max(watch.Rows.Load(), watch.Done.Load()+1), false)
			bar.SetCurrent(watch.Done.Load())
		}
	}
}
