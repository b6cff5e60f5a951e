package address

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// category names what a text is in the words of the corpus. Quotes for nothing are off the Address by then, so the text is asked.
func category(text string, parse func(string) (Address, error)) string {
	a, err := parse(text)
	if e, refused := errors.AsType[*Error](err); refused {
		switch e.Rule {
		case RuleComment, RuleFolding, RuleMixedQuoting, RuleLocalTooLong:
			return "obsolete"
		case RuleBadLiteral:
			if strings.HasSuffix(strings.TrimSpace(text), "]") {
				return "obsolete" // RFC 5322 s3.4.1 lets nearly anything stand in the brackets
			}
		}
		return "invalid"
	}
	switch {
	case a.Literal != "":
		return "valid-literal"
	case a.NeedsSMTPUTF8() || a.Unicode != a.Domain:
		return "valid-eai"
	case a.Quoted || strings.HasPrefix(text, `"`):
		return "valid-quoted"
	}
	return "valid-ascii"
}

func accepted(category string) bool { return strings.HasPrefix(category, "valid-") }

// specimen is one address of the corpus.
type specimen struct {
	text     string
	expected string
	also     []string // what else its sources call it
	note     string
}

// agreed holds where all sources accept or all refuse.
func (s specimen) agreed() bool {
	return !slices.ContainsFunc(s.also, func(c string) bool { return accepted(c) != accepted(s.expected) })
}

// cleaned holds where the corpus judges together with the address what is taken off before reading: blanks, final dots, angle brackets.
func (s specimen) cleaned() bool {
	return s.text != strings.TrimSpace(s.text) || s.note == "trailing dot" || strings.HasSuffix(s.text, ".") || strings.HasPrefix(s.note, "name-addr")
}

// corpus reads the labelled addresses kept beside the repository; they are other projects' and no part of it.
func corpus(t *testing.T) []specimen {
	text, err := os.ReadFile("../../../shared/corpora/syntax.tsv")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the labelled addresses are not beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	var all []specimen
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 7 || f[0] == "source" || seen[f[1]] {
			continue
		}
		seen[f[1]] = true
		address, err := strconv.Unquote(f[1])
		if err != nil {
			t.Fatalf("%s: %v", f[1], err)
		}
		s := specimen{text: address, expected: f[2], note: f[6]}
		if f[3] != "" {
			s.also = strings.Split(f[3], ",")
		}
		all = append(all, s)
	}
	if len(all) < 400 {
		t.Fatalf("%d addresses only", len(all))
	}
	return all
}

func TestCorpus(t *testing.T) {
	specimens := corpus(t)
	for _, how := range []struct {
		name                   string
		parse                  func(string) (Address, error)
		strict, lenient, exact float64 // at least
	}{
		{"Parse", Parse, 0.939, 0.978, 0.860},
		{"Policy{}", Policy{}.Parse, 0.969, 0.986, 0.888},
	} {
		t.Run(how.name, func(t *testing.T) {
			var strict, lenient, exact float64
			for _, s := range specimens {
				got := category(s.text, how.parse)
				right := accepted(got) == accepted(s.expected)
				if right {
					strict++
				}
				if right || !s.agreed() {
					lenient++
				} else if !s.cleaned() {
					t.Errorf("%q is %s, all sources agree; got %s (%s)", s.text, s.expected, got, s.note)
				}
				if got == s.expected {
					exact++
				}
			}
			n := float64(len(specimens))
			strict, lenient, exact = strict/n, lenient/n, exact/n
			t.Logf("%d addresses: strict %.3f, lenient %.3f, category %.3f", len(specimens), strict, lenient, exact)
			if strict < how.strict || lenient < how.lenient || exact < how.exact {
				t.Errorf("once reached: strict %.3f, lenient %.3f, category %.3f", how.strict, how.lenient, how.exact)
			}
		})
	}
}
