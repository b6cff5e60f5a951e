package smtp_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
)

func offered(lines ...string) smtp.Extensions {
	return smtp.ParseExtensions(append([]string{"mx.example greets"}, lines...))
}

func TestParseExtensions(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
		want  string // as JSON
	}{
		{"the first line is no keyword", []string{"SIZE 1000"}, `{}`},
		{"order, case and unknown ones", []string{"mx", "Size 1000", "x-foo Bar baz", "DSN"}, `{"SIZE":["1000"],"X-FOO":["Bar","baz"],"DSN":[]}`},
		{"empty last keyword", []string{"mx", "DSN", ""}, `{"DSN":[]}`},
		{"blanks", []string{"mx", "  SIZE\t 1000  "}, `{"SIZE":["1000"]}`},
		{"said twice", []string{"mx", "AUTH PLAIN", "DSN", "auth LOGIN"}, `{"AUTH":["PLAIN","LOGIN"],"DSN":[]}`},
		{"legacy AUTH", []string{"mx", "AUTH=LOGIN PLAIN", "AUTH LOGIN"}, `{"AUTH=":["LOGIN","PLAIN"],"AUTH":["LOGIN"]}`},
		{"legacy AUTH with nothing", []string{"mx", "AUTH="}, `{"AUTH=":[]}`},
		{"no lines", nil, `{}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := json.Marshal(smtp.ParseExtensions(test.lines))
			if err != nil || string(got) != test.want {
				t.Fatalf("got %s, %v; want %s", got, err, test.want)
			}
			var back smtp.Extensions
			if err := json.Unmarshal(got, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(smtp.ParseExtensions(test.lines), back); diff != "" {
				t.Errorf("round trip, -want +got:\n%s", diff)
			}
		})
	}
}

func TestExtensionsNotLearnedAreNull(t *testing.T) {
	got, err := json.Marshal(smtp.Extensions(nil))
	if string(got) != "null" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	back := offered("DSN")
	if err := json.Unmarshal([]byte("null"), &back); err != nil || back != nil {
		t.Errorf("got %v, %v; want nil", back, err)
	}
	for _, bad := range []string{`[]`, `"x"`, `{"DSN":1}`, `{"DSN":["a"`} {
		if err := back.UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestSize(t *testing.T) {
	for _, test := range []struct {
		line string
		want uint64
		ok   bool
	}{
		{"SIZE 52428800", 52428800, true},
		{"SIZE", 0, true},
		{"SIZE 0", 0, true},
		{"SIZE 99999999999999999999999", 0, false},
		{"SIZE huge", 0, false},
		{"DSN", 0, false},
	} {
		if got, ok := offered(test.line).Size(); ok != test.ok || ok && got != test.want {
			t.Errorf("%s: got %d, %v", test.line, got, ok)
		}
	}
}

func TestAuth(t *testing.T) {
	got := offered("AUTH=login PLAIN", "AUTH PLAIN cram-md5")
	if diff := cmp.Diff([]string{"PLAIN", "CRAM-MD5", "LOGIN"}, got.Auth()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !got.LegacyAuth() || offered("AUTH PLAIN").LegacyAuth() {
		t.Error("legacy form not told from the other")
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		line string
		want smtp.Limits
		ok   bool
	}{
		{"LIMITS MAILMAX=20 rcptmax=100 RCPTDOMAINMAX=1", smtp.Limits{MailMax: 20, RcptMax: 100, RcptDomainMax: 1}, true},
		{"LIMITS RCPTMAX=100 FUTURE=x,y OTHER", smtp.Limits{RcptMax: 100}, true},
		{"LIMITS", smtp.Limits{}, true},
		{"LIMITS RCPTMAX=100 MAILMAX=0", smtp.Limits{}, false},
		{"LIMITS RCPTMAX=100 MAILMAX=1234567", smtp.Limits{}, false},
		{"LIMITS RCPTMAX=100 MAILMAX", smtp.Limits{}, false},
		{"LIMITS RCPTMAX=100 MAILMAX=+1", smtp.Limits{}, false},
		{"LIMITS RCPTMAX=100; MAILMAX=20", smtp.Limits{}, false},
		{"LIMITS RCPTMAX=100 =5", smtp.Limits{}, false},
		{"LIMITS RCPTMAX=100 FUTURE=", smtp.Limits{}, false},
		{"DSN", smtp.Limits{}, false},
	} {
		if got, ok := offered(test.line).Limits(); got != test.want || ok != test.ok {
			t.Errorf("%s: got %+v, %v", test.line, got, ok)
		}
	}
}

func FuzzExtensions(f *testing.F) {
	f.Add("mx\nSIZE 1000\nAUTH=LOGIN PLAIN\nAUTH PLAIN\nLIMITS RCPTMAX=5\n\nDSN")
	f.Add("mx\n\xff\x00 \t=\nauth=\nAuTh")
	f.Fuzz(func(t *testing.T, text string) {
		got := smtp.ParseExtensions(strings.Split(text, "\n"))
		got.Size()
		got.Limits()
		seen := map[string]bool{}
		for _, name := range got.Auth() {
			if seen[name] {
				t.Errorf("%q twice", name)
			}
			seen[name] = true
		}
		first, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var back smtp.Extensions
		if err := json.Unmarshal(first, &back); err != nil {
			t.Fatal(err)
		}
		// What is not UTF-8 is replaced, once: from then on nothing changes.
		second, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		var again smtp.Extensions
		if err := json.Unmarshal(second, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(back, again); diff != "" {
			t.Error(diff)
		}
	})
}
