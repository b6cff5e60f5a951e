package storetest

import (
	"errors"
	"net/netip"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
)

// recalls checks what is remembered under a key, and returns its revision.
func (b *bench) recalls(key string, want scanner.Known) int64 {
	b.Helper()
	got, revision, err := b.Recall(b.Context(), key)
	b.must(err)
	b.same(key, want, got)
	return revision
}

// stale checks that a revision is refused and changes nothing.
func (b *bench) stale(key string, revision int64) {
	b.Helper()
	before, _, err := b.Recall(b.Context(), key)
	b.must(err)
	if _, err := b.Remember(b.Context(), key, scanner.Known{Route: routeTo("stale.example")}, revision); !errors.Is(err, scanner.ErrStale) {
		b.Errorf("revision %d: %v, want ErrStale", revision, err)
	}
	b.recalls(key, before)
}

func routeTo(domain string) *mx.Route {
	host := mx.Host{Name: "mx." + domain, Preference: 10, Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db8::1")}, DNS: resolver.NoError}
	return &mx.Route{Domain: domain, Source: mx.FromMX, DNS: resolver.NoError, Hosts: []mx.Host{host}}
}

var knownClauses = []clause{
	{"nothing is remembered at first", func(b *bench) {
		if revision := b.recalls("domain:example.org", scanner.Known{}); revision != 0 {
			b.Errorf("revision %d of nothing", revision)
		}
	}},
	{"what is remembered is recalled", func(b *bench) {
		down := answer(1, 0)
		known := scanner.Known{Route: routeTo("example.org"), Down: &down}
		revision, err := b.Remember(b.Context(), "domain:example.org", known, 0)
		b.must(err)
		if got := b.recalls("domain:example.org", known); got != revision || revision == 0 {
			b.Errorf("recalled at revision %d, remembered at %d", got, revision)
		}
		b.recalls("domain:example.net", scanner.Known{})
	}},
	{"a stale revision is refused", func(b *bench) {
		first, err := b.Remember(b.Context(), "domain:example.org", scanner.Known{Route: routeTo("a.example")}, 0)
		b.must(err)
		b.stale("domain:example.org", 0)
		second, err := b.Remember(b.Context(), "domain:example.org", scanner.Known{Route: routeTo("b.example")}, first)
		b.must(err)
		b.stale("domain:example.org", first)
		b.stale("domain:example.org", 0)
		if got := b.recalls("domain:example.org", scanner.Known{Route: routeTo("b.example")}); got != second {
			b.Errorf("recalled at revision %d, remembered at %d", got, second)
		}
	}},
	{"what was never remembered has no revision but 0", func(b *bench) {
		b.stale("domain:example.org", 1)
	}},
}
