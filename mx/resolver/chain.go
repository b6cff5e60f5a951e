package resolver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// maxAliases is how many CNAME records are followed.
const maxAliases = 16

// chain is a question's name and the names it was passed on to, in lower case
// with final dots. It is never empty.
type chain []string

func (c chain) end() string { return c[len(c)-1] }

// aliases is the chain as an Answer shows it; nil without an alias.
func (c chain) aliases() []string {
	var out []string
	for _, name := range c[1:] {
		out = append(out, bare(name))
	}
	return out
}

// follow walks the CNAME records of an answer section on from the chain's end
// (RFC 1034 s3.6.2), and returns the longer chain and the least TTL met, in
// seconds. A question for CNAME is not passed on. The error says that the
// chain never ends.
func (c chain) follow(records []dns.RR, code uint16) (chain, uint32, error) {
	least := uint32(forever)
	if code == dns.TypeCNAME {
		return c, least, nil
	}
	out := slices.Clone(c)
	for {
		link := find[*dns.CNAME](at(records, out.end(), dns.TypeCNAME))
		if link == nil {
			return out, least, nil
		}
		least = min(least, seconds(link.Hdr.Ttl))
		target := strings.ToLower(link.Target)
		if slices.Contains(out, target) {
			return out, least, fmt.Errorf("a CNAME loop at %s", bare(target))
		}
		if len(out) > maxAliases {
			return out, least, fmt.Errorf("a CNAME chain of over %d names", maxAliases)
		}
		out = append(out, target)
	}
}
