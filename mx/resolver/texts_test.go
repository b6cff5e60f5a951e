package resolver

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestTexts(t *testing.T) {
	record := func(strings ...string) dns.RR {
		sent := new(dns.Msg)
		sent.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: "a.example.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: strings}}
		wire, err := sent.Pack()
		if err != nil {
			t.Fatal(err)
		}
		came := new(dns.Msg)
		if err := came.Unpack(wire); err != nil {
			t.Fatal(err)
		}
		return came.Answer[0]
	}
	for name, row := range map[string]struct {
		record dns.RR
		want   string
	}{
		"one string":               {record("v=spf1 -all"), "v=spf1 -all"},
		"two strings":              {record("v=spf1 ip4:192.", "0.2.1 -all"), "v=spf1 ip4:192.0.2.1 -all"},
		"quotes and a backslash":   {record(`a=\"b\\c\"`), `a="b\c"`},
		"octets beyond ASCII":      {record(`caf\195\169\000`), "caf\u00e9\x00"},
		"nothing":                  {record(""), ""},
		"a digit behind an escape": {record(`\0071`), "\a1"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]string{row.want}, Answer{Records: []dns.RR{row.record, &dns.A{}}}.Texts()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
