package address

import (
	_ "embed"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"
)

var (
	//go:embed lists/popular.txt
	popular blob
	//go:embed lists/near.txt
	near blob
)

// target is a popular domain in two parts: its name, and the rest behind the first dot.
type target struct {
	name, rest string
	letters    uint32 // of the name
}

var targets = sync.OnceValue(func() []target {
	var all []target
	for _, line := range tableLines(string(popular)) {
		name, rest, _ := strings.Cut(line, ".")
		all = append(all, target{name, rest, letters(name)})
	}
	return all
})

// Suggest returns the address that was probably meant where the domain looks like a slip for a popular provider's: letters
// swapped, doubled, left out or hit beside (gmial.com, hotmial.com, yaho.com), a top-level domain that does not exist or is a
// usual slip (.con, .co for .com), a dot left out (gmailcom). It says nothing of domains that are themselves known
// providers, of slips that lead to several alike, and of anything further away. Where it says nothing, ok is false.
//
// Many domains that look like slips are somebody's. Whether mail goes there is the caller's to find out, and a domain
// with a mail exchanger of its own is no slip, whatever it looks like.
func Suggest(a Address) (suggestion string, ok bool) {
	t, found := nearest(a.Domain)
	if !found || isProvider(a.Domain) {
		return "", false
	}
	domain := t.name + "." + t.rest
	return Address{Local: a.Local, Quoted: a.Quoted, Domain: domain, Unicode: domain}.String(), true
}

// isProvider holds for domains known to be what they say. Disposable ones are not among them: they like to look like slips.
func isProvider(domain string) bool {
	_, custom := customs()[domain]
	return custom || under(domain, func(name string) bool { return frees.has(name) || relays.has(name) || near.has(name) })
}

// nearest finds the one target that is closer to the domain than any other; none where the domain is a target itself.
func nearest(domain string) (best target, found bool) {
	name, rest, dotted := strings.Cut(domain, ".")
	if !dotted {
		return joined(domain)
	}
	least, has := tooFar, letters(name)
	for _, t := range targets() {
		if beyond(has, t.letters, limit(t.name)) {
			continue
		}
		d := distance(name, t.name, limit(t.name), nameWeights())
		if d < least || d == least && d < tooFar {
			d += restDistance(name, rest, t.rest)
		}
		switch {
		case d == 0:
			return target{}, false
		case d < least:
			best, least, found = t, d, true
		case d == least:
			found = false
		}
	}
	return best, found && least < tooFar
}

// joined finds the target whose dots were left out, or whose name stands alone: gmailcom, gmail.
func joined(label string) (best target, found bool) {
	for _, t := range targets() {
		tail, isName := strings.CutPrefix(label, t.name)
		if !isName || tail != "" && tail != strings.ReplaceAll(t.rest, ".", "") && tail != t.rest {
			continue
		}
		if found {
			return target{}, false
		}
		best, found = t, true
	}
	return best, found
}

// restDistance weighs what follows the first dot. What is a real suffix is believed, but for the countries that people land in when they
// miss a key of .com or .net; short names (me.co) are left to those countries.
func restDistance(name, rest, want string) int {
	switch {
	case rest == want:
		return 0
	case len(name) > 3 && want == "com" && (rest == "co" || rest == "cm" || rest == "om"), len(name) > 3 && want == "net" && rest == "ne":
		return swapped
	}
	d := distance(rest, want, struck, restWeights())
	if d == tooFar {
		return tooFar
	}
	if suffix, listed := publicsuffix.PublicSuffix(rest); listed && suffix == rest {
		return tooFar
	}
	return d
}

// limit says how far from a target's name a typed one may be. Names of four letters or less have too many neighbours that are words.
func limit(name string) int {
	switch {
	case len(name) < 5:
		return 0
	case len(name) < 7:
		return 2 * swapped
	}
	return swapped + struck
}
