package scanner

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx/address"
)

const exclusions = "\ufeff# never ask these\n" +
	"ann@example.org\r\n" +
	"\n" +
	"  example.net  \n" +
	"@at.example\n" +
	"*.star.example\n" +
	"B\u00fccher.example\n" +
	"\"odd name\"@example.org\n" +
	"bob@[192.0.2.9]\n" +
	"192.0.2.7\n" +
	"[192.0.2.8]\n" +
	"198.51.100.77/24\n" +
	"2001:db8::/32\n" +
	"::ffff:203.0.113.5\n" +
	"::ffff:203.0.113.128/121"

func readExclusions(t *testing.T) *Exclude {
	t.Helper()
	exclude, err := ReadExclude(strings.NewReader(exclusions))
	if err != nil {
		t.Fatal(err)
	}
	return exclude
}

func TestExcludeAddress(t *testing.T) {
	exclude := readExclusions(t)
	for text, want := range map[string]bool{
		"ann@example.org":              true,
		"Ann@EXAMPLE.org":              true, // who asked to be left alone is not asked for by another spelling
		"ann+list@example.org":         false,
		"bea@example.org":              false,
		"\"odd name\"@example.org":     true,
		"anyone@example.net":           true,
		"anyone@mail.example.net":      true,
		"anyone@notexample.net":        false,
		"anyone@net":                   false,
		"anyone@at.example":            true,
		"anyone@star.example":          true,
		"anyone@a.star.example":        true,
		"anyone@xn--bcher-kva.example": true,
		"anyone@b\u00fccher.example":   true,
		"bob@[192.0.2.9]":              true,
		"carl@[192.0.2.9]":             false,
	} {
		mailbox, err := address.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := exclude.Address(mailbox); got != want {
			t.Errorf("%s excluded: %v, want %v", text, got, want)
		}
	}
}

func TestExcludeHost(t *testing.T) {
	exclude := readExclusions(t)
	for name, want := range map[string]bool{"mx1.example.net": true, "example.net": true, "mx.example.org": false, "example.org": false, "": false, ".": false} {
		if got := exclude.Host(name); got != want {
			t.Errorf("%q excluded: %v, want %v", name, got, want)
		}
	}
}

func TestExcludeIP(t *testing.T) {
	exclude := readExclusions(t)
	for ip, want := range map[string]bool{
		"192.0.2.7":          true,
		"::ffff:192.0.2.7":   true, // the same server, however it is written
		"192.0.2.8":          true,
		"192.0.2.9":          false,
		"198.51.100.1":       true,
		"198.51.101.1":       false,
		"2001:db8:ffff::1":   true,
		"2001:db9::1":        false,
		"203.0.113.5":        true,
		"203.0.113.6":        false,
		"203.0.113.200":      true,
		"::ffff:203.0.113.9": false,
	} {
		if got := exclude.IP(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s excluded: %v, want %v", ip, got, want)
		}
	}
}

func TestNoListExcludesNothing(t *testing.T) {
	mailbox, err := address.Parse("ann@example.org")
	if err != nil {
		t.Fatal(err)
	}
	empty, err := ReadExclude(strings.NewReader("# nobody\n\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, exclude := range []*Exclude{nil, empty} {
		if exclude.Address(mailbox) || exclude.Host("example.org") || exclude.IP(netip.MustParseAddr("192.0.2.1")) {
			t.Errorf("%+v excludes somebody", exclude)
		}
	}
}

// TestAnExclusionThatCannotBeReadIsAnError: to pass over it would be to ask
// somebody who asked not to be.
func TestAnExclusionThatCannotBeReadIsAnError(t *testing.T) {
	for name, text := range map[string]string{
		"two at signs":        "example.org\nann@@example.org\n",
		"a blank in a domain": "example.org\nexample .org\n",
		"a broken network":    "example.org\n192.0.2.0/33\n",
		"a line without end":  "example.org\n" + strings.Repeat("a", 1<<17),
	} {
		exclude, err := ReadExclude(strings.NewReader(text))
		if err == nil {
			t.Errorf("%s: read as %+v", name, exclude)
		} else if !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %q does not name the line", name, err)
		}
	}
}
