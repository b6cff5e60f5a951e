package doctor

import (
	"context"
	"fmt"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
)

// sender says whether mail to the envelope sender could arrive: servers that
// check senders look up its domain, and some call it back.
func (e *examination) sender(ctx context.Context) Finding {
	f := Finding{Check: Sender}
	domain, why := e.senderDomain()
	if domain == "" {
		f.Status, f.Title = Skipped, why
		f.Advice = "Name an address that takes mail with --mail-from: some servers refuse the null sender, and more than 25 addresses are not asked with it."
		return f
	}
	route, err := e.Router.Route(ctx, domain)
	if err != nil {
		f.Status, f.Title = Inconclusive, ended
		return f
	}
	f.Evidence = []string{routeOf(route)}
	for _, host := range route.Hosts {
		if host.Usable() {
			f.Status, f.Title = OK, fmt.Sprintf("mail to %s goes to %s", domain, clip(host.Name))
			return f
		}
	}
	f.Status, f.Advice = Warning, "Many servers refuse senders whose domain takes no mail: give one that does with --mail-from, or mend its MX records."
	switch {
	case route.Special != "":
		f.Title = fmt.Sprintf("%s is reserved by %s", domain, route.Special)
	case route.Source == mx.Null:
		f.Title = domain + " says that it takes no mail (null MX)"
	case route.DNS.Final() && route.Source == mx.None:
		f.Title = "mail to " + domain + " goes nowhere"
	case len(route.Hosts) > 0 && !pending(route):
		f.Title = "none of the mail servers of " + domain + " has a usable address"
	default:
		f.Status, f.Title, f.Advice = Inconclusive, "the mail servers of "+domain+" could not be looked up", ""
	}
	return f
}

// senderDomain is the domain of the envelope sender, or why there is none.
func (e *examination) senderDomain() (domain, why string) {
	if e.Sender == "" {
		return "", "no sender is named: the null sender <> serves"
	}
	parsed, err := address.Parse(e.Sender)
	if err != nil || parsed.Domain == "" {
		return "", "the sender has no domain to look at"
	}
	return parsed.Domain, ""
}

func pending(route mx.Route) bool {
	for _, host := range route.Hosts {
		if host.Pending() {
			return true
		}
	}
	return false
}

func routeOf(route mx.Route) string {
	text := fmt.Sprintf("%s: %s (%s)", route.Domain, route.Source, route.DNS)
	for _, host := range route.Hosts {
		text += " " + host.Name
	}
	if route.Detail != "" {
		text += ": " + route.Detail
	}
	return clip(text)
}
