package doctor

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
)

// Target is a server to connect to: a name, or an IP address. A name without a
// port is that of a domain or of a server, as its MX records have it.
type Target struct {
	Name string     // lower case, A-labels; empty where IP is set
	IP   netip.Addr //
	Port uint16     // 0 is Doctor.Port
}

// ParseTarget reads mx.example.org, mx.example.org:2525, 192.0.2.7 and
// [2001:db8::7]:25.
func ParseTarget(text string) (Target, error) {
	text = strings.TrimSpace(text)
	if ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil {
		return Target{IP: ip.Unmap()}, nil
	}
	if at, err := netip.ParseAddrPort(text); err == nil && at.Port() != 0 {
		return Target{IP: at.Addr().Unmap(), Port: at.Port()}, nil
	}
	name, digits, ported := strings.Cut(text, ":")
	port, err := strconv.ParseUint(digits, 10, 16)
	if ported && (err != nil || port == 0) {
		return Target{}, fmt.Errorf("%q is neither a name nor an IP address, with or without a port", text)
	}
	ascii, _, err := address.ParseDomain(name)
	if err != nil {
		return Target{}, err
	}
	return Target{Name: ascii, Port: uint16(port)}, nil
}

//go:embed domains.txt
var domainText string

// Large are the domains whose servers are connected to by default.
var large = sync.OnceValue(func() []Target {
	var out []Target
	for line := range strings.Lines(domainText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, Target{Name: line})
		}
	}
	return out
})

// place is a target looked up.
type place struct {
	name      string // as the target has it
	host      string // the exchanger's name; empty for an IP address
	provider  string
	addresses []netip.Addr // of both families
	port      uint16
	why       string // no addresses: why
}

// places looks all targets up, in their order.
func (e *examination) places(ctx context.Context) []place {
	targets := e.To
	if len(targets) == 0 {
		targets = large()
	}
	out := make([]place, len(targets))
	var wait sync.WaitGroup
	for i, target := range targets {
		wait.Go(func() { out[i] = e.place(ctx, target) })
	}
	wait.Wait()
	return out
}

func (e *examination) place(ctx context.Context, target Target) place {
	p := place{name: target.Name, port: cmp.Or(target.Port, e.Port)}
	if target.IP.IsValid() {
		p.name, p.addresses = target.IP.String(), []netip.Addr{target.IP}
		return p
	}
	if e.Excluded(target.Name, netip.Addr{}) {
		p.why = "excluded"
		return p
	}
	hosts, why := e.hosts(ctx, target)
	for _, host := range hosts {
		switch {
		case !host.Usable():
		case e.Excluded(host.Name, netip.Addr{}):
			why = "excluded"
		default:
			p.host, p.provider, p.addresses = host.Name, host.Provider, host.Addresses
			return p
		}
	}
	p.why = why
	return p
}

func (e *examination) hosts(ctx context.Context, target Target) ([]mx.Host, string) {
	if target.Port != 0 {
		host, err := e.Router.Host(ctx, target.Name)
		if err != nil {
			return nil, ended
		}
		return []mx.Host{host}, fmt.Sprintf("no usable address (%s)", host.DNS)
	}
	route, err := e.Router.Route(ctx, target.Name)
	switch {
	case err != nil:
		return nil, ended
	case route.Detail != "":
		return route.Hosts, route.Detail
	}
	return route.Hosts, fmt.Sprintf("no usable mail server (%s)", route.DNS)
}

// ended is why something could not be found out when the time was over.
const ended = "the time was over before"

// at is the place's first address of a family that may be gone to.
func (e *examination) at(p place, family Family) (netip.AddrPort, bool) {
	for _, ip := range p.addresses {
		if ip.Is4() == (family == IPv4) && reaches(e.Router, ip) && !e.Excluded("", ip) {
			return netip.AddrPortFrom(ip, p.port), true
		}
	}
	return netip.AddrPort{}, false
}
