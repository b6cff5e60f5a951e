package judge

import (
	"cmp"
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// exchanger is one host of a route, as senders with rules see it.
type exchanger struct {
	route    *mx.Route
	promises mx.Promises
	host     string
}

// opportunistic takes what it is offered. Where a handshake fails most senders
// come again in clear.
func opportunistic(d door) Fare {
	switch d.state {
	case overTLS:
		return Fare{Outcome: Encrypted}
	case plain, jammed:
		return Fare{InClear, d.why}
	}
	return d.closed()
}

// closed is the fare where there was no talking about TLS.
func (d door) closed() Fare {
	switch d.state {
	case shut:
		return Fare{Delayed, d.why}
	case mailless:
		return Fare{Returned, d.why}
	}
	return Fare{NotMeasured, d.why}
}

// without is the opportunistic fare, and why no rule was kept.
func without(d door, why string) Fare {
	fare := opportunistic(d)
	fare.Why = orBoth(why, fare.Why)
	return fare
}

// insists is the fare at a door that a sender only goes through over TLS:
// encrypted, or else what the sender does with the message.
func (d door) insists(otherwise FareWord) Fare {
	switch d.state {
	case overTLS:
		return Fare{Outcome: Encrypted}
	case plain, jammed:
		return Fare{otherwise, d.why}
	}
	return d.closed()
}

// mtasts is the fare under the domain's policy, as met by a sender who has none
// of it in store (RFC 8461 s5): in enforce mode it delivers over TLS to hosts that
// the policy names and that prove it, and to no others.
func (x exchanger) mtasts(d door) Fare {
	policy, ok, fare := x.policy(d)
	switch {
	case !ok:
		return fare
	case policy.Mode != mtasts.Enforce:
		return without(d, "the policy's mode is "+string(policy.Mode)+": nothing is refused")
	case !policy.Matches(x.host):
		return Fare{Delayed, "the MTA-STS policy does not name " + x.host}
	}
	if fare := d.insists(Delayed); fare.Outcome != Encrypted {
		return fare
	}
	return d.certified(Delayed)
}

// policy is the domain's; ok is false where there is none, and fare then what
// becomes of a message.
func (x exchanger) policy(d door) (policy mtasts.Policy, ok bool, fare Fare) {
	facts := x.promises.MTASTS
	if facts == nil {
		return policy, false, Fare{NotMeasured, "MTA-STS was not looked up"}
	}
	if policy, ok = facts.Policy(); ok {
		return policy, true, Fare{}
	}
	presence, why := facts.Presence, facts.Why
	if facts.Fetch != nil {
		presence, why = facts.Fetch.Presence, facts.Fetch.Why
	}
	switch presence {
	case resolver.Unproven:
		return policy, false, Fare{NotMeasured, orBoth("the MTA-STS policy is not known", why)}
	case resolver.Absent:
		return policy, false, without(d, "no MTA-STS policy")
	}
	return policy, false, without(d, orBoth("no MTA-STS policy that can be used", why))
}

// certified is the fare after a handshake, by the certificate's path to a public
// authority and the exchanger's name (RFC 8461 s4.2).
func (d door) certified(otherwise FareWord) Fare {
	pkix := d.server.TLS.PKIX
	if pkix.Status == tlsinfo.Valid {
		return Fare{Outcome: Authenticated}
	}
	return Fare{otherwise, "certificate: " + cmp.Or(pkix.Reason, string(pkix.Status))}
}

// dane is the fare by the exchanger's TLSA records (RFC 7672 s2.2).
func (x exchanger) dane(d door) Fare {
	facts, ok := x.tlsa()
	if !ok {
		return Fare{NotMeasured, "TLSA records were not looked up"}
	}
	switch facts.Status {
	case dane.None:
		return without(d, "no TLSA records")
	case dane.Insecure:
		return without(d, orBoth("DANE does not apply", facts.Why))
	case dane.Deferred:
		return Fare{Delayed, facts.Why}
	case dane.Unusable:
		return d.insists(Delayed)
	case dane.Usable:
		if fare := d.insists(Delayed); fare.Outcome != Encrypted {
			return fare
		}
		return d.matched(facts, Delayed)
	}
	return Fare{NotMeasured, facts.Why}
}

func (x exchanger) tlsa() (dane.Facts, bool) {
	i := slices.IndexFunc(x.promises.DANE, func(f dane.Facts) bool { return f.Host == x.host })
	if i < 0 {
		return dane.Facts{}, false
	}
	return x.promises.DANE[i], true
}

// matched is the fare after a handshake, by usable TLSA records.
func (d door) matched(facts dane.Facts, otherwise FareWord) Fare {
	for _, match := range facts.Matches {
		if match.IP.Unmap() != d.server.IP.Unmap() {
			continue
		}
		switch match.Verdict {
		case dane.Matched:
			return Fare{Outcome: Authenticated}
		case dane.Mismatched, dane.NoTLS:
			return Fare{otherwise, orBoth("no TLSA record matches the certificate", match.Why)}
		}
		return Fare{NotMeasured, cmp.Or(match.Why, "its certificate was not held against the TLSA records")}
	}
	return Fare{NotMeasured, "its certificate was not held against the TLSA records"}
}

// requireTLS is the fare of a message whose sender would rather have it back
// (RFC 8689 s4.2.1). The server has to offer REQUIRETLS inside TLS; its name has
// to come from a validated MX answer or to be in the MTA-STS policy; and it has
// to prove that name, by DANE where there are records, and then by nothing else
// (RFC 8461 s2).
func (x exchanger) requireTLS(d door) Fare {
	if fare := d.insists(Returned); fare.Outcome != Encrypted {
		return fare
	}
	switch hello := d.server.Encrypted; {
	case hello == nil:
		return Fare{NotMeasured, "what it offers inside TLS is not known"}
	case !hello.Extensions.Has(smtp.ExtRequireTLS):
		return Fare{Returned, "REQUIRETLS is not offered"}
	}
	if fare := x.named(d); fare.Outcome != "" {
		return fare
	}
	facts, _ := x.tlsa()
	switch facts.Status {
	case dane.Usable:
		return d.matched(facts, Returned)
	case dane.Deferred:
		return Fare{Delayed, facts.Why}
	}
	return d.certified(Returned)
}

// named is the fare where nothing vouches for the exchanger's name; empty where
// something does. A domain that is its own exchanger needs nobody's word. In
// testing mode a policy names hosts as in enforce mode.
func (x exchanger) named(d door) Fare {
	policy, ok, fare := x.policy(d)
	facts, _ := x.tlsa()
	switch {
	case x.route.Secure, x.route.Source == mx.Implicit && x.host == x.route.Domain:
		return Fare{}
	case ok && policy.Mode != mtasts.NoMode && policy.Matches(x.host):
		return Fare{}
	case !ok && fare.Outcome == NotMeasured:
		return fare
	case facts.Status == dane.Untrusted:
		return Fare{NotMeasured, facts.Why}
	}
	return Fare{Returned, "the MX answer is not validated, and no MTA-STS policy names " + x.host}
}
