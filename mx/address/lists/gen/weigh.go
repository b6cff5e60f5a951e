package main

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/mxvet/mxvet/mx/address"
)

// lists are the outcome, sorted.
type lists struct{ disposable, free, role []string }

// weigh makes the lists of what was said. Lists of disposable domains gathered by machine name real firms, and lists of free
// providers name disposable ones, so that one such list alone is not believed. A listing harms its owner; a gap is filled next time.
//   - disposable: what a curated list says, and what two others agree on; never what own/ and relay.txt know better
//   - free: what own/free.txt says, and what two lists agree on that is neither disposable nor a relay, and not in own/neither.txt
func weigh(said []statement, o own) lists {
	known := union(o.free, o.neither, o.relay)
	disposable := without(union(votes(said, curated, 1), votes(said, hearsay, 2)), known)
	free := union(o.free, without(votes(said, provider, 2), union(disposable, known)))
	role := votes(said, localPart, 1)
	maps.DeleteFunc(role, func(local string, _ bool) bool { return len(local) < 3 })
	return lists{sorted(disposable), sorted(free), sorted(union(o.role, without(role, o.notRole)))}
}

// votes are the entries that at least so many sources of one use agree on.
func votes(said []statement, u use, atLeast int) set {
	count := make(map[string]int)
	for _, s := range said {
		if s.use != u {
			continue
		}
		for entry := range s.usable() {
			count[entry]++
		}
	}
	agreed := make(set)
	for entry, n := range count {
		if n >= atLeast {
			agreed[entry] = true
		}
	}
	return agreed
}

// usable are the entries in the form they are looked up in. Public suffixes are left out: other people's domains stand below them.
func (s statement) usable() set {
	usable := make(set)
	for _, entry := range s.entries {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if s.use == localPart {
			if a, err := address.Parse(entry + "@example.org"); err == nil && !a.Quoted && a.Local == entry {
				usable[entry] = true
			}
			continue
		}
		if ascii, err := idna.Lookup.ToASCII(entry); err == nil {
			entry = ascii
		}
		ascii, _, err := address.ParseDomain(entry)
		suffix, _ := publicsuffix.PublicSuffix(ascii)
		if err == nil && ascii != suffix {
			usable[ascii] = true
		}
	}
	return usable
}

func union(sets ...set) set {
	all := make(set)
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

func without(s, less set) set {
	rest := maps.Clone(s)
	maps.DeleteFunc(rest, func(entry string, _ bool) bool { return less[entry] })
	return rest
}

func sorted(s set) []string { return slices.Sorted(maps.Keys(s)) }
