package judge

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// anOutcome is a reply with one of the codes, or none where it is 0, with
// words and meaning that need not fit together.
func anOutcome(codes []int) *rapid.Generator[probe.Outcome] {
	return rapid.Custom(func(t *rapid.T) probe.Outcome {
		o := probe.Outcome{
			Kind:    rapid.SampledFrom([]probe.Kind{probe.AddressKind, probe.VrfyKind}).Draw(t, "kind"),
			At:      noon.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "second")) * time.Second),
			Stage:   rapid.SampledFrom(stages[:]).Draw(t, "stage"),
			Host:    rapid.SampledFrom([]string{"a.example.org", "b.example.org", "mta7.am0.yahoodns.net"}).Draw(t, "host"),
			IP:      netip.AddrFrom4([4]byte{203, 0, 113, rapid.Byte().Draw(t, "ip")}),
			Port:    25,
			Code:    rapid.SampledFrom(codes).Draw(t, "code"),
			Text:    rapid.String().Draw(t, "text"),
			Meaning: rapid.SampledFrom(reply.Meanings[:]).Draw(t, "meaning"),
			Rule:    rapid.SampledFrom([]reply.Rule{"specimen", reply.Forwards, reply.NoRule}).Draw(t, "rule"),
		}
		if o.Code == 0 {
			o.Meaning, o.Rule = reply.NetworkError, rapid.SampledFrom([]reply.Rule{"session/network", probe.RuleNoSMTPUTF8}).Draw(t, "broken by")
			o.Cause = rapid.SampledFrom(causes[:]).Draw(t, "cause")
		}
		return o
	})
}

var causes = [...]smtp.Cause{
	smtp.Timeout, smtp.Cancelled, smtp.Hangup, smtp.Reset, smtp.Closing, smtp.Protocol, smtp.TLSFailed, smtp.Closed, smtp.Network,
	probe.ConnRefused, probe.NoRoute, probe.ProxyFailed, probe.NotAllowed,
}

var fates = [...]Fate{Asked, FateExcluded, FateHarvest, FateCutOff, FateReluctant, FateNoFamily, FateNotReached, FateTimedOut}

// codes are the numbers from first to last.
func codes(first, last int) []int {
	var out []int
	for code := first; code <= last; code++ {
		out = append(out, code)
	}
	return out
}

func attempts(t *rapid.T, name string, codes []int) []probe.Outcome {
	return rapid.SliceOfN(anOutcome(codes), 0, 6).Draw(t, name)
}

// TestTemporaryRepliesNeverMakeUndeliverable: whatever their stage, words and
// order, and whatever befell the random mailbox (RFC 5321 s4.2.1).
func TestTemporaryRepliesNeverMakeUndeliverable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := Facts{
			Route:    routed("a.example.org", "b.example.org"),
			Attempts: attempts(t, "attempts", codes(400, 499)),
			Random:   attempts(t, "random", append(codes(200, 599), 0)),
			Fate:     rapid.SampledFrom(fates[:]).Draw(t, "fate"),
		}
		if got := Judge(facts); got.Word == Undeliverable || got.Word == Deliverable {
			t.Fatalf("%s (%s) by 4xx alone", got.Word, got.Reason)
		}
	})
}

// aRoute is any route, whole or broken, or none.
func aRoute() *rapid.Generator[*mx.Route] {
	return rapid.Custom(func(t *rapid.T) *mx.Route {
		if rapid.Bool().Draw(t, "not looked up") {
			return nil
		}
		statuses := []resolver.Status{resolver.NoError, resolver.NoData, resolver.NXDomain, resolver.ServFail, resolver.Refused, resolver.Timeout}
		route := routed(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a.example.org", "b.example.org", "mta7.am0.yahoodns.net"}), 0, 3, rapid.ID).Draw(t, "hosts")...)
		route.Source = rapid.SampledFrom([]mx.Source{mx.FromMX, mx.Implicit, mx.Null, mx.None}).Draw(t, "source")
		route.DNS = rapid.SampledFrom(statuses).Draw(t, "dns")
		route.Detail = rapid.SampledFrom([]string{"", "why"}).Draw(t, "detail")
		for i := range route.Hosts {
			if rapid.Bool().Draw(t, "no address") {
				route.Hosts[i].Addresses, route.Hosts[i].DNS = nil, rapid.SampledFrom(statuses).Draw(t, "host dns")
			}
		}
		return route
	})
}

func anyFacts(t *rapid.T) Facts {
	facts := Facts{
		Route:    aRoute().Draw(t, "route"),
		Attempts: attempts(t, "attempts", append(codes(200, 599), make([]int, 100)...)),
		Random:   attempts(t, "random", append(codes(200, 599), make([]int, 100)...)),
		Fate:     rapid.SampledFrom(fates[:]).Draw(t, "fate"),
	}
	if rapid.IntRange(0, 9).Draw(t, "syntax") == 0 {
		facts.Syntax = &address.Error{Rule: address.RuleNoAt, Reason: `there is no "@"`}
	}
	return facts
}

// TestEveryVerdictHasItsReasonAndCitation: the evidence is one of the attempts
// as it stands, or what our own rules said in words.
func TestEveryVerdictHasItsReasonAndCitation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(t)
		got := Judge(facts)
		info := got.Reason.Info()
		if info.Reason == "" || got.Word != info.Word || got.Blame != info.Blame {
			t.Fatalf("%s %s %s is not in the list", got.Word, got.Reason, got.Blame)
		}
		if got.Evidence.Stage == "" {
			if got.Evidence.Text == "" || got.Evidence.Rule == "" {
				t.Fatalf("%s cites %+v", got.Reason, got.Evidence)
			}
		} else if !slices.ContainsFunc(facts.Attempts, func(o probe.Outcome) bool { return o == got.Evidence }) {
			t.Fatalf("%s cites what nobody said: %+v", got.Reason, got.Evidence)
		}
		if !got.RetryAt.IsZero() && !got.RetryAt.After(got.Evidence.At) {
			t.Fatalf("to be asked again at %v, before the answer of %v", got.RetryAt, got.Evidence.At)
		}
	})
}

// TestUndeliverableNeedsAPermanentWord: of the grammar, of DNS, of a server
// that was asked about the mailbox and not about us, or of all servers by what
// they do not offer.
func TestUndeliverableNeedsAPermanentWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(t)
		got := Judge(facts)
		evidence := got.Evidence
		switch {
		case got.Word == Deliverable && (evidence.Code/100 != 2 || !atMailbox(evidence)):
			t.Fatalf("deliverable by %d at %s", evidence.Code, evidence.Stage)
		case got.Word != Undeliverable, evidence.Stage == "", evidence.Rule == probe.RuleNoSMTPUTF8:
		case evidence.Code < 500, evidence.Meaning == reply.BlockedClient, evidence.Meaning == reply.SenderRejected:
			t.Fatalf("undeliverable by %d %s at %s", evidence.Code, evidence.Meaning, evidence.Stage)
		}
	})
}

// TestJudgingIsPure: the same facts give the same verdict, and are left alone.
func TestJudgingIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := anyFacts(t)
		before := slices.Clone(facts.Attempts)
		first, second := Judge(facts), Judge(facts)
		if diff := cmp.Diff(first, second, cmp.Comparer(func(a, b probe.Outcome) bool { return a == b })); diff != "" {
			t.Fatalf("judged twice (-first +second):\n%s", diff)
		}
		if !slices.Equal(before, facts.Attempts) {
			t.Fatal("judging changed the attempts")
		}
	})
}
