package judge

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// specimen is a case of which the verdict is known; its name is the diagnosis.
type specimen struct {
	name  string
	facts Facts
	want  Verdict // of Evidence only Text and Rule count, where they are set
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// said is a reply to the address at a stage.
func said(stage smtp.Stage, code int, meaning reply.Meaning, text string) probe.Outcome {
	return probe.Outcome{
		Kind: probe.AddressKind, At: noon, Stage: stage, Host: "mx.example.org", IP: netip.MustParseAddr("203.0.113.25"), Port: 25,
		Code: code, Text: text, Meaning: meaning, Rule: "specimen",
	}
}

func rcpt(code int, meaning reply.Meaning, text string) probe.Outcome {
	return said(smtp.Rcpt, code, meaning, text)
}

func vrfy(code int, meaning reply.Meaning, text string) probe.Outcome {
	o := said(smtp.Vrfy, code, meaning, text)
	o.Kind = probe.VrfyKind
	return o
}

// broke is a conversation that ended without a reply.
func broke(stage smtp.Stage, cause smtp.Cause) probe.Outcome {
	o := said(stage, 0, reply.NetworkError, "ended by "+string(cause))
	o.Cause, o.Rule = cause, "session/network"
	return o
}

// at moves an outcome to another server.
func at(host, ip string, o probe.Outcome) probe.Outcome {
	o.Host, o.IP = host, netip.MustParseAddr(ip)
	return o
}

// routed is a route through usable exchangers.
func routed(hosts ...string) *mx.Route {
	route := &mx.Route{Domain: "example.org", Source: mx.FromMX, DNS: resolver.NoError}
	for _, host := range hosts {
		route.Hosts = append(route.Hosts, mx.Host{Name: host, DNS: resolver.NoError, Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.25")}})
	}
	return route
}

// asked are the facts of an address whose exchanger gave these answers.
func asked(attempts ...probe.Outcome) Facts {
	return Facts{Route: routed("mx.example.org"), Attempts: attempts}
}

// with adds the random mailbox's answers.
func (f Facts) with(random ...probe.Outcome) Facts {
	for i := range random {
		random[i].Kind = probe.RandomKind
	}
	f.Random = random
	return f
}

func (f Facts) fated(fate Fate) Facts {
	f.Fate = fate
	return f
}

// verdict is what is expected, citing the text of a reply or of our own.
func verdict(word Word, reason Reason, blame Blame, catchAll CatchAllState, cites string) Verdict {
	return Verdict{Word: word, Reason: reason, Blame: blame, CatchAll: catchAll, Evidence: Evidence{Text: cites}}
}

func specimens() []specimen {
	return slices.Concat(syntaxSpecimens(), routeSpecimens(), recipientSpecimens(), serverSpecimens(), breakSpecimens(), fateSpecimens(), smtputf8Specimens(), hostTakesNoMailSpecimens())
}

func TestSpecimens(t *testing.T) {
	for _, s := range specimens() {
		t.Run(s.name, func(t *testing.T) {
			got := Judge(s.facts)
			if diff := cmp.Diff(s.want, got, cmpopts.IgnoreFields(Verdict{}, "Evidence", "RetryAt")); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
			if !strings.Contains(got.Evidence.Text, s.want.Evidence.Text) || got.Evidence.Text == "" {
				t.Errorf("cites %q, want %q", got.Evidence.Text, s.want.Evidence.Text)
			}
			if want := s.want.Evidence.Rule; want != "" && got.Evidence.Rule != want {
				t.Errorf("by rule %q, want %q", got.Evidence.Rule, want)
			}
			if got.RetryAt.IsZero() != (got.Reason != Greylisted) {
				t.Errorf("%s is to be asked again at %v", got.Reason, got.RetryAt)
			}
		})
	}
}

// TestEveryReasonHasASpecimen: a reason that no facts lead to is not one.
func TestEveryReasonHasASpecimen(t *testing.T) {
	reached := make(map[Reason]bool)
	for _, s := range specimens() {
		reached[s.want.Reason] = true
	}
	for _, info := range Reasons() {
		if !reached[info.Reason] {
			t.Errorf("no specimen is %s", info.Reason)
		}
	}
}
