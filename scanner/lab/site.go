package lab

import (
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/smtptest"
)

// site is one domain: a row of the table.
type site struct {
	domain  string // A-labels
	unicode string // where it differs
	about   string // what is special, for a person
	hosts   []host // its exchangers; none for a domain without mail
	records string // zone text beside MX and A, "@" standing for the domain
	slow    bool   // waits for time-outs: not on the list of a demonstration

	character   smtptest.Character  // of its hosts, on port 25
	submission  *smtptest.Character // on 587, and with TLS from the start on 465
	certificate certificate
	catchAll    bool
	greylist    time.Duration
	foreign     bool             // its exchanger does not know the domain
	box         *smtptest.Domain // made of people where nil

	people []person
	random string // catch_all, as in Truth
}

// host is a mail exchanger.
type host struct {
	name, ip   string
	preference string // 10 where empty; "-" for an implicit MX
	manner     manner
}

// manner is what happens to those who connect to a host.
type manner string

const (
	answers   manner = ""          // its servers do
	dead      manner = "dead"      // connection refused
	silent    manner = "silent"    // no answer until the dialer gives up
	elsewhere manner = "elsewhere" // not an address of this Internet
)

// person is an address with what is true of it.
type person struct {
	local   string
	mailbox *smtptest.Mailbox // nil where the server knows of none
	reason  string
}

// has is a person with an ordinary mailbox.
func has(local, reason string) person {
	return person{local: local, mailbox: &smtptest.Mailbox{Name: display(local)}, reason: reason}
}

// with is a person with a mailbox of some other state.
func with(local string, mailbox smtptest.Mailbox, reason string) person {
	return person{local: local, mailbox: &mailbox, reason: reason}
}

// lacks is a person whom the server does not know.
func lacks(local, reason string) person { return person{local: local, reason: reason} }

// mx1 is the usual one host: mx.DOMAIN.
func mx1(domain, ip string) []host { return []host{{name: "mx." + domain, ip: ip}} }

// serve makes a server take the site's mail.
func (s site) serve(server *smtptest.Server) {
	if s.foreign {
		return
	}
	box := s.box
	if box == nil {
		box = &smtptest.Domain{CatchAll: s.catchAll, Greylist: s.greylist, Mailboxes: map[string]smtptest.Mailbox{}, Rewrites: true}
		for _, p := range s.people {
			if p.mailbox != nil {
				box.Mailboxes[strings.ToLower(p.local)] = *p.mailbox
			}
		}
	}
	server.Domains[s.domain] = box
	if s.unicode != "" {
		server.Domains[s.unicode] = box
	}
}

// shown is the domain as people write it.
func (s site) shown() string {
	if s.unicode != "" {
		return s.unicode
	}
	return s.domain
}

// display makes a name of a local part: ann.archer is Ann Archer.
func display(local string) string {
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '+' || r == '-' })
	for i, word := range words {
		first := []rune(word)
		words[i] = strings.ToUpper(string(first[:1])) + string(first[1:])
	}
	return strings.Join(words, " ")
}
