package dane

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Resolver is all that is needed of DNS. Its error means that ctx ended.
type Resolver interface {
	Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error)
}

// Exchanger is the server that is asked about.
type Exchanger struct {
	Host   string // the MX record's target, or the domain itself where it has no MX record
	Port   uint16 // 0 is 25
	Secure bool   // the MX answer was validated, or the one that there is none
}

// Lookup finds the TLSA records that a sender would go by. The exchanger's
// addresses are asked for once more, which a cache answers: what their answers
// say of DNSSEC decides. Matches is nil. The error means that ctx ended.
func Lookup(ctx context.Context, r Resolver, e Exchanger) (Facts, error) {
	e.Host = strings.ToLower(strings.TrimSuffix(e.Host, "."))
	e.Port = cmp.Or(e.Port, 25)
	facts, err := lookup(ctx, r, e)
	if err != nil {
		return Facts{}, fmt.Errorf("DANE of %s: %w", e.Host, err)
	}
	facts.Host, facts.Port = e.Host, e.Port
	return facts, nil
}

func lookup(ctx context.Context, r Resolver, e Exchanger) (Facts, error) {
	bases, facts, err := candidates(ctx, r, e.Host)
	if err != nil || facts.Status == Untrusted {
		return facts, err
	}
	for _, base := range bases {
		answer, err := r.Lookup(ctx, Name(base, e.Port), resolver.TLSA)
		if err != nil {
			return Facts{}, err
		}
		facts = read(answer, base)
		if facts.Status != None && facts.Status != Insecure {
			break
		}
	}
	if !e.Secure {
		facts = unsigned(facts, "the MX answer is not validated")
	}
	return facts, nil
}

// unsigned are facts by which no sender goes. Records that were seen all the
// same stay to be seen: somebody keeps them for nothing.
func unsigned(facts Facts, why string) Facts {
	out := Facts{Status: Insecure, Records: facts.Records, Why: why}
	if len(facts.Records) > 0 {
		out.Base = facts.Base
	}
	return out
}

// read is what one answer for TLSA records comes to.
func read(answer resolver.Answer, base string) Facts {
	if !answer.Status.Final() {
		return Facts{Status: Deferred, Base: base, Why: fmt.Sprintf("TLSA look-up of %s: %s", base, said(answer))}
	}
	records := recordsOf(answer)
	switch {
	case !answer.Secure:
		return unsigned(Facts{Base: base, Records: records}, "the TLSA answer is not validated")
	case len(records) == 0:
		return Facts{Status: None, Records: records}
	case !slices.ContainsFunc(records, func(r Record) bool { return r.Usable }):
		return Facts{Status: Unusable, Base: base, Records: records, Why: records[0].Why}
	}
	return Facts{Status: Usable, Base: base, Records: records}
}

func said(answer resolver.Answer) string { return cmp.Or(answer.Detail, string(answer.Status)) }

// candidates are the names under which records are looked for, in order; or
// Facts with a Status, where none are (RFC 7672 s2.2.2, s2.2.3).
func candidates(ctx context.Context, r Resolver, host string) ([]string, Facts, error) {
	a, err := r.Lookup(ctx, host, resolver.A)
	if err != nil {
		return nil, Facts{}, err
	}
	aaaa, err := r.Lookup(ctx, host, resolver.AAAA)
	if err != nil {
		return nil, Facts{}, err
	}
	final := slices.DeleteFunc([]resolver.Answer{a, aaaa}, func(answer resolver.Answer) bool { return !answer.Status.Final() })
	switch {
	case len(final) == 0:
		return nil, Facts{Status: Deferred, Why: "address look-up: " + said(a)}, nil
	case slices.ContainsFunc(final, func(answer resolver.Answer) bool { return !answer.Trusted }):
		return nil, Facts{Status: Untrusted, Why: "the resolver is neither on this machine nor trusted: its word on DNSSEC does not count (RFC 7672 s2.1.3)"}, nil
	}
	aliases := final[0].Aliases
	if slices.ContainsFunc(final, func(answer resolver.Answer) bool { return !answer.Secure }) {
		return own(ctx, r, host, aliases)
	}
	if len(aliases) == 0 {
		return []string{host}, Facts{}, nil
	}
	return []string{aliases[len(aliases)-1], host}, Facts{}, nil
}

// own is for an exchanger whose addresses are not validated. It may be because
// the end of its CNAME chain is not signed: its own name still is, if its CNAME
// record is.
func own(ctx context.Context, r Resolver, host string, aliases []string) ([]string, Facts, error) {
	if len(aliases) > 0 {
		answer, err := r.Lookup(ctx, host, resolver.CNAME)
		switch {
		case err != nil:
			return nil, Facts{}, err
		case !answer.Status.Final():
			return nil, Facts{Status: Deferred, Why: "CNAME look-up: " + said(answer)}, nil
		case answer.Secure:
			return []string{host}, Facts{}, nil
		}
	}
	return nil, Facts{Status: Insecure, Why: "the address answer is not validated"}, nil
}
