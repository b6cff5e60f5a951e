package address

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// words names the traits an address has.
func (t Traits) words() string {
	var words []string
	for _, trait := range []struct {
		name string
		has  *bool
	}{{"disposable", t.Disposable}, {"role", t.Role}, {"free", t.Free}, {"relay", t.Relay}, {"tagged", t.Tagged}} {
		switch {
		case trait.has == nil:
			words = append(words, trait.name+"?")
		case *trait.has:
			words = append(words, trait.name)
		}
	}
	return strings.Join(words, " ")
}

func TestTraits(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"person", "ann.lee@example.org", ""},
		{"role of RFC 2142", "PostMaster@example.org", "role"},
		{"role in French", "comptabilite@example.org", "role"},
		{"tagged role", "info+fair@example.org", "role tagged"},
		{"given name that is a city", "paris@example.org", ""},
		{"initials", "pm@example.org", ""},
		{"free and tagged", "ann+news@gmail.com", "free tagged"},
		{"free in capitals", "ann@GMX.de", "free"},
		{"below a free provider", "ann@mail.gmail.com", "free"},
		{"Yahoo tag", "ann-news@yahoo.com", "free tagged"},
		{"Yahoo has no plus", "ann+news@yahoo.com", "free"},
		{"hyphen elsewhere is no tag", "ann-lee@example.org", ""},
		{"plus first is no tag", "+ann@example.org", ""},
		{"paid", "ann@fastmail.com", ""},
		{"disposable", "x@mailinator.com", "disposable"},
		{"below a disposable domain", "x@a.b.mailinator.com", "disposable"},
		{"ends like a disposable domain", "x@notmailinator.com.example", ""},
		{"disposable under a name others have, too", "x@0-mailer.dynv6.net", "disposable"},
		{"another under that name", "x@somebody-else.dynv6.net", ""},
		{"SimpleLogin", "shop.ab12@aleeas.com", "relay"},
		{"DuckDuckGo", "x@duck.com", "relay"},
		{"Firefox Relay", "x@mozmail.com", "relay"},
		{"Firefox Relay with a name", "x7@ann.mozmail.com", "relay"},
		{"Apple sign-in", "x@privaterelay.appleid.com", "relay"},
		{"addy.io with a name", "x7@ann.anonaddy.com", "relay"},
		{"33Mail, on every list of disposable domains", "x7@ann.33mail.com", "relay"},
		{"the firm behind a relay is none", "ann@appleid.com", ""},
		{"mistaken for disposable: Google", "ann@google.com", ""},
		{"mistaken for disposable: Fastmail", "ann@nospammail.net", ""},
		{"mistaken for disposable: Facebook", "x@facebookmail.com", ""},
		{"literal", "info@[192.0.2.1]", "role"},
		{"IDN", "ann@bücher.example", ""},
		{"top-level domain", "ann@com", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustParse(t, tt.text).Traits().words(); got != tt.want {
				t.Errorf("traits of %s: %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestListVersions(t *testing.T) {
	const one = `%s \d{4}-\d\d-\d\d \(\d+\)`
	want := fmt.Sprintf("^"+one+", "+one+", "+one+", "+one+"$", "disposable", "free", "relay", "role")
	if got := ListVersions(); !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("%q", got)
	}
}

// The header counts what is below it, and no domain is on two lists at once.
func TestListsAgree(t *testing.T) {
	for _, list := range []blob{disposables, frees, relays, roles, popular, near} {
		if lines := tableLines(string(list)); !strings.HasSuffix(list.title(), fmt.Sprintf(" (%d)", len(lines))) {
			t.Errorf("%s, with %d entries", list.title(), len(lines))
		}
	}
	for _, line := range slices.Concat(tableLines(string(frees)), tableLines(string(relays))) {
		if domain := strings.Fields(line)[0]; disposables.has(domain) || frees.has(domain) && relays.has(domain) {
			t.Errorf("%s is on two lists", domain)
		}
	}
	for _, line := range tableLines(string(popular)) {
		if disposables.has(line) || relays.has(line) {
			t.Errorf("%s is popular and on another list", line)
		}
	}
}

func TestBlob(t *testing.T) {
	for name, b := range map[string]blob{
		"with a final line feed": "# title (3)\n# zebra\nant  with a reason\nbee\nbee.hive x\n",
		"without":                "# title (3)\n# zebra\nant  with a reason\nbee\nbee.hive x",
	} {
		for key, want := range map[string]bool{
			"ant": true, "bee": true, "bee.hive": true,
			"": false, "#": false, "with": false, "an": false, "antler": false, "be": false, "bee.": false, "zebra": false, "zz": false, "!": false, "x": false,
		} {
			if got := b.has(key); got != want {
				t.Errorf("%s: has(%q) = %v", name, key, got)
			}
		}
	}
	if blob("").has("ant") {
		t.Error("the empty list has something")
	}
}

func TestBlobHasEveryLine(t *testing.T) {
	word := rapid.StringMatching(`[a-c]{1,3}(\.[a-c]{1,3}){0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfDistinct(word, rapid.ID[string]).Draw(t, "words")
		slices.Sort(words)
		b := blob("# t\n" + strings.Join(words, "\n") + "\n")
		key := word.Draw(t, "key")
		for _, w := range append(words, key) {
			if b.has(w) != slices.Contains(words, w) {
				t.Fatalf("has(%q) = %v in %q", w, b.has(w), b)
			}
		}
	})
}

func BenchmarkTraits(b *testing.B) {
	for _, text := range []string{"ann@gmail.com", "info@a.b.mailinator.com", "ann.lee@example.org"} {
		a := mustParse(b, text)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.Traits()
			}
		})
	}
}
