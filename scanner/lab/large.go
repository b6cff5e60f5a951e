package lab

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/mxvet/mxvet/probe/smtptest"
)

// Large makes an Internet for benchmarks: servers of one character at hosts
// addresses of 198.18.0.0/16 (set aside for benchmarks, RFC 2544) or of another
// network, domains spread evenly over them, each with so many addresses of which
// every other one is unknown. At most 65,536 hosts fit; there are never more
// hosts than domains.
func Large(options Options, domains, hosts, mailboxes int) *Internet {
	hosts = max(1, min(hosts, domains, 1<<16))
	box, people := inhabitants(mailboxes)
	sites := make([]site, domains)
	character := options.Character
	if options.NoTLS {
		character.StartTLS = smtptest.TLSNone
	}
	network := options.Network
	if !network.IsValid() {
		network = netip.MustParsePrefix("198.18.0.0/16")
	}
	for n := range sites {
		at := n % hosts
		ip := network.Addr().As4()
		ip[2], ip[3] = byte(at>>8), byte(at)
		domain := fmt.Sprintf("d%06d.example", n)
		sites[n] = site{domain: domain, about: "one of many", random: "no", box: box, people: people, character: character,
			hosts: []host{{name: fmt.Sprintf("mx%05d.hosts.example", at), ip: netip.AddrFrom4(ip).String()}}}
	}
	made := build(sites, options)
	made.large, made.network = true, network
	made.vault.names = []string{"*.hosts.example"}
	return made
}

// inhabitants are the same in every domain, so that a million addresses take
// no more memory than a few.
func inhabitants(mailboxes int) (*smtptest.Domain, []person) {
	box := &smtptest.Domain{Mailboxes: map[string]smtptest.Mailbox{}}
	people := make([]person, mailboxes)
	for n := range people {
		if n%2 == 0 {
			people[n] = has("user."+strconv.Itoa(n), "accepted")
			box.Mailboxes[people[n].local] = *people[n].mailbox
		} else {
			people[n] = lacks("nobody."+strconv.Itoa(n), "mailbox_unknown")
		}
	}
	return box, people
}
