// Package dnstest answers the question "what would DNS say, if it held just
// this?": an authoritative server made from zone text, for tests and for the
// practice Internet.
//
// The text is an RFC 1035 s5 master file whose names are absolute with or
// without their final dot ($ORIGIN works, the default is "."); lines that are
// all indented alike may stay so. A record without a TTL lives 300 seconds.
//
//	example.test.      MX    10 mx.example.test.
//	mx.example.test.   A     192.0.2.1
//	www.example.test.  CNAME mx.example.test.
//
// Servers in the wild misbehave, so lines starting ";!" say how. A name stands
// for all its types unless one follows it:
//
//	;!servfail name [TYPE]   SERVFAIL, as for broken DNSSEC or a dead zone
//	;!refused name [TYPE]    REFUSED
//	;!timeout name [TYPE]    never answers
//	;!delay name [TYPE] 2s   answers late
//	;!truncate name [TYPE]   TC and no records over UDP, everything over TCP
//	;!secure [name [TYPE]]   sets AD; without a name, on every answer
//
// Answers are those of a recursive server that knows nothing but the text: RA
// is set, CNAME chains are followed to their end, a chain that never ends is
// SERVFAIL, and a name the text does not hold is NXDOMAIN. NXDOMAIN and no data
// (RFC 2308 s2.1, s2.2; empty non-terminals are no data, RFC 8020 s2) carry the
// SOA of the nearest name above that has an SOA or NS record, else the root's;
// where the text has no SOA one is made up. A directive that names the target
// of a CNAME also strikes those who come through the CNAME.
//
// Left out: wildcards, referrals, zone transfers, signatures (Secure is the AD
// bit alone).
package dnstest

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/mxvet/mxvet/mx/resolver"
)

const defaultTTL = 300 // seconds

// Zone is parsed zone text with a count of what it was asked. All its methods
// may be called from several goroutines, and inside synctest bubbles.
type Zone struct {
	records    map[question][]dns.RR
	exists     map[string]bool // owner names and all names above them
	directives []directive

	mu      sync.Mutex
	queries map[string]int
}

// question is a name as canonical writes it, and a type.
type question struct {
	name string
	kind uint16
}

// Parse reads zone text. The error names the line that is to blame.
func Parse(text string) (*Zone, error) {
	z := &Zone{
		records: map[question][]dns.RR{},
		exists:  map[string]bool{".": true},
		queries: map[string]int{},
	}
	text = dedent(text)
	var err error
	if z.directives, err = parseDirectives(text); err != nil {
		return nil, err
	}
	parser := dns.NewZoneParser(strings.NewReader(text), ".", "zone")
	parser.SetDefaultTTL(defaultTTL)
	for record, ok := parser.Next(); ok; record, ok = parser.Next() {
		z.add(record)
	}
	if err := parser.Err(); err != nil {
		return nil, fmt.Errorf("zone text: %w", err)
	}
	return z, nil
}

// New is Parse for tests: text that cannot be read ends the test.
func New(tb testing.TB, text string) *Zone {
	tb.Helper()
	z, err := Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func (z *Zone) add(record dns.RR) {
	header := record.Header()
	name := canonical(header.Name)
	at := question{name, header.Rrtype}
	z.records[at] = append(z.records[at], record)
	for ; !z.exists[name]; name = parent(name) {
		z.exists[name] = true
	}
}

// Queries returns how often each question was asked, over sockets and through
// Lookup: the key is "example.test. MX". Exchange is not counted.
func (z *Zone) Queries() map[string]int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return maps.Clone(z.queries)
}

// Count returns how often one question was asked.
func (z *Zone) Count(name string, kind resolver.Type) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.queries[canonical(name)+" "+string(kind)]
}

func (z *Zone) count(q question) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.queries[q.name+" "+dns.Type(q.kind).String()]++
}

// canonical is a name in lower case with its final dot (RFC 4343).
func canonical(name string) string { return dns.CanonicalName(name) }

func parent(name string) string {
	next, end := dns.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[next:]
}

// dedent takes away the indent that all lines with text share: in a master
// file a line that starts with a blank belongs to the owner of the one before.
func dedent(text string) string {
	lines := strings.Split(text, "\n")
	shared, found := "", false
	for _, line := range lines {
		rest := strings.TrimLeft(line, " \t")
		if rest == "" {
			continue
		}
		indent := line[:len(line)-len(rest)]
		if !found {
			shared, found = indent, true
		}
		for !strings.HasPrefix(indent, shared) {
			shared = shared[:len(shared)-1]
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, shared)
	}
	return strings.Join(lines, "\n")
}
