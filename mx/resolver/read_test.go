package resolver

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

const one, two, local = "192.0.2.1:53", "192.0.2.2:53", "127.0.0.1:53"

const soa = "example.com. 900 IN SOA ns.example.com. root.example.com. 1 7200 3600 86400 60"

// What one server says to "MX of example.com", and what it comes to.
func TestReplies(t *testing.T) {
	tests := map[string]struct {
		handle handler
		want   told
	}{
		"records": {
			say(dns.RcodeSuccess, "example.com. 300 IN MX 10 a.example.com.", "example.com. 200 IN MX 20 b.example.com."),
			told{Status: NoError, Keep: 200 * time.Second, Records: []string{
				"example.com.\t300\tIN\tMX\t10 a.example.com.", "example.com.\t200\tIN\tMX\t20 b.example.com."}},
		},
		"a TTL of 0 is kept 10 s": {
			say(dns.RcodeSuccess, "example.com. 0 IN MX 0 ."),
			told{Status: NoError, Keep: 10 * time.Second, Records: []string{"example.com.\t0\tIN\tMX\t0 ."}},
		},
		"a TTL of a day is kept 1 h": {
			say(dns.RcodeSuccess, "example.com. 86400 IN MX 0 ."),
			told{Status: NoError, Keep: time.Hour, Records: []string{"example.com.\t86400\tIN\tMX\t0 ."}},
		},
		"a TTL with its top bit set counts as 0": {
			say(dns.RcodeSuccess, "example.com. 2147483648 IN MX 0 ."),
			told{Status: NoError, Keep: 10 * time.Second, Records: []string{"example.com.\t2147483648\tIN\tMX\t0 ."}},
		},
		"owner in mixed case": {
			say(dns.RcodeSuccess, "eXample.COM. 60 IN MX 0 ."),
			told{Status: NoError, Keep: time.Minute, Records: []string{"eXample.COM.\t60\tIN\tMX\t0 ."}},
		},
		"records of other names, types and classes are ignored": {
			say(dns.RcodeSuccess, "example.net. 60 IN MX 1 evil.example.", "example.com. 60 IN A 192.0.2.9",
				"example.com. 60 CH MX 1 evil.example.", "", soa),
			told{Status: NoData, Keep: time.Minute, Detail: "example.com has no MX record"},
		},
		"an MX without data is not a null MX": {
			func(_ string, query *dns.Msg) []*dns.Msg {
				out := reply(query, dns.RcodeSuccess, "", soa)
				out.Answer = []dns.RR{&dns.RFC3597{Hdr: dns.RR_Header{Name: "example.com.", Rrtype: dns.TypeMX, Class: dns.ClassINET, Ttl: 60}}}
				return []*dns.Msg{out}
			},
			told{Status: NoData, Keep: time.Minute, Detail: "example.com has no MX record"},
		},
		"no data: the SOA's MINIMUM is less than its TTL": {
			say(dns.RcodeSuccess, "", soa),
			told{Status: NoData, Keep: time.Minute, Detail: "example.com has no MX record"},
		},
		"no data: the SOA's TTL is less than its MINIMUM": {
			say(dns.RcodeSuccess, "", "example.com. 30 IN SOA ns.example.com. root.example.com. 1 7200 3600 86400 60"),
			told{Status: NoData, Keep: 30 * time.Second, Detail: "example.com has no MX record"},
		},
		"no data for a day is kept 15 min": {
			say(dns.RcodeSuccess, "", "example.com. 86400 IN SOA ns.example.com. root.example.com. 1 7200 3600 86400 86400"),
			told{Status: NoData, Keep: 15 * time.Minute, Detail: "example.com has no MX record"},
		},
		"no data without SOA": {
			say(dns.RcodeSuccess),
			told{Status: NoData, Keep: 10 * time.Second, Detail: "example.com has no MX record"},
		},
		"referral: not no data": {
			say(dns.RcodeSuccess, "", "example.com. 60 IN NS ns.example.com."),
			told{Status: ServFail, Keep: 5 * time.Second, Detail: "a referral: the server does not resolve names for us"},
		},
		"no data with NS in place of the SOA, from the zone's own server": {
			func(_ string, query *dns.Msg) []*dns.Msg {
				out := reply(query, dns.RcodeSuccess, "", "example.com. 60 IN NS ns.example.com.")
				out.Authoritative = true
				return []*dns.Msg{out}
			},
			told{Status: NoData, Keep: 10 * time.Second, Detail: "example.com has no MX record"},
		},
		"nxdomain": {
			say(dns.RcodeNameError, "", soa),
			told{Status: NXDomain, Keep: time.Minute, Detail: "example.com does not exist"},
		},
		"nxdomain at the end of a chain": {
			say(dns.RcodeNameError, "example.com. 20 IN CNAME Gone.example.", "", soa),
			told{Status: NXDomain, Keep: 20 * time.Second, Aliases: []string{"gone.example"}, Detail: "gone.example does not exist"},
		},
		"nxdomain together with records": {
			say(dns.RcodeNameError, "example.com. 60 IN MX 0 ."),
			told{Status: ServFail, Keep: 5 * time.Second, Detail: "NXDOMAIN together with records"},
		},
		"servfail": {
			say(dns.RcodeServerFailure),
			told{Status: ServFail, Keep: 5 * time.Second, Detail: "SERVFAIL"},
		},
		"servfail with the reason": {
			func(_ string, query *dns.Msg) []*dns.Msg {
				out := reply(query, dns.RcodeServerFailure)
				out.SetEdns0(udpSize, true)
				out.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeDNSBogus, ExtraText: "\x1b[31m"}}
				return []*dns.Msg{out}
			},
			told{Status: ServFail, Keep: 5 * time.Second, Detail: "SERVFAIL (DNSSEC Bogus)"},
		},
		"refused": {
			say(dns.RcodeRefused),
			told{Status: Refused, Keep: 5 * time.Second, Detail: "REFUSED"},
		},
		"refused with the bare header": {
			func(_ string, query *dns.Msg) []*dns.Msg {
				out := reply(query, dns.RcodeRefused)
				out.Question = nil
				return []*dns.Msg{out}
			},
			told{Status: Refused, Keep: 5 * time.Second, Detail: "REFUSED"},
		},
		"not implemented, with and without EDNS": {
			say(dns.RcodeNotImplemented),
			told{Status: ServFail, Keep: 5 * time.Second, Detail: "NOTIMP"},
		},
		"cname chain, out of order, with records at its end": {
			say(dns.RcodeSuccess, "b.example. 40 IN MX 10 mx.b.example.", "A.example. 300 IN CNAME b.example.", "example.com. 30 IN CNAME a.example."),
			told{Status: NoError, Keep: 30 * time.Second, Aliases: []string{"a.example", "b.example"},
				Records: []string{"b.example.\t40\tIN\tMX\t10 mx.b.example."}},
		},
		"cname chain without data at its end": {
			say(dns.RcodeSuccess, "example.com. 30 IN CNAME a.example.", "", soa),
			told{Status: NoData, Keep: 30 * time.Second, Aliases: []string{"a.example"}, Detail: "a.example has no MX record"},
		},
		"cname to itself": {
			say(dns.RcodeSuccess, "example.com. 30 IN CNAME example.com."),
			told{Status: ServFail, Keep: 5 * time.Second, Detail: "a CNAME loop at example.com"},
		},
		"cname loop": {
			say(dns.RcodeSuccess, "example.com. 30 IN CNAME a.example.", "a.example. 30 IN CNAME example.com."),
			told{Status: ServFail, Keep: 5 * time.Second, Aliases: []string{"a.example"}, Detail: "a CNAME loop at example.com"},
		},
		"cname chain of 17": {
			say(dns.RcodeSuccess, links(17)...),
			told{Status: ServFail, Keep: 5 * time.Second, Aliases: names(16), Detail: "a CNAME chain of over 16 names"},
		},
		"cname chain of 16": {
			say(dns.RcodeSuccess, append(links(16), "16.example. 60 IN MX 0 .")...),
			told{Status: NoError, Keep: time.Minute, Aliases: names(16), Records: []string{"16.example.\t60\tIN\tMX\t0 ."}},
		},
		"more than 512 records": {
			func(network string, query *dns.Msg) []*dns.Msg {
				out := reply(query, dns.RcodeSuccess, "", soa)
				for range maxRecords {
					out.Answer = append(out.Answer, record("x. 60 IN NULL"))
				}
				out.Answer = append(out.Answer, record("example.com. 60 IN MX 0 ."))
				return []*dns.Msg{out}
			},
			told{Status: NoData, Keep: 10 * time.Second, Detail: "example.com has no MX record"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &double{servers: map[string]handler{one: tt.handle}}
				tt.want.Server = one
				got := tellOf(lookup(t, d.resolver(t, Config{}, one), "example.com", MX))
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// links is a chain of n CNAME records from example.com to N.example.
func links(n int) []string {
	out := []string{"example.com. 60 IN CNAME 1.example."}
	for i := 1; i < n; i++ {
		out = append(out, fmt.Sprintf("%d.example. 60 IN CNAME %d.example.", i, i+1))
	}
	return out
}

func names(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%d.example", i+1))
	}
	return out
}

// A question for CNAME is answered with the record, not with its target.
func TestCNAMEAskedFor(t *testing.T) {
	d := &double{servers: map[string]handler{one: say(dns.RcodeSuccess, "example.com. 30 IN CNAME a.example.")}}
	answer := lookup(t, d.resolver(t, Config{}, one), "example.com", CNAME)
	if len(answer.Records) != 1 || answer.Aliases != nil || answer.Status != NoError {
		t.Errorf("%+v", answer)
	}
}

// A server that hands out the alias alone is asked for the target.
func TestChase(t *testing.T) {
	zone := map[string]handler{
		"example.com.":  say(dns.RcodeSuccess, "example.com. 40 IN CNAME a.example."),
		"a.example.":    say(dns.RcodeSuccess, "a.example. 50 IN CNAME b.example."),
		"b.example.":    say(dns.RcodeSuccess, "b.example. 60 IN MX 0 ."),
		"loop.example.": say(dns.RcodeSuccess, "loop.example. 60 IN CNAME back.example."),
		"back.example.": say(dns.RcodeSuccess, "back.example. 60 IN CNAME loop.example."),
		"dead.example.": say(dns.RcodeSuccess, "dead.example. 60 IN CNAME gone.example."),
		"gone.example.": say(dns.RcodeNameError, "", soa),
	}
	tests := map[string]told{
		"example.com": {Status: NoError, Keep: 40 * time.Second, Server: one, Aliases: []string{"a.example", "b.example"},
			Records: []string{"b.example.\t60\tIN\tMX\t0 ."}},
		"loop.example": {Status: ServFail, Keep: 5 * time.Second, Server: one, Aliases: []string{"back.example"},
			Detail: "a CNAME loop at loop.example"},
		"dead.example": {Status: NXDomain, Keep: time.Minute, Server: one, Aliases: []string{"gone.example"},
			Detail: "gone.example does not exist"},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &double{servers: map[string]handler{one: func(network string, query *dns.Msg) []*dns.Msg {
					return zone[query.Question[0].Name](network, query)
				}}}
				got := tellOf(lookup(t, d.resolver(t, Config{}, one), name, MX))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// The word of a resolver on this machine counts, that of a far one only where
// the user says so.
func TestSecure(t *testing.T) {
	zone := func(ad ...string) handler {
		return func(_ string, query *dns.Msg) []*dns.Msg {
			name := query.Question[0].Name
			out := reply(query, dns.RcodeSuccess, name+" 60 IN MX 0 .")
			if name == "alias.example." {
				out = reply(query, dns.RcodeSuccess, "alias.example. 60 IN CNAME target.example.")
			}
			for _, signed := range ad {
				out.AuthenticatedData = out.AuthenticatedData || signed == name
			}
			return []*dns.Msg{out}
		}
	}
	tests := map[string]struct {
		handle handler
		name   string
		server string
		trust  bool
		want   bool
	}{
		"loopback":                       {zone("target.example."), "target.example", local, false, true},
		"loopback, IPv6":                 {zone("target.example."), "target.example", "[::1]:53", false, true},
		"loopback, without AD":           {zone(), "target.example", local, false, false},
		"far":                            {zone("target.example."), "target.example", one, false, false},
		"far, trusted":                   {zone("target.example."), "target.example", one, true, true},
		"both ends of a fetched chain":   {zone("alias.example.", "target.example."), "alias.example", local, false, true},
		"the alias is not signed":        {zone("target.example."), "alias.example", local, false, false},
		"the alias's target is unsigned": {zone("alias.example."), "alias.example", local, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := &double{servers: map[string]handler{tt.server: tt.handle}}
			answer := lookup(t, d.resolver(t, Config{TrustAD: tt.trust}, tt.server), tt.name, MX)
			if answer.Secure != tt.want || answer.Status != NoError {
				t.Errorf("got Secure %v, status %s; want %v, noerror", answer.Secure, answer.Status, tt.want)
			}
			if trusted := tt.trust || tt.server != one; answer.Trusted != trusted {
				t.Errorf("got Trusted %v", answer.Trusted)
			}
			opt := d.heard[0].IsEdns0()
			if opt == nil || !opt.Do() || opt.UDPSize() != udpSize || !d.heard[0].AuthenticatedData || !d.heard[0].RecursionDesired {
				t.Errorf("the query lacks EDNS, DO, AD or RD:\n%v", d.heard[0])
			}
		})
	}
}
