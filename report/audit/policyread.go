package audit

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
)

// PolicyError says what is wrong with a policy file, and where.
type PolicyError struct {
	Line    int    // from 1; 0 where it is not known
	Problem string // one clause
	Hint    string // what may have been meant; mostly empty
}

func (e *PolicyError) Error() string {
	text := e.Problem
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	if e.Hint != "" {
		text += "\nhint: " + e.Hint
	}
	return text
}

const maxPolicy = 1 << 20 // octets

// ReadPolicy reads a policy file. The error is a *PolicyError, or that of the
// reader. A key, check or word that is not known is an error: a policy with a
// slip in it would be silent where it ought to speak.
func ReadPolicy(r io.Reader) (*Policy, error) {
	octets, err := io.ReadAll(io.LimitReader(r, maxPolicy+1))
	if err != nil {
		return nil, err
	}
	if len(octets) > maxPolicy {
		return nil, &PolicyError{Problem: "over 1 MiB is no policy file"}
	}
	text := string(octets)
	var file struct {
		group
		Groups []group `toml:"group"`
	}
	meta, err := toml.Decode(text, &file)
	if err != nil {
		return nil, unread(err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		name := key[len(key)-1]
		return nil, &PolicyError{Line: lineOf(text, key, -1), Problem: fmt.Sprintf("unknown key %q", key.String()), Hint: meant(name, keysBeside(key))}
	}
	file.group.Name = "every domain"
	p := &Policy{groups: append([]group{file.group}, file.Groups...), classes: map[string]*settings{}}
	for i := range p.groups {
		if err := p.groups[i].settle(text, i-1); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// unread is the error of package toml as ours. A value of another type it tells
// by words alone, such as `toml: line 2 (last key "expect.dane"): ...`.
func unread(err error) *PolicyError {
	if parse, ok := errors.AsType[toml.ParseError](err); ok && parse.Message != "" {
		return &PolicyError{Line: parse.Position.Line, Problem: parse.Message}
	}
	line, text := 0, strings.TrimPrefix(err.Error(), "toml: ")
	if n, _ := fmt.Sscanf(text, "line %d ", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	return &PolicyError{Line: line, Problem: text}
}

// keysBeside are the keys that may stand where an unknown one does.
func keysBeside(key toml.Key) []string {
	switch {
	case len(key) >= 2 && key[len(key)-2] == "expect":
		return []string{"starttls", "min_tls", "trusted_certificate", "min_rsa", "post_quantum", "requiretls", "dane", "dnssec", "ipv6", "mta_sts", "tls_rpt", "spf", "dmarc"}
	case len(key) == 2 && key[0] == "group":
		return []string{"name", "domains", "columns", "ignore", "severity", "expect"}
	default:
		return []string{"ignore", "severity", "expect", "group"}
	}
}

// settle tests what TOML cannot. at is the group's number from 0, or -1 for the
// part that is of all domains.
func (g *group) settle(text string, at int) error {
	path := func(keys ...string) int {
		if at >= 0 {
			keys = append([]string{"group"}, keys...)
		}
		return lineOf(text, keys, at)
	}
	switch {
	case at < 0 && (len(g.Domains) > 0 || len(g.Columns) > 0):
		return &PolicyError{Line: path("domains") + path("columns"), Problem: "domains and columns belong into a group", Hint: "begin one with [[group]]"}
	case at >= 0 && len(g.Domains) == 0 && len(g.Columns) == 0:
		return &PolicyError{Line: groupLine(text, at), Problem: "a group without domains and without columns", Hint: "what holds for all domains stands outside groups"}
	}
	for i, pattern := range g.Domains {
		name, err := plainPattern(pattern)
		if err != nil {
			return &PolicyError{Line: path("domains"), Problem: fmt.Sprintf("%q is neither a domain nor *. and one", pattern)}
		}
		g.Domains[i] = name
	}
	for _, id := range g.Ignore {
		if err := knownCheck(id, path("ignore")); err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(g.Severity) {
		if err := knownCheck(id, path("severity", id)); err != nil {
			return err
		}
		if word := g.Severity[id]; scanner.Severity(word).Rank() < 0 {
			return &PolicyError{Line: path("severity", id), Problem: fmt.Sprintf("%q is no severity", word), Hint: "info, low, medium, high or critical"}
		}
	}
	return g.Expect.settle(func(key string) int { return path("expect", key) })
}

// plainPattern is a pattern in lower-case A-labels.
func plainPattern(pattern string) (string, error) {
	rest, star := strings.CutPrefix(pattern, "*.")
	ascii, _, err := address.ParseDomain(rest)
	if star {
		ascii = "*." + ascii
	}
	return ascii, err
}

func knownCheck(id string, line int) error {
	var ids []string
	for _, c := range checks() {
		ids = append(ids, c.id)
	}
	if slices.Contains(ids, id) {
		return nil
	}
	return &PolicyError{Line: line, Problem: fmt.Sprintf("there is no check %q", id), Hint: meant(id, ids)}
}

// settle tests the words of expectations.
func (e Expect) settle(line func(key string) int) error {
	for _, one := range []struct {
		key   string
		value *string
		words []string
	}{
		{"min_tls", e.MinTLS, []string{"1.0", "1.1", "1.2", "1.3"}},
		{"mta_sts", e.MTASTS, []string{"testing", "enforce"}},
		{"spf", e.SPF, []string{"softfail", "fail"}},
		{"dmarc", e.DMARC, []string{"none", "quarantine", "reject"}},
	} {
		if one.value != nil && !slices.Contains(one.words, *one.value) {
			return &PolicyError{Line: line(one.key), Problem: fmt.Sprintf("%s cannot be %q", one.key, *one.value), Hint: "one of " + strings.Join(one.words, ", ")}
		}
	}
	if e.MinRSA != nil && *e.MinRSA < 0 {
		return &PolicyError{Line: line("min_rsa"), Problem: "min_rsa is a number of bits"}
	}
	return nil
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
