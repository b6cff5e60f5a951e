package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// talker is a client with no wits of its own: one line, one reply.
type talker struct {
	net.Conn
	reader *bufio.Reader
}

func (c *talker) on(conn net.Conn) *talker {
	c.Conn, c.reader = conn, bufio.NewReader(conn)
	return c
}

// reply reads a whole reply: its last line first, then all of them.
func (c *talker) reply() (string, []string) {
	var lines []string
	for {
		line, err := c.reader.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if err != nil {
			return "", lines
		}
		lines = append(lines, line)
		if len(line) < 4 || line[3] != '-' {
			return line, lines
		}
	}
}

func (c *talker) say(line string) (string, []string) {
	io.WriteString(c, line+"\r\n")
	return c.reply()
}

// dial connects to port 25 of the first exchanger that can be connected to.
func dial(t *testing.T, internet *Internet, route mx.Route) (*talker, string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, host := range route.Hosts {
		if !host.Usable() || !internet.Reachable(host.Addresses[0]) {
			continue
		}
		conn, err := internet.Dial(ctx, "tcp", netip.AddrPortFrom(host.Addresses[0], 25).String())
		switch {
		case err == nil:
			return new(talker).on(conn), ""
		case errors.Is(err, context.DeadlineExceeded):
			return nil, "timeout"
		}
	}
	if len(route.Hosts) == 0 {
		return nil, fmt.Sprintf("%s %s", route.Source, route.DNS)
	}
	if !route.Hosts[0].Usable() || !internet.Reachable(route.Hosts[0].Addresses[0]) {
		return nil, "bad exchanger"
	}
	return nil, "refused"
}

// outcome asks for an address and says what came of it.
func outcome(t *testing.T, internet *Internet, address string) string {
	local, domain, _ := strings.Cut(address, "@")
	domain = strings.ReplaceAll(domain, "b\u00fccher", "xn--bcher-kva")
	names, err := internet.Resolver()
	if err != nil {
		t.Fatal(err)
	}
	router := &mx.Router{Resolver: names, AllowPrivate: true}
	route, err := router.Route(t.Context(), domain)
	if err != nil {
		t.Fatal(err)
	}
	c, why := dial(t, internet, route)
	if c == nil {
		return why
	}
	defer c.Close()
	if last, _ := c.reply(); !strings.HasPrefix(last, "220") {
		return last
	}
	last, lines := c.say("EHLO probe.example")
	if !strings.HasPrefix(last, "250") {
		c.say("HELO probe.example")
	}
	option := ""
	if strings.Contains(strings.Join(lines, "\n"), "SMTPUTF8") {
		option = " SMTPUTF8"
	}
	last, _ = c.say("MAIL FROM:<>" + option)
	if strings.HasPrefix(last, "530") {
		c.say("STARTTLS")
		c.on(tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true}))
		c.say("EHLO probe.example")
		last, _ = c.say("MAIL FROM:<>")
	}
	if strings.HasPrefix(last, "550 5.7.1 <>") {
		c.say("MAIL FROM:<" + Sender + ">")
	}
	last, _ = c.say("RCPT TO:<" + local + "@" + domain + ">")
	return last
}

// TestTruthHolds asks for every address on a conversation of its own: what
// comes of it is what the truth's reason stands for.
func TestTruthHolds(t *testing.T) {
	want := map[string][]string{
		"accepted": {"250"}, "catch_all": {"250"}, "forwarded": {"251"}, "mailbox_unknown": {"550 5.1.1", "550 <"}, "mailbox_full": {"452 4.2.2", "552 5.2.2"},
		"mailbox_disabled": {"550 5.2.1"}, "mailbox_moved": {"551 5.1.6"}, "greylisted": {"450 4.2.0"}, "domain_not_served": {"554 5.7.1", "521"},
		"refused_by_policy": {"554 mx.closed"}, "client_blocked": {"550 5.7.1 Service unavailable; Client host", "554 5.7.1 Service unavailable; Client host", "554 mx.closed.example Access denied by local policy"},
		"server_error": {"451"}, "no_mail": {"null noerror", "none nodata"}, "no_domain": {"none nxdomain"}, "dns_error": {"none servfail"},
		"bad_mx": {"bad exchanger"}, "unreachable": {"refused"}, "timeout": {"timeout"}, "smtputf8_unsupported": {"553 5.6.7"},
	}
	synctest.Test(t, func(t *testing.T) {
		internet := New(Options{})
		defer internet.Close()
		for _, truth := range internet.Truth() {
			if truth.Reason == "bad_syntax" {
				continue
			}
			got := outcome(t, internet, truth.Address)
			ok := false
			for _, prefix := range want[truth.Reason] {
				ok = ok || strings.HasPrefix(got, prefix)
			}
			if !ok {
				t.Errorf("%s (%s): got %q, want one of %q", truth.Address, truth.Reason, got, want[truth.Reason])
			}
		}
	})
}

func TestRandomMailboxHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := New(Options{})
		defer internet.Close()
		asked := 0
		for _, site := range internet.sites {
			want := map[string]string{"yes": "250", "no": "550"}[site.random]
			if want == "" {
				continue
			}
			asked++
			if got := outcome(t, internet, "qzxv7nhw@"+site.domain); !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %q, want %s", site.domain, got, want)
			}
		}
		if asked < 20 {
			t.Errorf("only %d domains tell whether they are catch-alls", asked)
		}
	})
}

// TestServerTruthHolds reads what every server offers and shows.
func TestServerTruthHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := New(Options{})
		defer internet.Close()
		_, roots, err := internet.Roots()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range internet.Servers() {
			got := observe(t, internet, want, roots)
			got.Domain, got.About, got.Vrfy = want.Domain, want.About, want.Vrfy
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("%s port %d: %s", want.Host, want.Port, diff)
			}
		}
	})
}

func observe(t *testing.T, internet *Internet, want ServerTruth, roots *x509.CertPool) ServerTruth {
	got := ServerTruth{Host: want.Host, IP: want.IP, Port: want.Port, ImplicitTLS: want.Port == 465}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	conn, err := internet.Dial(ctx, "tcp", netip.AddrPortFrom(want.IP, want.Port).String())
	if err != nil {
		return got
	}
	c := new(talker).on(conn)
	defer c.Close()
	got.Reachable = true
	if got.ImplicitTLS {
		got.Handshake, got.Certificate = c.handshake(want.Host, roots)
	}
	greeting, _ := c.reply()
	if got.Greeting = greeting[:3]; got.Greeting != "220" {
		return got
	}
	got.Hello = "EHLO"
	last, lines := c.say("EHLO probe.example")
	if last[:3] != "250" {
		got.Hello, got.StartTLS = "HELO", "no"
		return got
	}
	if got.ImplicitTLS {
		got.Encrypted = offered(lines)
		return got
	}
	got.Plain, got.StartTLS = offered(lines), "no"
	if !strings.Contains(strings.Join(lines, "\n"), "STARTTLS") {
		return got
	}
	got.StartTLS = "yes"
	if last, _ := c.say("STARTTLS"); last[:3] == "454" {
		got.Handshake = "refused"
		return got
	}
	if got.Handshake, got.Certificate = c.handshake(want.Host, roots); got.Handshake == "ok" {
		_, lines = c.say("EHLO probe.example")
		got.Encrypted = offered(lines)
	}
	return got
}

func offered(lines []string) []string {
	var out []string
	for _, line := range lines[1:] {
		out = append(out, line[4:])
	}
	return out
}

// handshake tells how it went, and what is wrong with the certificate.
func (c *talker) handshake(host string, roots *x509.CertPool) (string, string) {
	conn := tls.Client(c.Conn, &tls.Config{ServerName: host, InsecureSkipVerify: true})
	if conn.Handshake() != nil {
		return "failed", ""
	}
	c.on(conn)
	_, err := conn.ConnectionState().PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: time.Now()})
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		return "ok", "valid"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "ok", "expired"
	case errors.As(err, new(x509.HostnameError)):
		return "ok", "wrong_name"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "ok", "self_signed"
	}
	return "ok", err.Error()
}

func TestTableIsSound(t *testing.T) {
	internet := New(Options{})
	seen, hosts := map[string]bool{}, map[string]string{}
	for _, site := range internet.sites {
		if seen[site.domain] || site.about == "" || len(site.people) == 0 {
			t.Errorf("%s stands twice, or without a word about it, or without people", site.domain)
		}
		seen[site.domain] = true
		for _, host := range site.hosts {
			if other := hosts[host.ip]; other != "" && other != host.name {
				t.Errorf("%s and %s share %s", other, host.name, host.ip)
			}
			hosts[host.ip] = host.name
		}
	}
	if len(seen) < 28 {
		t.Errorf("only %d domains", len(seen))
	}
	if got := internet.Domains(); len(got) != len(seen) || got[0].Name != "plain.example" || !seen[got[1].Name] {
		t.Errorf("%d domains to look at, want %d", len(got), len(seen))
	}
	addresses := map[string]bool{}
	for _, truth := range internet.Truth() {
		if addresses[truth.Address] {
			t.Errorf("%s stands twice", truth.Address)
		}
		addresses[truth.Address] = true
	}
}

func TestListIsCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(New(Options{}).List())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"name", "email"}, {"Ann Archer", "ann.archer@plain.example"}}, rows[:2]); diff != "" {
		t.Error(diff)
	}
	for _, row := range rows {
		if strings.HasSuffix(row[1], "@blackhole.example") {
			t.Errorf("%s waits for a time-out, and is on the list", row[1])
		}
	}
}

func TestDialFailsAsTheRealOneDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := New(Options{})
		for _, test := range []struct {
			name, network, address string
			want                   error
		}{
			{"nothing at this port", "tcp", "192.0.2.10:24", syscall.ECONNREFUSED},
			{"nothing at this address", "tcp4", "192.0.2.250:25", syscall.ECONNREFUSED},
			{"a dead exchanger", "tcp", "192.0.2.42:25", syscall.ECONNREFUSED},
			{"a silent exchanger", "tcp", "192.0.2.45:25", context.DeadlineExceeded},
			{"private.example's exchanger", "tcp", "10.0.0.1:25", syscall.ENETUNREACH},
			{"the real Internet", "tcp", "203.0.113.1:25", syscall.ENETUNREACH},
			{"not TCP", "udp", "192.0.2.10:25", net.UnknownNetworkError("udp")},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			conn, err := internet.Dial(ctx, test.network, test.address)
			cancel()
			var op *net.OpError
			if conn != nil || !errors.Is(err, test.want) || !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("%s: got %v, want %v", test.name, err, test.want)
			}
			if _, err := internet.Dial(ctx, test.network, test.address); !errors.As(err, &op) {
				t.Errorf("%s: after the context's end: %v", test.name, err)
			}
		}
		if _, err := internet.Dial(t.Context(), "tcp", "mx.plain.example:25"); err == nil {
			t.Error("a name was dialled")
		}
		if got := internet.Stats(); got.Dials != 3 || got.Refused != 3 || len(got.Servers) != 0 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestCloseHangsUp(t *testing.T) {
	internet := New(Options{RTT: time.Millisecond})
	conn, err := internet.Dial(t.Context(), "tcp", "192.0.2.10:25")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := new(talker).on(conn)
	c.reply()
	internet.Close()
	if last, _ := c.say("NOOP"); last != "" {
		t.Errorf("after Close the server says %q", last)
	}
	if _, err := internet.Dial(t.Context(), "tcp", "192.0.2.10:25"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v, want net.ErrClosed", err)
	}
	if got := internet.Stats().Servers["192.0.2.10:25"]; got.Conversations != 1 || got.Open != 0 {
		t.Errorf("counted %+v, want one conversation, over", got)
	}
}

func TestReachable(t *testing.T) {
	internet := New(Options{})
	for ip, want := range map[string]bool{
		"192.0.2.10": true, "::ffff:192.0.2.10": true, "198.18.3.4": true, "198.51.100.1": false,
		"10.0.0.1": false, "127.0.0.1": false, "64:ff9b::a00:1": false, "9.9.9.9": true,
	} {
		if got := internet.Reachable(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %v, want %v", ip, got, want)
		}
	}
}

func TestZoneHoldsPromises(t *testing.T) {
	names, err := New(Options{}).Resolver()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plain.example", "_dmarc.plain.example", "_smtp._tls.plain.example"} {
		if answer, err := names.Lookup(t.Context(), name, resolver.TXT); err != nil || len(answer.Records) != 1 {
			t.Errorf("%s TXT: %d records, %v, want 1", name, len(answer.Records), err)
		}
	}
	answer, err := names.Lookup(t.Context(), "1.100.51.198.in-addr.arpa", resolver.PTR)
	if err != nil || cmp.Diff([]string{HelloName}, answer.Names()) != "" {
		t.Errorf("who asks is %v, %v, want probe.example", answer.Names(), err)
	}
}
