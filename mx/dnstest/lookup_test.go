package dnstest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/resolver"
)

func TestLookup(t *testing.T) {
	zone := New(t, wild)
	for _, row := range []struct {
		name string
		kind resolver.Type
		want resolver.Answer
	}{
		{"alias.test", resolver.MX, resolver.Answer{
			Status: resolver.NoError, Aliases: []string{"plain.test"}, Secure: true, Server: "dnstest"}},
		{"dangling.test", resolver.MX, resolver.Answer{
			Status: resolver.NXDomain, Aliases: []string{"gone.test"}, Server: "dnstest", Detail: "gone.test does not exist"}},
		{"b.ent.test.", resolver.A, resolver.Answer{
			Status: resolver.NoData, Server: "dnstest", Detail: "b.ent.test has no A record"}},
		{"alias.test", resolver.CNAME, resolver.Answer{Status: resolver.NoError, Server: "dnstest"}},
		{"cnameloop.test", resolver.MX, resolver.Answer{
			Status: resolver.ServFail, Server: "dnstest", Detail: "SERVFAIL"}},
		{"refused.test", resolver.MX, resolver.Answer{
			Status: resolver.Refused, Server: "dnstest", Detail: "REFUSED"}},
		{"timeout.test", resolver.MX, resolver.Answer{
			Status: resolver.Timeout, Detail: "no server answered in time"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := zone.Lookup(t.Context(), row.name, row.kind)
			if err != nil {
				t.Fatal(err)
			}
			if (len(got.Records) > 0) != (got.Status == resolver.NoError) {
				t.Errorf("%s with %d records", got.Status, len(got.Records))
			}
			if diff := cmp.Diff(row.want, got, cmpopts.IgnoreFields(resolver.Answer{}, "Records", "Expires", "Trusted")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if zone.Count(row.name, row.kind) != 1 {
				t.Errorf("counted %v", zone.Queries())
			}
		})
	}
}

func TestLookupExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := New(t, wild)
		for name, want := range map[string]time.Duration{
			"plain.test":       300 * time.Second,
			"gone.signed.test": 60 * time.Second, // the SOA's minimum, below its TTL
		} {
			answer, err := zone.Lookup(t.Context(), name, resolver.MX)
			if err != nil {
				t.Fatal(err)
			}
			if got := time.Until(answer.Expires); got != want {
				t.Errorf("%s lives %v, want %v", name, got, want)
			}
		}
		answer, err := zone.Lookup(t.Context(), "servfail.test", resolver.MX)
		if err != nil || !answer.Expires.IsZero() {
			t.Errorf("SERVFAIL lives until %v, %v", answer.Expires, err)
		}
	})
}

func TestLookupDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := New(t, "slow.test. MX 10 mx.test.\n;!delay slow.test. 2s")
		start := time.Now()
		answer, err := zone.Lookup(t.Context(), "slow.test", resolver.MX)
		if err != nil || answer.Status != resolver.NoError || time.Since(start) != 2*time.Second {
			t.Errorf("%v %v after %v", answer.Status, err, time.Since(start))
		}

		hurry := errors.New("in a hurry")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, hurry)
		defer cancel()
		if _, err := zone.Lookup(ctx, "slow.test", resolver.MX); err != hurry {
			t.Errorf("error %v while waiting", err)
		}
		if _, err := zone.Lookup(ctx, "slow.test", resolver.MX); err != hurry {
			t.Errorf("error %v after the context's end", err)
		}
	})
}

// TestLookupIsTheResolversWord: over sockets and package resolver the same
// questions have the same answers.
func TestLookupIsTheResolversWord(t *testing.T) {
	server := Start(t, wild)
	real, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{server.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	defer real.Close()
	for _, q := range []struct {
		name string
		kind resolver.Type
	}{
		{"plain.test", resolver.MX},
		{"nullmx.test", resolver.MX},
		{"alias.test", resolver.MX},
		{"ALIAS.test.", resolver.CNAME},
		{"mx.plain.test", resolver.AAAA},
		{"mx.plain.test", resolver.TLSA},
		{"b.ent.test", resolver.A},
		{"gone.signed.test", resolver.TXT},
		{"dangling.test", resolver.MX},
		{"cnameloop.test", resolver.MX},
		{"toservfail.test", resolver.A},
		{"refused.test", resolver.MX},
	} {
		t.Run(q.name+" "+string(q.kind), func(t *testing.T) {
			want, err := real.Lookup(t.Context(), q.name, q.kind)
			if err != nil {
				t.Fatal(err)
			}
			got, err := server.Lookup(t.Context(), q.name, q.kind)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(told(want), told(got)); diff != "" {
				t.Errorf("(-resolver +Lookup):\n%s", diff)
			}
		})
	}
}

// told is an Answer without what may differ: the server's name and the moment.
func told(a resolver.Answer) string {
	return fmt.Sprint(a.Status, a.Aliases, a.Secure, a.Trusted, a.Detail, a.Records)
}
