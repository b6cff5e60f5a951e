package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/net/proxy"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// waysOut is the flags that say from where to go out.
type waysOut struct {
	sourceIPs []string
	proxies   []string
}

func (o *waysOut) flags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.sourceIPs, "source-ip", nil, "local address to go out from, `ip[=name]` with its name in EHLO; repeatable: then in turn")
	f.StringArrayVar(&o.proxies, "proxy", nil, "SOCKS5 proxy `url` to go out through: socks5://[user:password@]host:port; repeatable: then in turn")
}

// wayOut is one of them; the zero wayOut is as the system likes.
type wayOut struct {
	name  string // without credentials
	from  netip.Addr
	helo  string
	proxy *url.URL
}

// ways lists the ways out, at least one.
func (o *waysOut) ways() ([]wayOut, error) {
	if len(o.sourceIPs) > 0 && len(o.proxies) > 0 {
		return nil, usage("--source-ip and --proxy exclude each other").hint("a proxy goes out from its own address; where MXVET_PROXY is set, unset it")
	}
	var ways []wayOut
	for _, text := range o.sourceIPs {
		way, err := sourceOf(text)
		if err != nil {
			return nil, err
		}
		ways = append(ways, way)
	}
	for _, text := range o.proxies {
		location, err := url.Parse(text)
		if err != nil || location.Host == "" || location.Scheme != "socks5" && location.Scheme != "socks5h" {
			return nil, usage("--proxy: not a SOCKS5 proxy").hint("--proxy socks5://127.0.0.1:1080, or socks5://user:password@host:port")
		}
		ways = append(ways, wayOut{name: location.Host, proxy: location})
	}
	if err := apart(ways); err != nil {
		return nil, err
	}
	if len(ways) == 0 {
		ways = []wayOut{{}}
	}
	return ways, nil
}

func sourceOf(text string) (wayOut, error) {
	address, helo, named := strings.Cut(text, "=")
	ip, err := netip.ParseAddr(strings.Trim(address, "[]"))
	if err != nil {
		return wayOut{}, usage("--source-ip %s: not an IP address", text).hint("--source-ip 192.0.2.7, or --source-ip 192.0.2.7=mail2.your.domain with its name in EHLO")
	}
	if named && !isHello(helo) {
		return wayOut{}, usage("--source-ip %s: after = comes a name", text).hint("the name that this address has in DNS, as mail2.your.domain")
	}
	return wayOut{name: ip.Unmap().String(), from: ip.Unmap(), helo: helo}, nil
}

// apart refuses a way that is given twice: by its name an address is asked
// again from where it was greylisted.
func apart(ways []wayOut) error {
	seen := make(map[string]bool)
	for _, way := range ways {
		if seen[way.name] {
			return usage("%s is given twice", way.name).hint("name each way out once; they are taken in turn")
		}
		seen[way.name] = true
	}
	return nil
}

// given reports whether the user named any way out.
func (o *waysOut) given() bool { return len(o.sourceIPs)+len(o.proxies) > 0 }

// ready finds out before anything is asked whether the ways out are there. Of
// several proxies one that is down is left out for the time being.
func ready(ctx context.Context, warn io.Writer, ways []wayOut) error {
	var down error
	up := 0
	for _, way := range ways {
		switch {
		case way.proxy != nil:
			if err := way.answers(ctx); err != nil {
				down = failed("--proxy: %w", err).hint("is it running there? --proxy socks5://host:port names another")
				if len(ways) > 1 {
					fmt.Fprintf(warn, "the proxy %s does not answer: %v\n", way.name, plainly(err))
				}
				continue
			}
		case way.from.IsValid():
			if err := way.isOurs(ctx); err != nil && ctx.Err() == nil {
				return failed("--source-ip %s is not an address of this machine", way.from).hint("ip address (or ifconfig) lists those it has")
			}
		}
		up++
	}
	if up == 0 {
		return down
	}
	return nil
}

func (w wayOut) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", w.proxy.Host)
	if err != nil {
		return err
	}
	return conn.Close()
}

// isOurs opens a port at the address, and closes it: 127.0.0.2 is ours too, and
// on no interface's list.
func (w wayOut) isOurs(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", netip.AddrPortFrom(w.from, 0).String())
	if err != nil {
		return err
	}
	return listener.Close()
}

// families says which family no way out can reach.
func (t *talk) families(ways []wayOut) (noIPv4, noIPv6 bool, err error) {
	four, six := 0, 0
	for _, way := range ways {
		if !way.from.IsValid() {
			return t.ipv6, t.ipv4 || !t.ipv6 && way.proxy == nil && !mx.HasIPv6(), nil
		}
		if way.from.Is4() {
			four++
		} else {
			six++
		}
	}
	if t.ipv6 && six == 0 || t.ipv4 && four == 0 {
		return false, false, usage("no --source-ip is of the family that --ipv4 or --ipv6 leaves").hint("an address of the one family reaches servers of that family only")
	}
	return t.ipv6 || four == 0, t.ipv4 || six == 0, nil
}

// dialer connects by one way out; either way only to addresses that may be gone
// to, looked at once more on the address that is dialled.
func (w wayOut) dialer(reaches func(netip.Addr) bool) (probe.DialFunc, error) {
	if w.proxy != nil {
		return w.through(reaches)
	}
	direct := &net.Dialer{KeepAlive: -1, Control: func(_, address string, _ syscall.RawConn) error { return permit(address, reaches) }}
	if w.from.IsValid() {
		direct.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(w.from, 0))
	}
	return direct.DialContext, nil
}

func (w wayOut) through(reaches func(netip.Addr) bool) (probe.DialFunc, error) {
	var auth *proxy.Auth
	if user := w.proxy.User; user != nil {
		password, _ := user.Password()
		auth = &proxy.Auth{User: user.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", w.proxy.Host, auth, toProxy{})
	if err != nil {
		return nil, failed("--proxy: %w", err)
	}
	socks := dialer.(proxy.ContextDialer)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := permit(address, reaches); err != nil {
			return nil, err
		}
		conn, err := socks.DialContext(ctx, network, address)
		if err != nil {
			return nil, beyond(err)
		}
		return conn, nil
	}, nil
}

// toProxy dials the proxy itself, and marks it where it is not there.
type toProxy struct{}

func (toProxy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil && !errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("%w: %w", scanner.ErrProxyDown, err)
	}
	return conn, err
}

func (p toProxy) Dial(network, address string) (net.Conn, error) {
	return p.DialContext(context.Background(), network, address)
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

// beyond tells what the proxy reports of the server behind it from a proxy
// that fails itself. The words are those of RFC 1928 s6, as x/net says them;
// one that says any of them is up.
func beyond(err error) error {
	if errors.Is(err, scanner.ErrProxyDown) {
		return fmt.Errorf("%w: %w", probe.ErrProxy, err)
	}
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
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	case strings.Contains(err.Error(), "unknown error "):
		return fmt.Errorf("%w: %w", probe.ErrProxy, err)
	default:
		return fmt.Errorf("%w: %w: %w", probe.ErrProxy, scanner.ErrProxyDown, err)
	}
}
