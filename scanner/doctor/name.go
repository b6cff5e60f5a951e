package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx"
)

// ptr says what our address is called, and whether the name leads back.
func (e *examination) ptr(v view) Finding {
	ip := v.source.public
	if !ip.IsValid() {
		return noAddress(ReversePTR, v.family)
	}
	f := Finding{Check: ReversePTR, Family: v.family, Evidence: []string{
		fmt.Sprintf("%s PTR: %s", mx.ReverseName(ip), answerOf(v.reverse)),
	}}
	name := "mail.your.domain"
	if isName(e.Self.Hello) {
		name = e.Self.Hello
	}
	mending := fmt.Sprintf("Have who gave you the address (the provider, or the cloud's console) set %s. PTR %s. , and in your own DNS %s. %s %s . Large providers refuse mail from addresses without this.",
		mx.ReverseName(ip), name, name, recordType(ip), ip)
	switch {
	case v.reverse.Confirmed != "":
		f.Status, f.Title = OK, fmt.Sprintf("%s is %s, which leads back", ip, clip(v.reverse.Confirmed))
	case v.reverse.Pending || !v.reverse.DNS.Final():
		f.Status, f.Title = Inconclusive, fmt.Sprintf("what %s is called could not be looked up", ip)
	case len(v.reverse.Names) > 0:
		f.Status, f.Title, f.Advice = Warning, fmt.Sprintf("%s is called %s, which does not lead back", ip, clip(v.reverse.Names[0])), mending
	default:
		f.Status, f.Title, f.Advice = Warning, fmt.Sprintf("%s has no PTR record", ip), mending
	}
	return f
}

func answerOf(reverse mx.Reverse) string {
	said := strings.Join(reverse.Names, " ")
	if reverse.Detail != "" {
		said = strings.TrimSpace(said + " (" + reverse.Detail + ")")
	}
	if reverse.DNS == "" {
		said = ended
	}
	return clip(said)
}

func recordType(ip netip.Addr) string {
	if ip.Is4() {
		return "A"
	}
	return "AAAA"
}

// hello says whether the name we give in EHLO is ours.
func (e *examination) hello(v view) Finding {
	f := Finding{Check: HelloName, Family: v.family}
	name := e.Self.Hello
	if !isName(name) {
		return e.literal(f, v)
	}
	f.Evidence = []string{fmt.Sprintf("%s: %s %s", name, e.name.DNS, spaced(e.name.Addresses))}
	mine := slices.DeleteFunc(slices.Clone(e.name.Addresses), func(ip netip.Addr) bool { return ip.Is4() != (v.family == IPv4) })
	public := v.source.public
	record := fmt.Sprintf("Give it the record %s. %s %s, or choose another name with --helo.", name, map[Family]string{IPv4: "A", IPv6: "AAAA"}[v.family], orWord(public))
	switch {
	case e.name.DNS == "" || e.name.Pending():
		f.Status, f.Title = Inconclusive, name+" could not be looked up"
	case public.IsValid() && slices.Contains(mine, public):
		f.Status, f.Title = OK, fmt.Sprintf("we say %s, which is %s", name, public)
	case len(mine) == 0:
		f.Status, f.Title, f.Advice = Warning, fmt.Sprintf("%s has no address of this family", name), record
	case !public.IsValid():
		f.Status, f.Title = Inconclusive, fmt.Sprintf("%s is %s; whether that is us is not known", name, mine[0])
		f.Advice = unknownAddress
	default:
		f.Status, f.Title, f.Advice = Warning, fmt.Sprintf("%s is %s, and we come from %s", name, mine[0], public), record
	}
	return f
}

// literal is the finding where we have no name but an address.
func (e *examination) literal(f Finding, v view) Finding {
	f.Status, f.Title = Warning, fmt.Sprintf("without a name of our own we say %s", e.Self.Hello)
	f.Advice = "Some servers refuse who gives no name. Give one with --helo NAME, where NAME resolves to this machine's public address"
	if name := v.reverse.Confirmed; name != "" {
		f.Advice += ": --helo " + clip(name)
	}
	f.Advice += "."
	if !e.Self.Confirmed {
		f.Advice += " A run of more than 25 addresses stops without."
	}
	return f
}

func spaced(addresses []netip.Addr) string {
	var out []string
	for _, ip := range addresses[:min(len(addresses), 8)] {
		out = append(out, ip.String())
	}
	return strings.Join(out, " ")
}

func orWord(ip netip.Addr) string {
	if ip.IsValid() {
		return ip.String()
	}
	return "of our public address"
}
