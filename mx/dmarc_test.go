package mx

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

const dmarcZone = `
	_dmarc.sound.example.         TXT "v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=r; fo=1:d; rua=mailto:d@sound.example; ruf=mailto:f@mail.sound.example"
	_dmarc.capitals.example.      TXT "v=DMARC1; P=Reject;"
	_dmarc.spaced.example.        TXT "v = DMARC1 ;p= quarantine"
	_dmarc.trial.example.         TXT "v=DMARC1; p=reject; t=y"
	_dmarc.reports.example.       TXT "v=DMARC1; rua=mailto:d@reports.example"

	plain.example.                TXT "v=spf1 -all"
	_dmarc.wild.example.          TXT "v=spf1 -all"
	_dmarc.two.example.           TXT "v=DMARC1; p=none"
	_dmarc.two.example.           TXT "v=DMARC1; p=reject"
	_dmarc.small.example.         TXT "v=dmarc1; p=none"
	_dmarc.late.example.          TXT "p=none; v=DMARC1"
	_dmarc.typo.example.          TXT "v=DMARC1; p=rejected"
	_dmarc.typo-rua.example.      TXT "v=DMARC1; p=rejected; rua=mailto:d@typo-rua.example"
	_dmarc.old.example.           TXT "v=DMARC1; p=reject; pct=50; rf=afrf; ri=86400; rua=mailto:d@old.example!10m"
	_dmarc.odd.example.           TXT "v=DMARC1; p=reject; x-y=1; colour=blue; sp; fo=9; aspf=strict; psd=maybe; p=none"
	_dmarc.nowhere.example.       TXT "v=DMARC1; p=reject; rua=d@nowhere.example,mailto:nobody,ftp://nowhere.example/"
	;!servfail _dmarc.dead.example.
	;!timeout _dmarc.example.silent.

	_dmarc.parent.example.        TXT "v=DMARC1; p=reject; sp=none; np=quarantine"
	_dmarc.low.parent.example.    TXT "v=DMARC1; p=quarantine; sp=reject"
	_dmarc.mess.parent.example.   TXT "v=DMARC1; p=none"
	_dmarc.mess.parent.example.   TXT "v=DMARC1; p=none"
	_dmarc.flat.example.          TXT "v=DMARC1; p=quarantine"
	_dmarc.bank.                  TXT "v=DMARC1; p=reject; psd=y; sp=quarantine"
	_dmarc.own.unit.example.      TXT "v=DMARC1; p=quarantine; psd=n"
	_dmarc.unit.example.          TXT "v=DMARC1; p=reject"
	_dmarc.half.example.          TXT "v=DMARC1; p=none"
	_dmarc.half.example.          TXT "v=DMARC1; p=none"

	_dmarc.abroad.example.        TXT "v=DMARC1; p=reject; rua=mailto:d@wants.example,mailto:d@wants-not.example,mailto:d@mute.example; ruf=mailto:e@wants.example"
	abroad.example._report._dmarc.wants.example.  TXT "v=DMARC1"
	abroad.example._report._dmarc.wants-not.example. TXT "v=spf1 -all"
	;!timeout abroad.example._report._dmarc.mute.example.
	_dmarc.sister.example.        TXT "v=DMARC1; p=reject; rua=mailto:d@hub.sister.example"
`

// policy is a DMARC with a policy of its own domain.
func policy(at, word string) DMARC {
	return DMARC{Presence: resolver.Present, At: at, Policy: word}
}

func (d DMARC) with(change func(*DMARC)) DMARC {
	change(&d)
	return d
}

func (d DMARC) problems(clauses ...string) DMARC {
	d.Problems = clauses
	return d
}

func TestDMARC(t *testing.T) {
	gone := func(r *Route) { r.DNS = resolver.NXDomain }
	absent := func(domain string) DMARC {
		return DMARC{Presence: resolver.Absent, Why: "neither " + domain + " nor a name above it has a DMARC record"}
	}
	for name, row := range map[string]struct {
		domain string
		route  func(*Route)
		want   DMARC
	}{
		"all tags": {"sound.example", nil, policy("sound.example", "reject").with(func(d *DMARC) {
			d.Subdomain, d.NonExist = "quarantine", "reject"
			d.RUA, d.RUF = []string{"mailto:d@sound.example"}, []string{"mailto:f@mail.sound.example"}
		})},
		"words in capitals":         {"capitals.example", nil, policy("capitals.example", "reject")},
		"blanks around the version": {"spaced.example", nil, policy("spaced.example", "quarantine")},
		"a trial":                   {"trial.example", nil, policy("trial.example", "reject").with(func(d *DMARC) { d.Testing = true })},
		"no p= counts as none": {"reports.example", nil, policy("reports.example", "none").with(func(d *DMARC) {
			d.RUA = []string{"mailto:d@reports.example"}
		}).problems("p= is not there: it counts as none")},

		"none at all":                     {"plain.example", nil, absent("plain.example")},
		"a wildcard's SPF record":         {"wild.example", nil, absent("wild.example")},
		"two records are none":            {"two.example", nil, DMARC{Presence: resolver.Faulty, Why: "2 records at _dmarc.two.example, where there may be one: senders ignore them all"}},
		"the version is case-sensitive":   {"small.example", nil, DMARC{Presence: resolver.Faulty, Why: `"v=dmarc1; p=none" is not read: the version that it begins with is badly written`}},
		"the version is not first":        {"late.example", nil, DMARC{Presence: resolver.Faulty, Why: `"p=none; v=DMARC1" is not read: the version that it begins with is badly written`}},
		"an unknown policy":               {"typo.example", nil, DMARC{Presence: resolver.Faulty, At: "typo.example", Why: "p=rejected means nothing, and nowhere to report to: receivers leave DMARC out"}.problems("p=rejected means nothing")},
		"an unknown policy, with reports": {"typo-rua.example", nil, policy("typo-rua.example", "none").with(func(d *DMARC) { d.RUA = []string{"mailto:d@typo-rua.example"} }).problems("p=rejected means nothing")},
		"removed tags": {"old.example", nil, policy("old.example", "reject").with(func(d *DMARC) { d.RUA = []string{"mailto:d@old.example"} }).problems(
			"pct= is no longer read (RFC 9989 removed it)", "rf= is no longer read (RFC 9989 removed it)", "ri= is no longer read (RFC 9989 removed it)",
			"rua= limits the size of reports: the limit is no longer read (RFC 9989 removed it)")},
		"badly written tags do not take the record with them": {"odd.example", nil, policy("odd.example", "reject").problems(
			`"x-y=1" is no tag=value`, `"sp" is no tag=value`, "p= is there twice: the second is not read",
			"colour= is no tag of DMARC's", "fo=9 means nothing", "aspf=strict means nothing", "psd=maybe means nothing")},
		"addresses that nobody can report to": {"nowhere.example", nil, policy("nowhere.example", "reject").problems(
			`rua= has "d@nowhere.example", which is no URI: mailto: and an address is meant`,
			`rua= has "mailto:nobody", which names no domain`, `rua= has "ftp://nowhere.example/", which is neither mailto: nor https:`)},
		"SERVFAIL is not absent":            {"dead.example", nil, DMARC{Presence: resolver.Unproven, Why: "TXT of _dmarc.dead.example look-up: SERVFAIL"}},
		"silence above is not absent":       {"quiet.example.silent", nil, DMARC{Presence: resolver.Unproven, Why: "TXT of _dmarc.example.silent look-up: no server answered in time"}},
		"a parent's policy for subdomains":  {"mail.parent.example", nil, policy("parent.example", "none").with(func(d *DMARC) { d.Subdomain, d.NonExist = "none", "quarantine" })},
		"a parent's policy for no domain":   {"gone.parent.example", gone, policy("parent.example", "quarantine").with(func(d *DMARC) { d.Subdomain, d.NonExist = "none", "quarantine" })},
		"a parent's policy for all":         {"a.b.flat.example", gone, policy("flat.example", "quarantine")},
		"a domain's own beats its parent's": {"low.parent.example", nil, policy("low.parent.example", "quarantine").with(func(d *DMARC) { d.Subdomain = "reject" })},
		"the organization's beats one on the way": {"x.low.parent.example", nil,
			policy("parent.example", "none").with(func(d *DMARC) { d.Subdomain, d.NonExist = "none", "quarantine" })},
		"two records below a parent's": {"mess.parent.example", nil, policy("parent.example", "none").with(func(d *DMARC) { d.Subdomain, d.NonExist = "none", "quarantine" }).problems(
			"2 records at _dmarc.mess.parent.example, where there may be one: senders ignore them all")},
		"two records above":          {"mail.half.example", nil, DMARC{Presence: resolver.Faulty, Why: "2 records at _dmarc.half.example, where there may be one: senders ignore them all"}},
		"a public suffix's policy":   {"savings.bank", nil, policy("bank", "quarantine").with(func(d *DMARC) { d.Subdomain = "quarantine" })},
		"psd=n ends an organization": {"x.own.unit.example", nil, policy("own.unit.example", "quarantine")},
		"nine labels jump to seven":  {"a.b.c.d.e.f.g.flat.example", nil, policy("flat.example", "quarantine")},
		"reports within the family":  {"sister.example", nil, policy("sister.example", "reject").with(func(d *DMARC) { d.RUA = []string{"mailto:d@hub.sister.example"} })},
		"reports to those who want them": {"abroad.example", nil, policy("abroad.example", "reject").with(func(d *DMARC) {
			d.RUA = []string{"mailto:d@wants.example", "mailto:d@wants-not.example", "mailto:d@mute.example"}
			d.RUF = []string{"mailto:e@wants.example"}
			d.External = []ReportTo{
				{Host: "wants.example", Name: "abroad.example._report._dmarc.wants.example", Presence: resolver.Present},
				{Host: "wants-not.example", Name: "abroad.example._report._dmarc.wants-not.example", Presence: resolver.Absent,
					Why: "there is no v=DMARC1 at abroad.example._report._dmarc.wants-not.example"},
				{Host: "mute.example", Name: "abroad.example._report._dmarc.mute.example", Presence: resolver.Unproven,
					Why: "TXT of abroad.example._report._dmarc.mute.example look-up: no server answered in time"},
			}
		}).problems("reports to wants-not.example are not sent: there is no v=DMARC1 at abroad.example._report._dmarc.wants-not.example")},
	} {
		t.Run(name, func(t *testing.T) {
			route := Route{Domain: row.domain, DNS: resolver.NoError}
			if row.route != nil {
				row.route(&route)
			}
			got, err := dmarcOf(t.Context(), newOnce(dnstest.New(t, dmarcZone), 0), route)
			if err != nil {
				t.Fatal(err)
			}
			if (got.Presence == resolver.Present || got.Presence == resolver.Faulty) && len(got.Records) == 0 {
				t.Error("the record is not shown")
			}
			got.Records = nil
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The names that RFC 9989 s4.10 gives as its example.
func TestTreeWalkAsksAtMostEightNames(t *testing.T) {
	zone := dnstest.New(t, `example.com. A 192.0.2.1`)
	if _, err := walk(t.Context(), zone, "a.b.c.d.e.f.g.h.i.j.mail.example.com"); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com. TXT": 1,
		"_dmarc.g.h.i.j.mail.example.com. TXT":             1,
		"_dmarc.h.i.j.mail.example.com. TXT":               1,
		"_dmarc.i.j.mail.example.com. TXT":                 1,
		"_dmarc.j.mail.example.com. TXT":                   1,
		"_dmarc.mail.example.com. TXT":                     1,
		"_dmarc.example.com. TXT":                          1,
		"_dmarc.com. TXT":                                  1,
	}
	if diff := cmp.Diff(want, zone.Queries()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The examples of RFC 9989 s4.10.2, and where they end.
func TestOrganizationalDomain(t *testing.T) {
	for name, row := range map[string]struct{ domain, zone, want string }{
		"the shortest name with a record": {"a.mail.example.com", `
			_dmarc.mail.example.com. TXT "v=DMARC1; p=none"
			_dmarc.example.com.      TXT "v=DMARC1; p=none"`, "example.com"},
		"psd=n is it": {"a.mail.example.com", `
			_dmarc.mail.example.com. TXT "v=DMARC1; p=none; psd=n"
			_dmarc.example.com.      TXT "v=DMARC1; p=none"`, "mail.example.com"},
		"psd=y is one above it":      {"a.mail.example.com", `_dmarc.com. TXT "v=DMARC1; p=none; psd=y"`, "example.com"},
		"psd=y right above it":       {"example.com", `_dmarc.com. TXT "v=DMARC1; p=none; psd=y"`, "example.com"},
		"psd=y of the domain itself": {"com", `_dmarc.com. TXT "v=DMARC1; p=none; psd=y"`, "com"},
		"psd=y above a record":       {"a.example.co.uk", "_dmarc.example.co.uk. TXT \"v=DMARC1; p=none\"\n_dmarc.co.uk. TXT \"v=DMARC1; psd=y\"", "example.co.uk"},
		"no record at all":           {"a.mail.example.com", `example.com. A 192.0.2.1`, "a.mail.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			steps, err := walk(t.Context(), dnstest.New(t, row.zone), row.domain)
			if err != nil {
				t.Fatal(err)
			}
			if got := organizational(steps); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}
