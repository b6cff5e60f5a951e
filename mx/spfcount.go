package mx

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx/resolver"
)

// The limits of RFC 7208 s4.6.4, and where we stop counting beyond them.
const (
	maxLookups   = 10
	maxVoids     = 2
	maxExchanges = 10
	maxCounted   = 40
)

// spfCount follows a record to its end and counts what an evaluation that never
// matches would ask DNS for.
type spfCount struct {
	dns      Resolver
	lookups  int
	voids    int
	ahead    int // questions put before their turn
	problems []string
	notes    []string
	cut      string // why counting ended early: DNS did not answer
}

// spfResult is what a record does with senders.
type spfResult struct {
	all    string // the qualifier that the rest of the world gets; empty for neutral
	passes bool   // some term lets somebody through
	doubts bool   // some term before all has ? or ~
}

// follow counts one record's terms, and those of the records that it includes
// or redirects to. path are the names on the way to it, itself the last.
func (c *spfCount) follow(ctx context.Context, record spfRecord, path []string) (spfResult, error) {
	var out spfResult
	domain, top := path[len(path)-1], len(path) == 1
	if top {
		c.notes = append(c.notes, record.notes...)
	}
	if err := c.prefetch(ctx, domain, record); err != nil {
		return out, err
	}
	for _, term := range record.terms {
		matches, err := c.term(ctx, term, path)
		if err != nil {
			return out, err
		}
		out.passes = out.passes || matches && term.qualifier == "+"
		if term.name == "all" {
			out.all = term.qualifier
			return out, nil
		}
		out.doubts = out.doubts || matches && strings.Contains("?~", term.qualifier)
	}
	if record.redirect == nil {
		if top {
			c.note("no all at the end: senders that nothing names are neither let through nor turned away")
		}
		return out, nil
	}
	target, err := c.record(ctx, *record.redirect, path)
	return spfResult{target.all, out.passes || target.passes, out.doubts || target.doubts}, err
}

// term counts one mechanism. It matches nobody where it includes a record that
// lets nobody through.
func (c *spfCount) term(ctx context.Context, term spfTerm, path []string) (matches bool, err error) {
	questions, costs := term.questions(path[len(path)-1])
	if term.whole && term.qualifier == "+" {
		c.note(quote(term.text) + " lets the whole world through")
	}
	if !costs {
		return true, nil
	}
	if term.name == "include" {
		result, err := c.record(ctx, term, path)
		if result.all == "+" {
			c.note(quote(term.text) + " lets the whole world through")
		}
		return result.passes, err
	}
	if term.name == "ptr" {
		c.note(quote(term.text) + " is slow and unsure, and ought not to be used (RFC 7208 s5.5)")
	}
	c.lookups++
	if len(questions) == 0 || c.full() {
		return true, nil
	}
	return true, c.addresses(ctx, term, questions)
}

// addresses counts whether a, mx or exists finds anything, of either family.
func (c *spfCount) addresses(ctx context.Context, term spfTerm, questions []spfQuestion) error {
	for _, q := range questions {
		answer, err := c.dns.Lookup(ctx, q.name, q.kind)
		if err != nil {
			return err
		}
		if !answer.Status.Final() {
			c.stop(unanswered(string(q.kind)+" of "+q.name, answer.Status, answer.Detail))
			return nil
		}
		if n := len(answer.Exchanges()); n > maxExchanges {
			c.problem(term, fmt.Sprintf("%d exchangers, where %d may be looked at (RFC 7208 s4.6.4)", n, maxExchanges))
		}
		if answer.Status == resolver.NoError {
			return nil
		}
	}
	c.voids++
	return nil
}

// record counts an include or a redirect and all that is behind it. What cannot
// be read is taken to let somebody through.
func (c *spfCount) record(ctx context.Context, term spfTerm, path []string) (spfResult, error) {
	c.lookups++
	unknown := spfResult{passes: true}
	if term.macro || c.full() {
		return unknown, nil
	}
	if slices.Contains(path, term.domain) {
		c.problem(term, "it comes back to where it was, and never ends")
		return unknown, nil
	}
	found, err := spfAt(ctx, c.dns, term.domain)
	if err != nil {
		return unknown, err
	}
	switch found.presence {
	case resolver.Unproven:
		c.stop(found.why)
		return unknown, nil
	case resolver.Absent:
		c.problem(term, "there is no SPF record at that name (RFC 7208 s5.2, s6.1)")
		return unknown, nil
	case resolver.Faulty:
		c.problem(term, found.why)
		return unknown, nil
	}
	next := readSPF(found.records[0])
	if len(next.problems) > 0 {
		c.problem(term, clauses(next.problems))
		return unknown, nil
	}
	return c.follow(ctx, next, append(slices.Clone(path), term.domain))
}

// prefetch asks a record's questions at the same time; those who count come
// upon the answers one by one. It stops where a sound record would have ended
// long ago: the rest is asked when its turn comes, if ever.
func (c *spfCount) prefetch(ctx context.Context, domain string, record spfRecord) error {
	terms := record.terms
	if record.redirect != nil {
		terms = append(slices.Clone(terms), *record.redirect)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, term := range terms {
		questions, _ := term.questions(domain)
		for _, q := range questions {
			if c.ahead++; c.ahead > maxCounted {
				break
			}
			group.Go(func() error {
				_, err := c.dns.Lookup(ctx, q.name, q.kind)
				return err
			})
		}
	}
	return group.Wait()
}

// spfQuestion is what a term asks DNS.
type spfQuestion struct {
	name string
	kind resolver.Type
}

// questions are those of a term at a domain, which are none where the sender
// decides what is asked (ptr, macros), and whether it counts as a look-up.
func (t spfTerm) questions(domain string) (list []spfQuestion, costs bool) {
	if t.domain != "" {
		domain = t.domain
	}
	kinds := map[string][]resolver.Type{
		"include": {resolver.TXT}, "redirect": {resolver.TXT}, "mx": {resolver.MX},
		"a": {resolver.A, resolver.AAAA}, "exists": {resolver.A}, "ptr": {},
	}[t.name]
	if t.macro {
		return nil, true
	}
	for _, kind := range kinds {
		list = append(list, spfQuestion{domain, kind})
	}
	return list, kinds != nil
}

// full reports that there is nothing more to learn from following: the record
// is far beyond the limit, or DNS does not answer.
func (c *spfCount) full() bool { return c.lookups > maxCounted || c.cut != "" }

func (c *spfCount) stop(why string) {
	if c.cut == "" {
		c.cut = "look-ups could not be counted to the end: " + why
	}
}

func (c *spfCount) problem(term spfTerm, why string) {
	c.problems = addOnce(c.problems, quote(term.text)+": "+why)
}

func (c *spfCount) note(what string) { c.notes = addOnce(c.notes, what) }

func addOnce(list []string, clause string) []string {
	if slices.Contains(list, clause) {
		return list
	}
	return append(list, clause)
}

// over says which limits are passed, and takes back what was counted after
// following had stopped.
func (c *spfCount) over() []string {
	var out []string
	switch {
	case c.lookups > maxCounted:
		c.lookups = maxCounted + 1
		out = append(out, fmt.Sprintf("over %d terms cost a look-up, where %d are allowed (RFC 7208 s4.6.4)", maxCounted, maxLookups))
	case c.lookups > maxLookups:
		out = append(out, fmt.Sprintf("%d terms cost a look-up, where %d are allowed (RFC 7208 s4.6.4)", c.lookups, maxLookups))
	}
	if c.voids > maxVoids {
		out = append(out, fmt.Sprintf("%d look-ups find nothing, where %d are allowed (RFC 7208 s4.6.4)", c.voids, maxVoids))
	}
	return out
}
