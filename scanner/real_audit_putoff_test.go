//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// reluctant are servers in front of which something stands that puts strangers off.
type reluctant struct {
	greylist netip.AddrPort // postgrey puts each recipient off that is new to it
	open     netip.AddrPort // an open relay behind postgrey
	screen   netip.AddrPort // postscreen lets its greeting wait for two seconds
	deep     netip.AddrPort // postscreen watches a whole conversation, and holds it itself
	notnow   netip.AddrPort // postscreen offers STARTTLS and answers 454, for somebody forgot its tlsproxy
	one      netip.AddrPort // takes one connection of a client at a time, and says 421 to more
	dns      netip.AddrPort
	ca       *realAuthority
}

func startReluctant(t *testing.T) *reluctant {
	t.Helper()
	place := func() netip.AddrPort { return netip.AddrPortFrom(realtest.Place(t, 25), 25) }
	r := &reluctant{greylist: place(), open: place(), screen: place(), deep: place(), notnow: place(), one: place(), ca: newRealAuthority(t)}
	names := map[string]netip.AddrPort{"greylist": r.greylist, "open": r.open, "screen": r.screen, "deep": r.deep, "notnow": r.notnow, "one": r.one}
	records, hosts, policy := "", []string(nil), "check_policy_service inet:"+realPostgrey(t).String()
	for name, at := range names {
		hosts = append(hosts, "mx."+name+".test")
		records += fmt.Sprintf("%[1]s.test. MX 10 mx.%[1]s.test.\nmx.%[1]s.test. A %[2]s\n", name, at.Addr())
	}
	watching := []string{
		"postscreen_pipelining_enable=yes", "postscreen_pipelining_action=enforce",
		"postscreen_non_smtp_command_enable=yes", "postscreen_non_smtp_command_action=enforce",
		"postscreen_bare_newline_enable=yes", "postscreen_bare_newline_action=enforce",
	}
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.reluctant.test
mynetworks =
virtual_mailbox_domains = greylist.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
smtpd_tls_security_level = may
smtpd_tls_chain_files = DIR/server.pem
smtpd_error_sleep_time = 0
postscreen_greet_wait = 2s
postscreen_greet_action = enforce
`,
		"mailboxes": "postmaster@greylist.test postmaster/\n", "server.pem": r.ca.leaf(t, realKind{}, hosts...).bundle,
	},
		realListener{addr: r.greylist, options: []string{"{ smtpd_relay_restrictions = " + policy + ", reject_unauth_destination }"}},
		realListener{addr: r.open, options: []string{"mynetworks=127.0.0.0/8", "{ smtpd_recipient_restrictions = " + policy + " }"}},
		realListener{addr: r.screen, screen: true, options: []string{"postscreen_cache_map=btree:$data_directory/screen"}},
		realListener{addr: r.deep, screen: true, options: append(watching, "postscreen_cache_map=btree:$data_directory/deep")},
		realListener{addr: r.notnow, screen: true, options: append(watching, "postscreen_cache_map=btree:$data_directory/notnow", "tlsproxy_service_name=missing")},
		realListener{addr: r.one, options: []string{"smtpd_client_connection_count_limit=1"}},
	)
	r.dns = realtest.SignedDNS(t, realtest.Zone{Name: "test", Trust: realtest.Insecure, Records: records})
	return r
}

// scanner comes from an address of its own, and does not come back.
func (r *reluctant) scanner(t *testing.T, from string) *scanner.Scanner {
	t.Helper()
	s := realAuditor(t, r.dns, r.ca.pool)
	s.Egresses[0].Dial, s.Audit.Again = realFrom(from), nil
	return s
}

// aboveInfo are the findings about an exchanger that are more than worth knowing.
// What our machine lacks on purpose here, names of addresses, is left out.
func (a *realAudited) aboveInfo(host string) []string {
	var out []string
	for _, f := range a.findings {
		if f.Host == host && f.Severity != scanner.Info && f.ID != "ptr_missing" {
			out = append(out, f.ID)
		}
	}
	return slices.Compact(sorted(out))
}

func TestRealAuditOfServersThatPutUsOff(t *testing.T) {
	t.Parallel()
	r := startReluctant(t)

	for name, test := range map[string]struct {
		at     netip.AddrPort
		from   string
		answer probe.Answer
		code   int // of the first reply to RCPT
	}{
		"a greylist before a closed relay hides nothing": {r.greylist, "127.2.1.1", probe.No, 554},
		"a greylist before an open relay is no finding":  {r.open, "127.2.8.1", probe.Inconclusive, 450},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, domain := r.scanner(t, test.from), map[netip.AddrPort]string{r.greylist: "greylist.test", r.open: "open.test"}[test.at]
			tryConduct(t, s)
			a := realAudit(t, s, domain)
			row := a.at(t, "mx."+domain, test.at.Addr())
			if diff := cmp.Diff(realLook(t, test.at, false), realSeen(row), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("plain socket - scanner +:\n%s", diff)
			}
			relay := row.Conduct.Relay
			if relay.Answer != test.answer || len(relay.Tries) == 0 || relay.Tries[0].Reply.Code != test.code {
				t.Errorf("relay %s (%s), tries %+v", relay.Answer, relay.Why, relay.Tries)
			}
			same(t, "findings", nil, a.aboveInfo("mx."+domain))
		})
	}
	t.Run("a greeting that waits is measured", func(t *testing.T) {
		t.Parallel()
		a := realAudit(t, r.scanner(t, "127.2.2.1"), "screen.test")
		row := a.at(t, "mx.screen.test", r.screen.Addr())
		if row.GreetingMS == nil || *row.GreetingMS < 2000 || *row.GreetingMS > 10_000 {
			t.Errorf("greeting after %v ms", row.GreetingMS)
		}
		if diff := cmp.Diff(realLook(t, r.screen, false), realSeen(row), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("plain socket - scanner +:\n%s", diff)
		}
		same(t, "findings", nil, a.aboveInfo("mx.screen.test"))
	})
	t.Run("a postscreen that watches is what it is", func(t *testing.T) {
		t.Parallel()
		a := realAudit(t, r.scanner(t, "127.2.3.1"), "deep.test")
		row := a.at(t, "mx.deep.test", r.deep.Addr())
		same(t, "what a stranger sees", realLookFrom(t, "127.2.4.1", r.deep), realSeen(row))
		same(t, "findings", nil, a.aboveInfo("mx.deep.test"))
	})
	t.Run("454 is no lack of STARTTLS", func(t *testing.T) {
		t.Parallel()
		a := realAudit(t, r.scanner(t, "127.2.9.1"), "notnow.test")
		row := a.at(t, "mx.notnow.test", r.notnow.Addr())
		if row.StartTLS != probe.Inconclusive || !strings.Contains(row.TLSWhy, "4.7.0 TLS not available due to local problem") || !realOffered(row.Plain).has("STARTTLS") || row.TLS != nil {
			t.Errorf("STARTTLS %s (%s), TLS %v", row.StartTLS, row.TLSWhy, row.TLS)
		}
		same(t, "findings", nil, a.aboveInfo("mx.notnow.test"))
		same(t, "deliveries", judge.NotMeasured, fares(a.domain(t, "notnow.test"))[0])
	})
	t.Run("421 tells nothing", func(t *testing.T) {
		t.Parallel()
		s := r.scanner(t, "127.2.5.1")
		realOccupied(t, s.Egresses[0].Dial, r.one, 5*time.Second)
		a := realAudit(t, s, "one.test")
		row := a.at(t, "mx.one.test", r.one.Addr())
		if row.Reachable != probe.Yes || row.StartTLS != probe.Inconclusive || row.TLSWhy == "" || row.TLS != nil || row.Failure == nil || row.Failure.Code != 421 {
			t.Errorf("%+v, ended by %+v", row.Server, row.Failure)
		}
		same(t, "findings", nil, a.ids("mx.one.test", "starttls", "server_", "tls_", "cert_", "greeting", "reply", "ext_", "ehlo"))
		same(t, "deliveries", [4]judge.FareWord{judge.NotMeasured, judge.NotMeasured, judge.NotMeasured, judge.NotMeasured}, fares(a.domain(t, "one.test")))
	})
	t.Run("421, and all is told when we come back", func(t *testing.T) {
		t.Parallel()
		s := r.scanner(t, "127.2.6.1")
		realOccupied(t, s.Egresses[0].Dial, r.one, time.Second)
		s.Audit.Again = []time.Duration{1500 * time.Millisecond, 3 * time.Second}
		a := realAudit(t, s, "one.test")
		row := a.at(t, "mx.one.test", r.one.Addr())
		if diff := cmp.Diff(realLookFrom(t, "127.2.7.1", r.one), realSeen(row), cmpopts.EquateEmpty()); diff != "" || row.Failure != nil {
			t.Errorf("ended by %+v, plain socket - scanner +:\n%s", row.Failure, diff)
		}
		same(t, "findings", nil, a.aboveInfo("mx.one.test"))
		same(t, "deliveries", judge.Encrypted, fares(a.domain(t, "one.test"))[0])
	})
}
