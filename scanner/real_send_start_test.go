//go:build unix

package scanner_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner/cli"
)

// nobody is the user and group that owns delivered mail: Postfix's virtual
// delivers to no user below 100.
const nobody = 65534

// realPassword is that of every user who may log in.
const realPassword = "pencil sharpener"

const dovecotSettings = `
base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/log
protocols = lmtp
ssl = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~
postmaster_address = postmaster@s.test
hostname = store.s.test
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u DIR/users
}
userdb {
  driver = passwd-file
  args = username_format=%u DIR/users
}
service auth {
  inet_listener {
    address = AUTHADDRESS
    port = AUTHPORT
  }
}
service lmtp {
  inet_listener lmtp {
    address = LMTPADDRESS
    port = LMTPPORT
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`

// realDovecot is a Dovecot that checks passwords for others and takes mail over
// LMTP.
type realDovecot struct {
	auth, lmtp netip.AddrPort
	mail       string // one folder a user
}

func startDovecot(t *testing.T) *realDovecot {
	t.Helper()
	realRoot(t)
	program := realProgram(t, "dovecot")
	if said, err := exec.Command(program, "--version").Output(); err != nil || !strings.HasPrefix(string(said), "2.3.") {
		realMissing(t, fmt.Sprintf("Dovecot 2.3, for its settings; there is %s", said))
	}
	dir := realDir(t)
	d := &realDovecot{realPort(t, "127.0.53.30"), realPort(t, "127.0.53.31"), realMaildirs(t)}
	var users strings.Builder
	for _, user := range []string{"ann@s.test", "ben@s.test"} {
		fmt.Fprintf(&users, "%s:%s:%d:%d::%s/%s\n", user, realPassword, nobody, nobody, d.mail, user)
	}
	realFile(t, filepath.Join(dir, "users"), users.String())
	settings := strings.NewReplacer("DIR", dir,
		"AUTHADDRESS", d.auth.Addr().String(), "AUTHPORT", fmt.Sprint(d.auth.Port()),
		"LMTPADDRESS", d.lmtp.Addr().String(), "LMTPPORT", fmt.Sprint(d.lmtp.Port()),
	).Replace(dovecotSettings)
	t.Cleanup(func() {
		if t.Failed() {
			said, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("Dovecot's log:\n%s", said)
		}
	})
	realStart(t, program, "-F", "-c", realFile(t, filepath.Join(dir, "dovecot.conf"), settings))
	realOpen(t, d.auth)
	realOpen(t, d.lmtp)
	return d
}

// realMaildirs is a folder into which nobody delivers.
func realMaildirs(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(realDir(t), "mail")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	return dir
}

// realDelivered waits for the message in a Maildir that has a mark in it.
func realDelivered(t *testing.T, maildir, mark string) []byte {
	t.Helper()
	var found []byte
	realWithin(t, 60*time.Second, fmt.Sprintf("%q in %s", mark, maildir), func() bool {
		paths, err := filepath.Glob(filepath.Join(maildir, "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if text, err := os.ReadFile(path); err == nil && bytes.Contains(text, []byte(mark)) {
				found = text
				return true
			}
		}
		return false
	})
	return found
}

// realUntraced takes off what servers put in front of a message: their trace
// fields, and nothing that stood there before.
func realUntraced(t *testing.T, message []byte) []byte {
	t.Helper()
	traced := false
	for len(message) > 0 {
		end := bytes.IndexByte(message, '\n') + 1
		name, _, _ := bytes.Cut(message[:end], []byte(":"))
		switch string(name) {
		case "Return-Path", "X-Original-To", "Delivered-To", "Received":
			traced = true
		default:
			if message[0] != ' ' && message[0] != '\t' || !traced {
				if !traced {
					t.Error("the server left no trace")
				}
				return message
			}
		}
		message = message[end:]
	}
	return message
}

// realCommand runs the command line in this process.
type realCommand struct {
	status         int
	stdout, stderr string
}

func realRunCommand(t *testing.T, stdin []byte, args ...string) realCommand {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := cli.Run(t.Context(), args, bytes.NewReader(stdin), &stdout, &stderr)
	if testing.Verbose() {
		fmt.Fprintf(t.Output(), "mxvet %s\n%.8000s%sexit status %d\n", strings.Join(args, " "), &stdout, &stderr, status)
	}
	return realCommand{status, stdout.String(), stderr.String()}
}

// realSending are the arguments of every `mxvet send` to a server of ours.
func realSending(addr netip.AddrPort, args ...string) []string {
	return append([]string{"send", "--allow-private", "--resolver", "127.0.0.1:1", "--helo", realHelloName, "--server", addr.String()}, args...)
}

// realZoneServer answers from a zone, and returns where.
func realZoneServer(t *testing.T, zone string) string {
	t.Helper()
	return dnstest.Start(t, zone).Addr().String()
}

// realFailed wants one line on standard error that has all of the words, a
// hint, and the exit status.
func realFailed(t *testing.T, got realCommand, status int, words ...string) {
	t.Helper()
	if got.status != status {
		t.Errorf("exit status %d, want %d", got.status, status)
	}
	lines := strings.Split(strings.TrimSuffix(got.stderr, "\n"), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "mxvet: ") || !strings.HasPrefix(lines[1], "hint: ") {
		t.Fatalf("want one line and a hint, got\n%s", got.stderr)
	}
	for _, word := range words {
		if !strings.Contains(lines[0], word) {
			t.Errorf("no %q in: %s", word, lines[0])
		}
	}
}

// realPair is a certificate with its chain and its key, in PEM form.
func realPair(t *testing.T, options smtptest.CertificateOptions) (certificate, key string) {
	t.Helper()
	made := smtptest.Certificate(t, options)
	for _, der := range made.Certificate {
		certificate += block("CERTIFICATE", der)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, block("PRIVATE KEY", secret)
}

// realPostOffice are the addresses of a Postfix that puts mail for s.test
// into Maildirs, and knows its users by Dovecot.
type realPostOffice struct {
	plain    netip.AddrPort // no TLS, no login: as other servers meet it
	submit   netip.AddrPort // STARTTLS, and mail only from those who log in
	implicit netip.AddrPort // the same, with TLS from the first octet
	expired  netip.AddrPort // STARTTLS, with a certificate that ended yesterday
	open     netip.AddrPort // a login without TLS
	mail     string         // one folder a user
	caFile   string
	dovecot  *realDovecot
}

func startPostOffice(t *testing.T) realPostOffice {
	t.Helper()
	dovecot := startDovecot(t)
	o := realPostOffice{
		plain: realPort(t, "127.0.53.32"), submit: realPort(t, "127.0.53.33"), implicit: realPort(t, "127.0.53.34"),
		expired: realPort(t, "127.0.53.35"), open: realPort(t, "127.0.53.36"),
		mail: realMaildirs(t), dovecot: dovecot,
	}
	ca, err := smtptest.NewCA("The Post Office's Authority")
	if err != nil {
		t.Fatal(err)
	}
	o.caFile = realFile(t, filepath.Join(realDir(t), "ca.pem"), block("CERTIFICATE", ca.Certificate.Raw))
	certificate, key := realPair(t, smtptest.CertificateOptions{CA: ca, Names: []string{"mx.s.test", o.submit.Addr().String(), o.implicit.Addr().String()}})
	old, oldKey := realPair(t, smtptest.CertificateOptions{CA: ca, Names: []string{"mx.s.test", o.expired.Addr().String()}, Expired: true})
	login := []string{
		"smtpd_sasl_auth_enable=yes", "smtpd_tls_security_level=encrypt",
		"{ smtpd_recipient_restrictions = permit_sasl_authenticated, reject }",
		"{ smtpd_relay_restrictions = permit_sasl_authenticated, reject }",
	}
	realStartPostfix(t, realPostfixFiles{
		"main.cf": fmt.Sprintf(`
myhostname = mx.s.test
mynetworks =
virtual_mailbox_domains = s.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = %s
virtual_mailbox_limit = 0
virtual_uid_maps = static:%d
virtual_gid_maps = static:%d
message_size_limit = 60000000
local_header_rewrite_clients =
smtpd_error_sleep_time = 0
smtpd_sender_restrictions = check_sender_access texthash:DIR/senders
smtpd_delay_reject = no
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:%s
smtpd_tls_cert_file = DIR/certificate.pem
smtpd_tls_key_file = DIR/key.pem
`, o.mail, nobody, nobody, dovecot.auth),
		"mailboxes":       "ann@s.test ann/\nben@s.test ben/\njörg@s.test joerg/\n",
		"senders":         "blocked.test REJECT\n",
		"certificate.pem": certificate, "key.pem": key,
		"old.pem": old, "oldkey.pem": oldKey,
	},
		realListener{addr: o.plain, options: []string{"smtpd_tls_security_level=none"}},
		realListener{addr: o.submit, options: login},
		realListener{addr: o.implicit, options: append([]string{"smtpd_tls_wrappermode=yes"}, login...)},
		realListener{addr: o.expired, options: []string{"smtpd_tls_security_level=may", "smtpd_tls_cert_file=DIR/old.pem", "smtpd_tls_key_file=DIR/oldkey.pem"}},
		realListener{addr: o.open, options: []string{"smtpd_tls_security_level=none", "smtpd_sasl_auth_enable=yes"}},
	)
	return o
}
