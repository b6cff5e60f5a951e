package resolver

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// question is one name and type, ready to be sent and recognised.
type question struct {
	name string // as a reply would print it, in lower case with its final dot
	kind Type
	code uint16
	wire []byte // name, type and class as they stand in a message
}

// headerLen is the length of a message's header (RFC 1035 s4.1.1).
const headerLen = 12

// udpSize is the reply size offered: it fits a packet of IPv6's smallest MTU,
// 1280, so that replies never arrive in fragments, which are easily forged.
const udpSize = 1232

// newQuestion returns the question, or an Answer where there is nothing to
// ask: what cannot be written in a message cannot be a name in DNS either.
func newQuestion(name string, kind Type) (question, Answer) {
	code, ok := kind.code()
	if !ok {
		return question{}, Answer{Status: ServFail, Detail: fmt.Sprintf("unknown record type %q: nothing was asked", kind)}
	}
	name = dns.Fqdn(name)
	wire := make([]byte, 256, 256+4)
	end, err := dns.PackDomainName(name, wire, 0, nil, false)
	if err != nil {
		return question{}, Answer{Status: NXDomain, Detail: "not a name that DNS can hold: nothing was asked"}
	}
	// Out of the message again, the name has the one spelling that replies use.
	name, _, err = dns.UnpackDomainName(wire[:end], 0)
	if err != nil {
		return question{}, Answer{Status: NXDomain, Detail: "not a name that DNS can hold: nothing was asked"}
	}
	wire = append(wire[:end], byte(code>>8), byte(code), 0, dns.ClassINET)
	return question{name: strings.ToLower(name), kind: kind, code: code, wire: wire}, Answer{}
}

// code is the type's number, for the types of the closed list.
func (t Type) code() (uint16, bool) {
	switch t {
	case A, AAAA, MX, TXT, PTR, CNAME, TLSA, CAA:
		return dns.StringToType[string(t)], true
	}
	return 0, false
}

func (q question) key() string { return string(q.kind) + " " + q.name }

// message is the query, with room for the identifier in its first two octets.
func (q question) message(edns bool) ([]byte, error) {
	query := new(dns.Msg)
	query.SetQuestion(q.name, q.code)
	query.Id = 0
	query.AuthenticatedData = true // asks for the AD bit even without EDNS (RFC 6840 s5.7)
	if edns {
		query.SetEdns0(udpSize, true)
	}
	return query.Pack()
}

// bare is a name in lower case without its final dot.
func bare(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
