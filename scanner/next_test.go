package scanner

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

func server(host, addr string) way {
	w := way{Host: host, Addr: netip.MustParseAddrPort(addr)}
	w.Security = securityOf(w.Addr.Port())
	return w
}

// The route of the specimens: a has two addresses and goes before b.
var (
	a1 = server("a.example.org", "203.0.113.1:25")
	a2 = server("a.example.org", "203.0.113.2:25")
	b1 = server("b.example.org", "203.0.113.3:25")
	ab = []way{a1, a2, b1}
)

func (w way) clear() way    { w.Security = probe.Clear; return w }
func (w way) lockStep() way { w.LockStep = true; return w }

// says is a reply of the server at a stage.
func (w way) says(stage smtp.Stage, code int, meaning reply.Meaning) probe.Outcome {
	return probe.Outcome{Kind: probe.AddressKind, Stage: stage, Host: w.Host, IP: w.Addr.Addr(), Port: w.Addr.Port(), Code: code, Meaning: meaning, Rule: "specimen"}
}

func (w way) breaks(stage smtp.Stage, cause smtp.Cause) probe.Outcome {
	o := w.says(stage, 0, reply.NetworkError)
	o.Cause = cause
	return o
}

func (w way) lacksUTF8() probe.Outcome {
	o := w.says(smtp.Hello, 0, reply.Unsupported)
	o.Rule = probe.RuleNoSMTPUTF8
	return o
}

func byRule(rule reply.Rule, o probe.Outcome) probe.Outcome {
	o.Rule = rule
	return o
}

func repeated(n int, o probe.Outcome) []probe.Outcome { return slices.Repeat([]probe.Outcome{o}, n) }

// nothing is what next gives where the search is over.
var nothing = way{}

func TestNext(t *testing.T) {
	plain587, tls465 := server("a.example.org", "203.0.113.1:587"), server("a.example.org", "203.0.113.1:465")
	ports := []way{a1, plain587, tls465, b1}
	refused := func(w way) probe.Outcome { return w.breaks(smtp.Connect, probe.ConnRefused) }
	said421 := a1.says(smtp.Rcpt, 421, reply.RateLimited)
	for _, test := range []struct {
		name     string
		ways     []way
		attempts []probe.Outcome
		want     way
	}{
		{"nowhere to ask", nil, nil, nothing},
		{"nothing asked yet: the first server", ab, nil, a1},

		// Silence is not an answer.
		{"refused connect: the next address of the exchanger", ab, []probe.Outcome{refused(a1)}, a2},
		{"no route by IPv6: the next address of the exchanger", ab, []probe.Outcome{a1.breaks(smtp.Connect, probe.NoRoute)}, a2},
		{"every address of the exchanger refuses: the next exchanger", ab, []probe.Outcome{refused(a1), refused(a2)}, b1},
		{"no server can be reached", ab, []probe.Outcome{refused(a1), refused(a2), refused(b1)}, nothing},
		{"a greeting that never comes: the next address", ab, []probe.Outcome{a1.breaks(smtp.Greeting, smtp.Timeout)}, a2},
		{"hang-up at the greeting: the next address", ab, []probe.Outcome{a1.breaks(smtp.Greeting, smtp.Hangup)}, a2},
		{"an attempt at another port is none at this one", ab, []probe.Outcome{refused(plain587)}, a1},
		{"the port is closed: the next port of the same address", ports, []probe.Outcome{refused(a1)}, plain587},
		{"one address that serves two exchangers is asked as each", []way{a1, server("b.example.org", "203.0.113.1:25")}, []probe.Outcome{refused(a1)}, server("b.example.org", "203.0.113.1:25")},

		// TLS where it works.
		{"failed handshake: once in clear", ab, []probe.Outcome{a1.breaks(smtp.TLS, smtp.TLSFailed)}, a1.clear()},
		{"a handshake that hangs: once in clear", ab, []probe.Outcome{a1.breaks(smtp.TLS, smtp.Timeout)}, a1.clear()},
		{"failed handshake, and hung up on in clear: again in clear", ab, []probe.Outcome{a1.breaks(smtp.TLS, smtp.TLSFailed), a1.breaks(smtp.Rcpt, smtp.Hangup)}, a1.clear()},
		{"failed handshake, and no greeting in clear: the next address", ab, []probe.Outcome{a1.breaks(smtp.TLS, smtp.TLSFailed), a1.breaks(smtp.Greeting, smtp.Timeout)}, a2},
		{"two failed handshakes: the next address, with TLS", ab, repeated(2, a1.breaks(smtp.TLS, smtp.TLSFailed)), a2},
		{"failed handshake on an implicit TLS port: the next server", ports, []probe.Outcome{refused(a1), refused(plain587), tls465.breaks(smtp.TLS, smtp.TLSFailed)}, b1},
		{"530 in clear after a failed handshake is an answer", ab, []probe.Outcome{a1.breaks(smtp.TLS, smtp.TLSFailed), a1.says(smtp.Mail, 530, reply.TLSRequired)}, nothing},

		// Sessions that end in the middle.
		{"421 at RCPT: again", ab, []probe.Outcome{said421}, a1},
		{"421 at RCPT twice: again", ab, repeated(2, said421), a1},
		{"421 at RCPT three times: the next address", ab, repeated(3, said421), a2},
		{"421 at MAIL: again", ab, []probe.Outcome{a1.says(smtp.Mail, 421, reply.RateLimited)}, a1},
		{"421 as the greeting: the next address", ab, []probe.Outcome{a1.says(smtp.Greeting, 421, reply.RateLimited)}, a2},
		{"hang-up at RCPT: again", ab, []probe.Outcome{a1.breaks(smtp.Rcpt, smtp.Hangup)}, a1},
		{"reset at RCPT: again", ab, []probe.Outcome{a1.breaks(smtp.Rcpt, smtp.Reset)}, a1},
		{"broken off three ways: the next address", ab, []probe.Outcome{said421, a1.breaks(smtp.Rcpt, smtp.Hangup), a1.breaks(smtp.Rcpt, smtp.Reset)}, a2},
		{"patience is each server's own", ab, append(repeated(3, said421), a2.says(smtp.Rcpt, 421, reply.RateLimited)), a2},
		{"452 4.5.3 too many recipients: again", ab, []probe.Outcome{byRule(reply.TooManyRecipients, a1.says(smtp.Rcpt, 452, reply.RateLimited))}, a1},
		{"451 one domain at a time: again", ab, []probe.Outcome{byRule(reply.OneDomainATime, a1.says(smtp.Rcpt, 451, reply.RateLimited))}, a1},
		{"silence at RCPT: once more in lock-step", ab, []probe.Outcome{a1.breaks(smtp.Rcpt, smtp.Timeout)}, a1.lockStep()},
		{"nonsense at RCPT: once more in lock-step", ab, []probe.Outcome{a1.breaks(smtp.Rcpt, smtp.Protocol)}, a1.lockStep()},
		{"silence at RCPT in lock-step too: the next address", ab, repeated(2, a1.breaks(smtp.Rcpt, smtp.Timeout)), a2},
		{"failed handshake, then silence: in clear and in lock-step", ab, []probe.Outcome{a1.breaks(smtp.TLS, smtp.TLSFailed), a1.breaks(smtp.Rcpt, smtp.Timeout)}, a1.clear().lockStep()},

		// One exchanger's word is enough where it is about the recipient.
		{"taken at RCPT", ab, []probe.Outcome{a1.says(smtp.Rcpt, 250, reply.MailboxExists)}, nothing},
		{"5xx at RCPT is final", ab, []probe.Outcome{a1.says(smtp.Rcpt, 550, reply.UserUnknown)}, nothing},
		{"5xx at RCPT in words nobody knows is final", ab, []probe.Outcome{a1.says(smtp.Rcpt, 550, reply.Other)}, nothing},
		{"5xx at MAIL is final", ab, []probe.Outcome{a1.says(smtp.Mail, 550, reply.PolicyOther)}, nothing},
		{"an answer of the second exchanger is final", ab, []probe.Outcome{refused(a1), refused(a2), b1.says(smtp.Rcpt, 550, reply.UserUnknown)}, nothing},
		{"an answer after a 421 is final", ab, []probe.Outcome{said421, a1.says(smtp.Rcpt, 250, reply.MailboxExists)}, nothing},
		{"greylisted is final for this run: the other exchangers greylist too", ab, []probe.Outcome{a1.says(smtp.Rcpt, 451, reply.Greylisted)}, nothing},
		{"rate limited is final", ab, []probe.Outcome{a1.says(smtp.Rcpt, 450, reply.RateLimited)}, nothing},
		{"full for now is final", ab, []probe.Outcome{a1.says(smtp.Rcpt, 452, reply.MailboxFull)}, nothing},
		{"VRFY names the mailbox", ab, []probe.Outcome{a1.says(smtp.Vrfy, 250, reply.MailboxExists)}, nothing},

		// Passing trouble may be one server's alone.
		{"451 local error: the next address", ab, []probe.Outcome{a1.says(smtp.Rcpt, 451, reply.SystemError)}, a2},
		{"451 at both addresses: the next exchanger", ab, []probe.Outcome{a1.says(smtp.Rcpt, 451, reply.SystemError), a2.says(smtp.Rcpt, 451, reply.SystemError)}, b1},
		{"451 at MAIL: the next address", ab, []probe.Outcome{a1.says(smtp.Mail, 451, reply.SystemError)}, a2},
		{"450 in words nobody knows: the next address", ab, []probe.Outcome{a1.says(smtp.Rcpt, 450, reply.Other)}, a2},
		{"252 tells nothing: the next address", ab, []probe.Outcome{a1.says(smtp.Vrfy, 252, reply.Other)}, a2},
		{"502 no VRFY: the next address", ab, []probe.Outcome{a1.says(smtp.Vrfy, 502, reply.Unsupported)}, a2},
		{"554 greeting: the next address", ab, []probe.Outcome{a1.says(smtp.Greeting, 554, reply.PolicyOther)}, a2},
		{"554 greetings of one exchanger: the next", ab, []probe.Outcome{a1.says(smtp.Greeting, 554, reply.PolicyOther), a2.says(smtp.Greeting, 554, reply.PolicyOther)}, b1},
		{"550 at EHLO: the next address", ab, []probe.Outcome{a1.says(smtp.Hello, 550, reply.PolicyOther)}, a2},
		{"SMTPUTF8 not offered: the next address", ab, []probe.Outcome{a1.lacksUTF8()}, a2},
		{"SMTPUTF8 not offered by one exchanger: the next", ab, []probe.Outcome{a1.lacksUTF8(), a2.lacksUTF8()}, b1},
		{"SMTPUTF8 offered nowhere", ab, []probe.Outcome{a1.lacksUTF8(), a2.lacksUTF8(), b1.lacksUTF8()}, nothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := next(test.ways, test.attempts)
			if ok != (test.want != nothing) {
				t.Errorf("to be asked: %v", ok)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateComparable(way{})); diff != "" {
				t.Errorf("next (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRefusalOfUsEndsTheSearch: trying the next server, or this one again,
// would be arguing with it.
func TestRefusalOfUsEndsTheSearch(t *testing.T) {
	for _, meaning := range []reply.Meaning{reply.BlockedClient, reply.SenderRejected} {
		for _, stage := range []smtp.Stage{smtp.Greeting, smtp.Hello, smtp.StartTLS, smtp.Mail, smtp.Rcpt, smtp.Vrfy} {
			for _, code := range []int{421, 450, 550, 554} {
				if w, ok := next(ab, []probe.Outcome{a1.says(stage, code, meaning)}); ok {
					t.Errorf("%d %s at %s: asked again at %s %s", code, meaning, stage, w.Host, w.Addr)
				}
			}
		}
	}
}

// anyWays is a route of up to four servers, each once.
func anyWays() *rapid.Generator[[]way] {
	all := []way{
		a1, a2, b1, server("a.example.org", "203.0.113.1:465"), server("b.example.org", "203.0.113.1:25"),
		server("b.example.org", "[2001:db8::3]:25"), server("b.example.org", "203.0.113.3:587"),
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 4, rapid.ID)
}

// anyOutcome is whatever may come of going a way.
func anyOutcome(w way) *rapid.Generator[probe.Outcome] {
	stages := []smtp.Stage{smtp.Connect, smtp.Greeting, smtp.Hello, smtp.StartTLS, smtp.TLS, smtp.Mail, smtp.Rcpt, smtp.Rcpt, smtp.Rcpt, smtp.Vrfy}
	causes := []smtp.Cause{smtp.Timeout, smtp.Hangup, smtp.Reset, smtp.Protocol, smtp.TLSFailed, smtp.Network, probe.ConnRefused, probe.NotAllowed}
	return rapid.Custom(func(t *rapid.T) probe.Outcome {
		stage := rapid.SampledFrom(stages).Draw(t, "stage")
		switch rapid.IntRange(0, 3).Draw(t, "sort") {
		case 0:
			return w.says(stage, rapid.SampledFrom([]int{250, 421, 450, 451, 452, 550, 554}).Draw(t, "code"), rapid.SampledFrom(reply.Meanings[:]).Draw(t, "meaning"))
		case 1:
			return w.lacksUTF8()
		case 2:
			return byRule(reply.TooManyRecipients, w.says(smtp.Rcpt, 452, reply.RateLimited))
		default:
			return w.breaks(stage, rapid.SampledFrom(causes).Draw(t, "cause"))
		}
	})
}

// TestNextComesToAnEnd: whatever the servers say, each is asked a few times at
// most, and one that was left is not gone back to.
func TestNextComesToAnEnd(t *testing.T) {
	most := patience + 2 // broken off just short of patience, one handshake and one silence besides, and once more
	rapid.Check(t, func(t *rapid.T) {
		ways := anyWays().Draw(t, "ways")
		var attempts []probe.Outcome
		at, tries := 0, 0
		for {
			w, ok := next(ways, attempts)
			if !ok {
				return
			}
			place := slices.IndexFunc(ways, func(other way) bool { return other.Host == w.Host && other.Addr == w.Addr })
			switch {
			case place < at:
				t.Fatalf("back to server %d from %d", place, at)
			case place > at:
				at, tries = place, 0
			}
			if tries++; tries > most {
				t.Fatalf("%s asked %d times", w.Addr, tries)
			}
			if w.Security != ways[place].Security && !slices.ContainsFunc(attempts, func(o probe.Outcome) bool { return o.Stage == smtp.TLS && o.IP == w.Addr.Addr() }) {
				t.Fatalf("%s in %s without a handshake that failed", w.Addr, w.Security)
			}
			if w.Security == probe.Clear && ways[place].Security == probe.Implicit {
				t.Fatalf("%s speaks TLS from the first octet, and was to be talked to in clear", w.Addr)
			}
			attempts = append(attempts, anyOutcome(w).Draw(t, "outcome"))
		}
	})
}

// TestWays: usable exchangers in the route's order, every address on every port,
// without those we do not go to.
func TestWays(t *testing.T) {
	host := func(name string, ips ...string) mx.Host {
		h := mx.Host{Name: name, DNS: resolver.NoError}
		for _, ip := range ips {
			h.Addresses = append(h.Addresses, netip.MustParseAddr(ip))
		}
		return h
	}
	private := host("private.example.org", "10.0.0.1")
	private.Faults = []mx.Fault{mx.NotGlobal}
	route := &mx.Route{Hosts: []mx.Host{host("a.example.org", "193.0.0.1", "10.0.0.2", "2001:67c::1"), private, host("empty.example.org"), host("b.example.org", "193.0.0.2")}}
	exclude, err := ReadExclude(strings.NewReader("b.example.org\n193.0.0.2/32\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		scanner Scanner
		want    []string
	}{
		{"port 25 of global addresses", Scanner{}, []string{"a.example.org 193.0.0.1:25 opportunistic", "a.example.org [2001:67c::1]:25 opportunistic", "b.example.org 193.0.0.2:25 opportunistic"}},
		{"this machine has no IPv6", Scanner{NoIPv6: true}, []string{"a.example.org 193.0.0.1:25 opportunistic", "b.example.org 193.0.0.2:25 opportunistic"}},
		{"this machine has no IPv4", Scanner{NoIPv4: true}, []string{"a.example.org [2001:67c::1]:25 opportunistic"}},
		{"an exchanger on the list of what is never asked", Scanner{Exclude: exclude, NoIPv6: true}, []string{"a.example.org 193.0.0.1:25 opportunistic"}},
		{"465 speaks TLS at once", Scanner{Ports: []uint16{465, 587}, NoIPv6: true, Exclude: exclude}, []string{"a.example.org 193.0.0.1:465 implicit", "a.example.org 193.0.0.1:587 opportunistic"}},
		{"private addresses where they are allowed", Scanner{Reaches: func(netip.Addr) bool { return true }, NoIPv6: true, Exclude: exclude}, []string{"a.example.org 193.0.0.1:25 opportunistic", "a.example.org 10.0.0.2:25 opportunistic"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, w := range test.scanner.ways(route) {
				got = append(got, w.Host+" "+w.Addr.String()+" "+string(w.Security))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("ways (-want +got):\n%s", diff)
			}
		})
	}
}
