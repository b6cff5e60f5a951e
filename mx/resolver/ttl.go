package resolver

import (
	"time"

	"github.com/miekg/dns"
)

// How long answers are kept. The floor lets one run use what it has just
// looked up; the ceilings let a long run see a zone being mended.
const (
	keepLeast       = 10 * time.Second
	keepPositiveMax = time.Hour
	keepNegativeMax = 15 * time.Minute
	keepFailure     = 5 * time.Second
)

// forever is the largest TTL, in seconds (RFC 2181 s8).
const forever = 1<<31 - 1

// seconds is a TTL as it counts: one with the top bit set is zero (RFC 2181 s8).
func seconds(ttl uint32) uint32 {
	if ttl > forever {
		return 0
	}
	return ttl
}

// keepPositive is the least TTL of the chain, ttl, and the records, within
// bounds.
func keepPositive(ttl uint32, records []dns.RR) time.Duration {
	for _, record := range records {
		ttl = min(ttl, seconds(record.Header().Ttl))
	}
	return within(ttl, keepPositiveMax)
}

// keepNegative is the lesser of the SOA record's own TTL and its MINIMUM
// (RFC 2308 s5), or the chain's ttl where that is less. Without SOA a denial
// is kept no longer than it must.
func keepNegative(ttl uint32, soa *dns.SOA) time.Duration {
	if soa == nil {
		return keepLeast
	}
	return within(min(ttl, seconds(soa.Hdr.Ttl), seconds(soa.Minttl)), keepNegativeMax)
}

func within(ttl uint32, most time.Duration) time.Duration {
	return min(max(time.Duration(ttl)*time.Second, keepLeast), most)
}
