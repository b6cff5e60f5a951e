// Package address answers: is this text a mailbox that can be asked for over SMTP, and which one?
//
// A mailbox is a local part, "@", and a domain or an address literal (RFC 5321 s4.1.2, s4.1.3). Only the host named by
// the domain may read meaning into the local part, so it is kept exactly as typed: case, dots and tags included. A local part
// is a dot-string (ann.lee) or a quoted string ("ann lee"); the quotes are wire form, so "ann" in quotes and ann are one mailbox.
// With SMTPUTF8 (RFC 6531 s3.3) a local part may hold any script; it is compared in Unicode form NFC (RFC 6532 s3.1).
// Domains of other scripts have two forms: the A-label the DNS knows (xn--...) and the U-label people read (RFC 5890 s2.3.2).
//
// What a person types goes through these steps:
//  1. blanks and invisible characters at either end are dropped; controls and broken UTF-8 are refused wherever they stand
//  2. a display name with angle brackets, or mailto: with percent-encoding and query (RFC 6068), is taken off
//  3. the local part is read, unquoted and normalised
//  4. an address literal is read, or the domain is mapped (UTS 46), checked against IDNA2008 (RFC 5891 to 5893) and turned into A-labels
//  5. lengths are measured in octets on the wire form: local part 64, label 63, domain 253, address 254 (RFC 5321 s4.5.3.1)
//
// One trailing dot on the domain is dropped: it is the DNS's way of writing the same name, and lists exported from zone tools have it.
//
// Parse takes whatever the grammar has; a Policy refuses on top of that what no mail crosses the Internet to. What text alone can tell
// further stands beside an address and judges nothing: Traits (by embedded lists, see lists/LICENSES.md, and the user's own), Suggest and Canonical.
//
// Left out: comments, folding white space and the obsolete forms of RFC 5322 (they belong to message headers, and no server sees them), groups,
// source routes, and whether a domain exists.
package address

import (
	"cmp"
	"strings"
)

// Address is a mailbox as it can be asked for over SMTP.
// Two Addresses are the same mailbox on the wire exactly if they are ==.
type Address struct {
	Local   string // local part as typed, unquoted, NFC: what the mailbox is called
	Quoted  bool   // the local part needs quoting on the wire (RFC 5321 s4.1.2)
	Domain  string // A-labels, lower case, no final dot; empty where Literal is set
	Unicode string // the domain's Unicode form; equal to Domain for plain ASCII
	Literal string // the address literal with brackets, as it goes on the wire: [192.0.2.1], [IPv6:2001:db8::1]
}

// String is the wire form: the local part quoted where it must be, the domain in A-labels.
// A UTF-8 local part stays UTF-8, and needs SMTPUTF8. The zero Address gives "".
func (a Address) String() string { return a.at(a.Domain) }

// Display is String with the domain in its Unicode form, for people.
func (a Address) Display() string { return a.at(a.Unicode) }

// Key tells repeats apart: equal for two Addresses exactly if a server is asked the same thing.
// The local part's case counts (RFC 5321 s2.4), the domain's does not. For who reads the mail, see Canonical.
func (a Address) Key() string { return a.String() }

// NeedsSMTPUTF8 reports whether the local part can only be sent to servers that offer SMTPUTF8 (RFC 6531).
// A domain never needs it: its A-label form is plain ASCII.
func (a Address) NeedsSMTPUTF8() bool { return !isASCII(a.Local) }

// MarshalText gives String; UnmarshalText(MarshalText(a)) is a, for the zero Address too.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is Parse; empty text gives the zero Address. Errors are *Error.
func (a *Address) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = Address{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

func (a Address) at(domain string) string {
	if a == (Address{}) {
		return ""
	}
	local := a.Local
	if a.Quoted {
		local = quote(local)
	}
	return local + "@" + cmp.Or(a.Literal, domain)
}

// quote writes a Quoted-string with only those characters escaped that must be.
func quote(local string) string {
	var b strings.Builder
	b.Grow(len(local) + 2)
	b.WriteByte('"')
	for i := range len(local) {
		if local[i] == '"' || local[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(local[i])
	}
	b.WriteByte('"')
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
