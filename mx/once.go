package mx

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"github.com/mxvet/mxvet/mx/resolver"
)

// once puts each question once, whoever asks it how often, and no more than so
// many at the same time. It lives as long as one domain is looked at.
type once struct {
	dns   Resolver
	slots chan struct{}

	mu    sync.Mutex
	asked map[string]*asking
}

// asking is a question under way, or its answer. What ended with its asker's
// context is no answer.
type asking struct {
	done   chan struct{} // closed when there is an answer or an error
	answer resolver.Answer
	err    error
}

func newOnce(dns Resolver, concurrency int) *once {
	return &once{dns: dns, slots: make(chan struct{}, cmp.Or(concurrency, 8)), asked: make(map[string]*asking)}
}

// Lookup is that of a Resolver. Callers wait for the first one's answer; where
// that one's context ended before there was any, they ask for themselves.
func (o *once) Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	key := string(kind) + " " + strings.ToLower(strings.TrimSuffix(name, "."))
	o.mu.Lock()
	a := o.asked[key]
	first := a == nil
	if first {
		a = &asking{done: make(chan struct{})}
		o.asked[key] = a
	}
	o.mu.Unlock()
	if first {
		a.answer, a.err = o.ask(ctx, name, kind)
		close(a.done)
		return a.answer, a.err
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		return resolver.Answer{}, context.Cause(ctx)
	}
	if a.err != nil {
		return o.ask(ctx, name, kind)
	}
	return a.answer, nil
}

func (o *once) ask(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	select {
	case o.slots <- struct{}{}:
		defer func() { <-o.slots }()
	case <-ctx.Done():
		return resolver.Answer{}, context.Cause(ctx)
	}
	return o.dns.Lookup(ctx, name, kind)
}
