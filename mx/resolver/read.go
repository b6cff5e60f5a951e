package resolver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// finding is what one reply comes to. Aliases and Expires of its Answer are
// filled in only when the flight ends.
type finding struct {
	Answer
	keep   time.Duration // how long it may be cached
	walked chain         // from the flight's question to where this reply got
	more   bool          // the server stopped at an alias: ask for the chain's end
}

// maxRecords is how many records of a reply are looked at.
const maxRecords = 512

func failure(status Status, walked chain, detail string) finding {
	return finding{Answer: Answer{Status: status, Detail: detail}, keep: keepFailure, walked: walked}
}

// read interprets a reply to q. walked is the CNAME chain that led to q, and
// ends in its name.
func read(reply *dns.Msg, q question, walked chain) finding {
	reply.Answer = reply.Answer[:min(len(reply.Answer), maxRecords)]
	reply.Ns = reply.Ns[:min(len(reply.Ns), maxRecords-len(reply.Answer))]
	switch reply.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
	case dns.RcodeRefused:
		return failure(Refused, walked, said(reply))
	default:
		return failure(ServFail, walked, said(reply))
	}
	walked, ttl, err := walked.follow(reply.Answer, q.code)
	if err != nil {
		return failure(ServFail, walked, err.Error())
	}
	records := at(reply.Answer, walked.end(), q.code)
	soa := find[*dns.SOA](reply.Ns)
	switch {
	case reply.Rcode == dns.RcodeNameError && len(records) > 0:
		return failure(ServFail, walked, "NXDOMAIN together with records")
	case reply.Rcode == dns.RcodeNameError:
		// With a chain, it is the chain's end that does not exist (RFC 6604 s3).
		return finding{Answer: negative(NXDomain, walked, q), keep: keepNegative(ttl, soa), walked: walked}
	case len(records) > 0:
		return finding{Answer: Answer{Status: NoError, Records: records}, keep: keepPositive(ttl, records), walked: walked}
	case soa == nil && walked.end() != q.name:
		return finding{keep: keepPositive(ttl, nil), walked: walked, more: true}
	case soa == nil && !reply.Authoritative && find[*dns.NS](reply.Ns) != nil:
		// The one that looks like "no data" and is not (RFC 2308 s2.2).
		return failure(ServFail, walked, "a referral: the server does not resolve names for us")
	}
	return finding{Answer: negative(NoData, walked, q), keep: keepNegative(ttl, soa), walked: walked}
}

func negative(status Status, walked chain, q question) Answer {
	detail := fmt.Sprintf("%s has no %s record", bare(walked.end()), q.kind)
	if status == NXDomain {
		detail = fmt.Sprintf("%s does not exist", bare(walked.end()))
	}
	return Answer{Status: status, Detail: detail}
}

// said is the response code by name, with the server's own reason where it is
// one of the registered ones (RFC 8914); its free text is not passed on.
func said(reply *dns.Msg) string {
	code, ok := dns.RcodeToString[reply.Rcode]
	if !ok {
		code = fmt.Sprintf("response code %d", reply.Rcode)
	}
	opt := reply.IsEdns0()
	if opt == nil {
		return code
	}
	var reasons []string
	for _, option := range opt.Option {
		extended, ok := option.(*dns.EDNS0_EDE)
		if !ok {
			continue
		}
		reason, known := dns.ExtendedErrorCodeToString[extended.InfoCode]
		if known && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if reasons == nil {
		return code
	}
	return fmt.Sprintf("%s (%s)", code, strings.Join(reasons, ", "))
}

// at returns the records of one type that name itself owns. Records without
// data are none: an empty MX would read as the null MX of RFC 7505.
func at(records []dns.RR, name string, code uint16) []dns.RR {
	var out []dns.RR
	for _, record := range records {
		head := record.Header()
		if head.Rrtype == code && head.Class == dns.ClassINET && head.Rdlength > 0 && strings.ToLower(head.Name) == name {
			out = append(out, record)
		}
	}
	return out
}

// find returns the first record of the type, or its nil.
func find[T dns.RR](records []dns.RR) T {
	for _, record := range records {
		if found, ok := record.(T); ok {
			return found
		}
	}
	var none T
	return none
}
