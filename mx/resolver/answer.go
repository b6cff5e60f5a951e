package resolver

import (
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Status is how a look-up ended. The six words are six different facts: a
// domain that does not exist is not one whose servers did not answer.
type Status string

const (
	NoError  Status = "noerror"  // records of the type asked for
	NoData   Status = "nodata"   // the name exists, the type does not (RFC 2308 s2.2)
	NXDomain Status = "nxdomain" // the name does not exist (RFC 2308 s2.1)
	ServFail Status = "servfail" // every server said SERVFAIL or nonsense, or DNSSEC validation failed there
	Refused  Status = "refused"  // every server refused to answer us
	Timeout  Status = "timeout"  // no server answered in time
)

// Final reports whether the answer is the zone's own word: asking again now
// would give the same.
func (s Status) Final() bool { return s == NoError || s == NoData || s == NXDomain }

// Type is a record type, by its name in a zone file.
type Type string

const (
	A     Type = "A"
	AAAA  Type = "AAAA"
	MX    Type = "MX"
	TXT   Type = "TXT"
	PTR   Type = "PTR"
	CNAME Type = "CNAME"
	TLSA  Type = "TLSA"
	CAA   Type = "CAA"
)

// Answer is what DNS said to one question. A CNAME chain that the server
// followed is in Aliases, and Records are those at its end.
type Answer struct {
	Status  Status
	Records []dns.RR  // only records of the type asked for; nil unless Status is NoError
	Aliases []string  // names the question was passed on to, in order, lower case, no final dot
	Secure  bool      // the resolver validated it (AD) and its word is trusted
	Trusted bool      // the word of the resolver counts: it is on a loopback address, or Config.TrustAD says so
	Expires time.Time // when the answer leaves the cache
	Server  string    // ip:port that answered, for evidence; empty for a time-out
	Detail  string    // what went wrong in one clause; empty for NoError
}

// Exchange is one MX record: Name is in lower case without its final dot, and
// is empty for the root, "." (RFC 7505).
type Exchange struct {
	Name       string
	Preference uint16
}

// Exchanges returns the MX records in the order of the answer.
func (a Answer) Exchanges() []Exchange {
	var out []Exchange
	for _, record := range a.Records {
		if mx, ok := record.(*dns.MX); ok {
			out = append(out, Exchange{Name: bare(mx.Mx), Preference: mx.Preference})
		}
	}
	return out
}

// Addresses returns the A and AAAA records in the order of the answer.
func (a Answer) Addresses() []netip.Addr {
	var out []netip.Addr
	for _, record := range a.Records {
		switch record := record.(type) {
		case *dns.A:
			if ip, ok := netip.AddrFromSlice(record.A); ok {
				out = append(out, ip.Unmap())
			}
		case *dns.AAAA:
			if ip, ok := netip.AddrFromSlice(record.AAAA); ok {
				out = append(out, ip)
			}
		}
	}
	return out
}

// Names returns the targets of PTR records, in lower case without final dots.
func (a Answer) Names() []string {
	var out []string
	for _, record := range a.Records {
		if ptr, ok := record.(*dns.PTR); ok {
			out = append(out, bare(ptr.Ptr))
		}
	}
	return out
}

// Authorization is one CAA record (RFC 8659 s4.1). Tag is in lower case, Value
// as its owner wrote it.
type Authorization struct {
	Critical bool
	Tag      string
	Value    string
}

// Authorizations returns the CAA records in the order of the answer.
func (a Answer) Authorizations() []Authorization {
	var out []Authorization
	for _, record := range a.Records {
		if caa, ok := record.(*dns.CAA); ok {
			out = append(out, Authorization{Critical: caa.Flag&0x80 != 0, Tag: strings.ToLower(caa.Tag), Value: unescape(caa.Value)})
		}
	}
	return out
}
