package scanner

import (
	"context"
	"sync"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner/input"
)

// Servers probes the servers that the lines of a source name: a domain's
// exchangers at all their addresses, or a server by name or address. Each IP
// address, port and TLS name is probed once, however many lines lead to it.
// The sink gets, line by line in input order, a ServerRow for each server that
// no line before led to, then a DomainRow where the line names a domain, or
// nothing; then the run's row, which is also returned.
//
// When ctx ends, servers not reached yet are left out.
func (s *Scanner) Servers(ctx context.Context, source *input.Source, sink Sink) (*RunRow, error) {
	r := s.newRun(ctx)
	defer r.release()
	r.columns, r.exits.patience = source.Columns(), 0
	v := &survey{
		run:     r,
		tally:   newTally(r),
		domains: make(map[place]*subject),
		servers: make(map[probe.Key]*found),
		hosts:   make(map[string][]mx.Host),
		slots:   make(chan struct{}, r.concurrency()),
		asking:  make(chan struct{}, lookups),
		window:  make(chan struct{}, max(inHand, 2*r.concurrency())),
		spoilt:  make(chan struct{}),
	}
	return v.do(ctx, source, sink)
}

// inHand is how many servers and domains are worked on, or wait to be told
// behind one that is slow: it bounds what a survey holds in memory.
const inHand = 1000

// survey is one call of Servers. All lines are read and located first, since a
// server's row names every domain that leads to it; what was said is held only
// while a line that is still to be told needs it.
type survey struct {
	*run
	tally   *tally
	lines   []line
	domains map[place]*subject
	servers map[probe.Key]*found
	hosts   map[string][]mx.Host // exchangers by what they say: domains of one provider share them
	slots   chan struct{}        // conversations at a time
	asking  chan struct{}        // domains looked up at a time
	window  chan struct{}        // what is in hand
	spoilt  chan struct{}        // closed when nobody is left to tell
	known   tlsinfo.Known
}

// line is one line of input and where it leads.
type line struct {
	input.Input
	place
	domain  *subject // nil for a server given by name or IP address
	servers []*found
	err     error
}

// do has three steps: locate every line; launch what is to be asked in the
// order it will be told; tell it.
func (v *survey) do(ctx context.Context, source *input.Source, sink Sink) (*RunRow, error) {
	v.read(source)
	v.locate(ctx)

	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	var work sync.WaitGroup
	work.Go(func() { v.launch(asking, &work) })
	err := v.tell(ctx, sink)
	if err != nil {
		close(v.spoilt)
		v.abandon()
	}
	cancel()
	work.Wait()
	if err != nil {
		return nil, err
	}
	row := v.tally.row(ctx.Err() != nil)
	if err := source.Err(); err != nil {
		return row, err
	}
	return row, sink.Put(row)
}

func (v *survey) read(source *input.Source) {
	for in := range source.All() {
		l := line{Input: in, err: in.Err}
		if l.err == nil {
			l.place, l.err = parsePlace(in.Text)
		}
		v.lines = append(v.lines, l)
		v.watch.Rows.Add(1)
		if v.hard.Err() != nil {
			break
		}
	}
	v.watch.ReadAll.Store(true)
}

// launch starts the work of one line after another, as far ahead of the telling
// as the window allows.
func (v *survey) launch(ctx context.Context, work *sync.WaitGroup) {
	for i := range v.lines {
		l := &v.lines[i]
		for _, f := range l.servers {
			if !f.launched {
				f.launched = true
				v.start(work, func() { f.ask(ctx, v) })
			}
		}
		if d := l.domain; d != nil && !d.launched {
			d.launched = true
			v.start(work, func() { d.ask(ctx, v) })
		}
	}
}

func (v *survey) start(work *sync.WaitGroup, do func()) {
	select {
	case v.window <- struct{}{}:
	case <-v.spoilt:
	}
	work.Go(do)
}

// tell puts the rows in order.
func (v *survey) tell(ctx context.Context, sink Sink) error {
	for i := range v.lines {
		l := &v.lines[i]
		for _, f := range l.servers {
			if err := v.tellServer(f, sink); err != nil {
				return err
			}
		}
		if err := v.tellDomain(ctx, l, sink); err != nil {
			return err
		}
		for _, f := range l.servers {
			f.forget()
		}
		v.watch.Done.Add(1)
		l.Input = input.Input{}
	}
	return nil
}

func (v *survey) tellServer(f *found, sink Sink) error {
	if f.told {
		return nil
	}
	f.told = true
	<-f.done
	<-v.window
	if f.row == nil {
		return nil // not reached before the end
	}
	v.tally.servers++
	v.tally.rows++
	err := sink.Put(f.row)
	f.keep()
	return err
}

// tellDomain puts the row of a domain, or of a line that names nothing. A line
// that names a server has no row beside the server's, unless there is none.
func (v *survey) tellDomain(ctx context.Context, l *line, sink Sink) error {
	d := l.domain
	if d == nil && l.err == nil {
		return nil
	}
	row := &DomainRow{Type: "domain", Row: l.Row, Input: l.Text, Domain: l.Domain + l.Host, Unicode: l.Unicode, Columns: columns(v.columns, l.Values)}
	if l.err != nil {
		row.Error = l.err.Error()
	} else {
		if !d.told {
			d.told = true
			<-d.done
			<-v.window
		}
		d.describe(row, l.servers, v.now())
		if d.lines--; d.lines == 0 {
			d.promises = nil
		}
	}
	v.tally.rows++
	return sink.Put(row)
}
