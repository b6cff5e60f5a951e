//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// TestRealAuditOfBareLF shows why a command that ends in LF proves little: Postfix
// obeys it whether or not a message can be made to end in LF, dot, CR and LF, by
// which another is smuggled behind it.
func TestRealAuditOfBareLF(t *testing.T) {
	t.Parallel()
	ca := newRealAuthority(t)
	at, names, records := map[string]netip.AddrPort{}, []string(nil), ""
	var listeners []realListener
	for _, mode := range []string{"no", "normalize", "reject"} {
		at[mode] = netip.AddrPortFrom(realtest.Place(t, 25), 25)
		host := "mx." + mode + ".test"
		names, records = append(names, host), records+fmt.Sprintf("%s. A %s\n", host, at[mode].Addr())
		listeners = append(listeners, realListener{addr: at[mode], options: []string{"smtpd_forbid_bare_newline=" + mode, "smtpd_forbid_bare_newline_exclusions="}})
	}
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.lf.test
mynetworks =
virtual_mailbox_domains = lf.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_transport = discard
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_chain_files = DIR/server.pem
smtpd_error_sleep_time = 0
`,
		"mailboxes": "ann@lf.test ann/\n", "server.pem": ca.leaf(t, realKind{}, names...).bundle,
	}, listeners...)
	s := realAuditor(t, realtest.SignedDNS(t, realtest.Zone{Name: "test", Trust: realtest.Insecure, Records: records}), ca.pool)
	tryConduct(t, s)
	a := realAudit(t, s, "mx.no.test:25", "mx.normalize.test:25", "mx.reject.test:25")
	for mode, want := range map[string]struct {
		obeys    probe.Answer
		smuggles bool
		findings []string
	}{
		"no":        {probe.Yes, true, []string{"bare_lf"}},
		"normalize": {probe.Yes, false, []string{"bare_lf"}},
		"reject":    {probe.No, false, nil},
	} {
		t.Run(mode, func(t *testing.T) {
			host := "mx." + mode + ".test"
			same(t, "a command", want.obeys, a.at(t, host, at[mode].Addr()).Conduct.BareLF.Answer)
			same(t, "a message", want.smuggles, smuggles(t, at[mode]))
			same(t, "findings", want.findings, a.ids(host, "bare_lf"))
			for _, f := range a.findings {
				if f.Host == host && f.ID == "bare_lf" && f.Severity != scanner.Info {
					t.Errorf("severity %s", f.Severity)
				}
			}
		})
	}
}

// smuggles reports whether a message ends in LF, dot, CR and LF: whether what
// stands behind that is answered as a command.
func smuggles(t *testing.T, at netip.AddrPort) bool {
	t.Helper()
	p := realDial(t, at, false)
	p.read()
	p.hello()
	for _, line := range []string{"MAIL FROM:<>", "RCPT TO:<ann@lf.test>", "DATA"} {
		if reply := p.say(line); reply.Code >= 400 {
			t.Fatalf("%s: %v", line, reply)
		}
	}
	if _, err := p.conn.Write([]byte("Subject: one\r\n\r\nbody\n.\r\nHELP\r\n.\r\nQUIT\r\n")); err != nil {
		t.Fatal(err)
	}
	if first := p.read(); first.Code == 521 { // it hangs up on LF
		return false
	}
	return p.read().Code != 221
}
