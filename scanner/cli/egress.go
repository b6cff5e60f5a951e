package cli

import (
	"cmp"
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

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/doctor"
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
	if err := t.proxyAnswers(ctx); err != nil {
		return err
	}
	me := whoAmI(ctx, t, dns)
	s.Egresses = []scanner.Egress{{Dial: dial, HelloName: me.Hello, Senders: t.senders()}}
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
func (t *talk) introduced(me doctor.Self, addresses int64) error {
	switch {
	case addresses <= bulk || t.allowPrivate:
		return nil
	case t.mailFrom == "":
		return failed("%d addresses at other people's servers need an envelope sender", addresses).
			hint("--mail-from you@your.domain: an address that takes mail, so that who is asked can ask back")
	case !me.Confirmed:
		return failed("%d addresses at other people's servers need a HELO name that is ours; %s", addresses, me.Doubt).
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

// proxyAnswers finds out before the run whether there is a proxy at all.
func (t *talk) proxyAnswers(ctx context.Context) error {
	if t.proxy == "" {
		return nil
	}
	location, err := url.Parse(t.proxy)
	if err != nil {
		return failed("--proxy: not a URL") // the error would show a password
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", location.Host)
	if err != nil {
		return failed("--proxy: %w", err).hint("is it running there? --proxy socks5://host:port names another")
	}
	return conn.Close()
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

// whoAmI is how we introduce ourselves. What a proxy's address is cannot be told
// from here, and in a private network nobody asks.
func whoAmI(ctx context.Context, t *talk, dns *resolver.Resolver) doctor.Self {
	family := doctor.IPv4
	if t.ipv6 {
		family = doctor.IPv6
	}
	ip := doctor.Outgoing(family)
	if t.allowPrivate || t.proxy != "" {
		return doctor.Self{
			Hello:     cmp.Or(t.helo, doctor.AddressLiteral(ip)),
			Confirmed: t.helo != "",
			Doubt:     "what the proxy's is cannot be told from here",
		}
	}
	router := &mx.Router{Resolver: dns, Reaches: t.reaches()}
	return doctor.Introduce(ctx, router, t.helo, ip)
}
