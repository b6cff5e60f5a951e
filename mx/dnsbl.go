package mx

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// DNSBLState is how a list stands to an address.
type DNSBLState string

const (
	DNSBLWorks      DNSBLState = "works"      // it passed its test; no address was asked for
	DNSBLUnlisted   DNSBLState = "unlisted"   // the address is not on it
	DNSBLListed     DNSBLState = "listed"     // the address is on it
	DNSBLRefuses    DNSBLState = "refuses_us" // it does not serve this resolver: says nothing about the address
	DNSBLBroken     DNSBLState = "broken"     // it fails the test of RFC 5782 s5: says nothing about any address
	DNSBLUnanswered DNSBLState = "unanswered" // DNS gave no final answer
)

// Listing is what a list says of an address.
type Listing struct {
	Zone    string         `json:"zone"`
	State   DNSBLState     `json:"state"`
	Codes   []netip.Addr   `json:"codes,omitempty"`   // the answers, where there were any; at most 16
	Reasons []DNSBLMeaning `json:"reasons,omitempty"` // what they mean, where the list is in the table
	Text    string         `json:"text,omitempty"`    // the list's own words, at most 200 octets; empty unless listed
	Detail  string         `json:"detail,omitempty"`  // why State is neither of listed, unlisted and works, in one clause
}

const (
	maxCodes = 16  // answers of a list that are kept
	maxWords = 200 // octets of its TXT record
)

// Listed asks a list for an address, after testing it: a list whose domain was
// sold, or that closed, has been known to answer yes to everything, or nothing at
// all (RFC 5782 s5). The zero address only tests, for which IPv4's entries
// serve. The error means that ctx ended.
func (r *Router) Listed(ctx context.Context, list DNSBL, ip netip.Addr) (Listing, error) {
	ip = ip.Unmap()
	test, err := r.tested(ctx, list, ip.Is6())
	if err != nil || test.State != DNSBLWorks || !ip.IsValid() {
		return test, err
	}
	found, err := r.entry(ctx, list.Zone, ip)
	if err != nil || found.State != DNSBLListed {
		return found, err
	}
	found.Reasons = list.reasons(found.Codes)
	answer, err := r.Resolver.Lookup(ctx, backwards(ip)+list.Zone, resolver.TXT)
	if err != nil {
		return Listing{}, fmt.Errorf("asking %s: %w", list.Zone, err)
	}
	found.Text = strings.Join(answer.Texts(), " ")
	found.Text = found.Text[:min(len(found.Text), maxWords)]
	return found, nil
}

// tested asks for the entry that every list must have, 127.0.0.2, and for the
// one that none may have, 127.0.0.1; both IPv4-mapped for a list of IPv6
// addresses (RFC 5782 s5).
func (r *Router) tested(ctx context.Context, list DNSBL, ipv6 bool) (Listing, error) {
	must, mustNot := netip.AddrFrom4([4]byte{127, 0, 0, 2}), netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if ipv6 {
		must, mustNot = netip.AddrFrom16(must.As16()), netip.AddrFrom16(mustNot.As16())
	}
	yes, err := r.entry(ctx, list.Zone, must)
	switch {
	case err != nil || yes.State == DNSBLRefuses || yes.State == DNSBLUnanswered || yes.State == DNSBLBroken:
		return yes, err
	case yes.State == DNSBLUnlisted:
		return Listing{Zone: list.Zone, State: DNSBLBroken, Detail: fmt.Sprintf("its test entry %s is missing", must)}, nil
	}
	no, err := r.entry(ctx, list.Zone, mustNot)
	switch {
	case err != nil || no.State == DNSBLRefuses || no.State == DNSBLUnanswered || no.State == DNSBLBroken:
		return no, err
	case no.State == DNSBLListed:
		return Listing{Zone: list.Zone, State: DNSBLBroken, Codes: no.Codes, Detail: fmt.Sprintf("it lists %s, as one does that lists everybody", mustNot)}, nil
	}
	return Listing{Zone: list.Zone, State: DNSBLWorks}, nil
}

// entry looks one address up and reads the answer.
func (r *Router) entry(ctx context.Context, zone string, ip netip.Addr) (Listing, error) {
	answer, err := r.Resolver.Lookup(ctx, backwards(ip)+zone, resolver.A)
	if err != nil {
		return Listing{}, fmt.Errorf("asking %s: %w", zone, err)
	}
	out := Listing{Zone: zone, Codes: answer.Addresses()}
	out.Codes = out.Codes[:min(len(out.Codes), maxCodes)]
	switch answer.Status {
	case resolver.NoError:
		out.State, out.Detail = readCodes(out.Codes)
	case resolver.NXDomain, resolver.NoData:
		out.State = DNSBLUnlisted
	case resolver.Refused:
		out.State, out.Detail = DNSBLRefuses, "its servers refuse to answer this resolver"
	default:
		out.State, out.Detail = DNSBLUnanswered, unanswered("A", answer.Status, answer.Detail)
	}
	return out, nil
}

// readCodes tells listings from what looks like them. Answers are addresses in
// 127.0.0.0/8 (RFC 5782 s2.1); any other is that of somebody who bought the
// domain, or of a resolver that makes answers up. 127.255.255.0/24 is how
// Spamhaus says that it does not serve the resolver (.254: it is a public one;
// .255: it asks too much), and 127.0.0.1 how URIBL does.
func readCodes(codes []netip.Addr) (DNSBLState, string) {
	refusal, loopback := netip.MustParsePrefix("127.255.255.0/24"), netip.MustParsePrefix("127.0.0.0/8")
	for _, code := range codes {
		switch {
		case !loopback.Contains(code):
			return DNSBLBroken, fmt.Sprintf("it answers %s, which is not how a list answers", code)
		case refusal.Contains(code) || code == netip.AddrFrom4([4]byte{127, 0, 0, 1}):
			return DNSBLRefuses, fmt.Sprintf("it answers %s: it does not serve this resolver", code)
		}
	}
	return DNSBLListed, ""
}
