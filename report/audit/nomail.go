package audit

import (
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner/judge"
)

func noMailChecks() []check {
	return []check{{
		id: "no_mail_incomplete", title: "a domain without mail does not say so fully", reference: "RFC 7505, RFC 7208 s10.1.2, RFC 9989", scope: ScopeDomain,
		explain: "A null MX refuses mail at once, \"v=spf1 -all\" and DMARC's reject disown what forgers send, for every name below it too. Each alone leaves a gap.",
		domain:  noMailIncomplete, asks: meansNoMail,
	}}
}

// meansNoMail leaves out domains whose MX records lead nowhere: they have
// findings that mend the records.
func meansNoMail(d *domain) bool {
	return d.Kind == judge.NoMailKind && d.Route.DNS != resolver.NXDomain && !meansMail(d)
}

func noMailIncomplete(d *domain) faults {
	var missing, lines []string
	lack := func(what, line string) {
		missing, lines = append(missing, what), append(lines, line)
	}
	if d.Route.Source != mx.Null && d.Route.DNS.Final() {
		lack("no null MX", d.Domain+". IN MX 0 .")
	}
	if measured(d.spfPresence()) && !d.SPF.Nobody {
		lack("no SPF that refuses all", txt(d.Domain, "v=spf1 -all"))
	}
	if d.forgeable() {
		lack("no DMARC that rejects all, subdomains included", d.dmarcMended(d.Domain))
	}
	if missing == nil {
		return nil
	}
	lines = append(lines, txt("*."+d.Domain, "v=spf1 -all"))
	return found("%s", strings.Join(missing, ", ")).mend(d.zone(), lines...)
}

// measured reports whether a promise was looked up to its end.
func measured(p resolver.Presence) bool { return p != "" && p != resolver.Unproven }

// spfPresence and dmarcPresence are empty where nobody looked.
func (d *domain) spfPresence() resolver.Presence {
	switch {
	case d.SPF == nil:
		return ""
	case d.SPF.Presence == resolver.Present && d.SPF.Lookups == nil:
		return resolver.Unproven // what it includes, or is redirected to, is not known
	}
	return d.SPF.Presence
}

func (d *domain) dmarcPresence() resolver.Presence {
	if d.DMARC == nil {
		return ""
	}
	return d.DMARC.Presence
}

func (d *domain) forgeable() bool { return measured(d.dmarcPresence()) && !d.disowned() }

func (d *domain) disowned() bool {
	weaker := func(policy string) bool { return policy != "" && policy != "reject" }
	return d.DMARC.Presence == resolver.Present && d.DMARC.Policy == "reject" && !d.DMARC.Testing &&
		!weaker(d.DMARC.Subdomain) && !weaker(d.DMARC.NonExist)
}
