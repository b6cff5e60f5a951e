package scanner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/lab"
)

// survey scans targets and returns the rows.
func survey(t *testing.T, s *scanner.Scanner, targets ...string) *rows {
	t.Helper()
	got := new(rows)
	if _, err := s.Servers(t.Context(), input.Arguments(targets), got); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestLabServers scans every domain of the practice Internet and holds what is
// reported of each server against what is true of it.
func TestLabServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		_, roots, err := internet.Roots()
		if err != nil {
			t.Fatal(err)
		}
		s := labScanner(t, internet)
		s.Roots = roots
		var targets []string
		for _, domain := range internet.Domains() {
			targets = append(targets, domain.Name)
		}
		truth := make(map[string]lab.ServerTruth)
		for _, fact := range internet.Servers() {
			truth[fmt.Sprintf("%s:%d", fact.IP, fact.Port)] = fact
			if fact.Port != 25 {
				targets = append(targets, fmt.Sprintf("%s:%d", fact.Host, fact.Port))
			}
		}
		got := survey(t, s, targets...)
		for _, row := range got.servers {
			at := fmt.Sprintf("%s:%d", row.IP, row.Port)
			fact, known := truth[at]
			if !known {
				if row.Reachable == probe.Yes {
					t.Errorf("%s: reached, and no server of the lab", at)
				}
				continue
			}
			delete(truth, at)
			if diff := cmp.Diff(described(fact), reported(row)); diff != "" {
				t.Errorf("%s at %s (-true +reported):\n%s", fact.About, at, diff)
			}
		}
		for at, fact := range truth {
			t.Errorf("%s at %s is not in the report", fact.Host, at)
		}
	})
}

// facts is what a server's truth and a server's row have in common.
type facts struct {
	Host, Greeting, Hello, StartTLS, Certificate string
	Reachable                                    bool
	Plain, Encrypted                             []string
}

func described(fact lab.ServerTruth) facts {
	f := facts{Host: fact.Host, Greeting: fact.Greeting, Hello: fact.Hello, Certificate: fact.Certificate, Reachable: fact.Reachable,
		Plain: canonical(fact.Plain), Encrypted: canonical(fact.Encrypted)}
	switch {
	case !fact.Reachable, fact.Handshake == "refused", fact.Handshake == "failed", fact.StartTLS == "" && !fact.ImplicitTLS:
		f.StartTLS = "inconclusive"
	case fact.ImplicitTLS:
		f.StartTLS = "no"
	default:
		f.StartTLS = fact.StartTLS
	}
	return f
}

func reported(row *scanner.ServerRow) facts {
	f := facts{Host: row.Host, StartTLS: string(row.StartTLS), Reachable: row.Reachable == probe.Yes}
	if row.Greeting != nil {
		f.Greeting = fmt.Sprint(row.Greeting.Code)
	}
	for _, hello := range []*probe.Hello{row.Plain, row.Encrypted} {
		if hello != nil {
			f.Hello = hello.Verb
		}
	}
	f.Plain, f.Encrypted = offered(row.Plain), offered(row.Encrypted)
	if row.TLS != nil {
		f.Certificate = strings.Replace(string(row.TLS.PKIX.Status), "name_mismatch", "wrong_name", 1)
	}
	return f
}

func offered(hello *probe.Hello) []string {
	if hello == nil {
		return nil
	}
	var out []string
	for _, extension := range hello.Extensions {
		out = append(out, strings.Join(append([]string{string(extension.Keyword)}, extension.Params...), " "))
	}
	return out
}

// canonical writes EHLO lines as the parser keeps them: AUTH= is a keyword of
// its own, an empty line is none, and a keyword said twice is one.
func canonical(lines []string) []string {
	var out []string
	for _, extension := range smtp.ParseExtensions(append([]string{"greeting"}, lines...)) {
		out = append(out, strings.Join(append([]string{string(extension.Keyword)}, extension.Params...), " "))
	}
	return out
}

func TestServersAreAskedOnceHoweverManyDomainsUseThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		got := survey(t, labScanner(t, internet), "shared.example", "shared2.example", "shared.example", "mx.shared.example:25")
		if len(got.servers) != 1 || internet.Stats().Dials != 1 {
			t.Fatalf("%d rows and %d connections, want one", len(got.servers), internet.Stats().Dials)
		}
		row := got.servers[0]
		if !slices.Equal(row.Domains, []string{"shared.example", "shared2.example"}) {
			t.Errorf("domains %v", row.Domains)
		}
		if len(row.Targets) != 4 {
			t.Errorf("%d lines lead to it, want 4", len(row.Targets))
		}
		if len(got.domains) != 3 {
			t.Errorf("%d domain rows, want one for each line with a domain", len(got.domains))
		}
	})
}

func TestLinesThatNameNothingAreNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		got := survey(t, labScanner(t, internet), "exa mple", "mx.plain.example:99999", "nxdomain.example", "plain.example", "nobody.plain.example:25")
		if len(got.domains) != 5 || len(got.servers) != 1 {
			t.Fatalf("%d domain rows and %d servers, want 5 and 1", len(got.domains), len(got.servers))
		}
		for i, want := range []bool{true, true, false, false, false} {
			if row := got.domains[i]; (row.Error != "") != want || row.Row != int64(i+1) {
				t.Errorf("row %d of %q: error %q", row.Row, row.Input, row.Error)
			}
		}
		if got.domains[2].Route.DNS != "nxdomain" || got.domains[4].Route.DNS != "nxdomain" {
			t.Errorf("routes %+v and %+v, want nxdomain", got.domains[2].Route, got.domains[4].Route)
		}
	})
}
