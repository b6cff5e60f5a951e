package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// healthy is the DNS of a machine at which there is nothing to find fault with.
const healthy = `
	gmail.com.                    MX   5 mx.gmail.com.
	mx.gmail.com.                 A    192.0.2.11
	outlook.com.                  MX   5 mx.outlook.com.
	mx.outlook.com.               A    192.0.2.12
	yahoo.com.                    MX   5 mx.yahoo.com.
	mx.yahoo.com.                 A    192.0.2.13
	icloud.com.                   MX   5 mx.icloud.com.
	mx.icloud.com.                A    192.0.2.14
	1.100.51.198.in-addr.arpa.    PTR  mail.example.org.
	mail.example.org.             A    198.51.100.1
	example.org.                  MX   10 mail.example.org.
	example.org.                  TXT  "v=spf1 ip4:198.51.100.1 -all"
	2.0.0.127.bl.example.net.     A    127.0.0.2
	2.0.0.127.dul.example.net.    A    127.0.0.2
	ietf.org.                     MX   0 mail.ietf.org.
	;!secure ietf.org.
`

// onIPv6 is what DNS holds besides where the machine has IPv6 too.
const onIPv6 = `
	mx.gmail.com.                 AAAA 2001:db8::11
	mail.example.org.             AAAA 2001:db8:1::1
	example.org.                  TXT  "v=spf1 ip4:198.51.100.1 ip6:2001:db8:1::1 -all"
	1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mail.example.org.
	2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example.net. A 127.0.0.2
`

// world is a machine and what it can reach, to be made ill by a test.
type world struct {
	Doctor
	zone    string
	ask     func(*dnstest.Zone) mx.Resolver // nil is the zone itself
	servers map[string]string               // by ip:port: a dialogue, or one of the words of dial
	from    map[Family]string               // our address
	private bool                            // with --allow-private
}

func newWorld() *world {
	w := &world{zone: healthy, servers: map[string]string{}, from: map[Family]string{IPv4: "198.51.100.1"}}
	w.Self = Self{Hello: "mail.example.org", Confirmed: true}
	w.Sender = "ann@example.org"
	w.Lists = []mx.DNSBL{{Zone: "bl.example.net", IPv6: true}, {Zone: "dul.example.net"}}
	for ip, name := range map[string]string{"192.0.2.11": "mx.gmail.com", "192.0.2.12": "mx.outlook.com", "192.0.2.13": "mx.yahoo.com", "192.0.2.14": "mx.icloud.com"} {
		w.servers[ip+":25"] = says("220 " + name + " ESMTP")
	}
	return w
}

// dual gives the machine IPv6.
func (w *world) dual() {
	w.drop("v=spf1")
	w.zone += onIPv6
	w.from[IPv6] = "2001:db8:1::1"
	w.servers["[2001:db8::11]:25"] = says("220 mx.gmail.com ESMTP")
}

// says is the dialogue of a server that greets so.
func says(greeting string) string {
	var script strings.Builder
	for line := range strings.Lines(greeting) {
		fmt.Fprintf(&script, "S: %s\n", strings.TrimSpace(line))
	}
	return script.String() + "C: QUIT\nS: 221 bye\nX:"
}

// everywhere lets all servers be this dialogue or word.
func (w *world) everywhere(script string) {
	for at := range w.servers {
		w.servers[at] = script
	}
}

// drop takes away the lines of the zone that hold these words.
func (w *world) drop(words ...string) {
	var kept []string
	for _, line := range strings.Split(w.zone, "\n") {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(line, word) }) {
			kept = append(kept, line)
		}
	}
	w.zone = strings.Join(kept, "\n")
}

// examine runs all checks in this world.
func (w *world) examine(t *testing.T, ctx context.Context) []Finding {
	t.Helper()
	zone := dnstest.New(t, w.zone)
	w.Router = &mx.Router{Resolver: zone, Reaches: documented}
	if w.private {
		w.Router = &mx.Router{Resolver: zone, AllowPrivate: true}
	}
	if w.ask != nil {
		w.Router.Resolver = w.ask(zone)
	}
	w.Outgoing = func(family Family) netip.Addr {
		ip, _ := netip.ParseAddr(w.from[family])
		return ip
	}
	w.Dial = func(ctx context.Context, _, address string) (net.Conn, error) { return w.dial(t, ctx, address) }
	return w.Doctor.Examine(ctx)
}

// documented are the addresses of this world's public Internet.
func documented(ip netip.Addr) bool {
	for _, network := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"} {
		if netip.MustParsePrefix(network).Contains(ip) {
			return true
		}
	}
	return false
}

func (w *world) dial(t *testing.T, ctx context.Context, address string) (net.Conn, error) {
	script, ok := w.servers[address]
	if !ok {
		t.Errorf("nobody should go to %s", address)
	}
	failed := func(err error) (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	switch script {
	case "silent":
		<-ctx.Done()
		return failed(ctx.Err())
	case "refused":
		return failed(syscall.ECONNREFUSED)
	case "no route":
		return failed(syscall.ENETUNREACH)
	case "forbidden":
		return failed(syscall.EPERM)
	case "proxy down":
		return nil, fmt.Errorf("%w: %w", probe.ErrProxy, syscall.ECONNREFUSED)
	}
	family := IPv4
	if strings.HasPrefix(address, "[") {
		family = IPv6
	}
	return outOf{smtptest.Dialogue(t, script), w.from[family]}, nil
}

// outOf is a connection with our end at this address.
type outOf struct {
	net.Conn
	ip string
}

func (o outOf) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(o.ip), Port: 50000} }

// find is the finding of one check.
func find(t *testing.T, findings []Finding, check Check, family Family) Finding {
	t.Helper()
	var out []Finding
	for _, f := range findings {
		if f.Check == check && f.Family == family {
			out = append(out, f)
		}
	}
	if len(out) != 1 {
		t.Fatalf("%d findings of %s %s: %+v", len(out), check, family, findings)
	}
	return out[0]
}
