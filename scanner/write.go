package scanner

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/judge"
)

// write judges results as they become whole and puts their rows into the sink.
func (r *run) write(sink Sink, tally *tally) error {
	results := r.store.Results
	if r.Unordered {
		results = r.store.Finished
	}
	for result, err := range results(r.keeping) {
		if err != nil {
			return err
		}
		row, err := r.row(result)
		if err != nil {
			return err
		}
		if result.Fate == judge.FateKnown {
			tally.known++
		}
		if err := sink.Put(row); err != nil {
			return err
		}
		tally.count(row)
		r.watch.Done.Add(1)
	}
	return nil
}

// row judges one result.
func (r *run) row(result Result) (*VerdictRow, error) {
	if result.Fate == judge.FateKnown {
		return r.takeOver(&result)
	}
	known, _, err := r.store.Recall(r.keeping, domainKey(result.Domain))
	if err != nil {
		return nil, err
	}
	row := new(VerdictRow)
	r.fill(row, &result, known.Route)
	return row, nil
}

// fill makes a row of a result, and of the route of its domain where that was
// looked up.
func (r *run) fill(row *VerdictRow, result *Result, route *mx.Route) {
	facts := judge.Facts{Syntax: result.Syntax, Route: route, Attempts: result.Attempts, Random: result.Random, Fate: r.fate(result, route)}
	*row = VerdictRow{
		Type:      "verdict",
		Row:       result.Input.Row,
		Input:     result.Input.Text,
		Attempts:  joinAttempts(result.Attempts, result.Random),
		Fate:      facts.Fate,
		CheckedAt: r.checkedAt(result),
		Columns:   columns(r.columns, result.Input.Values),
	}
	row.judged(judge.Judge(facts))
	if result.Mailbox != nil {
		row.describe(*result.Mailbox)
		row.Traits = r.Lists.Traits(*result.Mailbox)
		row.Suggestion = suggestion(*result.Mailbox, route)
	}
	if route != nil {
		row.routed(route)
	}
}

// fate is what stands in for an answer that never came. A caller's deadline is
// a time-out, not an interruption.
func (r *run) fate(result *Result, route *mx.Route) judge.Fate {
	fate := result.Fate
	switch {
	case fate == judge.Asked && !result.Settled:
		fate = judge.FateNotReached
	case fate == judge.Asked && len(result.Attempts) == 0 && route != nil && r.asks():
		return r.unasked(route)
	case fate == judge.Asked && !result.Done && slices.ContainsFunc(result.Attempts, isTaken):
		fate = judge.FateNotReached // taken, and the domain's random mailbox is not settled
	}
	if fate == judge.FateNotReached || fate == judge.FateCutOff {
		if errors.Is(context.Cause(r.hard), context.DeadlineExceeded) {
			return judge.FateTimedOut
		}
	}
	return fate
}

// asks reports whether the method has anything to say to servers.
func (s *Scanner) asks() bool { return s.method() != ByDNS && s.method() != BySyntax }

// unasked says why a domain that has exchangers has none to ask.
func (s *Scanner) unasked(route *mx.Route) judge.Fate {
	fate := judge.Asked
	for _, host := range route.Hosts {
		for _, ip := range host.Addresses {
			switch {
			case !host.Usable():
			case s.Exclude.Host(host.Name) || s.Exclude.IP(ip):
				return judge.FateExcluded
			case s.reaches(ip):
				fate = judge.FateNoFamily
			}
		}
	}
	return fate
}

func (r *run) checkedAt(result *Result) time.Time {
	if n := len(result.Attempts); n > 0 {
		return result.Attempts[n-1].At
	}
	return r.now()
}

func (row *VerdictRow) judged(verdict judge.Verdict) {
	row.Verdict, row.Reason, row.Blame, row.CatchAll = verdict.Word, verdict.Reason, verdict.Blame, verdict.CatchAll
	row.Evidence = verdict.Evidence
	row.RetryAt = nil
	if !verdict.RetryAt.IsZero() {
		row.RetryAt = &verdict.RetryAt
	}
}

func (row *VerdictRow) describe(mailbox address.Address) {
	wire, canonical, domain := mailbox.String(), mailbox.Canonical(), mailbox.Domain+mailbox.Literal
	row.Address, row.Canonical, row.Domain = &wire, &canonical, &domain
}

// suggestion is the address that was perhaps meant; none where mail can be sent
// to the domain as it was typed.
func suggestion(mailbox address.Address, route *mx.Route) *string {
	if route != nil && slices.ContainsFunc(route.Hosts, mx.Host.Usable) {
		return nil
	}
	if meant, ok := address.Suggest(mailbox); ok {
		return &meant
	}
	return nil
}

func (row *VerdictRow) routed(route *mx.Route) {
	row.Route = routeFacts(route)
	for _, host := range route.Hosts {
		if host.Provider != "" {
			row.Provider = &host.Provider
			return
		}
	}
}

func routeFacts(route *mx.Route) *RouteFacts {
	return &RouteFacts{
		Source: route.Source, DNS: route.DNS, Secure: route.Secure, Hosts: route.Hosts,
		Aliases: route.Aliases, Detail: route.Detail, Special: route.Special,
	}
}

// joinAttempts puts the address's attempts and the random mailbox's into one
// list by time, the address's first where they are of the same moment.
func joinAttempts(own, random []probe.Outcome) []probe.Outcome {
	all := make([]probe.Outcome, 0, len(own)+len(random))
	for len(own) > 0 && len(random) > 0 {
		if random[0].At.Before(own[0].At) {
			all, random = append(all, random[0]), random[1:]
		} else {
			all, own = append(all, own[0]), own[1:]
		}
	}
	return append(append(all, own...), random...)
}

func columns(names, values []string) Columns {
	if len(values) == 0 {
		return nil
	}
	out := make(Columns, len(values))
	for i, value := range values {
		out[i].Value = value
		if i < len(names) {
			out[i].Name = names[i]
		}
	}
	return out
}
