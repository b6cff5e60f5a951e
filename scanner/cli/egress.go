package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/proxy"

	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// bulk is the number of addresses above which servers of strangers may know
// who asks.
const bulk = 25

// goOut gives the scanner its dialer and the names it goes by.
func (t *talk) goOut(ctx context.Context, s *scanner.Scanner, dns *resolver.Resolver) error {
	dial, err := t.dialer()
	if err != nil {
		return err
	}
	s.Egress = scanner.Egress{Dial: dial, Senders: t.senders()}
	me := whoAmI(ctx, t, dns)
	s.Egress.HelloName = me.hello
	s.Ready = func(addresses int64) error { return t.introduced(me, addresses) }
	return nil
}

// senders are tried in order: the one the user named, or else the null sender,
// which needs no introduction but is refused by some.
func (t *talk) senders() []string {
	if t.mailFrom == "" {
		return []string{""}
	}
	return []string{t.mailFrom, ""}
}

// introduced stops a bulk run at strangers' servers by somebody who does not
// say who they are.
func (t *talk) introduced(me self, addresses int64) error {
	switch {
	case addresses <= bulk || t.allowPrivate:
		return nil
	case t.mailFrom == "":
		return failed("%d addresses at other people's servers need an envelope sender", addresses).
			hint("--mail-from you@your.domain: an address that takes mail, so that who is asked can ask back")
	case !me.confirmed:
		return failed("%d addresses at other people's servers need a HELO name that is ours; %s", addresses, me.doubt).
			hint("--helo NAME, a name whose A or AAAA record is this machine's public address")
	default:
		return nil
	}
}

// dialer connects directly or through the proxy; either way only to addresses
// that may be gone to, looked at once more on the address that is dialled.
func (t *talk) dialer() (probe.DialFunc, error) {
	reaches := t.reaches()
	direct := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error { return permit(address, reaches) }}
	if t.proxy == "" {
		return direct.DialContext, nil
	}
	through, err := socks(t.proxy)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := permit(address, reaches); err != nil {
			return nil, err
		}
		conn, err := through.DialContext(ctx, network, address)
		if err != nil {
			return nil, beyond(err)
		}
		return conn, nil
	}, nil
}

func permit(address string, reaches func(netip.Addr) bool) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dialling %q: %w", address, err)
	}
	if !reaches(addr.Addr().Unmap()) {
		return fmt.Errorf("%s: %w", addr.Addr(), probe.ErrNotAllowed)
	}
	return nil
}

func socks(text string) (proxy.ContextDialer, error) {
	location, err := url.Parse(text)
	if err != nil || location.Host == "" || location.Scheme != "socks5" && location.Scheme != "socks5h" {
		return nil, usage("--proxy: not a SOCKS5 proxy").hint("--proxy socks5://127.0.0.1:1080, or socks5://user:password@host:port")
	}
	var auth *proxy.Auth
	if location.User != nil {
		password, _ := location.User.Password()
		auth = &proxy.Auth{User: location.User.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", location.Host, auth, &net.Dialer{})
	if err != nil {
		return nil, failed("--proxy: %w", err)
	}
	return dialer.(proxy.ContextDialer), nil
}

// beyond tells what the proxy reports of the server behind it from a proxy
// that fails itself. The words are those of RFC 1928 s6, as x/net says them.
func beyond(err error) error {
	for words, cause := range map[string]error{
		"connection refused":  syscall.ECONNREFUSED,
		"network unreachable": syscall.ENETUNREACH,
		"host unreachable":    syscall.EHOSTUNREACH,
		"TTL expired":         syscall.EHOSTUNREACH,
	} {
		if strings.HasSuffix(err.Error(), "unknown error "+words) {
			return cause
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", probe.ErrProxy, err)
}

// self is how we introduce ourselves.
type self struct {
	hello     string
	confirmed bool   // the name leads back to us
	doubt     string // why it is not confirmed
}

// whoAmI finds our name: the one the user gave, else the PTR name of the
// address we go out from where it leads back to it, else that address
// (RFC 5321 s4.1.4).
func whoAmI(ctx context.Context, t *talk, dns *resolver.Resolver) self {
	ip := outgoing(t.ipv6)
	literal := addressLiteral(ip)
	if t.allowPrivate || t.proxy != "" {
		me := self{hello: literal, confirmed: t.helo != "", doubt: "what the proxy's is cannot be told from here"}
		if t.helo != "" {
			me.hello = t.helo
		}
		return me
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if t.helo != "" {
		return named(ctx, t.helo, ip, dns)
	}
	if name := confirmedPTR(ctx, ip, dns); name != "" {
		return self{hello: name, confirmed: true}
	}
	return self{hello: literal, confirmed: t.reaches()(ip), doubt: literal + " is this machine's own address only behind its router"}
}

// named confirms a name that the user gave. Behind a router our public address
// is unknown; then a name that leads to any public address is taken for ours.
func named(ctx context.Context, name string, ip netip.Addr, dns *resolver.Resolver) self {
	me := self{hello: name, doubt: name + " does not resolve to it"}
	for _, kind := range []resolver.Type{resolver.A, resolver.AAAA} {
		answer, err := dns.Lookup(ctx, name, kind)
		if err != nil {
			return me
		}
		for _, found := range answer.Addresses() {
			if found == ip || ip.IsPrivate() && !found.IsPrivate() && !found.IsLoopback() {
				me.confirmed = true
			}
		}
	}
	return me
}

func confirmedPTR(ctx context.Context, ip netip.Addr, dns *resolver.Resolver) string {
	if !ip.IsValid() || ip.IsPrivate() || ip.IsLoopback() {
		return ""
	}
	answer, err := dns.Lookup(ctx, reverse(ip), resolver.PTR)
	if err != nil {
		return ""
	}
	for _, name := range answer.Names() {
		if named(ctx, name, ip, dns).confirmed {
			return name
		}
	}
	return ""
}

// outgoing is the address we would connect from. Connecting a UDP socket
// chooses it and sends nothing.
func outgoing(ipv6 bool) netip.Addr {
	network, far := "udp4", "198.41.0.4:25" // a.root-servers.net: anything far away will do
	if ipv6 {
		network, far = "udp6", "[2001:503:ba3e::2:30]:25"
	}
	conn, err := net.Dial(network, far)
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	defer conn.Close()
	addr, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	return addr.Addr().Unmap()
}

// addressLiteral is how a client without a name calls itself (RFC 5321 s4.1.3).
func addressLiteral(ip netip.Addr) string {
	if ip.Is6() {
		return "[IPv6:" + ip.String() + "]"
	}
	return "[" + ip.String() + "]"
}

// reverse is the name at which an address's PTR record stands (RFC 1035 s3.5,
// RFC 3596 s2.5).
func reverse(ip netip.Addr) string {
	var name strings.Builder
	octets := ip.AsSlice()
	for i := len(octets) - 1; i >= 0; i-- {
		if ip.Is4() {
			fmt.Fprintf(&name, "%d.", octets[i])
		} else {
			fmt.Fprintf(&name, "%x.%x.", octets[i]&15, octets[i]>>4)
		}
	}
	if ip.Is4() {
		return name.String() + "in-addr.arpa"
	}
	return name.String() + "ip6.arpa"
}
