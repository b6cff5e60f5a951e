package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/armon/go-socks5"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/cli"
)

// realServers are mail servers on sockets of this machine, all at one port, and
// note who came to them.
type realServers struct {
	port uint16
	dns  string

	mu   sync.Mutex
	from map[string]int    // connections by client address
	helo map[string]string // the last EHLO by client address
}

// serveReal serves so many domains d1.example, d2.example ..., each at an address
// of its own, 127.0.1.1 and up.
func serveReal(t *testing.T, domains int) *realServers {
	t.Helper()
	r := &realServers{from: map[string]int{}, helo: map[string]string{}}
	var zone strings.Builder
	for n := range domains {
		ip := netip.AddrFrom4([4]byte{127, 0, 1, byte(n + 1)})
		listener, err := net.Listen("tcp", netip.AddrPortFrom(ip, r.port).String())
		if err != nil {
			t.Fatal(err)
		}
		r.port = netip.MustParseAddrPort(listener.Addr().String()).Port()
		fmt.Fprintf(&zone, "d%d.example MX 10 mx%d.example\nmx%d.example A %s\n", n+1, n+1, n+1, ip)
		box := map[string]*smtptest.Domain{fmt.Sprintf("d%d.example", n+1): {Mailboxes: map[string]smtptest.Mailbox{"ann": {}}}}
		server := &smtptest.Server{Character: smtptest.Character{StartTLS: smtptest.TLSNone, Domains: box}}
		var all sync.WaitGroup
		all.Go(func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				all.Go(func() { server.Serve(r.note(conn)) })
			}
		})
		t.Cleanup(func() { listener.Close(); all.Wait() })
	}
	names, err := dnstest.Listen(zone.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(names.Close)
	r.dns = names.Addr().String()
	return r
}

func clientOf(conn net.Conn) string {
	return netip.MustParseAddrPort(conn.RemoteAddr().String()).Addr().String()
}

func (r *realServers) note(conn net.Conn) net.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from[clientOf(conn)]++
	return &overheard{Conn: conn, by: r}
}

// overheard notes the name in EHLO.
type overheard struct {
	net.Conn
	by *realServers
}

func (c *overheard) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if name, ok := strings.CutPrefix(string(p[:n]), "EHLO "); ok {
		c.by.mu.Lock()
		defer c.by.mu.Unlock()
		c.by.helo[clientOf(c.Conn)] = strings.TrimSpace(name)
	}
	return n, err
}

// verify asks for ann at every domain; it returns the rows and what was said on
// standard error.
func (r *realServers) verify(t *testing.T, domains int, flags ...string) (rows []scanner.VerdictRow, status int, stderr string) {
	t.Helper()
	args := append([]string{"verify", "--allow-private", "--resolver", r.dns, "--ports", fmt.Sprint(r.port), "--format", "jsonl"}, flags...)
	for n := range domains {
		args = append(args, fmt.Sprintf("ann@d%d.example", n+1))
	}
	var out, errs bytes.Buffer
	status = cli.Run(context.Background(), args, nil, &out, &errs)
	for line := range strings.Lines(out.String()) {
		var row scanner.VerdictRow
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if row.Type == "verdict" {
			rows = append(rows, row)
		}
	}
	return rows, status, errs.String()
}

func TestSourceAddressesAreTakenInTurnEachWithItsName(t *testing.T) {
	r := serveReal(t, 8)
	rows, status, stderr := r.verify(t, 8, "--source-ip", "127.0.0.2=mail2.example.org", "--source-ip", "127.0.0.3=mail3.example.org")
	if status != 0 || len(rows) != 8 {
		t.Fatalf("status %d, %d rows: %s", status, len(rows), stderr)
	}
	if r.from["127.0.0.2"] != 4 || r.from["127.0.0.3"] != 4 || len(r.from) != 2 {
		t.Errorf("servers saw %v", r.from)
	}
	if r.helo["127.0.0.2"] != "mail2.example.org" || r.helo["127.0.0.3"] != "mail3.example.org" {
		t.Errorf("they were greeted by %v", r.helo)
	}
	for _, row := range rows {
		if from := row.Attempts[0].Egress; row.Reason != "accepted" || r.helo[from] == "" {
			t.Errorf("%s: %s, asked from %q", row.Input, row.Reason, from)
		}
	}
}

func TestOneSourceAddress(t *testing.T) {
	r := serveReal(t, 1)
	rows, status, stderr := r.verify(t, 1, "--source-ip", "127.0.0.9", "--helo", "nine.example.org")
	if status != 0 || len(rows) != 1 || r.from["127.0.0.9"] != 1 || r.helo["127.0.0.9"] != "nine.example.org" {
		t.Errorf("status %d, servers saw %v as %v: %s", status, r.from, r.helo, stderr)
	}
	if rows[0].Attempts[0].Egress != "" {
		t.Errorf("the only way out is named %s", rows[0].Attempts[0].Egress)
	}
}

func TestASourceAddressOfAnotherMachine(t *testing.T) {
	r := serveReal(t, 1)
	rows, status, stderr := r.verify(t, 1, "--source-ip", "127.0.0.2", "--source-ip", "192.0.2.77")
	if status != 1 || len(rows) != 0 || len(r.from) != 0 {
		t.Errorf("status %d, %d rows, servers saw %v", status, len(rows), r.from)
	}
	if want := "mxvet: --source-ip 192.0.2.77 is not an address of this machine\nhint: "; !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 2 {
		t.Errorf("it says %q", stderr)
	}
}

// serveSOCKS serves a proxy that wants a password, and goes out from an address.
func serveSOCKS(t *testing.T, from string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	server, err := socks5.New(&socks5.Config{
		Logger:      log.New(io.Discard, "", 0),
		Credentials: socks5.StaticCredentials{"ann": "se=cret"},
		Dial:        dialer.DialContext,
	})
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

func TestProxiesAreTakenInTurnAndADeadOneIsLeftOut(t *testing.T) {
	r := serveReal(t, 8)
	four, five := serveSOCKS(t, "127.0.0.4"), serveSOCKS(t, "127.0.0.5")
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	rows, status, stderr := r.verify(t, 8, "--proxy", "socks5://ann:se=cret@"+four, "--proxy", "socks5://ann:se=cret@"+gone.Addr().String(), "--proxy", "socks5://ann:se=cret@"+five)
	if status != 0 || len(rows) != 8 {
		t.Fatalf("status %d, %d rows: %s", status, len(rows), stderr)
	}
	if r.from["127.0.0.4"]+r.from["127.0.0.5"] != 8 || r.from["127.0.0.4"] == 0 || r.from["127.0.0.5"] == 0 {
		t.Errorf("servers saw %v", r.from)
	}
	for _, row := range rows {
		if from := row.Attempts[0].Egress; row.Reason != "accepted" || from != four && from != five {
			t.Errorf("%s: %s, asked through %q", row.Input, row.Reason, from)
		}
	}
	if !strings.Contains(stderr, "the proxy "+gone.Addr().String()+" does not answer") || strings.Contains(stderr, "cret") {
		t.Errorf("it says %q", stderr)
	}
}

func TestAProxyThatWantsAnotherPasswordIsAFaultOfOurs(t *testing.T) {
	r := serveReal(t, 1)
	rows, _, stderr := r.verify(t, 1, "--proxy", "socks5://ann:wrong@"+serveSOCKS(t, "127.0.0.4"))
	if len(rows) != 1 || rows[0].Verdict != "unknown" || rows[0].Evidence.Cause != "proxy" {
		t.Errorf("%+v: %s", rows, stderr)
	}
}
