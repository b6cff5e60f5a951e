package smtp_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
)

// listed are extensions as a server lists them.
func listed(lines ...string) smtp.Extensions {
	return smtp.ParseExtensions(append([]string{"mx.example"}, lines...))
}

func TestDeliverBy(t *testing.T) {
	for _, test := range []struct {
		name, line string
		least      time.Duration
		ok         bool
	}{
		{"with a least time", "DELIVERBY 240", 4 * time.Minute, true},
		{"without", "DELIVERBY", 0, true},
		{"with what a later RFC might bring", "DELIVERBY 240,trace", 4 * time.Minute, true},
		{"not a number", "DELIVERBY soon", 0, false},
		{"too many digits", "DELIVERBY 1234567890", 0, false},
		{"not offered", "SIZE", 0, false},
	} {
		if least, ok := listed(test.line).DeliverBy(); least != test.least || ok != test.ok {
			t.Errorf("%s: got %v, %v", test.name, least, ok)
		}
	}
}

func TestFutureRelease(t *testing.T) {
	for _, test := range []struct {
		name, line string
		want       smtp.FutureRelease
		ok         bool
	}{
		{"both", "FUTURERELEASE 86400 2030-01-02T03:04:05Z", smtp.FutureRelease{Longest: 24 * time.Hour, Latest: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}, true},
		{"in another zone, small letters", "FUTURERELEASE 1 2030-01-02t03:04:05+01:00", smtp.FutureRelease{Longest: time.Second, Latest: time.Date(2030, 1, 2, 2, 4, 5, 0, time.UTC)}, true},
		{"no date", "FUTURERELEASE 86400", smtp.FutureRelease{}, false},
		{"no interval", "FUTURERELEASE 2030-01-02T03:04:05Z", smtp.FutureRelease{}, false},
		{"a date that is none", "FUTURERELEASE 86400 2030-13-02T03:04:05Z", smtp.FutureRelease{}, false},
		{"seconds since 1970", "FUTURERELEASE 1209600 999999999", smtp.FutureRelease{}, false},
		{"not offered", "SIZE", smtp.FutureRelease{}, false},
	} {
		if got, ok := listed(test.line).FutureRelease(); got != test.want || ok != test.ok {
			t.Errorf("%s: got %v, %v", test.name, got, ok)
		}
	}
}

func TestMTPriority(t *testing.T) {
	for _, test := range []struct {
		line, profile string
		ok            bool
	}{
		{"MT-PRIORITY", "", true},
		{"MT-PRIORITY mixer", "MIXER", true},
		{"MT-PRIORITY STANAG4406", "STANAG4406", true},
		{"MT-PRIORITY a/b", "A/B", false},
		{"MT-PRIORITY MIXER NSEP", "MIXER", false},
		{"SIZE", "", false},
	} {
		if profile, ok := listed(test.line).MTPriority(); profile != test.profile || ok != test.ok {
			t.Errorf("%s: got %q, %v", test.line, profile, ok)
		}
	}
}

func TestExtensionsWithLists(t *testing.T) {
	for _, test := range []struct {
		line string
		want []string
		ok   bool
		read func(smtp.Extensions) ([]string, bool)
	}{
		{"NO-SOLICITING net.example:ADV,org.example:ADV:ADLT", []string{"net.example:ADV", "org.example:ADV:ADLT"}, true, smtp.Extensions.NoSoliciting},
		{"NO-SOLICITING", nil, true, smtp.Extensions.NoSoliciting},
		{"NO-SOLICITING 1net.example:ADV", nil, false, smtp.Extensions.NoSoliciting},
		{"NO-SOLICITING net.example:ADV,", nil, false, smtp.Extensions.NoSoliciting},
		{"SIZE", nil, false, smtp.Extensions.NoSoliciting},
		{"BURL imap imap://imap.example imaps:", []string{"imap", "imap://imap.example", "imaps:"}, true, smtp.Extensions.BURL},
		{"BURL", []string{}, true, smtp.Extensions.BURL},
		{"BURL http://www.example", nil, false, smtp.Extensions.BURL},
		{"SIZE", nil, false, smtp.Extensions.BURL},
	} {
		got, ok := test.read(listed(test.line))
		if diff := cmp.Diff(test.want, got); diff != "" || ok != test.ok {
			t.Errorf("%s: %v, -want +got:\n%s", test.line, ok, diff)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name, line string
		want       []smtp.Fault
	}{
		{"size", "SIZE 10240000", nil},
		{"size without a limit", "SIZE", nil},
		{"size in words", "SIZE 10MB", []smtp.Fault{{"SIZE", "10MB", "a size is up to 20 digits", "RFC 1870"}}},
		{"two sizes", "SIZE 10 20", []smtp.Fault{{"SIZE", "20", "it takes one parameter", "RFC 1870"}}},
		{"limits", "LIMITS RCPTMAX=20 MAILMAX=5", nil},
		{"limits of nothing", "LIMITS", []smtp.Fault{{"LIMITS", "", "it wants parameters", "RFC 9422"}}},
		{"one bad limit of two", "LIMITS MAILMAX=5 RCPTMAX=0", []smtp.Fault{{"LIMITS", "MAILMAX=5 RCPTMAX=0", "one limit that is against the grammar makes the whole list count for nothing", "RFC 9422"}}},
		{"pipelining with a number", "PIPELINING 10", []smtp.Fault{{"PIPELINING", "10", "it takes no parameters", "RFC 2920"}}},
		{"SMTPUTF8 with a parameter", "SMTPUTF8 yes", []smtp.Fault{{"SMTPUTF8", "yes", "it takes no parameters", "RFC 6531"}}},
		{"deliver by soon", "DELIVERBY soon", []smtp.Fault{{"DELIVERBY", "soon", "the least time is up to nine digits", "RFC 2852"}}},
		{"half a future release", "FUTURERELEASE 86400", []smtp.Fault{{"FUTURERELEASE", "86400", "it wants the longest time in seconds and the last date, as 2026-01-02T03:04:05Z", "RFC 4865"}}},
		{"no future release at all", "FUTURERELEASE", []smtp.Fault{{"FUTURERELEASE", "", "it wants parameters", "RFC 4865"}}},
		{"priority", "MT-PRIORITY a/b", []smtp.Fault{{"MT-PRIORITY", "a/b", "a profile's name is letters, digits, hyphens and dots", "RFC 6710"}}},
		{"no soliciting", "NO-SOLICITING 1,2", []smtp.Fault{{"NO-SOLICITING", "1,2", "a class begins with a letter, and commas part them", "RFC 3865"}}},
		{"messages from the web", "BURL http:", []smtp.Fault{{"BURL", "http:", "it names imap or the beginning of an IMAP URL", "RFC 4468"}}},
		{"login", "AUTH PLAIN LOGIN SCRAM-SHA-256-PLUS", nil},
		{"login by nothing", "AUTH", []smtp.Fault{{"AUTH", "", "it wants parameters", "RFC 4954"}}},
		{"login in small letters", "AUTH plain", []smtp.Fault{{"AUTH", "plain", "a mechanism's name is capitals, digits, hyphens and underscores", "RFC 4954"}}},
		{"login with commas", "AUTH PLAIN,LOGIN", []smtp.Fault{{"AUTH", "PLAIN,LOGIN", "a mechanism's name is capitals, digits, hyphens and underscores", "RFC 4954"}}},
		{"a mechanism twice", "AUTH PLAIN LOGIN PLAIN", []smtp.Fault{{"AUTH", "PLAIN", "the mechanism is named twice", "RFC 4954"}}},
		{"a long mechanism", "AUTH A23456789012345678901", []smtp.Fault{{"AUTH", "A23456789012345678901", "a mechanism's name has at most 20 characters, not 21", "RFC 4954"}}},
		{"the old form is known, not a fault", "AUTH=LOGIN PLAIN", nil},
		{"a keyword with an underscore", "X_PIPE_CONNECT", []smtp.Fault{{"X_PIPE_CONNECT", "", "a keyword is letters, digits and hyphens, not beginning with a hyphen", "RFC 5321 s4.1.1.1"}}},
		{"a keyword that begins with a hyphen", "-SIZE", []smtp.Fault{{"-SIZE", "", "a keyword is letters, digits and hyphens, not beginning with a hyphen", "RFC 5321 s4.1.1.1"}}},
		{"octets that are no ASCII", "X-MOTTO gr\xfc\xdf", []smtp.Fault{{"X-MOTTO", "gr\xfc\xdf", "a parameter is printable ASCII", "RFC 5321 s4.1.1.1"}}},
		{"private ones take what they like", "XCLIENT NAME ADDR PORT", nil},
		{"nobody knows it", "X-OWN-IDEA 1 2 3", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, listed(test.line).Faults()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if got := listed("SIZE x", "DSN", "AUTH").Faults(); len(got) != 2 || got[0].Keyword != "SIZE" || got[1].Keyword != "AUTH" {
		t.Errorf("of several lines: %v", got)
	}
}
