package audit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// expectations are those of a world's policy that are not met.
func expectations(t *testing.T, w *world) []string {
	t.Helper()
	var out []string
	for _, id := range ids(w.findings(t)) {
		if name, ok := strings.CutPrefix(id, "expectation_"); ok {
			out = append(out, name)
		}
	}
	return out
}

// Wishes about TLS are not met by a server that certainly has none; of one that
// put us off nothing is known.
func TestExpectationsWithoutTLS(t *testing.T) {
	all := []string{"dane", "min_rsa", "min_tls", "post_quantum", "requiretls", "starttls", "trusted_certificate"}
	ended := func(stage smtp.Stage, cause smtp.Cause, code int) func(*world) {
		return func(w *world) {
			s := w.first()
			s.StartTLS, s.TLSWhy, s.TLS, s.Encrypted = probe.Inconclusive, "it ended", nil, nil
			s.Failure = &probe.Outcome{Stage: stage, Cause: cause, Code: code, Text: "it ended"}
			if stage == smtp.Greeting {
				s.Plain = nil
			}
		}
	}
	for name, row := range map[string]struct {
		infect func(*world)
		want   []string
	}{
		"no STARTTLS":             {func(w *world) { inClear(w, 0) }, all},
		"a handshake that fails":  {ended(smtp.TLS, smtp.TLSFailed, 0), all},
		"a handshake in silence":  {ended(smtp.TLS, smtp.Timeout, 0), nil},
		"421 at the greeting":     {ended(smtp.Greeting, "", 421), nil},
		"421 to EHLO":             {ended(smtp.Hello, "", 421), nil},
		"454 to STARTTLS":         {ended(smtp.StartTLS, "", 454), nil},
		"nothing listens":         {func(w *world) { refused(w, 0) }, nil},
		"a whole pool that fails": {func(w *world) { inClear(w, 0); ended(smtp.TLS, smtp.TLSFailed, 0)(w) }, all},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound()
			w.policy = everyWish
			row.infect(w)
			if diff := cmp.Diff(row.want, expectations(t, w)); diff != "" {
				t.Errorf("expectations (-want +got):\n%s", diff)
			}
		})
	}
}

// parked is a domain without mail, whose records say what is given.
func parked(spf *mx.SPF, dmarc *mx.DMARC) *world {
	row := soundDomain()
	row.Kind, row.Deliveries = judge.NoMailKind, nil
	row.Route = scanner.RouteFacts{Source: mx.Null, DNS: resolver.NoError, Secure: true, Hosts: []mx.Host{}}
	row.Promises = mx.Promises{SPF: spf, DMARC: dmarc}
	return &world{domain: row, policy: everyWish}
}

// Names without mail are forged like others: what is wanted of SPF and DMARC is
// wanted of them, and nothing that is about receiving.
func TestExpectationsOfDomainsWithoutMail(t *testing.T) {
	none := 0
	fail := func() *mx.SPF {
		return &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 -all"}, All: "-", Nobody: true, Lookups: &none}
	}
	reject := func() *mx.DMARC {
		return &mx.DMARC{Presence: resolver.Present, At: "example.org", Policy: "reject", RUA: []string{}, Records: []string{"v=DMARC1; p=reject"}}
	}
	for name, row := range map[string]struct {
		spf   *mx.SPF
		dmarc *mx.DMARC
		want  []string
	}{
		"as wanted":                            {fail(), reject(), nil},
		"neither":                              {&mx.SPF{Presence: resolver.Absent}, &mx.DMARC{Presence: resolver.Absent}, []string{"expectation_dmarc", "expectation_spf", "no_mail_incomplete"}},
		"DMARC of none":                        {fail(), &mx.DMARC{Presence: resolver.Present, At: "example.org", Policy: "none", Records: []string{"v=DMARC1; p=none"}}, []string{"expectation_dmarc", "no_mail_incomplete"}},
		"an SPF record whose target is silent": {&mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 redirect=x.example"}, Why: "TXT of x.example: timeout"}, reject(), nil},
		"not looked up":                        {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sameIDs(t, row.want, parked(row.spf, row.dmarc).findings(t))
		})
	}
	absent := parked(&mx.SPF{Presence: resolver.Absent}, &mx.DMARC{Presence: resolver.Absent})
	absent.domain.Route.DNS, absent.domain.Route.Source = resolver.NXDomain, mx.None
	sameIDs(t, []string{"domain_absent"}, absent.findings(t))
}

// A record whose end is not known is not held against anything.
func TestSPFWithoutItsEnd(t *testing.T) {
	w := sound()
	w.policy = everyWish
	w.domain.SPF = &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 redirect=x.example"}, Why: "TXT of x.example: timeout"}
	sameIDs(t, nil, w.findings(t))
}
