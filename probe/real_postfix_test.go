//go:build unix

package probe_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// postfix starts a Postfix of its own with an smtpd for each set of options, and
// returns where they listen. It takes mail for ann@s.test and knows nobody on
// this machine.
func postfix(t *testing.T, listeners ...string) []netip.AddrPort {
	t.Helper()
	realtest.Root(t)
	dir := realtest.Dir(t)
	folders(t, dir)
	var at []netip.AddrPort
	master := "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\ntlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\n" +
		"proxymap unix - - n - - proxymap\nanvil unix - - n - 1 anvil\ndiscard unix - - n - - discard\npostlog unix-dgram n - n - 1 postlogd\n"
	for _, options := range listeners {
		addr := realtest.Port(t, "127.0.53.41")
		at = append(at, addr)
		master += fmt.Sprintf("%s inet n - n - - smtpd\n", addr)
		for option := range strings.Lines(options) {
			master += "    -o { " + strings.TrimSpace(option) + " }\n"
		}
	}
	realtest.File(t, filepath.Join(dir, "etc", "both.pem"), rsaPEM(t))
	realtest.File(t, filepath.Join(dir, "etc", "master.cf"), master)
	realtest.File(t, filepath.Join(dir, "etc", "main.cf"), strings.ReplaceAll(`
compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
maillog_file = DIR/maillog
maillog_file_prefixes = DIR
inet_protocols = ipv4
mydestination =
mynetworks = 192.0.2.1/32
alias_maps =
alias_database =
myhostname = mx.s.test
virtual_mailbox_domains = s.test
virtual_mailbox_maps = inline:{ann@s.test=ann/}
virtual_mailbox_base = /nonexistent
virtual_transport = discard
smtpd_error_sleep_time = 0
smtpd_tls_chain_files = DIR/etc/both.pem
smtpd_tls_security_level = may
`, "DIR", dir))
	daemons, err := exec.Command(realtest.Program(t, "postconf"), "-c", filepath.Join(dir, "etc"), "-h", "daemon_directory").Output()
	if err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(realtest.Program(t, "postfix"), "-c", filepath.Join(dir, "etc"), "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v\n%s", err, said)
	}
	realtest.Start(t, filepath.Join(strings.TrimSpace(string(daemons)), "master"), "-c", filepath.Join(dir, "etc"), "-s")
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "maillog"))
			t.Logf("the end of Postfix's log:\n%s", log[max(0, len(log)-4000):])
		}
	})
	for _, addr := range at {
		realtest.Open(t, addr)
	}
	return at
}

// folders makes the folders that Postfix wants to find; data is its own.
func folders(t *testing.T, dir string) {
	t.Helper()
	owner, err := user.Lookup("postfix")
	if err != nil {
		realtest.Missing(t, err.Error())
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(dir, "data"), uid, -1); err != nil {
		t.Fatal(err)
	}
}

// rsaPEM is a key and its self-signed certificate for mx.s.test.
func rsaPEM(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.s.test"}, DNSNames: []string{"mx.s.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})) + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// at is a plan for a server that claims to listen on a port of its own.
func at(addr netip.AddrPort, port uint16) probe.Plan {
	plan := addressed(planFor(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr.String())
	}), port)
	plan.Host, plan.Senders, plan.IOTimeout = "mx.s.test", []string{"us@me.example"}, 10*time.Second
	return plan
}

func TestRealPostfixIsTried(t *testing.T) {
	everything := probe.Options{Enforced: true, Injection: true, BareLF: true, NTLM: true, SubmitAuth: true, Relay: true, Wait: func(context.Context) error { return nil }}
	servers := postfix(t,
		"smtpd_relay_restrictions = reject_unauth_destination",
		"smtpd_tls_security_level = encrypt\nsmtpd_client_restrictions = permit_sasl_authenticated, reject",
		"mynetworks = 127.0.0.0/8", // whoever dials from here is no stranger
	)
	taken := "2.1.0 Ok"
	denied := "5.7.1 <mxvet-relay-test@example.org>: Relay access denied"
	for _, test := range []struct {
		name       string
		port       uint16
		enforced   probe.Trial
		submission probe.Trial
		relay      probe.Answer
		first      probe.Said // what the first form of the relay test gets
	}{
		{"an exchanger", 25, trial(probe.No, "", 250, taken), probe.Trial{}, probe.No, probe.Said{Code: 554, Text: denied}},
		{"a submission server", 587, trial(probe.Yes, "", 530, "5.7.0 Must issue a STARTTLS command first"),
			trial(probe.Yes, "", 554, "5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied"), probe.Inconclusive,
			probe.Said{Code: 554, Text: "5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied"}},
		{"an open relay", 587, trial(probe.No, "", 250, taken), trial(probe.No, "", 250, "2.1.5 Ok"), probe.Yes, probe.Said{Code: 250, Text: "2.1.5 Ok"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustTry(t, at(servers[0], test.port), everything)
			servers = servers[1:]
			if diff := cmp.Diff(test.enforced, got.Enforced); diff != "" {
				t.Errorf("STARTTLS enforced, -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.submission, got.SubmitAuth); diff != "" {
				t.Errorf("submission, -want +got:\n%s", diff)
			}
			if got.Injection.Answer != probe.No || got.Injection.Why != "" {
				t.Errorf("injection: %+v", got.Injection)
			}
			if diff := cmp.Diff(trial(probe.Yes, "", 250, "2.0.0 Ok"), got.BareLF); diff != "" { // Debian 12's bears it by default
				t.Errorf("bare LF, -want +got:\n%s", diff)
			}
			if got.NTLM != nil {
				t.Errorf("NTLM: %+v", got.NTLM)
			}
			if got.Relay.Answer != test.relay || len(got.Relay.Tries) != 16 {
				t.Errorf("relay: %s (%s) after %d forms", got.Relay.Answer, got.Relay.Why, len(got.Relay.Tries))
			} else if diff := cmp.Diff(&test.first, got.Relay.Tries[0].Reply); diff != "" {
				t.Errorf("relay, first form, -want +got:\n%s", diff)
			}
		})
	}
}

func TestRealPostfixIsAskedOfItself(t *testing.T) {
	servers := postfix(t, "smtpd_banner = $myhostname ESMTP", "smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)")
	for _, addr := range servers {
		plan := at(addr, 25)
		plan.Audit = probe.Audit{Vrfy: true, Help: true, Expn: true}
		session := mustOpen(t, plan)
		session.Close()
		got := session.Server()
		if got.Software != "Postfix" || got.Vrfy.Code != 252 || got.Expn.Code != 500 || got.Help.Code != 500 || got.TLS.Version != "TLSv1.3" {
			t.Errorf("%q runs %q; VRFY %+v, EXPN %+v, HELP %+v", got.Greeting.Text, got.Software, got.Vrfy, got.Expn, got.Help)
		}
	}
}

func TestRealPostfixIsSwept(t *testing.T) {
	old := "smtpd_tls_protocols = TLSv1\nsmtpd_tls_ciphers = low\ntls_low_cipherlist = AES128-SHA:ECDHE-RSA-AES256-SHA:ADH-AES128-SHA:@SECLEVEL=0\ntls_preempt_cipherlist = yes\ntls_eecdh_auto_curves = prime256v1"
	for _, test := range []struct {
		name, options string
		versions      []tlsinfo.Accepted
		groups        []string
		order         string
		resumed       probe.Answer
	}{
		{"TLS 1.0 alone", old, []tlsinfo.Accepted{{Version: "TLSv1.0", Suites: []string{"TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA"}}}, []string{"secp256r1"}, "server", probe.Yes},
		{"TLS 1.3 alone", "smtpd_tls_protocols = TLSv1.3\ntls_eecdh_auto_curves = X25519 prime256v1 secp384r1",
			[]tlsinfo.Accepted{{Version: "TLSv1.3", Suites: []string{"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}}}, []string{"secp256r1", "secp384r1", "x25519"}, "client", probe.Yes},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := at(postfix(t, test.options)[0], 25)
			got, resumed := probe.Sweep(t.Context(), plan, probe.SweepOptions{Wait: func(context.Context) error { return nil }})
			if got.Why != "" || got.Order != test.order || resumed != test.resumed {
				t.Errorf("%d connections, why %q, order %q, resumption %q", got.Connections, got.Why, got.Order, resumed)
			}
			if diff := cmp.Diff(test.versions, got.Versions); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			slices.Sort(got.Groups)
			if diff := cmp.Diff(test.groups, got.Groups); diff != "" {
				t.Errorf("groups, -want +got:\n%s", diff)
			}
		})
	}
}
