// Package lab answers: how would this list fare if every kind of mail server
// stood on one Internet, and the truth about it were known?
//
// It is a practice Internet in one process: some fifty domains under .example
// (RFC 6761 s6.5), each with its mail servers at addresses set aside for
// documentation (192.0.2.0/24, RFC 5737), its zone, its mailboxes, and what is
// true of them. Nothing leaves the process: Dial connects to the servers in
// memory, Resolver answers from the zone, and both work inside testing/synctest.
// Serve puts the same behind sockets of 127.0.0.1, a SOCKS5 proxy and a DNS
// server, for programs that are not this one.
//
// One row of domains.go is one domain. Truth and Servers say what a verifier
// and an auditor ought to find; Stats what the servers heard, so that a test
// can tell how polite the asking was.
//
// Addresses of the lab are not globally reachable by IANA's registries, so
// those who connect to it must make an exception. Reachable is that exception,
// and no wider: 10.0.0.1, to which private.example's exchanger resolves, stays
// out of bounds.
//
// Left out: mail that goes anywhere (messages are taken and counted), policies
// of MTA-STS (RFC 8461), for want of a web server, signatures in the zone (what
// is secure has the AD bit alone), IPv6.
package lab

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// Options says what is the same all over an Internet.
type Options struct {
	RTT       time.Duration      // round trip to every server; 0 is none
	NoTLS     bool               // Large: no server offers STARTTLS
	Network   netip.Prefix       // Large: a /16 for the hosts; 198.18.0.0/16 where not valid
	Character smtptest.Character // Large: the manner of every server; its name, domains and RTT are set by Large
}

// Internet is a practice Internet. Its methods may be called by any number of
// goroutines.
type Internet struct {
	sites    []site
	silent   map[netip.Addr]bool          // hosts that answer nothing at all
	ports    map[netip.AddrPort]*listener // what listens where
	vault    vault
	zone     string
	resolver func() (*dnstest.Zone, error)
	traffic  traffic
	large    bool                         // made by Large: addresses only
	network  netip.Prefix                 // of Large's hosts, where they have one of their own
	served   atomic.Pointer[dnstest.Zone] // behind the DNS server
}

// listener is a server at one port.
type listener struct {
	server   *smtptest.Server
	implicit bool // TLS from the first octet
}

// New makes the practice Internet of domains.go. It does no I/O; certificates
// are made at the first handshake.
func New(options Options) *Internet { return build(domains(), options) }

func build(sites []site, options Options) *Internet {
	i := &Internet{sites: sites, silent: map[netip.Addr]bool{}, ports: map[netip.AddrPort]*listener{}}
	i.vault.names = hostNames(sites)
	for _, site := range sites {
		for _, host := range site.hosts {
			i.install(site, host, options)
		}
	}
	i.zone = zone(sites)
	i.resolver = sync.OnceValues(func() (*dnstest.Zone, error) { return dnstest.Parse(i.zone) })
	return i
}

// install sets up a host's servers. A host that an earlier site has set up
// takes the domain's mail too.
func (i *Internet) install(site site, host host, options Options) {
	ip, err := netip.ParseAddr(host.ip)
	if err != nil || host.manner == elsewhere || host.manner == dead {
		return
	}
	if host.manner == silent {
		i.silent[ip] = true
		return
	}
	if known := i.ports[netip.AddrPortFrom(ip, 25)]; known != nil {
		site.serve(known.server)
		return
	}
	i.listen(ip, 25, site, host, site.character, options)
	if site.submission != nil {
		i.listen(ip, 587, site, host, *site.submission, options)
		i.listen(ip, 465, site, host, *site.submission, options).implicit = true
	}
}

func (i *Internet) listen(ip netip.Addr, port uint16, site site, host host, character smtptest.Character, options Options) *listener {
	character.Name, character.RTT = host.name, options.RTT
	character.Domains = map[string]*smtptest.Domain{}
	server := &smtptest.Server{Character: character, TLS: i.vault.config(site.certificate, host.name)}
	site.serve(server)
	made := &listener{server: server}
	i.ports[netip.AddrPortFrom(ip, port)] = made
	return made
}

// Reachable reports whether an address may be connected to in this Internet:
// where it is in one of the lab's own networks (192.0.2.0/24, and 198.18.0.0/15
// of RFC 2544, which Large fills, or that of its Options) or global as anywhere.
func (i *Internet) Reachable(ip netip.Addr) bool {
	return i.own(ip.Unmap()) || mx.Global(ip)
}

func (i *Internet) own(ip netip.Addr) bool {
	return i.network.Contains(ip) || netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, 0}), 24).Contains(ip) ||
		netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, 0, 0}), 15).Contains(ip)
}

// Zone returns the text that mx/dnstest makes a DNS server of.
func (i *Internet) Zone() string { return i.zone }

// Resolver answers from the zone, in process. It is the same at every call, so
// that its counts add up. The error says which line of the zone cannot be read.
func (i *Internet) Resolver() (*dnstest.Zone, error) { return i.resolver() }
