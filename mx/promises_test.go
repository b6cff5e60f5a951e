package mx

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
)

func TestTLSRPT(t *testing.T) {
	const name = "_smtp._tls.example.org"
	for diagnosis, row := range map[string]struct {
		records []string
		want    TLSRPT
	}{
		"one address":     {[]string{"v=TLSRPTv1; rua=mailto:tls@example.org"}, TLSRPT{Presence: resolver.Present, RUA: []string{"mailto:tls@example.org"}}},
		"two, one by web": {[]string{"v=TLSRPTv1;rua=mailto:tls@example.org , https://example.org/tls;"}, TLSRPT{Presence: resolver.Present, RUA: []string{"mailto:tls@example.org", "https://example.org/tls"}}},
		"one of two is none": {[]string{"v=TLSRPTv1; rua=mailto:tls@example.org,tls2@example.org"},
			TLSRPT{Presence: resolver.Present, Why: `"tls2@example.org" is no URI: mailto: and an address is meant`, RUA: []string{"mailto:tls@example.org"}}},
		"no address":       {[]string{"v=TLSRPTv1;"}, TLSRPT{Presence: resolver.Faulty, Why: "no address to report to in rua="}},
		"plain http":       {[]string{"v=TLSRPTv1; rua=http://example.org/"}, TLSRPT{Presence: resolver.Faulty, Why: `"http://example.org/" is neither mailto: nor https:; no address to report to in rua=`}},
		"small letters":    {[]string{"v=tlsrptv1; rua=mailto:tls@example.org"}, TLSRPT{Presence: resolver.Faulty, Why: `"v=tlsrptv1; rua=mailto:tls@example.org" is not read: the version that it begins with is badly written`}},
		"two records":      {[]string{"v=TLSRPTv1; rua=mailto:a@example.org", "v=TLSRPTv1; rua=mailto:b@example.org"}, TLSRPT{Presence: resolver.Faulty, Why: "2 records at _smtp._tls.example.org, where there may be one: senders ignore them all"}},
		"a wildcard's SPF": {[]string{"v=spf1 -all"}, TLSRPT{Presence: resolver.Absent, Why: "no such record among the TXT records of _smtp._tls.example.org"}},
		"no record":        {nil, TLSRPT{Presence: resolver.Absent, Why: "_smtp._tls.example.org does not exist"}},
	} {
		t.Run(diagnosis, func(t *testing.T) {
			got, err := tlsrpt(t.Context(), dnstest.New(t, txt(name, row.records...)), "example.org")
			if err != nil {
				t.Fatal(err)
			}
			got.Records = nil
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBIMI(t *testing.T) {
	const name = "default._bimi.example.org"
	for diagnosis, row := range map[string]struct {
		records []string
		want    BIMI
	}{
		"a logo and its certificate": {[]string{"v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/vmc.pem"},
			BIMI{Presence: resolver.Present, Logo: "https://example.org/logo.svg", Authority: "https://example.org/vmc.pem"}},
		"a logo alone":     {[]string{"v=BIMI1; l=https://example.org/logo.svg; a="}, BIMI{Presence: resolver.Present, Logo: "https://example.org/logo.svg"}},
		"none is wanted":   {[]string{"v=BIMI1; l=; a=;"}, BIMI{Presence: resolver.Present}},
		"over plain http":  {[]string{"v=BIMI1; l=http://example.org/logo.svg"}, BIMI{Presence: resolver.Faulty, Why: "l= is no https: URI", Logo: "http://example.org/logo.svg"}},
		"no l=":            {[]string{"v=BIMI1; a=https://example.org/vmc.pem"}, BIMI{Presence: resolver.Faulty, Why: "no l=", Authority: "https://example.org/vmc.pem"}},
		"a later version":  {[]string{"v=BIMI2; l="}, BIMI{Presence: resolver.Faulty, Why: `"v=BIMI2; l=" is not read: the version that it begins with is badly written`}},
		"two records":      {[]string{"v=BIMI1; l=", "v=BIMI1; l=;"}, BIMI{Presence: resolver.Faulty, Why: "2 records at default._bimi.example.org, where there may be one: senders ignore them all"}},
		"a wildcard's SPF": {[]string{"v=spf1 -all"}, BIMI{Presence: resolver.Absent, Why: "no such record among the TXT records of default._bimi.example.org"}},
	} {
		t.Run(diagnosis, func(t *testing.T) {
			got, err := bimi(t.Context(), dnstest.New(t, txt(name, row.records...)), "example.org")
			if err != nil {
				t.Fatal(err)
			}
			got.Records = nil
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCAA(t *testing.T) {
	zone := dnstest.New(t, `
		own.example.        CAA 0 issue "ca.example"
		own.example.        CAA 0 issue "other.example; validationmethods=dns-01"
		own.example.        CAA 0 issuewild ";"
		parent.example.     CAA 0 issue ";"
		mail.parent.example. A 192.0.2.1
		report.example.     CAA 0 iodef "mailto:ca@report.example"
		alias.example.      CNAME own.example.
		none.example.       A 192.0.2.1
		;!servfail dead.example.
	`)
	for domain, want := range map[string]CAA{
		"own.example":         {Presence: resolver.Present, At: "own.example", Issuers: []string{"ca.example", "other.example; validationmethods=dns-01"}},
		"mail.parent.example": {Presence: resolver.Present, At: "parent.example", Issuers: []string{";"}},
		"gone.parent.example": {Presence: resolver.Present, At: "parent.example", Issuers: []string{";"}},
		"report.example":      {Presence: resolver.Present, At: "report.example", Issuers: []string{}},
		"alias.example":       {Presence: resolver.Present, At: "alias.example", Issuers: []string{"ca.example", "other.example; validationmethods=dns-01"}},
		"none.example":        {Presence: resolver.Absent, Why: "neither none.example nor a name above it has CAA records"},
		"www.dead.example":    {Presence: resolver.Unproven, Why: "CAA of dead.example look-up: SERVFAIL"},
	} {
		t.Run(domain, func(t *testing.T) {
			got, err := caa(t.Context(), zone, domain)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

const promising = `
	example.org.              TXT "v=spf1 include:_spf.example.org include:_spf.example.org -all"
	_spf.example.org.         TXT "v=spf1 a:mx.example.org ~all"
	mx.example.org.           A   192.0.2.1
	_dmarc.example.org.       TXT "v=DMARC1; p=reject"
	_smtp._tls.example.org.   TXT "v=TLSRPTv1; rua=mailto:tls@example.org"
	s1._domainkey.example.org. TXT "v=DKIM1; p="
	default._bimi.example.org. TXT "v=BIMI1; l="
	_mta-sts.example.org.     TXT "no policy here"
	example.org.              CAA 0 issue "ca.example"
`

// presences is what there is to say of each promise in a word.
func presences(p Promises) map[string]resolver.Presence {
	out := map[string]resolver.Presence{}
	if p.SPF != nil {
		out["spf"] = p.SPF.Presence
	}
	if p.DMARC != nil {
		out["dmarc"] = p.DMARC.Presence
	}
	if p.TLSRPT != nil {
		out["tls_rpt"] = p.TLSRPT.Presence
	}
	if p.BIMI != nil {
		out["bimi"] = p.BIMI.Presence
	}
	if p.CAA != nil {
		out["caa"] = p.CAA.Presence
	}
	if p.MTASTS != nil {
		out["mta_sts"] = p.MTASTS.Presence
	}
	for _, key := range p.DKIM {
		out["dkim "+key.Selector] = key.Presence
	}
	for _, host := range p.DANE {
		out["dane "+host.Host] = resolver.Presence(host.Status)
	}
	return out
}

func TestPromisesAreLookedUpOnlyWhereAskedFor(t *testing.T) {
	zone := dnstest.New(t, promising)
	router := Router{Resolver: zone}
	got, err := router.Promises(t.Context(), Route{Domain: "example.org"}, PromiseOptions{TLSRPT: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]resolver.Presence{"tls_rpt": resolver.Present}, presences(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"_smtp._tls.example.org. TXT": 1}, zone.Queries()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestPromisesAskEachQuestionOnce(t *testing.T) {
	zone := dnstest.New(t, promising)
	router := Router{Resolver: zone}
	got, err := router.Promises(t.Context(), Route{Domain: "example.org"}, Everything("s1", "s2"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]resolver.Presence{"spf": resolver.Present, "dmarc": resolver.Present, "tls_rpt": resolver.Present, "bimi": resolver.Present,
		"caa": resolver.Present, "dkim s1": resolver.Present, "dkim s2": resolver.Absent}
	if diff := cmp.Diff(want, presences(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for question, n := range zone.Queries() {
		if n != 1 {
			t.Errorf("%s was asked %d times", question, n)
		}
	}
}

func TestPromisesOfASpecialUseName(t *testing.T) {
	zone := dnstest.New(t, promising)
	router := Router{Resolver: zone}
	got, err := router.Promises(t.Context(), Route{Domain: "host.invalid", Special: "RFC 6761"}, Everything("s1"))
	if err != nil {
		t.Fatal(err)
	}
	if len(presences(got)) != 0 || len(zone.Queries()) != 0 {
		t.Errorf("asked %v and got %v", zone.Queries(), presences(got))
	}
}

func TestPromisesOfTheExchangersThatCanBeTried(t *testing.T) {
	router := Router{Resolver: dnstest.New(t, `
		;!secure
		mx.example.org.          A    192.31.196.1
		_25._tcp.mx.example.org. TLSA 3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
	`)}
	route := Route{Domain: "example.org", Secure: true, Hosts: []Host{
		{Name: "mx.example.org", Addresses: []netip.Addr{netip.MustParseAddr("192.31.196.1")}},
		{Name: "gone.example.org", Addresses: []netip.Addr{}, Faults: []Fault{NoAddress}},
	}}
	got, err := router.Promises(t.Context(), route, PromiseOptions{DANEPort: 25})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]resolver.Presence{"dane mx.example.org": "usable"}, presences(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A policy host at 127.0.0.1 is the domain's choice, not the user's: the
// Router's word on what may be gone to counts.
func TestPromisesGoNowhereThatTheRouterDoesNot(t *testing.T) {
	router := Router{Resolver: dnstest.New(t, `
		_mta-sts.example.org. TXT "v=STSv1; id=1;"
		mta-sts.example.org.  A   127.0.0.1
	`)}
	dialled := errors.New("dialled")
	client := &mtasts.Client{Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error(dialled)
		return nil, dialled
	}}
	got, err := router.Promises(t.Context(), Route{Domain: "example.org"}, PromiseOptions{MTASTS: client})
	if err != nil {
		t.Fatal(err)
	}
	if got.MTASTS == nil || got.MTASTS.ID != "1" || got.MTASTS.Fetch == nil || got.MTASTS.Fetch.Presence == resolver.Present {
		t.Errorf("MTA-STS: %+v", got.MTASTS)
	}
}

// crowded counts how many questions are under way at once.
type crowded struct {
	now, most atomic.Int64
}

func (c *crowded) Lookup(ctx context.Context, _ string, _ resolver.Type) (resolver.Answer, error) {
	now := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
	select {
	case <-time.After(time.Second):
		return resolver.Answer{Status: resolver.NXDomain}, nil
	case <-ctx.Done():
		return resolver.Answer{}, context.Cause(ctx)
	}
}

func TestPromisesAskSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dns crowded
		router := Router{Resolver: &dns, Concurrency: 3}
		start := time.Now()
		if _, err := router.Promises(t.Context(), Route{Domain: "example.org"}, Everything("s1", "s2")); err != nil {
			t.Fatal(err)
		}
		if got := dns.most.Load(); got != 3 {
			t.Errorf("%d questions at once, want 3", got)
		}
		if took := time.Since(start); took > 4*time.Second { // nine questions, three at a time, two of them one after another
			t.Errorf("took %v", took)
		}
	})
}

func TestPromisesEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		router := Router{Resolver: new(crowded)}
		gone := errors.New("the user went away")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, gone)
		defer cancel()
		got, err := router.Promises(ctx, Route{Domain: "example.org"}, Everything("s1"))
		if !errors.Is(err, gone) || !strings.HasPrefix(err.Error(), "promises of example.org: ") {
			t.Errorf("error %v, want the context's cause", err)
		}
		if len(presences(got)) != 0 {
			t.Errorf("%v beside an error", presences(got))
		}
	})
}

func TestOneThatGivesUpDoesNotSpoilTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dns := newOnce(new(crowded), 0)
		hasty, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		go func() { _, _ = dns.Lookup(hasty, "example.org", resolver.TXT) }()
		synctest.Wait()
		answer, err := dns.Lookup(t.Context(), "EXAMPLE.org.", resolver.TXT)
		if err != nil || answer.Status != resolver.NXDomain {
			t.Errorf("%v, error %v", answer.Status, err)
		}
	})
}
