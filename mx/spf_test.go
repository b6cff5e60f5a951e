package mx

import (
	"context"
	"net"
	"testing"

	spflib "blitiri.com.ar/go/spf"
	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

const spfZone = `
	sound.example.        TXT "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a mx include:_spf.sound.example -all"
	sound.example.        A   192.0.2.1
	sound.example.        MX  10 sound.example.
	_spf.sound.example.   TXT "v=spf1 ip4:198.51.100.7 ~all"
	nobody.example.       TXT "v=spf1 -all"
	nobody-else.example.  TXT "v=spf1 redirect=nobody.example"
	nobody-named.example. TXT "v=spf1 include:nobody.example -all"
	noting.example.       TXT "v=spf1 exp=why.noting.example ra=postmaster -all"
	soft.example.         TXT "v=spf1 ?ip4:192.0.2.1 -all"
	shout.example.        TXT "V=SPF1 IP4:192.0.2.1 -ALL"
	cut.example.          TXT "v=spf1 ip4:192.0" ".2.1 -all"
	neighbour.example.    TXT "google-site-verification=abc"
	neighbour.example.    TXT "v=spf1 -all"

	none.example.         TXT "google-site-verification=abc"
	two.example.          TXT "v=spf1 -all"
	two.example.          TXT "v=spf1 mx -all"
	quoted.example.       TXT "\"v=spf1 -all\""
	colon.example.        TXT "v=spf1; mx -all"
	v2.example.           TXT "v=spf10 mx -all"
	typo.example.         TXT "v=spf1 ipv4:192.0.2.1 -all"
	octets.example.       TXT "v=spf1 ip4:192.0.2 -all"
	address.example.      TXT "v=spf1 a:192.0.2.1 -all"
	long.example.         TXT "v=spf1 ip4:192.0.2.0/33 -all"
	twice.example.        TXT "v=spf1 redirect=nobody.example redirect=sound.example"
	tab.example.          TXT "v=spf1 a:x.example\009-all"
	macro.example.        TXT "v=spf1 exists:%{i}._spf.%{x}.example -all"

	world.example.        TXT "v=spf1 +all"
	neutral.example.      TXT "v=spf1 mx ?all"
	neutral.example.      MX  10 neutral.example.
	open.example.         TXT "v=spf1 include:world.example -all"
	network.example.      TXT "v=spf1 ip4:0.0.0.0/0 ?ip6:::/0 -all"
	inside.example.       TXT "v=spf1 include:network.example -all"
	sixth.example.        TXT "v=spf1 ip4:2001:db8::1 -all"
	fourth.example.       TXT "v=spf1 ip6:192.0.2.1 -all"
	ranged.example.       TXT "v=spf1 include:world.example/24 -all"
	wide.example.         TXT "v=spf1 a/33 -all"
	behind.example.       TXT "v=spf1 -all ip4:192.0.2.1 redirect=nobody.example"
	endless.example.      TXT "v=spf1 ip4:192.0.2.1"
	ptr.example.          TXT "v=spf1 ptr -all"
	macros.example.       TXT "v=spf1 exists:%{i}._spf.%{d} include:%{d2} redirect=%{o}"

	loop.example.         TXT "v=spf1 include:pool.example -all"
	pool.example.         TXT "v=spf1 include:loop.example -all"
	self.example.         TXT "v=spf1 redirect=self.example"
	lost.example.         TXT "v=spf1 include:gone.example -all"
	bad.example.          TXT "v=spf1 include:typo.example -all"
	both.example.         TXT "v=spf1 include:two.example -all"
	voids.example.        TXT "v=spf1 a:gone1.example mx:gone2.example exists:gone3.example a:sound.example -all"
	six.example.          TXT "v=spf1 a mx -all"
	six.example.          AAAA 2001:db8::1
	six.example.          MX 10 six.example.
	trouble.example.      TXT "v=spf1 include:dead.example -all"
	;!servfail dead.example.
	;!timeout silent.example.

	eleven.example.       TXT "v=spf1 include:five.example include:five.example mx:sound.example -all"
	five.example.         TXT "v=spf1 a:sound.example a:sound.example a:sound.example mx:sound.example ~all"
	ten.example.          TXT "v=spf1 include:five.example include:four.example a:sound.example -all"
	four.example.         TXT "v=spf1 a:sound.example a:sound.example a:sound.example ~all"
	shadow.example.       TXT "v=spf1 include:hidden.example -all"
	hidden.example.       TXT "v=spf1 -all a:sound.example mx:sound.example"
	crowd.example.        TXT "v=spf1 mx -all"
	crowd.example.        MX 1 a1.example.
	crowd.example.        MX 1 a2.example.
	crowd.example.        MX 1 a3.example.
	crowd.example.        MX 1 a4.example.
	crowd.example.        MX 1 a5.example.
	crowd.example.        MX 1 a6.example.
	crowd.example.        MX 1 a7.example.
	crowd.example.        MX 1 a8.example.
	crowd.example.        MX 1 a9.example.
	crowd.example.        MX 1 a10.example.
	crowd.example.        MX 1 a11.example.
	tree.example.         TXT "v=spf1 include:twig.example include:twig.example include:twig.example -all"
	twig.example.         TXT "v=spf1 include:leaf.example include:leaf.example include:leaf.example include:leaf.example -all"
	leaf.example.         TXT "v=spf1 a:sound.example a:sound.example a:sound.example a:sound.example -all"
`

// counted is an SPF without its records.
func counted(presence resolver.Presence, all string, lookups, voids int) SPF {
	return SPF{Presence: presence, All: all, Lookups: &lookups, Voids: &voids}
}

func (s SPF) because(why string, problems ...string) SPF {
	s.Why, s.Problems = why, problems
	return s
}

func (s SPF) noted(notes ...string) SPF {
	s.Notes = notes
	return s
}

func (s SPF) nobody() SPF {
	s.Nobody = true
	return s
}

func TestSPF(t *testing.T) {
	const over = " terms cost a look-up, where 10 are allowed (RFC 7208 s4.6.4)"
	syntax := func(all string, lookups int, clause string) SPF {
		return counted(resolver.Faulty, all, lookups, 0).because(clause, clause)
	}
	for domain, want := range map[string]SPF{
		"sound.example":        counted(resolver.Present, "-", 3, 0),
		"nobody.example":       counted(resolver.Present, "-", 0, 0).nobody(),
		"nobody-else.example":  counted(resolver.Present, "-", 1, 0).nobody(),
		"nobody-named.example": counted(resolver.Present, "-", 1, 0).nobody(),
		"noting.example":       counted(resolver.Present, "-", 0, 0).nobody(),
		"soft.example":         counted(resolver.Present, "-", 0, 0),
		"shout.example":        counted(resolver.Present, "-", 0, 0),
		"cut.example":          counted(resolver.Present, "-", 0, 0),
		"neighbour.example":    counted(resolver.Present, "-", 0, 0).nobody(),

		"none.example":   {Presence: resolver.Absent, Why: "no such record among the TXT records of none.example"},
		"gone.example":   {Presence: resolver.Absent, Why: "gone.example does not exist"},
		"two.example":    {Presence: resolver.Faulty, Why: "2 SPF records at two.example: a permerror (RFC 7208 s4.5)"},
		"quoted.example": {Presence: resolver.Faulty, Why: `"\"v=spf1 -all\"" is not read: the version that it begins with is badly written`},
		"colon.example":  {Presence: resolver.Faulty, Why: `"v=spf1; mx -all" is not read: the version that it begins with is badly written`},
		"v2.example":     {Presence: resolver.Faulty, Why: `"v=spf10 mx -all" is not read: the version that it begins with is badly written`},
		"silent.example": {Presence: resolver.Unproven, Why: "TXT of silent.example look-up: no server answered in time"},

		"typo.example":    syntax("-", 0, `"ipv4:192.0.2.1" is no term of SPF's`),
		"octets.example":  syntax("-", 0, `"ip4:192.0.2" names no address of IPv4`),
		"address.example": syntax("-", 0, `"a:192.0.2.1" names an address: ip4: or ip6: is meant`),
		"long.example":    syntax("-", 0, `"ip4:192.0.2.0/33": /33 is no prefix length here`),
		"sixth.example":   syntax("-", 0, `"ip4:2001:db8::1" names no address of IPv4`),
		"fourth.example":  syntax("-", 0, `"ip6:192.0.2.1" names no address of IPv6`),
		"ranged.example":  syntax("-", 0, `"include:world.example/24": /24 is no prefix length here`),
		"wide.example":    syntax("-", 0, `"a/33": /33 is no prefix length here`),
		"twice.example":   syntax("-", 4, `redirect= or exp= is there twice (RFC 7208 s6)`),
		"tab.example":     syntax("", 0, `"a:x.example\t-all" has octets that no name has`).noted("no all at the end: senders that nothing names are neither let through nor turned away"),
		"macro.example":   syntax("-", 0, `"exists:%{i}._spf.%{x}.example" has a macro that there is not`),

		"world.example":   counted(resolver.Present, "+", 0, 0),
		"neutral.example": counted(resolver.Present, "?", 1, 0),
		"open.example":    counted(resolver.Present, "-", 1, 0).noted(`"include:world.example" lets the whole world through`),
		"network.example": counted(resolver.Present, "-", 0, 0).noted(`"ip4:0.0.0.0/0" lets the whole world through`),
		"inside.example":  counted(resolver.Present, "-", 1, 0).noted(`"ip4:0.0.0.0/0" lets the whole world through`),
		"behind.example": counted(resolver.Present, "-", 0, 0).nobody().noted(`"ip4:192.0.2.1" stands behind all and is never looked at`,
			`"redirect=nobody.example" counts for nothing beside all`),
		"endless.example": counted(resolver.Present, "", 0, 0).noted("no all at the end: senders that nothing names are neither let through nor turned away"),
		"ptr.example":     counted(resolver.Present, "-", 1, 0).noted(`"ptr" is slow and unsure, and ought not to be used (RFC 7208 s5.5)`),
		"macros.example":  counted(resolver.Present, "", 3, 0),

		"loop.example":  counted(resolver.Present, "-", 2, 0).because("", `"include:loop.example": it comes back to where it was, and never ends`),
		"self.example":  counted(resolver.Present, "", 1, 0).because("", `"redirect=self.example": it comes back to where it was, and never ends`),
		"lost.example":  counted(resolver.Present, "-", 1, 0).because("", `"include:gone.example": there is no SPF record at that name (RFC 7208 s5.2, s6.1)`),
		"bad.example":   counted(resolver.Present, "-", 1, 0).because("", `"include:typo.example": "ipv4:192.0.2.1" is no term of SPF's`),
		"both.example":  counted(resolver.Present, "-", 1, 0).because("", `"include:two.example": 2 SPF records at two.example: a permerror (RFC 7208 s4.5)`),
		"voids.example": counted(resolver.Present, "-", 4, 3).because("", "3 look-ups find nothing, where 2 are allowed (RFC 7208 s4.6.4)"),
		"six.example":   counted(resolver.Present, "-", 2, 0),
		"trouble.example": {Presence: resolver.Present, All: "-",
			Why: "look-ups could not be counted to the end: TXT of dead.example look-up: SERVFAIL"},

		"ten.example":    counted(resolver.Present, "-", 10, 0),
		"eleven.example": counted(resolver.Present, "-", 11, 0).because("", "11"+over),
		"shadow.example": counted(resolver.Present, "-", 1, 0).nobody(),
		"crowd.example":  counted(resolver.Present, "-", 1, 0).because("", `"mx": 11 exchangers, where 10 may be looked at (RFC 7208 s4.6.4)`),
		"tree.example":   counted(resolver.Present, "-", 41, 0).because("", "over 40"+over),
	} {
		t.Run(domain, func(t *testing.T) {
			got, err := spf(t.Context(), newOnce(dnstest.New(t, spfZone), 0), domain)
			if err != nil {
				t.Fatal(err)
			}
			if (got.Presence == resolver.Present || got.Presence == resolver.Faulty) && len(got.Records) == 0 {
				t.Error("the record is not shown")
			}
			got.Records = nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// lookups is a zone in the words of package net.
type lookups struct{ zone *dnstest.Zone }

func (l lookups) ask(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	answer, err := l.zone.Lookup(ctx, name, kind)
	if err == nil && answer.Status != resolver.NoError {
		err = &net.DNSError{Err: string(answer.Status), Name: name, IsNotFound: answer.Status.Final(), IsTemporary: !answer.Status.Final()}
	}
	return answer, err
}

func (l lookups) LookupTXT(ctx context.Context, name string) ([]string, error) {
	answer, err := l.ask(ctx, name, resolver.TXT)
	return answer.Texts(), err
}

func (l lookups) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	answer, err := l.ask(ctx, name, resolver.MX)
	var out []*net.MX
	for _, exchange := range answer.Exchanges() {
		out = append(out, &net.MX{Host: exchange.Name, Pref: exchange.Preference})
	}
	return out, err
}

func (l lookups) LookupIPAddr(ctx context.Context, name string) ([]net.IPAddr, error) {
	answer, err := l.ask(ctx, name, resolver.A)
	var out []net.IPAddr
	for _, ip := range answer.Addresses() {
		out = append(out, net.IPAddr{IP: ip.AsSlice()})
	}
	return out, err
}

func (l lookups) LookupAddr(context.Context, string) ([]string, error) {
	return nil, &net.DNSError{Err: "nobody has a name here", IsNotFound: true}
}

// The least limits under which another implementation evaluates a record to its
// end, for a sender that no term names, are what the record costs.
func TestSPFCostsWhatEvaluatingItCosts(t *testing.T) {
	zone := dnstest.New(t, spfZone)
	stranger := net.IPv4(203, 0, 113, 99)
	ends := func(domain string, most, voids int) bool {
		result, _ := spflib.CheckHostWithSender(stranger, domain, "x@"+domain, spflib.WithContext(t.Context()), spflib.WithResolver(lookups{zone}),
			spflib.OverrideLookupLimit(uint(most)), spflib.OverrideVoidLookupLimit(uint(voids)))
		return result != spflib.PermError && result != spflib.TempError
	}
	for _, domain := range []string{
		"sound.example", "nobody.example", "nobody-else.example", "nobody-named.example", "neutral.example", "behind.example",
		"voids.example", "eleven.example", "ten.example", "shadow.example", "five.example",
	} {
		t.Run(domain, func(t *testing.T) {
			got, err := spf(t.Context(), newOnce(zone, 0), domain)
			if err != nil {
				t.Fatal(err)
			}
			most, voids := *got.Lookups, *got.Voids
			if !ends(domain, most, 50) || most > 0 && ends(domain, most-1, 50) {
				t.Errorf("%d look-ups: the other implementation counts otherwise", most)
			}
			if !ends(domain, 50, voids) || voids > 0 && ends(domain, 50, voids-1) {
				t.Errorf("%d void look-ups: the other implementation counts otherwise", voids)
			}
		})
	}
}
