package cli

import (
	"cmp"
	"context"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/doctor"
)

// bulk is the number of addresses above which servers of strangers may know
// who asks.
const bulk = 25

// goOut gives the scanner its ways out and the names it goes by there.
func (t *talk) goOut(ctx context.Context, env *environment, s *scanner.Scanner, ways []wayOut, dns *resolver.Resolver) error {
	if err := ready(ctx, env.stderr, ways); err != nil {
		return err
	}
	var selves []doctor.Self
	for _, way := range ways {
		dial, err := way.dialer(t.reaches())
		if err != nil {
			return err
		}
		me := whoAmI(ctx, t, way, dns)
		egress := scanner.Egress{Dial: dial, HelloName: me.Hello, Senders: t.senders(), From: way.from}
		if len(ways) > 1 {
			egress.Name = way.name
		}
		selves = append(selves, me)
		s.Egresses = append(s.Egresses, egress)
	}
	s.Ready = func(addresses int64) error { return t.introduced(selves, addresses) }
	return nil
}

// senders are tried in order: the one the user named, or else the null sender,
// which needs no introduction but is refused by some.
func (t *talk) senders() []string {
	if t.mailFrom == "" {
		return []string{""}
	}
	return []string{t.mailFrom, ""}
}

// introduced stops a bulk run at strangers' servers by somebody who does not
// say who they are.
func (t *talk) introduced(selves []doctor.Self, addresses int64) error {
	if addresses <= bulk || t.allowPrivate {
		return nil
	}
	if t.mailFrom == "" {
		return failed("%d addresses at other people's servers need an envelope sender", addresses).
			hint("--mail-from you@your.domain: an address that takes mail, so that who is asked can ask back")
	}
	for _, me := range selves {
		if !me.Confirmed {
			return failed("%d addresses at other people's servers need a HELO name that is ours; %s", addresses, me.Doubt).
				hint("--helo NAME, or --source-ip IP=NAME, a name whose A or AAAA record is this machine's public address")
		}
	}
	return nil
}

// whoAmI is how we introduce ourselves by one way out. What a proxy's address is
// cannot be told from here, and in a private network nobody asks.
func whoAmI(ctx context.Context, t *talk, way wayOut, dns *resolver.Resolver) doctor.Self {
	family := doctor.IPv4
	if t.ipv6 {
		family = doctor.IPv6
	}
	ip, helo := way.from, cmp.Or(way.helo, t.helo)
	if !ip.IsValid() {
		ip = doctor.Outgoing(family)
	}
	if t.allowPrivate || way.proxy != nil {
		return doctor.Self{
			Hello:     cmp.Or(helo, doctor.AddressLiteral(ip)),
			Confirmed: helo != "",
			Doubt:     "what the proxy's is cannot be told from here",
		}
	}
	router := &mx.Router{Resolver: dns, Reaches: t.reaches()}
	return doctor.Introduce(ctx, router, helo, ip)
}
