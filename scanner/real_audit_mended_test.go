//go:build unix

package scanner_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// illSettings are those that all servers below share; each then departs from them
// with options of its own.
const illSettings = `
myhostname = mx.ill.test
mynetworks =
virtual_mailbox_domains = ill.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_chain_files = DIR/server.pem
smtpd_tls_auth_only = yes
smtpd_error_sleep_time = 0
cyrus_sasl_config_path = DIR/sasl
`

// ill is a fault of a server, by the finding that it is to have.
type ill struct {
	id      string
	port    uint16
	options []string
}

var ills = []ill{
	{"starttls_absent", 25, []string{"smtpd_tls_security_level=none"}},
	{"starttls_required", 25, []string{"smtpd_tls_security_level=encrypt"}},
	{"tls_version_old", 25, []string{"smtpd_tls_protocols=TLSv1"}},
	{"tls_no_forward_secrecy", 25, []string{"smtpd_tls_protocols=TLSv1.2", "tls_medium_cipherlist=AES128-SHA:ECDHE-RSA-AES128-SHA", "tls_preempt_cipherlist=yes"}},
	{"sweep_tls_1_0", 25, nil},
	{"sweep_anonymous", 25, []string{"smtpd_tls_protocols=TLSv1.2"}},
	{"sweep_static_rsa", 25, []string{"smtpd_tls_protocols=TLSv1.2"}},
	{"auth_in_clear", 25, []string{"smtpd_sasl_auth_enable=yes", "smtpd_tls_auth_only=no"}},
	{"auth_on_exchanger", 25, []string{"smtpd_sasl_auth_enable=yes"}},
	{"auth_legacy_form", 25, []string{"smtpd_sasl_auth_enable=yes", "broken_sasl_auth_clients=yes"}},
	{"auth_obsolete", 587, []string{"smtpd_sasl_auth_enable=yes", "smtpd_tls_security_level=encrypt"}},
	{"auth_anonymous", 587, []string{"smtpd_sasl_auth_enable=yes", "smtpd_sasl_security_options=", "smtpd_sasl_path=anonymous"}},
	{"ext_xclient", 25, []string{"smtpd_authorized_xclient_hosts=127.0.0.0/8"}},
	{"ext_xforward", 25, []string{"smtpd_authorized_xforward_hosts=127.0.0.0/8"}},
	{"hello_name_invalid", 25, []string{"myhostname=localhost"}},
	{"software_version", 25, []string{"{ smtpd_banner = $myhostname ESMTP $mail_name $mail_version }"}},
	{"open_relay", 25, []string{"{ smtpd_relay_restrictions = check_client_access cidr:{{127.0.0.0/8 OK}}, reject }"}},
	{"submission_no_auth", 587, []string{"smtpd_tls_security_level=encrypt"}},
	{"submission_no_auth", 465, []string{"smtpd_tls_wrappermode=yes"}},
	{"submission_tls_not_required", 587, []string{"smtpd_sasl_auth_enable=yes", "{ smtpd_client_restrictions = permit_sasl_authenticated, reject }"}},
	{"submission_open", 587, []string{"smtpd_sasl_auth_enable=yes", "smtpd_tls_security_level=encrypt", "mynetworks=127.0.0.0/8", "{ smtpd_relay_restrictions = permit_mynetworks, reject }"}},
}

// place is where the server of an ill is, by a name that is a host's.
func (i ill) host() string {
	return fmt.Sprintf("%s-%d.ill.test", strings.ReplaceAll(i.id, "_", "-"), i.port)
}

// startIlls has one Postfix play all servers, each with its options and lines more.
func startIlls(t *testing.T, ca *realAuthority, more func(ill) []string) (map[string]netip.AddrPort, *scanner.Scanner, []string) {
	t.Helper()
	at, names, records := map[string]netip.AddrPort{}, []string(nil), ""
	var listeners []realListener
	var places []string
	for _, one := range ills {
		addr := netip.AddrPortFrom(realtest.Place(t, one.port), one.port)
		at[one.host()], names = addr, append(names, one.host())
		listeners = append(listeners, realListener{addr: addr, options: append(slices.Clone(one.options), more(one)...)})
		records += fmt.Sprintf("%s. A %s\n", one.host(), addr.Addr())
		places = append(places, fmt.Sprintf("%s:%d", one.host(), one.port))
	}
	realStartPostfix(t, realPostfixFiles{
		"main.cf": illSettings, "mailboxes": "postmaster@ill.test postmaster/\n", "server.pem": ca.leaf(t, realKind{key: rsaKey(t, 2048)}, names...).bundle,
		"sasl/smtpd.conf":     "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: DIR/nobody\nmech_list: PLAIN LOGIN CRAM-MD5\n",
		"sasl/anonymous.conf": "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: DIR/nobody\nmech_list: PLAIN ANONYMOUS\n",
	}, listeners...)
	s := realAuditor(t, realtest.SignedDNS(t, realtest.Zone{Name: "test", Trust: realtest.Insecure, Records: records}), ca.pool)
	tryTLS(s)
	sweep := s.Audit.Try
	s.Audit.Try = func(ctx context.Context, plan probe.Plan, facts *probe.Server) {
		if strings.HasPrefix(facts.Host, "sweep-") {
			sweep(ctx, plan, facts)
		}
	}
	tryConduct(t, s)
	return at, s, places
}

// TestRealAuditMends has servers with one fault each, and then the same servers
// with the line that the finding itself says would mend it.
func TestRealAuditMends(t *testing.T) {
	t.Parallel()
	ca := newRealAuthority(t)
	at, s, places := startIlls(t, ca, func(ill) []string { return nil })
	before := realAudit(t, s, places...)
	lines := map[string]string{}
	for _, one := range ills {
		t.Run(one.host(), func(t *testing.T) {
			row := before.at(t, one.host(), at[one.host()].Addr())
			if diff := cmp.Diff(realLook(t, at[one.host()], one.port == 465), realSeen(row), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("plain socket - scanner +:\n%s", diff)
			}
			f := before.finding(t, one.id, one.host())
			if !strings.HasPrefix(f.Where, "Postfix: ") {
				t.Fatalf("where: %q", f.Where)
			}
			lines[one.host()] = f.Fix
		})
	}
	if t.Failed() {
		return
	}
	_, s, places = startIlls(t, ca, func(one ill) (options []string) {
		for line := range strings.Lines(strings.ReplaceAll(lines[one.host()], "/etc/ssl/private/mail.pem", "DIR/server.pem")) {
			options = append(options, "{ "+strings.TrimPrefix(strings.TrimSpace(line), "-o ")+" }")
		}
		return options
	})
	after := realAudit(t, s, places...)
	for _, one := range ills {
		t.Run(one.host()+" mended", func(t *testing.T) {
			for _, row := range after.servers {
				if row.Host == one.host() && (row.Failure != nil || row.TLS == nil) {
					t.Errorf("with %q: TLS %v, ended by %+v", lines[one.host()], row.TLS, row.Failure)
				}
			}
			if slices.Contains(after.ids(one.host()), one.id) {
				t.Errorf("with %q still there: %s", lines[one.host()], after.finding(t, one.id, one.host()).Evidence)
			}
		})
	}
}
