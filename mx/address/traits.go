package address

import (
	_ "embed"
	"strings"
)

//go:generate go run ./lists/gen -out lists

var (
	//go:embed lists/disposable.txt
	disposables blob
	//go:embed lists/free.txt
	frees blob
	//go:embed lists/relay.txt
	relays blob
	//go:embed lists/role.txt
	roles blob
)

// Traits are facts about an address that stand beside its verdict and never change it; nil is not measured.
type Traits struct {
	Disposable *bool `json:"disposable"` // a throw-away mailbox
	Role       *bool `json:"role"`       // names a task, not a person: info, postmaster (RFC 2142)
	Free       *bool `json:"free"`       // at a provider where anyone may open a mailbox for nothing
	Relay      *bool `json:"relay"`      // a forwarding alias that hides the real mailbox
	Tagged     *bool `json:"tagged"`     // has a tag: ann+news; by the provider's custom where it is known, else "+" (RFC 5233)
}

// Traits measures an address by the embedded lists alone: the answer of the zero Lists.
func (a Address) Traits() Traits { return Lists{}.Traits(a) }

// ListVersions names the embedded lists for a run's record: each with its date and number of entries.
func ListVersions() string {
	return strings.Join([]string{disposables.title(), frees.title(), relays.title(), roles.title()}, ", ")
}

// untagged is the local part in lower case without its tag, and whether there was one.
func (a Address) untagged() (local string, tagged bool) {
	separator := "+"
	if c, known := customs()[a.Domain]; known {
		separator = c.separator
	}
	local = strings.ToLower(a.Local)
	if at := tagAt(local, separator); at > 0 {
		return local[:at], true
	}
	return local, false
}
