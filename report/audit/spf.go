package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

func spfChecks() []check {
	return []check{
		{
			id: "spf_absent", title: "no SPF record", reference: "RFC 7208 s3", scope: ScopeDomain,
			explain: "Nothing says which servers may send in the domain's name. Anybody may, and the large receivers trust its real mail less.",
			domain:  spfAbsent,
		},
		{
			id: "spf_multiple", title: "several SPF records", reference: "RFC 7208 s4.5", scope: ScopeDomain,
			explain: "More than one record is a permanent error. Receivers treat the domain as if SPF had failed, or as if there were none.",
			domain:  spfMultiple,
		},
		{
			id: "spf_invalid", title: "the SPF record cannot be evaluated", reference: "RFC 7208 s4.6", scope: ScopeDomain,
			explain: "A mistake in the record, or in one that it includes, is a permanent error. Then no mail passes SPF, the domain's own included.",
			domain:  spfInvalid,
		},
		{
			id: "spf_lookups", title: "SPF needs more than ten look-ups", reference: "RFC 7208 s4.6.4", scope: ScopeDomain,
			explain: "Receivers stop at the tenth DNS look-up with a permanent error. Which of the domain's servers still pass depends on the order of the terms.",
			domain:  spfLookups,
		},
		{
			id: "spf_voids", title: "SPF asks for names that do not exist", reference: "RFC 7208 s4.6.4", scope: ScopeDomain,
			explain: "More than two look-ups found nothing. Receivers may stop there with a permanent error.",
			domain:  spfVoids,
		},
		{
			id: "spf_all_pass", title: "SPF lets everybody send", reference: "RFC 7208 s5.1", scope: ScopeDomain,
			explain: "By +all, or a network as large as the world, every address passes. That is worse than no record, since DMARC believes it.",
			domain:  spfAllPass,
		},
		{
			id: "spf_all_neutral", title: "SPF says nothing of other senders", reference: "RFC 7208 s5.1", scope: ScopeDomain,
			explain: "The record ends in ?all: senders it does not name are neither good nor bad. ~all or -all says what is meant.",
			domain:  spfAll("?"),
		},
		{
			id: "spf_all_missing", title: "the SPF record does not end", reference: "RFC 7208 s4.7", scope: ScopeDomain,
			explain: "Without all or redirect the result for other senders is neutral. ~all or -all says what is meant.",
			domain:  spfEndless,
		},
		{
			id: "spf_dead_terms", title: "SPF has terms that do nothing", reference: "RFC 7208 s5.1", scope: ScopeDomain,
			explain: "Terms behind all, or a redirect beside it, are never looked at. Somebody believes that they are.",
			domain:  spfDead,
		},
		{
			id: "spf_ptr", title: "SPF uses ptr", reference: "RFC 7208 s5.5", scope: ScopeDomain,
			explain: "The mechanism is slow, unreliable and not to be used. Some receivers pass over it.",
			domain:  spfPTR,
		},
	}
}

// spfRecord is the one record; empty where there is none, or more.
func (d *domain) spfRecord() string {
	if d.SPF == nil || d.SPF.Presence != resolver.Present || len(d.SPF.Records) != 1 {
		return ""
	}
	return d.SPF.Records[0]
}

func spfAbsent(d *domain) faults {
	if d.SPF == nil || d.SPF.Presence != resolver.Absent {
		return nil
	}
	return found("no v=spf1 at %s", d.Domain).mend(d.zone(), d.spfMended())
}

func spfMultiple(d *domain) faults {
	if d.SPF == nil || len(d.SPF.Records) < 2 || d.SPF.Presence != resolver.Faulty {
		return nil
	}
	return found("%s", quote(strings.Join(d.SPF.Records, " | "))).mend(d.zone(), txt(d.Domain, merged(d.SPF.Records)))
}

// merged is one record with the terms of several, each once, and the last all,
// unless it lets everybody send.
func merged(records []string) string {
	terms, all := []string{"v=spf1"}, "~all"
	for _, record := range records {
		for _, term := range strings.Fields(record) {
			switch {
			case isAll(term):
				if term[0] == '-' || term[0] == '~' {
					all = term
				}
			case !slices.Contains(terms, term) && !strings.EqualFold(term, "v=spf1"):
				terms = append(terms, term)
			}
		}
	}
	return strings.Join(append(terms, all), " ")
}

func isAll(term string) bool { return strings.EqualFold(strings.TrimLeft(term, "+-~?"), "all") }

// spfInvalid leaves out what has findings of its own.
func spfInvalid(d *domain) faults {
	if d.SPF == nil || len(d.SPF.Records) > 1 || over(d.SPF.Lookups, 10) || over(d.SPF.Voids, 2) {
		return nil
	}
	if d.SPF.Presence != resolver.Faulty && (d.SPF.Presence != resolver.Present || len(d.SPF.Problems) == 0) {
		return nil
	}
	why := cmp.Or(quote(strings.Join(d.SPF.Problems, "; ")), quote(d.SPF.Why), "invalid")
	return found("%s: %s", why, quote(strings.Join(d.SPF.Records, " | ")))
}

func over(n *int, limit int) bool { return n != nil && *n > limit }

func spfLookups(d *domain) faults {
	if d.SPF == nil || !over(d.SPF.Lookups, 10) {
		return nil
	}
	return found("%d look-ups: %s", *d.SPF.Lookups, quote(strings.Join(d.SPF.Records, " | ")))
}

func spfVoids(d *domain) faults {
	if d.SPF == nil || !over(d.SPF.Voids, 2) {
		return nil
	}
	return found("%d look-ups found nothing: %s", *d.SPF.Voids, quote(strings.Join(d.SPF.Records, " | ")))
}

// spfAll finds a record that ends in all with a qualifier.
func spfAll(qualifier string) func(*domain) faults {
	return func(d *domain) faults {
		record := d.spfRecord()
		if record == "" || d.SPF.All != qualifier {
			return nil
		}
		f := found("%s", quote(record))
		if !slices.ContainsFunc(strings.Fields(record), isAll) {
			return f // the all is that of the record it is redirected to
		}
		return f.mend(d.zone(), d.spfMended())
	}
}

const everybody = "lets the whole world through" // as package mx notes it

func spfAllPass(d *domain) faults {
	if f := spfAll("+")(d); f != nil {
		return f
	}
	return d.spfNoted(func(note string) bool { return strings.HasSuffix(note, everybody) })
}

func spfDead(d *domain) faults {
	return d.spfNoted(func(note string) bool {
		return strings.Contains(note, "never looked at") || strings.Contains(note, "counts for nothing")
	})
}

// spfNoted are the notes of a kind that evaluating the record left.
func (d *domain) spfNoted(kind func(note string) bool) faults {
	if d.SPF == nil {
		return nil
	}
	var parts []string
	for _, note := range d.SPF.Notes {
		if kind(note) {
			parts = append(parts, note)
		}
	}
	if parts == nil {
		return nil
	}
	return found("%s: %s", quote(strings.Join(parts, "; ")), quote(strings.Join(d.SPF.Records, " | ")))
}

func (d *domain) spfEndless() bool {
	record := d.spfRecord()
	return record != "" && d.SPF.All == "" && len(d.SPF.Problems) == 0 && !strings.Contains(strings.ToLower(record), "redirect=") &&
		!slices.ContainsFunc(strings.Fields(record), isAll)
}

func spfEndless(d *domain) faults {
	if !d.spfEndless() {
		return nil
	}
	return found("%s", quote(d.spfRecord())).mend(d.zone(), d.spfMended())
}

func isPTR(term string) bool {
	name := strings.ToLower(strings.TrimLeft(term, "+-~?"))
	return name == "ptr" || strings.HasPrefix(name, "ptr:")
}

func spfPTR(d *domain) faults {
	record := d.spfRecord()
	if !slices.ContainsFunc(strings.Fields(record), isPTR) {
		return nil
	}
	return found("%s", quote(record)).mend(d.zone(), d.spfMended())
}
