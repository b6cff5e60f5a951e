package address

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed role.txt
var roleText string

//go:embed free.txt
var freeText string

var (
	roles = sync.OnceValue(func() map[string]struct{} { return tableSet(roleText) })
	frees = sync.OnceValue(func() map[string]struct{} { return tableSet(freeText) })
)

// Traits are facts about an address that stand beside its verdict and never change it; nil is not measured.
type Traits struct {
	Disposable *bool `json:"disposable"` // a throw-away mailbox
	Role       *bool `json:"role"`       // names a task, not a person: info, postmaster (RFC 2142)
	Free       *bool `json:"free"`       // at a provider where anyone may open a mailbox for nothing
	Relay      *bool `json:"relay"`      // a forwarding alias that hides the real mailbox
	Tagged     *bool `json:"tagged"`     // has a tag: ann+news; by the provider's custom where it is known, else "+" (RFC 5233)
}

// Traits measures what the text of an address alone can tell: Role, Free and Tagged. Disposable and Relay need lists kept elsewhere and stay nil.
func (a Address) Traits() Traits {
	separator := "+"
	if c, known := customs()[a.Domain]; known {
		separator = c.separator
	}
	local := strings.ToLower(a.Local)
	at := tagAt(local, separator)
	tagged := at > 0
	if tagged {
		local = local[:at]
	}
	_, role := roles()[local]
	_, free := frees()[a.Domain]
	return Traits{Role: &role, Free: &free, Tagged: &tagged}
}

func tableSet(text string) map[string]struct{} {
	set := make(map[string]struct{})
	for _, line := range tableLines(text) {
		set[line] = struct{}{}
	}
	return set
}
