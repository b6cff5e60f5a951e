package dnstest

import "github.com/miekg/dns"

// maxChain is how many CNAMEs are followed, like the usual recursive servers.
const maxChain = 16

// ednsSize is the UDP payload size we offer, DNS flag day 2020's.
const ednsSize = 1232

// Exchange answers one query as a message, whole, whatever its transport; nil
// where a directive says that there is no answer. It neither waits nor counts.
func (z *Zone) Exchange(query *dns.Msg) *dns.Msg {
	reply, _ := z.answer(query)
	return reply
}

// answer is Exchange with what the transport has to do.
func (z *Zone) answer(query *dns.Msg) (*dns.Msg, behaviour) {
	reply := new(dns.Msg)
	reply.SetReply(query)
	reply.RecursionAvailable = true
	if opt := query.IsEdns0(); opt != nil {
		reply.SetEdns0(ednsSize, opt.Do())
	}
	if len(query.Question) != 1 {
		reply.Rcode = dns.RcodeFormatError
		return reply, behaviour{}
	}
	walk := z.walk(asked(query))
	b := z.behaviour(walk.names, query.Question[0].Qtype)
	switch {
	case b.silent:
		return nil, b
	case b.rcode != dns.RcodeSuccess:
		reply.Rcode = b.rcode
		return reply, b
	}
	reply.AuthenticatedData = b.secure
	reply.Rcode = walk.rcode
	reply.Answer = walk.answer
	if walk.negative {
		reply.Ns = []dns.RR{z.soa(walk.names[len(walk.names)-1])}
	}
	return reply, b
}

func asked(query *dns.Msg) question {
	return question{canonical(query.Question[0].Name), query.Question[0].Qtype}
}

// walk is the way from a question to its records.
type walk struct {
	names    []string // the name asked for and every CNAME target after it
	answer   []dns.RR // the CNAMEs passed, then the records at their end
	rcode    int
	negative bool // NXDOMAIN or no data at the last name
}

func (z *Zone) walk(q question) walk {
	var w walk
	for range maxChain {
		w.names = append(w.names, q.name)
		if records := z.records[q]; len(records) > 0 {
			w.answer = append(w.answer, records...)
			return w
		}
		aliases := z.records[question{q.name, dns.TypeCNAME}]
		if len(aliases) == 0 {
			w.negative = true
			if !z.exists[q.name] {
				w.rcode = dns.RcodeNameError
			}
			return w
		}
		w.answer = append(w.answer, aliases[0])
		q.name = canonical(aliases[0].(*dns.CNAME).Target)
	}
	w.answer, w.rcode = nil, dns.RcodeServerFailure
	return w
}

// soa is the record that goes with a negative answer: its TTL and its minimum
// say how long that may be kept (RFC 2308 s3, s5).
func (z *Zone) soa(name string) dns.RR {
	for ; name != "."; name = parent(name) {
		if len(z.records[question{name, dns.TypeSOA}]) > 0 || len(z.records[question{name, dns.TypeNS}]) > 0 {
			break
		}
	}
	if records := z.records[question{name, dns.TypeSOA}]; len(records) > 0 {
		return records[0]
	}
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: defaultTTL},
		Ns:  "ns.invalid.", Mbox: "hostmaster.invalid.",
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: defaultTTL,
	}
}
