package audit

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
)

func policy(t *testing.T, text string) *Policy {
	t.Helper()
	p, err := ReadPolicy(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPolicyMistakes(t *testing.T) {
	for _, one := range []struct{ name, text, want string }{
		{"a slip in an expectation", "[expect]\nmin_tsl = \"1.2\"\n", "line 2: unknown key \"expect.min_tsl\"\nhint: did you mean min_tls?"},
		{"a slip in a group", "ignore = []\n\n[[group]]\ndomains = [\"a.example\"]\n\n[[group]]\ndomain = [\"b.example\"]\n", "line 7: unknown key \"group.domain\"\nhint: did you mean domains?"},
		{"a slip in a group's expectations", "[[group]]\ndomains = [\"a.example\"]\n[group.expect]\n# words\nmta-sts = \"enforce\"\n", "line 5: unknown key \"group.expect.mta-sts\"\nhint: did you mean mta_sts?"},
		{"a slip in an inline table", "[[group]]\ndomains = [\"a.example\"]\nexpect = { dnae = true }\n", "line 3: unknown key \"group.expect.dnae\"\nhint: did you mean dane?"},
		{"nothing like it", "colour = \"blue\"\n", "line 1: unknown key \"colour\""},
		{"no such check", "[severity]\nspf_absnet = \"low\"\n", "line 2: there is no check \"spf_absnet\"\nhint: did you mean spf_absent?"},
		{"no such check to ignore", "ignore = [\"caa\"]\n", "line 1: there is no check \"caa\""},
		{"no such severity", "[[group]]\ndomains = [\"a.example\"]\n[group.severity]\nspf_absent = \"severe\"\n", "line 4: \"severe\" is no severity\nhint: info, low, medium, high or critical"},
		{"no such version", "[expect]\nmin_tls = \"TLS1.2\"\n", "line 2: min_tls cannot be \"TLS1.2\"\nhint: one of 1.0, 1.1, 1.2, 1.3"},
		{"no such mode", "[expect]\nmta_sts = \"on\"\n", "line 2: mta_sts cannot be \"on\"\nhint: one of testing, enforce"},
		{"a group of nobody", "\n[[group]]\nname = \"all\"\n", "line 2: a group without domains and without columns\nhint: what holds for all domains stands outside groups"},
		{"domains outside groups", "domains = [\"a.example\"]\n", "line 1: domains and columns belong into a group\nhint: begin one with [[group]]"},
		{"no domain", "[[group]]\ndomains = [\"not a domain\"]\n", "line 2: \"not a domain\" is neither a domain nor *. and one"},
		{"a star in the middle", "[[group]]\ndomains = [\"a.*.example\"]\n", "line 2: \"a.*.example\" is neither a domain nor *. and one"},
		{"not TOML", "[expect]\nmin_tls = \n", "line 2: expected value but found '\\n' instead"},
		{"another type", "[expect]\ndane = \"yes\"\n", "line 2: incompatible types: TOML value has type string; destination has type boolean"},
	} {
		t.Run(one.name, func(t *testing.T) {
			_, err := ReadPolicy(strings.NewReader(one.text))
			if _, ok := errors.AsType[*PolicyError](err); !ok {
				t.Fatalf("the error is %v", err)
			}
			if diff := cmp.Diff(one.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPolicySize(t *testing.T) {
	_, err := ReadPolicy(strings.NewReader(strings.Repeat("#\n", maxPolicy)))
	if err == nil || err.Error() != "over 1 MiB is no policy file" {
		t.Errorf("the error is %v", err)
	}
}

const groups = `
ignore = ["caa_absent"]

[severity]
spf_absent = "critical"

[[group]]
name = "partners"
domains = ["partner.example", "*.partner.example"]
ignore = ["spf_absent"]

[[group]]
name = "finance"
columns = { owner = "finance" }
[group.severity]
caa_absent = "high"
spf_absent = "low"
`

func TestPolicyOfGroups(t *testing.T) {
	for _, one := range []struct {
		name, domain string
		columns      scanner.Columns
		want         []string
	}{
		{"in no group", "a.example", nil, []string{"critical spf_absent a.example:0 []"}},
		{"named", "partner.example", nil, nil},
		{"below a name", "x.y.partner.example", nil, nil},
		{"ends like a name", "notpartner.example", nil, []string{"critical spf_absent notpartner.example:0 []"}},
		{"of a column", "a.example", scanner.Columns{{Name: "owner", Value: "finance"}}, []string{"high caa_absent a.example:0 []", "low spf_absent a.example:0 []"}},
		{"of another value", "a.example", scanner.Columns{{Name: "owner", Value: "sales"}}, []string{"critical spf_absent a.example:0 []"}},
		{"the last group's word counts", "partner.example", scanner.Columns{{Name: "owner", Value: "finance"}}, []string{"high caa_absent partner.example:0 []", "low spf_absent partner.example:0 []"}},
	} {
		t.Run(one.name, func(t *testing.T) {
			row := other(one.domain)
			row.SPF, row.CAA, row.Columns = &mx.SPF{Presence: resolver.Absent}, &mx.CAA{Presence: resolver.Absent}, one.columns
			want(t, audited(Options{Now: now, Policy: policy(t, groups)}, rowsOf(sound(), row)...), one.want...)
		})
	}
}

// A server's finding has the worst severity of its domains', and names those
// alone that do not ignore it.
func TestPolicyOfSharedServers(t *testing.T) {
	text := `
[[group]]
domains = ["quiet.example"]
ignore = ["ptr_missing"]
[[group]]
domains = ["strict.example"]
[group.severity]
ptr_missing = "high"
`
	w := sound()
	w.first().Reverse = &mx.Reverse{DNS: resolver.NXDomain}
	with := func(names ...string) []*scanner.FindingRow {
		var domains []*scanner.DomainRow
		for _, name := range names {
			domains = append(domains, other(name))
		}
		return audited(Options{Now: now, Policy: policy(t, text)}, rowsOf(w, domains...)...)
	}
	want(t, with("quiet.example"))
	want(t, with("quiet.example", "a.example"), "low ptr_missing mx1.example.org:25 [a.example]")
	want(t, with("a.example", "quiet.example", "strict.example"), "high ptr_missing mx1.example.org:25 [a.example strict.example]")
}

func TestExpectationsOfAGroupAlone(t *testing.T) {
	text := "[[group]]\ndomains = [\"strict.example\"]\n[group.expect]\nmin_tls = \"1.3\"\n[group.severity]\nexpectation_min_tls = \"critical\"\n"
	w := sound()
	for _, row := range w.servers {
		row.TLS.Version, row.TLS.Cipher, row.TLS.Group = "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "X25519MLKEM768"
	}
	got := audited(Options{Now: now, Policy: policy(t, text)}, rowsOf(w, other("a.example"), other("strict.example"))...)
	want(t, got[:1], "critical expectation_min_tls strict.example:0 []")
	for _, f := range got[1:] {
		if f.ID != "tls_1_3_absent" {
			t.Errorf("%s fires too", f.ID)
		}
	}
}

func TestExpectationsOfAServerByItself(t *testing.T) {
	row := soundServer("mail.strict.example", netip.MustParseAddr("192.0.2.9"), 587)
	row.TLS.Version, row.TLS.Group, row.Domains = "TLSv1.2", "X25519MLKEM768", nil
	row.Reverse, row.Help = nil, nil
	text := "[[group]]\ndomains = [\"*.strict.example\"]\nignore = [\"tls_1_3_absent\", \"expectation_dane\"]\n[group.expect]\nmin_tls = \"1.3\"\ndane = true\n"
	want(t, audited(Options{Now: now, Policy: policy(t, text)}, row), "high expectation_min_tls mail.strict.example:587 []")
	row.TLSName, row.Host = "mail.example.org", "mail.example.org"
	want(t, audited(Options{Now: now, Policy: policy(t, text)}, row), "info tls_1_3_absent mail.example.org:587 []")
}

func TestEmptyPolicy(t *testing.T) {
	row := other("a.example")
	row.SPF = &mx.SPF{Presence: resolver.Absent}
	want(t, audited(Options{Now: now, Policy: policy(t, "# nothing\n")}, rowsOf(sound(), row)...), "medium spf_absent a.example:0 []")
}
