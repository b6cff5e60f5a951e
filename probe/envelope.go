package probe

import (
	"errors"
	"strings"

	"github.com/mxvet/mxvet/mx/address"
)

// envelope is one form of the relay test.
type envelope struct {
	from, to string
	control  string // a mailbox that cannot exist where the form ends; empty where the form ends elsewhere, and being taken is proof
	kin      kin
}

// kin are forms of one syntax: a server that does not know it for one does not
// for the others. They are not put, for Exim hangs up at the fourth such error.
type kin string

const (
	literals kin = "literals" // an address literal stands for a domain
	bare     kin = "bare"     // there is no domain
)

// stranger is the local part of senders and controls that nobody has.
const stranger = "mxvet-no-such-mailbox"

// envelopes are the forms by which servers were talked into relaying: senders of
// the recipient's domain and of the server itself; source routes, which are to be
// ignored but were obeyed (RFC 5321 appendix C); and the ways of writing another
// domain into a local part: the percent hack (RFC 1123 s5.2.16), quotes and bang
// paths. What proves most comes first.
func envelopes(plan *Plan, sender, local, domain string) []envelope {
	whole := local + "@" + domain
	own := []place{{inBrackets(plan.Addr.Addr().Unmap().String()), literals}}
	if host := strings.TrimSuffix(plan.Host, "."); host != "" {
		own = append([]place{{host, ""}}, own...)
	}
	all := []envelope{{from: "", to: whole}}
	if sender != "" {
		all = append(all, envelope{from: sender, to: whole})
	}
	all = append(all, envelope{from: stranger + "@" + domain, to: whole})
	for _, at := range own {
		all = append(all, envelope{from: stranger + "@" + at.name, to: whole, kin: at.kin}, envelope{from: sender, to: "@" + at.name + ":" + whole, kin: at.kin})
	}
	for _, form := range []string{local + "%" + domain, `"` + whole + `"`, domain + "!" + local} {
		for _, at := range own {
			all = append(all, envelope{from: sender, to: form + "@" + at.name, control: stranger + "@" + at.name, kin: at.kin})
		}
		all = append(all, envelope{from: sender, to: form, control: stranger, kin: bare})
	}
	return all
}

// place is what a server goes by.
type place struct {
	name string
	kin  kin
}

// splitMailbox parts the relay test's recipient. Its local part goes into others,
// where quotes and separators of its own would mean something else.
func splitMailbox(mailbox address.Address) (local, domain string, err error) {
	text := mailbox.String()
	at := strings.LastIndexByte(text, '@')
	local, domain = text[:max(at, 0)], text[at+1:]
	if local == "" || mailbox.NeedsSMTPUTF8() || strings.ContainsAny(local, "\"@%!:\\ ") {
		return "", "", errors.New("it wants a plain ASCII local part and a domain")
	}
	return local, domain, nil
}
