package lab

import (
	"encoding/csv"
	"net/netip"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/probe/smtptest"
)

// Truth is what is true of an address: what a verifier ought to find at its
// first visit, without waiting for a second, that asks a random mailbox of each
// domain too and has an envelope sender of its own (Sender) beside the null sender.
type Truth struct {
	Address  string
	Name     string // the person's, as on the list
	Verdict  string // deliverable, undeliverable, risky, unknown
	Reason   string
	CatchAll string // yes or no where the domain's random mailbox tells; empty where it does not
	Slow     bool   // found out by waiting for time-outs: not on the list
}

// Truth returns what is true of every address, in the order of the list.
func (i *Internet) Truth() []Truth {
	var out []Truth
	for _, site := range i.sites {
		for _, p := range site.people {
			out = append(out, Truth{Address: p.local + "@" + site.shown(), Name: display(p.local), Verdict: verdict(p.reason),
				Reason: p.reason, CatchAll: site.random, Slow: site.slow})
		}
	}
	if len(i.sites) > 0 && !i.large {
		for _, text := range notAddresses() {
			out = append(out, Truth{Address: text, Name: "Ann Archer", Verdict: "undeliverable", Reason: "bad_syntax"})
		}
	}
	return out
}

// Domain is a row of the table, for a person who looks around.
type Domain struct {
	Name  string // as people write it
	About string // what is special, in one clause
	Slow  bool   // waits for time-outs
}

// Domains returns every domain in the order of the list.
func (i *Internet) Domains() []Domain {
	out := make([]Domain, len(i.sites))
	for n, site := range i.sites {
		out[n] = Domain{Name: site.shown(), About: site.about, Slow: site.slow}
	}
	return out
}

// List returns the addresses of a demonstration as CSV with the columns name
// and email: all but the slow ones.
func (i *Internet) List() string {
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.Write([]string{"name", "email"})
	for _, truth := range i.Truth() {
		if !truth.Slow {
			w.Write([]string{truth.Name, truth.Address})
		}
	}
	w.Flush()
	return text.String()
}

// verdict is the one that belongs to a reason.
func verdict(reason string) string {
	switch reason {
	case "accepted", "forwarded":
		return "deliverable"
	case "bad_syntax", "mailbox_unknown", "mailbox_disabled", "mailbox_moved", "no_domain", "no_mail", "bad_mx", "domain_not_served", "smtputf8_unsupported":
		return "undeliverable"
	case "catch_all", "mailbox_full":
		return "risky"
	}
	return "unknown"
}

// ServerTruth is what is true of a server: an exchanger at port 25, or a
// submission server. Facts that the server keeps to itself are empty.
type ServerTruth struct {
	Domain      string // the first that it serves
	About       string
	Host        string
	IP          netip.Addr
	Port        uint16
	ImplicitTLS bool // 465
	Reachable   bool
	Greeting    string   // code
	Hello       string   // EHLO or HELO, whichever it takes
	Plain       []string // EHLO lines in clear text
	Encrypted   []string // EHLO lines inside TLS, where that can be had
	StartTLS    string   // yes or no: whether it is offered; empty where nobody gets so far
	Handshake   string   // ok, refused (454), failed; empty where none is offered
	Certificate string   // valid by Roots, expired, self_signed, wrong_name; empty without handshake
	Vrfy        string   // tells, silent (252), off; empty where nobody gets so far
}

// Servers returns what is true of every server, ordered by IP and port.
func (i *Internet) Servers() []ServerTruth {
	var out []ServerTruth
	seen := map[netip.Addr]bool{}
	for _, site := range i.sites {
		for _, host := range site.hosts {
			ip, err := netip.ParseAddr(host.ip)
			if err != nil || seen[ip] || host.manner == elsewhere {
				continue
			}
			seen[ip] = true
			for _, port := range [...]uint16{25, 465, 587} {
				if here := i.ports[netip.AddrPortFrom(ip, port)]; here != nil {
					out = append(out, site.describe(host, ip, port, here))
				} else if port == 25 {
					out = append(out, ServerTruth{Domain: site.domain, About: site.about, Host: host.name, IP: ip, Port: port})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ServerTruth) int { return a.IP.Compare(b.IP) })
	return out
}

func (s site) describe(host host, ip netip.Addr, port uint16, here *listener) ServerTruth {
	ch := here.server.Character
	out := ServerTruth{Domain: s.domain, About: s.about, Host: host.name, IP: ip, Port: port, ImplicitTLS: here.implicit, Reachable: true, Greeting: "220"}
	switch {
	case ch.Greeting != "":
		out.Greeting = ch.Greeting[:3]
	case ch.Blocked == smtptest.AtConnect:
		out.Greeting = "554"
	}
	if out.Greeting != "220" {
		return out
	}
	out.Vrfy = map[smtptest.Vrfy]string{smtptest.VrfyOn: "tells", smtptest.VrfySilent: "silent", smtptest.VrfyOff: "off"}[ch.Vrfy]
	if _, refused := ch.Replies["EHLO"]; refused {
		out.Hello, out.StartTLS = "HELO", "no"
		return out
	}
	out.Hello = "EHLO"
	if here.implicit {
		out.Encrypted, out.Handshake, out.Certificate = ch.Offers(true), "ok", s.certificate.word()
		return out
	}
	out.Plain, out.StartTLS = ch.Offers(false), "yes"
	switch ch.StartTLS {
	case smtptest.TLSNone:
		out.StartTLS = "no"
	case smtptest.TLSRefused:
		out.Handshake = "refused"
	case smtptest.TLSBroken, smtptest.TLSHangUp:
		out.Handshake = "failed"
	default:
		out.Encrypted, out.Handshake, out.Certificate = ch.Offers(true), "ok", s.certificate.word()
	}
	return out
}
