package address

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Lists are a user's own lists, which win over the embedded ones. The zero Lists has none, and gives the embedded answer.
type Lists struct {
	Disposable Own // of domains
	Free       Own // of domains
	Relay      Own // of domains
	Role       Own // of local parts, without tag
}

// Own is what a user knows better about one trait. A domain speaks for what is below it too, the longest name deciding;
// what is both denied and allowed is allowed.
type Own struct {
	Deny  Entries // these have the trait, whatever the embedded list says
	Allow Entries // these do not
}

// Entries are domains (A-labels) or local parts, in lower case and sorted: what ReadDomains and ReadLocals return.
type Entries []string

func (e Entries) has(key string) bool {
	_, found := slices.BinarySearch(e, key)
	return found
}

// LineError is a line of a user's list that cannot be read.
type LineError struct {
	Line int    // from 1
	Text string // the line
	Err  error  // why
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// ReadDomains reads one domain a line, as ParseDomain takes them; "#" begins a comment, blank lines count for nothing. The error is a *LineError.
func ReadDomains(r io.Reader) (Entries, error) {
	return readEntries(r, func(line string) (string, error) {
		ascii, _, err := ParseDomain(line)
		return ascii, err
	})
}

// ReadLocals is ReadDomains for local parts. Case and quotes count for nothing.
func ReadLocals(r io.Reader) (Entries, error) {
	return readEntries(r, func(line string) (string, error) {
		a, err := Parse(line + "@example.org")
		return strings.ToLower(a.Local), err
	})
}

func readEntries(r io.Reader, read func(string) (string, error)) (Entries, error) {
	var entries Entries
	lines := bufio.NewScanner(r)
	n := 0
	for lines.Scan() {
		n++
		text := uncomment(lines.Text())
		if text == "" {
			continue
		}
		entry, err := read(text)
		if err != nil {
			return nil, &LineError{Line: n, Text: lines.Text(), Err: err}
		}
		entries = append(entries, entry)
	}
	if err := lines.Err(); err != nil {
		return nil, &LineError{Line: n + 1, Err: err}
	}
	slices.Sort(entries)
	return slices.Compact(entries), nil
}

// uncomment drops blanks, a byte order mark and what follows "#" at the start or behind a blank: a local part may hold "#".
func uncomment(line string) string {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return strings.TrimSpace(line[:i])
		}
	}
	return line
}

// Traits measures an address by these lists, and by the embedded ones where they say nothing.
// An address literal is at nobody's service: it is neither disposable, free nor a relay.
func (l Lists) Traits(a Address) Traits {
	local, tagged := a.untagged()
	suffix := suffixLen(a.Domain)
	disposable, free, relay := l.Disposable.domain(a.Domain, suffix, disposables), l.Free.domain(a.Domain, suffix, frees), l.Relay.domain(a.Domain, suffix, relays)
	role := l.Role.local(local)
	return Traits{Disposable: &disposable, Role: &role, Free: &free, Relay: &relay, Tagged: &tagged}
}

func (o Own) domain(domain string, suffix int, embedded blob) bool {
	if domain == "" {
		return false
	}
	if len(o.Allow)+len(o.Deny) > 0 {
		if name := deepest(domain, suffix, func(name string) bool { return o.Allow.has(name) || o.Deny.has(name) }); name != "" {
			return !o.Allow.has(name)
		}
	}
	return deepest(domain, suffix, embedded.has) != ""
}

func (o Own) local(local string) bool {
	switch {
	case o.Allow.has(local):
		return false
	case o.Deny.has(local):
		return true
	}
	return roles.has(local)
}
