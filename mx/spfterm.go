package mx

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// spfTerm is one mechanism of an SPF record (RFC 7208 s5), or its redirect.
type spfTerm struct {
	text      string // as written
	qualifier string // + - ~ ?
	name      string // all include a mx ptr ip4 ip6 exists redirect
	domain    string // its domain-spec, lower case, no final dot; empty where it has none
	macro     bool   // domain has macros: it is another for each mail
	whole     bool   // a prefix length is 0: every address of the family is meant
}

// spfRecord is a record read.
type spfRecord struct {
	terms    []spfTerm // mechanisms in order, up to and with "all"
	redirect *spfTerm  // nil where there is none, or an "all" makes it count for nothing (s6.1)
	problems []string  // mistakes of syntax: each makes the record a permerror (s4.6)
	notes    []string
}

// isSPF tells SPF records from other TXT records (RFC 7208 s4.5).
func isSPF(text string) bool {
	version, _, _ := strings.Cut(text, " ")
	return strings.EqualFold(version, "v=spf1")
}

// maxTerms of a record are read.
const maxTerms = 256

// readSPF reads a record that begins with its version.
func readSPF(text string) spfRecord {
	var out spfRecord
	words := strings.Split(text, " ")[1:]
	if len(words) > maxTerms {
		out.problems = append(out.problems, fmt.Sprintf("over %d terms: the rest is not read", maxTerms))
		words = words[:maxTerms]
	}
	var all, redirects, expirations int
	for _, word := range words {
		if word == "" {
			continue
		}
		term, err := readTerm(word)
		switch {
		case err != nil:
			out.problems = append(out.problems, err.Error())
		case term.name == "exp":
			expirations++
		case term.name == "redirect":
			redirects++
			out.redirect = &term
		case term.name == "":
			// modifiers that nobody knows count for nothing (s6)
		case all > 0:
			out.notes = append(out.notes, quote(word)+" stands behind all and is never looked at")
		default:
			out.terms = append(out.terms, term)
			if term.name == "all" {
				all++
			}
		}
	}
	if redirects > 1 || expirations > 1 {
		out.problems = append(out.problems, "redirect= or exp= is there twice (RFC 7208 s6)")
	}
	if all > 0 && out.redirect != nil {
		out.notes = append(out.notes, quote(out.redirect.text)+" counts for nothing beside all")
		out.redirect = nil
	}
	return out
}

// The shapes of terms (RFC 7208 s12). A mechanism's domain ends before the prefix
// lengths, and a domain ends in a label that is not all digits or in a macro.
var (
	mechanism = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([+?~-]?)([a-z0-9]+)(?::(.*?))?((?:/[0-9]{1,3})?(?://[0-9]{1,3})?)$`)
	})
	modifier = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-z][a-z0-9_.-]*)=(.*)$`) })
	macros   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`%(?:[%_-]|\{[slodiphcrtv][0-9]*r?[.+,/_=-]*\})`)
	})
	topLabel = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\.([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.?$`) })
)

// readTerm reads a mechanism or a modifier; of modifiers that count for nothing
// the name is empty. The error is a clause.
func readTerm(word string) (spfTerm, error) {
	lower := strings.ToLower(word) // names and domains are the same in capitals
	if m := modifier().FindStringSubmatch(lower); m != nil {
		return readModifier(word, m[1], m[2])
	}
	m := mechanism().FindStringSubmatch(lower)
	if m == nil {
		return spfTerm{}, fmt.Errorf("%s is no term of SPF's", quote(word))
	}
	term := spfTerm{text: word, qualifier: m[1], name: m[2], domain: m[3]}
	if term.qualifier == "" {
		term.qualifier = "+"
	}
	colon, prefix := strings.Contains(word, ":"), m[4]
	term.whole = slices.Contains(strings.Split(prefix, "/"), "0")
	switch term.name {
	case "all":
		if colon || prefix != "" {
			return spfTerm{}, fmt.Errorf("%s: all takes nothing behind it", quote(word))
		}
		return term, nil
	case "ip4", "ip6":
		return term, readNetwork(word, term.name, m[3], prefix)
	case "include", "exists", "ptr", "a", "mx":
		ranged := term.name == "a" || term.name == "mx"
		if prefix != "" && !(ranged && fits(prefix)) {
			return spfTerm{}, fmt.Errorf("%s: %s is no prefix length here", quote(word), prefix)
		}
		if !colon && (ranged || term.name == "ptr") {
			return term, nil // of the domain itself
		}
		return term, term.readDomain(word)
	}
	return spfTerm{}, fmt.Errorf("%s is no term of SPF's", quote(word))
}

func readModifier(word, name, value string) (spfTerm, error) {
	term := spfTerm{text: word, domain: value}
	if name != "redirect" && name != "exp" {
		return term, nil
	}
	term.name = name
	return term, term.readDomain(word)
}

// readDomain checks a domain-spec (RFC 7208 s7.1) and finds its macros.
func (t *spfTerm) readDomain(word string) error {
	plain := macros().ReplaceAllString(t.domain, "")
	t.macro = len(plain) != len(t.domain)
	switch {
	case t.domain == "":
		return fmt.Errorf("%s names no domain", quote(word))
	case strings.Contains(plain, "%"):
		return fmt.Errorf("%s has a macro that there is not", quote(word))
	case strings.Trim(plain, printableASCII) != "":
		return fmt.Errorf("%s has octets that no name has", quote(word))
	case t.macro && strings.HasSuffix(t.domain, "}"):
		return nil
	}
	end := topLabel().FindStringSubmatch(t.domain)
	if _, err := netip.ParseAddr(t.domain); err == nil {
		return fmt.Errorf("%s names an address: ip4: or ip6: is meant", quote(word))
	}
	if end == nil || strings.Trim(end[1], "0123456789") == "" {
		return fmt.Errorf("%s names no domain", quote(word))
	}
	t.domain = strings.TrimSuffix(t.domain, ".")
	return nil
}

// printableASCII is what a domain-spec may hold beside macros: all but space.
const printableASCII = "!\"#$&'()*+,-./0123456789:;<=>?@[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// fits reports whether the lengths of "/n", "//m" or "/n//m" are in range.
func fits(prefix string) bool {
	four, six, _ := strings.Cut(prefix, "//")
	return isLength(strings.TrimPrefix(four, "/"), 32) && isLength(six, 128)
}

func isLength(text string, most int) bool {
	n, err := strconv.Atoi(text)
	return text == "" || err == nil && n <= most && text == strconv.Itoa(n)
}

func readNetwork(word, name, address, prefix string) error {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Zone() != "" || ip.Is4() != (name == "ip4") {
		return fmt.Errorf("%s names no address of %s", quote(word), map[string]string{"ip4": "IPv4", "ip6": "IPv6"}[name])
	}
	if prefix == "" {
		return nil
	}
	if _, err := netip.ParsePrefix(address + prefix); err != nil {
		return fmt.Errorf("%s: %s is no prefix length here", quote(word), prefix)
	}
	return nil
}
