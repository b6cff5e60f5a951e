package resolver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func kept(c *cache, now time.Time, keys ...string) string {
	var out []string
	for _, key := range keys {
		if _, ok := c.get(key, now); ok {
			out = append(out, key)
		}
	}
	return strings.Join(out, " ")
}

func TestCacheIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	c := newCache(100)
	for i := range 1000 {
		c.put(fmt.Sprint(i), Answer{Expires: now.Add(time.Hour)}, now)
	}
	if len(c.entries) != 100 || c.order.Len() != 100 || c.held != 100 {
		t.Errorf("%d entries, %d in order, %d held; want 100", len(c.entries), c.order.Len(), c.held)
	}
	if _, ok := c.get("999", now); !ok {
		t.Error("the newest answer has gone")
	}
}

func TestCacheEvicts(t *testing.T) {
	now := time.Unix(0, 0)
	hour, second := Answer{Expires: now.Add(time.Hour)}, Answer{Expires: now.Add(time.Second)}
	tests := map[string]struct {
		fill func(*cache)
		want string
	}{
		"the oldest": {func(c *cache) { c.put("a", hour, now); c.put("b", hour, now); c.put("c", hour, now) }, "b c d"},
		"not what was used since": {func(c *cache) {
			c.put("a", hour, now)
			c.put("b", hour, now)
			c.put("c", hour, now)
			c.get("a", now)
		}, "a c d"},
		"an expired one first": {func(c *cache) { c.put("a", hour, now); c.put("b", second, now); c.put("c", hour, now) }, "a c d"},
		"nothing for a replaced one": {func(c *cache) {
			c.put("a", hour, now)
			c.put("b", hour, now)
			c.put("b", hour, now)
		}, "a b d"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCache(3)
			tt.fill(c)
			c.put("d", hour, now.Add(time.Minute))
			if got := kept(c, now.Add(time.Minute), "a", "b", "c", "d"); got != tt.want {
				t.Errorf("kept %s, want %s", got, tt.want)
			}
		})
	}
}

// One answer of 64 KiB takes the room of 64 small ones.
func TestCacheCountsLargeAnswers(t *testing.T) {
	now := time.Unix(0, 0)
	large := Answer{Expires: now.Add(time.Hour)}
	for range 64 {
		large.Records = append(large.Records, &dns.TXT{Txt: []string{strings.Repeat("x", 255), strings.Repeat("x", 255), strings.Repeat("x", 255), strings.Repeat("x", 255)}})
	}
	c := newCache(100)
	c.put("a", large, now)
	c.put("b", large, now)
	if got := kept(c, now, "a", "b"); got != "b" {
		t.Errorf("kept %q, want b alone", got)
	}
	c = newCache(10)
	c.put("a", large, now)
	if len(c.entries) != 0 {
		t.Error("kept an answer larger than the cache")
	}
}

// A long run does not grow the resolver.
func TestResolverBoundsItsCache(t *testing.T) {
	r := (&double{servers: map[string]handler{one: say(dns.RcodeSuccess)}}).resolver(t, Config{CacheEntries: 10}, one)
	for i := range 50 {
		lookup(t, r, fmt.Sprintf("%d.example", i), MX)
	}
	if n := len(r.cache.entries); n != 10 {
		t.Errorf("%d answers kept, want 10", n)
	}
}
