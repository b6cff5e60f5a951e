//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// eximProgram is the Exim that MXVET_EXIM names, the one that .ci/install
// unpacked, or the system's.
func eximProgram(t *testing.T) string {
	t.Helper()
	places := []string{"exim4", "exim"}
	if cache, err := os.UserCacheDir(); err == nil {
		places = append([]string{filepath.Join(cache, "mxvet/exim/usr/sbin/exim4")}, places...)
	}
	if named := os.Getenv("MXVET_EXIM"); named != "" {
		places = []string{named}
	}
	return realProgram(t, places...)
}

const eximSettings = `
exim_path = PROGRAM
keep_environment =
primary_hostname = HOST
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
local_interfaces = ADDRESS
daemon_smtp_ports = PORT
pid_file_path = DIR/spool/exim.pid
smtp_banner = $smtp_active_hostname ESMTP Exim $version_number\nsays more than one line
host_lookup =
rfc1413_query_timeout = 0s
smtputf8_advertise_hosts =
prdr_enable = yes
tls_certificate = DIR/certificate.pem
tls_privatekey = DIR/key.pem
domainlist local_domains = DOMAIN
acl_smtp_rcpt = recipients
acl_smtp_vrfy = accept

begin acl
recipients:
  deny message = relay not permitted
       domains = !+local_domains
  require verify = recipient
  accept

begin routers
closed:
  driver = redirect
  local_parts = closed
  allow_fail
  data = :fail: account is closed
busy:
  driver = redirect
  local_parts = busy
  allow_defer
  data = :defer: try again
mailboxes:
  driver = accept
  local_parts = ann : bob
  transport = nowhere

begin transports
nowhere:
  driver = appendfile
  file = /dev/null
`

func startExim(t *testing.T) netip.AddrPort {
	t.Helper()
	addr := realPort(t, "127.0.53.7")
	certificate, key, _ := selfSigned(t, "mx.d.test")
	eximAt(t, addr, "mx.d.test", "d.test", certificate, key)
	return addr
}

// eximAt starts an Exim that calls itself host and has mail for a domain.
func eximAt(t *testing.T, addr netip.AddrPort, host, domain, certificate, key string) {
	t.Helper()
	realRoot(t)
	program, dir := eximProgram(t), realDir(t)
	exim, err := user.Lookup("Debian-exim")
	if err != nil {
		realMissing(t, err.Error())
	}
	uid, err := strconv.Atoi(exim.Uid)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"certificate.pem": certificate, "key.pem": key, "log/mainlog": "", "spool/input": ""} {
		path := realFile(t, filepath.Join(dir, name), text)
		for _, at := range []string{path, filepath.Dir(path)} {
			if err := os.Chown(at, uid, -1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Remove(filepath.Join(dir, "spool/input")); err != nil {
		t.Fatal(err)
	}
	settings := strings.NewReplacer("PROGRAM", program, "DIR", dir, "ADDRESS", addr.Addr().String(), "PORT", fmt.Sprint(addr.Port()), "HOST", host, "DOMAIN", domain).Replace(eximSettings)
	if err := os.Chown(dir, 0, 0); err != nil { // it does not read settings that others could change
		t.Fatal(err)
	}
	realStart(t, program, "-C", realFile(t, filepath.Join(dir, "exim.conf"), settings), "-bdf")
	realOpen(t, addr)
}

func TestRealExim(t *testing.T) {
	t.Parallel()
	addr := startExim(t)
	zone := realZone(addr, "d.test", "elsewhere.test")

	t.Run("offers what a plain socket is offered", func(t *testing.T) {
		row := realSame(t, realScanner(t, zone, addr), addr, false, "d.test")
		if row.Encrypted == nil {
			t.Fatal("no STARTTLS")
		}
		for _, keyword := range []string{"PIPELINING", "PIPECONNECT", "CHUNKING", "PRDR", "HELP"} {
			if !realOffered(row.Encrypted).has(keyword) {
				t.Errorf("no %s among %v", keyword, row.Encrypted.Extensions)
			}
		}
	})
	t.Run("verifies recipients", func(t *testing.T) {
		realTrue(t, realScanner(t, zone, addr), addr, []realVerdict{
			{"ann@d.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"nobody@d.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
			{"closed@d.test", judge.Undeliverable, judge.MailboxDisabled, judge.CatchAllNo},
			{"busy@d.test", judge.Unknown, judge.ServerError, judge.CatchAllNo},
			{"ann@elsewhere.test", judge.Undeliverable, judge.DomainNotServed, judge.CatchAllInconclusive},
		})
	})
	t.Run("has no room for UTF-8", func(t *testing.T) {
		realSays(t, realScanner(t, zone, addr), []realVerdict{{"jörg@d.test", judge.Undeliverable, judge.SMTPUTF8Unsupported, judge.CatchAllNo}})
	})
	t.Run("verifies by VRFY", func(t *testing.T) {
		s := realScanner(t, zone, addr)
		s.Method = scanner.ByVRFY
		realSays(t, s, []realVerdict{
			{"ann@d.test", judge.Deliverable, judge.Accepted, judge.CatchAllNotRun},
			{"nobody@d.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNotRun},
		})
	})
}
