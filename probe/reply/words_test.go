package reply

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormalise(t *testing.T) {
	for name, row := range map[string]struct {
		lines []string
		want  string
	}{
		"enhanced code off each line": {[]string{"5.1.1 No such", "5.1.1 user"}, "no such user"},
		"enhanced code inside stays":  {[]string{"host said: 550 5.1.1 no"}, "host said 550 5.1.1 no"},
		"hash before the code":        {[]string{"#5.1.0 Address rejected"}, "address rejected"},
		"mailbox":                     {[]string{"<a.b+c@example.com>: gone"}, "<addr> gone"},
		"IPv4, with brackets, port":   {[]string{"from [192.0.2.1]:25 and 192.0.2.2, 192.0.2.3."}, "from <ip> 25 and <ip> <ip>"},
		"IPv6":                        {[]string{"from 2001:db8::1"}, "from <ip>"},
		"label before an IP":          {[]string{"IP:192.0.2.1"}, "ip <ip>"},
		"URL":                         {[]string{"see HTTP://Bl.example.org/query?ip=192.0.2.1"}, "see <url> bl example org query ip <ip>"},
		"apostrophes":                 {[]string{"doesn't doesn\u2019t"}, "doesnt doesnt"},
		"accents":                     {[]string{"Bo\u00eete \u00dcberf\u00fcllt pe\u0142na"}, "boite uberfullt pelna"},
		"Latin-1 bytes":               {[]string{"Bo\xeete"}, "boite"},
		"CJK, each a word":            {[]string{"\u7528\u6237x"}, "\u7528 \u6237 x"},
		"Cyrillic":                    {[]string{"\u041d\u0415\u0422"}, "\u043d\u0435\u0442"},
		"nothing":                     {nil, ""},
		"punctuation only":            {[]string{"... ---"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, normalise(row.lines)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFindStatus(t *testing.T) {
	for name, row := range map[string]struct {
		line string
		want status
	}{
		"at the start":              {"5.1.10 null mx", status{5, 1, 10}},
		"qmail's place":             {"sorry, no mailbox here (#5.1.1)", status{5, 1, 1}},
		"second hash":               {"ticket #77, #4.7.1", status{4, 7, 1}},
		"in the middle is not ours": {"said 5.1.1", status{}},
		"four digits":               {"5.1.1000 x", status{}},
		"an address":                {"5.1.1.1 x", status{}},
		"class 3":                   {"3.1.1 x", status{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := findStatus([]string{row.line}); got != row.want {
				t.Errorf("%v, want %v", got, row.want)
			}
		})
	}
}
