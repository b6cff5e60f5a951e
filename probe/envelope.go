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
}

// stranger is the local part of senders and controls that nobody has.
const stranger = "mxvet-no-such-mailbox"

// envelopes are the forms by which servers were talked into relaying: senders of
// the recipient's domain and of the server itself; source routes, which are to be
// ignored but were obeyed (RFC 5321 appendix C); and the ways of writing another
// domain into a local part: the percent hack (RFC 1123 s5.2.16), quotes and bang
// paths. What proves most comes first.
func envelopes(plan *Plan, sender, local, domain string) []envelope {
	literal, host := inBrackets(plan.Addr.Addr().Unmap().String()), strings.TrimSuffix(plan.Host, ".")
	whole := local + "@" + domain
	all := []envelope{{from: "", to: whole}}
	if sender != "" {
		all = append(all, envelope{from: sender, to: whole})
	}
	all = append(all, envelope{from: stranger + "@" + domain, to: whole}, envelope{from: stranger + "@" + literal, to: whole})
	if host != "" {
		all = append(all, envelope{from: stranger + "@" + host, to: whole})
	}
	own := []string{literal}
	if host != "" {
		own = []string{host, literal}
	}
	for _, at := range own {
		all = append(all, envelope{from: sender, to: "@" + at + ":" + whole})
	}
	for _, form := range []string{local + "%" + domain, `"` + whole + `"`, domain + "!" + local} {
		for _, at := range own {
			all = append(all, envelope{from: sender, to: form + "@" + at, control: stranger + "@" + at})
		}
		all = append(all, envelope{from: sender, to: form, control: stranger})
	}
	return all
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
