package resolver

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// found answers with one record, whatever the network.
func found(network string, query *dns.Msg) []*dns.Msg {
	return say(dns.RcodeSuccess, "example.com. 60 IN MX 0 .")(network, query)
}

// What several servers say together. Time is that of the whole look-up.
func TestServers(t *testing.T) {
	records := []string{"example.com.\t60\tIN\tMX\t0 ."}
	tests := map[string]struct {
		servers map[string]handler
		want    told
		took    time.Duration
		queries int64
	}{
		"the second saves a SERVFAIL": {
			map[string]handler{one: say(dns.RcodeServerFailure), two: found},
			told{Status: NoError, Keep: time.Minute, Records: records, Server: two}, 0, 2,
		},
		"the second saves a REFUSED": {
			map[string]handler{one: say(dns.RcodeRefused), two: found},
			told{Status: NoError, Keep: time.Minute, Records: records, Server: two}, 0, 2,
		},
		"the second saves a silence": {
			map[string]handler{one: silent, two: found},
			told{Status: NoError, Keep: time.Minute, Records: records, Server: two}, 3 * time.Second, 2,
		},
		"the second saves a dead port": {
			map[string]handler{two: found},
			told{Status: NoError, Keep: time.Minute, Records: records, Server: two}, 0, 1,
		},
		"NXDOMAIN is final": {
			map[string]handler{one: say(dns.RcodeNameError, "", soa), two: found},
			told{Status: NXDomain, Keep: time.Minute, Server: one, Detail: "example.com does not exist"}, 0, 1,
		},
		"all silent, twice each": {
			map[string]handler{one: silent, two: silent},
			told{Status: Timeout, Keep: 5 * time.Second, Detail: "192.0.2.1:53: no reply in 3s"}, 12 * time.Second, 4,
		},
		"no port open": {
			map[string]handler{},
			told{Status: Timeout, Keep: 5 * time.Second, Detail: "192.0.2.1:53: connection refused"}, 0, 0,
		},
		"all refuse, once each": {
			map[string]handler{one: say(dns.RcodeRefused), two: say(dns.RcodeRefused)},
			told{Status: Refused, Keep: 5 * time.Second, Server: one, Detail: "REFUSED"}, 0, 2,
		},
		"one refuses, one is silent": {
			map[string]handler{one: silent, two: say(dns.RcodeRefused)},
			told{Status: Refused, Keep: 5 * time.Second, Server: two, Detail: "REFUSED"}, 6 * time.Second, 3,
		},
		"one refuses, one fails": {
			map[string]handler{one: say(dns.RcodeRefused), two: say(dns.RcodeServerFailure)},
			told{Status: ServFail, Keep: 5 * time.Second, Server: two, Detail: "SERVFAIL"}, 0, 2,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := (&double{servers: tt.servers}).resolver(t, Config{}, one, two)
				start := time.Now()
				got := tellOf(lookup(t, r, "example.com", MX))
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if r.Queries() != tt.queries {
					t.Errorf("%d queries, want %d", r.Queries(), tt.queries)
				}
			})
		})
	}
}

// A silent server costs its time-out once, not once for each name.
func TestSilentServerIsAskedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: silent, two: say(dns.RcodeSuccess)}}
		r := d.resolver(t, Config{}, one, two)
		lookup(t, r, "a.example", MX)
		start := time.Now()
		answer := lookup(t, r, "b.example", MX)
		if took := time.Since(start); took != 0 || answer.Server != two {
			t.Errorf("asked %s, took %v; want %s at once", answer.Server, took, two)
		}
	})
}

func TestTimeoutAndTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: silent}}
		r := d.resolver(t, Config{Timeout: 500 * time.Millisecond, Tries: 3}, one)
		start := time.Now()
		answer := lookup(t, r, "example.com", A)
		if took := time.Since(start); took != 1500*time.Millisecond || answer.Status != Timeout {
			t.Errorf("%s after %v", answer.Status, took)
		}
	})
}

// A server from before EDNS says FORMERR, with or without the question.
func TestWithoutEDNS(t *testing.T) {
	for name, bareHeader := range map[string]bool{"with the question": false, "bare header": true} {
		t.Run(name, func(t *testing.T) {
			d := &double{servers: map[string]handler{one: func(network string, query *dns.Msg) []*dns.Msg {
				if query.IsEdns0() == nil {
					return found(network, query)
				}
				out := reply(query, dns.RcodeFormatError)
				if bareHeader {
					out.Question = nil
				}
				return []*dns.Msg{out}
			}}}
			r := d.resolver(t, Config{}, one)
			if answer := lookup(t, r, "example.com", MX); answer.Status != NoError || r.Queries() != 2 {
				t.Errorf("%+v after %d queries, want noerror after 2", answer, r.Queries())
			}
		})
	}
}
