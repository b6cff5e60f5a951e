package dnstest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

const wild = `
	nullmx.test.       MX    0 .
	plain.test.        MX    10 mx.plain.test.
	mx.plain.test.     A     192.0.2.1
	                   AAAA  2001:db8::1
	a.b.ent.test.      A     192.0.2.2
	alias.test.        CNAME plain.test.
	dangling.test.     CNAME gone.test.
	cnameloop.test.    CNAME pool.test.
	pool.test.         CNAME cnameloop.test.
	signed.test.       3600 SOA ns.signed.test. root.signed.test. 1 2 3 4 60
	delegated.test.    NS    ns.delegated.test.
	toservfail.test.   CNAME servfail.test.
	servfail.test.     A     192.0.2.3
	halfdead.test.     A     192.0.2.4
	;!servfail servfail.test.
	;!refused refused.test
	;!timeout timeout.test.
	;!timeout halfdead.test. AAAA
	;!secure plain.test.
`

// summary is a reply in one line: rcode, AD, answer section / authority.
func summary(reply *dns.Msg) string {
	if reply == nil {
		return "no answer"
	}
	words := []string{dns.RcodeToString[reply.Rcode]}
	if reply.AuthenticatedData {
		words = append(words, "AD")
	}
	for _, record := range reply.Answer {
		words = append(words, dns.TypeToString[record.Header().Rrtype])
	}
	for _, record := range reply.Ns {
		words = append(words, "/", dns.TypeToString[record.Header().Rrtype], record.Header().Name)
	}
	return strings.Join(words, " ")
}

func ask(name, kind string) *dns.Msg {
	return new(dns.Msg).SetQuestion(name, dns.StringToType[kind])
}

func TestExchange(t *testing.T) {
	zone := New(t, wild)
	for _, row := range []struct{ name, kind, want string }{
		{"nullmx.test.", "MX", "NOERROR MX"},
		{"PLAIN.test.", "MX", "NOERROR AD MX"},
		{"mx.plain.test.", "AAAA", "NOERROR AAAA"},
		{"mx.plain.test.", "TXT", "NOERROR / SOA ."},
		{"b.ent.test.", "A", "NOERROR / SOA ."},
		{"c.b.ent.test.", "A", "NXDOMAIN / SOA ."},
		{"alias.test.", "MX", "NOERROR AD CNAME MX"},
		{"alias.test.", "CNAME", "NOERROR CNAME"},
		{"dangling.test.", "MX", "NXDOMAIN CNAME / SOA ."},
		{"cnameloop.test.", "MX", "SERVFAIL"},
		{"gone.signed.test.", "MX", "NXDOMAIN / SOA signed.test."},
		{"gone.delegated.test.", "MX", "NXDOMAIN / SOA delegated.test."},
		{"servfail.test.", "A", "SERVFAIL"},
		{"toservfail.test.", "A", "SERVFAIL"},
		{"refused.test.", "MX", "REFUSED"},
		{"timeout.test.", "MX", "no answer"},
		{"halfdead.test.", "A", "NOERROR A"},
		{"halfdead.test.", "AAAA", "no answer"},
	} {
		t.Run(row.name+row.kind, func(t *testing.T) {
			if got := summary(zone.Exchange(ask(row.name, row.kind))); got != row.want {
				t.Errorf("%s %s: %s, want %s", row.name, row.kind, got, row.want)
			}
		})
	}
	if got := zone.Queries(); len(got) != 0 {
		t.Errorf("Exchange was counted: %v", got)
	}
}

func TestExchangeEchoesTheQuestion(t *testing.T) {
	query := ask("pLaIn.tEsT.", "MX")
	query.SetEdns0(4096, true)
	reply := New(t, wild).Exchange(query)
	if diff := cmp.Diff(query.Question, reply.Question); diff != "" {
		t.Errorf("question changed (-asked +echoed):\n%s", diff)
	}
	if opt := reply.IsEdns0(); opt == nil || !opt.Do() {
		t.Errorf("EDNS0 not answered: %v", opt)
	}
	if none := new(dns.Msg); New(t, wild).Exchange(none).Rcode != dns.RcodeFormatError {
		t.Error("a query without a question is not FORMERR")
	}
}

func TestParseNamesTheFault(t *testing.T) {
	for name, row := range map[string]struct{ zone, want string }{
		"record":    {"a.test. MX mx.test.", `line: 1`},
		"verb":      {"\n;!sevfail a.test.", `line 2: unknown directive "sevfail"`},
		"empty":     {";!", `line 1: nothing after`},
		"no name":   {";!refused", `line 1: ;!refused without a name`},
		"no time":   {";!delay", `line 1: ;!delay without a time`},
		"bad time":  {";!delay a.test. soon", `line 1: ;!delay: time: invalid duration`},
		"bad type":  {";!refused a.test. MXX", `line 1: ;!refused: unknown type "MXX"`},
		"two names": {";!refused a.test. MX b.test.", `is too much`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(row.zone)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want one with %q", err, row.want)
			}
		})
	}
}
