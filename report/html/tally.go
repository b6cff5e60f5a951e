package html

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// wordsMost is how many different words a count tells apart: servers may call
// their extensions what they like.
const wordsMost = 10_000

// count counts by word.
type count map[string]int

func (c count) add(word string) {
	if _, known := c[word]; !known && len(c) >= wordsMost {
		word = "other"
	}
	c[word]++
}

func (c count) total() (n int) {
	for _, one := range c {
		n += one
	}
	return n
}

// ranked gives the words with the highest counts first.
func (c count) ranked() []string {
	return slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b))
	})
}

// tally is what the figures and charts are drawn from.
type tally struct {
	verdicts, reasons, providers              count // of verdicts; providers of domains too
	severities                                count
	kinds, promises                           count // of domains
	reachable, versions, groups, certificates count // of servers
	extensions                                count
	addresses, domains, servers, answered     int
	greeted                                   int // servers that answered EHLO
	offering, told                            int // TLS: servers that do, of those that answered EHLO, or TLS from the first octet
	encrypted, quantum                        int // servers whose handshake came to its end
	lookedUp                                  int // domains whose promises were
	expiry                                    calendar
	last                                      time.Time // of the facts
}

func newTally() *tally {
	return &tally{
		verdicts: count{}, reasons: count{}, providers: count{}, severities: count{}, kinds: count{}, promises: count{},
		reachable: count{}, versions: count{}, groups: count{}, certificates: count{}, extensions: count{}, expiry: newCalendar(),
	}
}

func (t *tally) verdict(row *scanner.VerdictRow) {
	t.addresses++
	t.verdicts.add(string(row.Verdict))
	t.reasons.add(string(row.Reason))
	t.provider(deref(row.Provider))
	t.seen(row.CheckedAt)
}

func (t *tally) seen(at time.Time) {
	if at.After(t.last) {
		t.last = at
	}
}

// provider of a domain, or of an address.
func (t *tally) provider(name string) { t.providers.add(cmp.Or(name, noProvider)) }

const noProvider = "none known"

func (t *tally) server(row *scanner.ServerRow) {
	t.servers++
	t.seen(row.At)
	t.reachable.add(string(row.Reachable))
	if row.Reachable != probe.Yes {
		return
	}
	t.answered++
	hello := cmp.Or(row.Encrypted, row.Plain)
	starts := row.StartTLS == probe.Yes || row.Plain != nil && row.Plain.Extensions.Has(smtp.ExtStartTLS)
	if row.TLS != nil || starts {
		t.offering++
	}
	if row.TLS != nil || starts || hello != nil {
		t.told++
	}
	t.handshake(row)
	if hello == nil {
		return
	}
	t.greeted++
	for _, one := range hello.Extensions {
		t.extensions.add(string(one.Keyword))
	}
	if hello != row.Plain && starts && !hello.Extensions.Has(smtp.ExtStartTLS) {
		t.extensions.add(string(smtp.ExtStartTLS)) // inside TLS it is over (RFC 3207 s4.2)
	}
}

func (t *tally) handshake(row *scanner.ServerRow) {
	facts := row.TLS
	switch {
	case facts == nil && row.StartTLS == probe.No:
		t.versions.add(noTLS)
		return
	case facts == nil && row.Failure != nil && row.Failure.Stage == smtp.TLS:
		t.versions.add(failing)
		return
	case facts == nil:
		t.versions.add(unmeasured)
		return
	}
	t.encrypted++
	t.versions.add(cmp.Or(facts.Version, "unknown"))
	t.groups.add(cmp.Or(facts.Group, "unknown"))
	t.certificates.add(string(facts.PKIX.Status))
	if postQuantum(facts.Group) {
		t.quantum++
	}
	if len(facts.Certificates) > 0 {
		t.expiry.add(facts.Certificates[0])
	}
}

// The versions of servers that spoke no TLS.
const (
	noTLS      = "no TLS"          // they do not offer it
	failing    = "handshake fails" // they do, and it came to nothing
	unmeasured = "not measured"    // they were not asked, or took the offer back
)

// postQuantum reports whether a group joins ML-KEM with a classical one, or is
// ML-KEM alone (draft-ietf-tls-ecdhe-mlkem, draft-ietf-tls-mlkem).
func postQuantum(group string) bool {
	return slices.Contains([]string{"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "MLKEM512", "MLKEM768", "MLKEM1024"}, group)
}

func (t *tally) domain(row *scanner.DomainRow) {
	t.domains++
	t.kinds.add(string(cmp.Or(row.Kind, judge.UnknownKind)))
	if len(row.Route.Hosts) > 0 {
		t.provider(row.Route.Hosts[0].Provider)
	}
	if p := row.Promises; p.MTASTS != nil || p.DANE != nil || p.TLSRPT != nil || p.SPF != nil || p.DMARC != nil {
		t.lookedUp++
	}
	for _, promise := range kept(row.Promises) {
		t.promises.add(promise)
	}
}

// The promises that are counted.
const (
	keptMTASTS = "MTA-STS enforced"
	keptDANE   = "DANE usable on every exchanger"
	keptRPT    = "TLS-RPT"
	keptSPF    = "SPF ending in -all or ~all"
	keptDMARC  = "DMARC quarantine or reject"
)

var promised = [...]string{keptMTASTS, keptDANE, keptRPT, keptSPF, keptDMARC}

// kept lists those promises of a domain that protect somebody.
func kept(p mx.Promises) (list []string) {
	for _, one := range [...]struct {
		promise string
		holds   bool
	}{
		{keptMTASTS, mtaSTS(p) == string(mtasts.Enforce)},
		{keptDANE, tlsa(p.DANE) == string(dane.Usable)},
		{keptRPT, p.TLSRPT != nil && p.TLSRPT.Presence == resolver.Present},
		{keptSPF, p.SPF != nil && p.SPF.Presence == resolver.Present && (p.SPF.All == "-" || p.SPF.All == "~")},
		{keptDMARC, dmarc(p.DMARC) == "quarantine" || dmarc(p.DMARC) == "reject"},
	} {
		if one.holds {
			list = append(list, one.promise)
		}
	}
	return list
}

func (t *tally) finding(row *scanner.FindingRow) {
	if !row.Accepted {
		t.severities.add(string(row.Severity))
	}
}
