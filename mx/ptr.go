package mx

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// maxNames is how many PTR names of an address are followed back. An address
// has one; those with hundreds are shared web servers, and SPF stops at ten too
// (RFC 7208 s4.6.4).
const maxNames = 10

// Reverse is what an address is called, and whether that name is really its own.
// Anybody may write any name into the reverse zone of their addresses; a name
// counts only where it leads back (RFC 8601 s3 calls this "iprev").
type Reverse struct {
	DNS       resolver.Status `json:"dns"`                 // of the PTR look-up
	Names     []string        `json:"names"`               // of the PTR records, lower case, no final dot; at most ten
	Confirmed string          `json:"confirmed,omitempty"` // the first name whose A or AAAA records have the address; empty for none
	Pending   bool            `json:"pending,omitempty"`   // a name could not be followed back: DNS gave no final answer
	Detail    string          `json:"detail,omitempty"`    // why there is no confirmed name, in one clause
}

// Reverse looks an address's names up and follows them back. The error means
// that ctx ended.
func (r *Router) Reverse(ctx context.Context, ip netip.Addr) (Reverse, error) {
	answer, err := r.Resolver.Lookup(ctx, ReverseName(ip), resolver.PTR)
	if err != nil {
		return Reverse{}, fmt.Errorf("name of %s: %w", ip, err)
	}
	names := answer.Names()
	out := Reverse{DNS: answer.Status, Names: names[:min(len(names), maxNames)], Detail: answer.Detail}
	for _, name := range out.Names {
		host, err := r.Host(ctx, name)
		if err != nil {
			return Reverse{}, err
		}
		if slices.Contains(host.Addresses, ip.Unmap()) {
			out.Confirmed, out.Pending, out.Detail = name, false, ""
			return out, nil
		}
		out.Pending = out.Pending || host.Pending()
		out.Detail = fmt.Sprintf("%s does not lead back to %s", name, ip)
	}
	return out, nil
}

// ReverseName is the name at which an address's PTR record stands
// (RFC 1035 s3.5, RFC 3596 s2.5), without final dot.
func ReverseName(ip netip.Addr) string {
	if ip = ip.Unmap(); ip.Is4() {
		return backwards(ip) + "in-addr.arpa"
	}
	return backwards(ip) + "ip6.arpa"
}

// backwards is an address's octets, or its nibbles for IPv6, from last to
// first, each with a dot behind it. An IPv4-mapped address stays IPv6.
func backwards(ip netip.Addr) string {
	var name strings.Builder
	octets := ip.AsSlice()
	for _, octet := range slices.Backward(octets) {
		if ip.Is4() {
			fmt.Fprintf(&name, "%d.", octet)
		} else {
			fmt.Fprintf(&name, "%x.%x.", octet&15, octet>>4)
		}
	}
	return name.String()
}
