package dnstest

import (
	"context"
	"errors"
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
			Status: resolver.NXDomain, Aliases: []string{"gone.test"}, Server: "dnstest", Detail: "dangling.test does not exist"}},
		{"b.ent.test.", resolver.A, resolver.Answer{
			Status: resolver.NoData, Server: "dnstest", Detail: "b.ent.test. has no A record"}},
		{"alias.test", resolver.CNAME, resolver.Answer{Status: resolver.NoError, Server: "dnstest"}},
		{"cnameloop.test", resolver.MX, resolver.Answer{
			Status: resolver.ServFail, Server: "dnstest", Detail: "the server said SERVFAIL"}},
		{"refused.test", resolver.MX, resolver.Answer{
			Status: resolver.Refused, Server: "dnstest", Detail: "the server refused to answer"}},
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
			if diff := cmp.Diff(row.want, got, cmpopts.IgnoreFields(resolver.Answer{}, "Records", "Expires")); diff != "" {
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
