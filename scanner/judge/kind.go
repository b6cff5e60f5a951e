package judge

import (
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

// DomainKind tells domains apart by what they say of mail. Who never sends needs
// no DKIM key, and who never receives no server: they are not to be blamed for
// lacking them.
type DomainKind string

const (
	UnknownKind     DomainKind = "inconclusive" // DNS did not tell, or was not asked
	MailKind        DomainKind = "mail"         // it has exchangers, and may send
	ReceiveOnlyKind DomainKind = "receive_only" // exchangers, but nobody may send in its name: SPF -all alone, DMARC reject
	NoMailKind      DomainKind = "no_mail"      // null MX, or no exchangers and no sender either
)

// KindOf tells a domain's kind by its route, SPF and DMARC:
//
//  1. A null MX, a special-use name or a domain that does not exist is no_mail,
//     whatever its other records say.
//  2. A domain without a usable exchanger is no_mail, unless its SPF record lets
//     somebody send. So is one whose only exchanger is the domain's own address
//     (the implicit MX) where SPF lets nobody send: a web site that nobody meant
//     to have mail.
//  3. One with exchangers is receive_only where SPF lets nobody send and DMARC
//     has the rest rejected; else mail.
//
// What is not known where it would decide is inconclusive.
func KindOf(route *mx.Route, promises mx.Promises) DomainKind {
	nobody := sendsNothing(promises.SPF)
	switch {
	case route.Special != "" || route.Source == mx.Null || route.DNS == resolver.NXDomain:
		return NoMailKind
	case !route.DNS.Final() || !settled(route):
		return UnknownKind
	case !slices.ContainsFunc(route.Hosts, mx.Host.Usable):
		return byAnswer(nobody.or(noRecord(promises.SPF)), NoMailKind)
	case route.Source == mx.Implicit:
		return byAnswer(nobody, NoMailKind)
	}
	return byAnswer(nobody.and(rejects(promises.DMARC)), ReceiveOnlyKind)
}

// settled reports whether it is known if there is a usable exchanger.
func settled(route *mx.Route) bool {
	return slices.ContainsFunc(route.Hosts, mx.Host.Usable) || !slices.ContainsFunc(route.Hosts, mx.Host.Pending)
}

// known is yes or no, or empty where nothing is known.
type known string

const (
	yes known = "yes"
	no  known = "no"
)

func (a known) and(b known) known {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return ""
}

func (a known) or(b known) known {
	switch {
	case a == yes || b == yes:
		return yes
	case a == no && b == no:
		return no
	}
	return ""
}

func truth(is bool) known {
	if is {
		return yes
	}
	return no
}

// byAnswer is a kind where the answer is yes, mail where it is no.
func byAnswer(answer known, kind DomainKind) DomainKind {
	switch answer {
	case yes:
		return kind
	case no:
		return MailKind
	}
	return UnknownKind
}

// sendsNothing reports whether SPF lets nobody send. A record whose includes
// could not be followed may let somebody.
func sendsNothing(spf *mx.SPF) known {
	if spf == nil || spf.Presence == resolver.Unproven || spf.Presence == resolver.Present && spf.Lookups == nil {
		return ""
	}
	return truth(spf.Presence == resolver.Present && spf.Nobody)
}

func noRecord(spf *mx.SPF) known {
	if spf == nil || spf.Presence == resolver.Unproven {
		return ""
	}
	return truth(spf.Presence == resolver.Absent)
}

// rejects reports whether DMARC has mail rejected that SPF does not let pass, in
// earnest.
func rejects(dmarc *mx.DMARC) known {
	if dmarc == nil || dmarc.Presence == resolver.Unproven {
		return ""
	}
	return truth(dmarc.Presence == resolver.Present && dmarc.Policy == "reject" && !dmarc.Testing)
}
