package mx

import (
	_ "embed"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// DNSBL is a list of IP addresses that is asked over DNS (RFC 5782). Mail servers
// turn away whom their lists name.
type DNSBL struct {
	Zone     string // lower case, no final dot
	IPv6     bool   // it lists IPv6 addresses too
	Meanings []DNSBLMeaning
}

// DNSBLMeaning is what some answers of a list say.
type DNSBLMeaning struct {
	Codes  []netip.Addr `json:"codes,omitempty"`  // the answers; empty is every other
	About  string       `json:"about,omitempty"`  // who is listed
	Advice string       `json:"advice,omitempty"` // what to do about it
}

func (l DNSBL) reasons(codes []netip.Addr) []DNSBLMeaning {
	var out []DNSBLMeaning
	for _, meaning := range l.Meanings {
		if len(meaning.Codes) == 0 || slices.ContainsFunc(codes, func(code netip.Addr) bool { return slices.Contains(meaning.Codes, code) }) {
			out = append(out, meaning)
		}
	}
	return out
}

//go:embed dnsbl.txt
var dnsblText string

// DNSBLs are the lists of the embedded table, in its order.
func DNSBLs() []DNSBL { return slices.Clone(dnsbls()) }

// dnsbls reads the table once; a test reads every row.
var dnsbls = sync.OnceValue(func() []DNSBL {
	var out []DNSBL
	for line := range strings.Lines(dnsblText) {
		cells := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") || len(cells) != 5 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if n := len(out); n == 0 || out[n-1].Zone != cells[0] {
			out = append(out, DNSBL{Zone: cells[0], IPv6: strings.Contains(cells[1], "6")})
		}
		last := &out[len(out)-1]
		last.Meanings = append(last.Meanings, DNSBLMeaning{Codes: codesOf(cells[2]), About: cells[3], Advice: cells[4]})
	}
	return out
})

func codesOf(cell string) []netip.Addr {
	var out []netip.Addr
	for text := range strings.FieldsSeq(cell) {
		if code, err := netip.ParseAddr(text); err == nil {
			out = append(out, code)
		}
	}
	return out
}
