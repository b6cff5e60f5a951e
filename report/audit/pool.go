package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/probe"
)

func poolChecks() []check {
	return []check{
		{
			id: "pool_starttls", title: "some exchangers offer TLS and this one does not", reference: "RFC 3207 s2", scope: ScopeServer,
			explain: "Other exchangers of the same domain encrypt. Whoever keeps senders away from those reads the mail at this one.",
			domain:  poolStartTLS,
		},
		{
			id: "pool_tls", title: "an exchanger's TLS is older than its fellows'", reference: "RFC 9325 s3.1.1", scope: ScopeServer,
			explain: "Other exchangers of the same domain negotiate a later version with the same client. One machine was forgotten at the last update.",
			domain:  poolTLS,
		},
		{
			id: "pool_extensions", title: "an exchanger offers something else than its fellows", reference: "RFC 5321 s4.1.1.1", scope: ScopeServer,
			explain: "Exchangers of equal preference stand for each other, and this one has other extensions or limits. What is accepted then depends on chance.",
			domain:  poolExtensions,
		},
		{
			id: "pool_certificate", title: "one name, several certificates", reference: "RFC 7671 s8.1", scope: ScopeServer,
			explain: "The addresses of one exchanger present different certificates. That is in order where all are looked after; TLSA records then need a line for each key.",
			domain:  poolCertificate,
		},
	}
}

func poolStartTLS(d *domain) faults {
	var out faults
	servers := d.mxServers()
	with := slices.IndexFunc(servers, func(s *seen) bool { return s.startTLS == probe.Yes && s.handshake != nil })
	if with < 0 {
		return nil
	}
	for _, s := range servers {
		if s.startTLS == probe.No && s.handshake == nil && s.reachable == probe.Yes {
			out = append(out, found("%s does not offer STARTTLS, %s does", s, servers[with]).on(s)...)
		}
	}
	return out
}

func poolTLS(d *domain) faults {
	var out faults
	servers := slices.DeleteFunc(d.mxServers(), func(s *seen) bool { return s.handshake == nil || tlsRank(s.handshake.version) == 0 })
	if len(servers) == 0 {
		return nil
	}
	newest := slices.MaxFunc(servers, func(a, b *seen) int { return cmp.Compare(tlsRank(a.handshake.version), tlsRank(b.handshake.version)) })
	for _, s := range servers {
		if s.handshake.version != newest.handshake.version {
			out = append(out, found("%s negotiates %s, %s %s", s, s.handshake.version, newest, newest.handshake.version).on(s)...)
		}
	}
	return out
}

// poolExtensions compares the servers of one preference and port: those between
// which senders choose at random.
func poolExtensions(d *domain) faults {
	type pool struct {
		preference, port uint16
		encrypted        bool // what is offered in clear is not held against what is offered inside TLS
	}
	pools := map[pool][]*seen{}
	var keys []pool
	for _, host := range d.hosts {
		for _, s := range d.of(host.Name) {
			key := pool{host.Preference, s.port, s.handshake != nil}
			if s.offers == "" || s.handshake == nil && s.startTLS != probe.No {
				continue
			}
			if pools[key] == nil {
				keys = append(keys, key)
			}
			pools[key] = append(pools[key], s)
		}
	}
	var out faults
	for _, key := range keys {
		out = append(out, odd(pools[key], func(s *seen) string { return s.offers })...)
	}
	return out
}

// odd are the servers that differ from most of their pool, or from its first
// where there is no majority.
func odd(pool []*seen, of func(*seen) string) faults {
	count := map[string]int{}
	for _, s := range pool {
		count[of(s)]++
	}
	usual := pool[0]
	for _, s := range pool {
		if count[of(s)] > count[of(usual)] {
			usual = s
		}
	}
	var out faults
	for _, s := range pool {
		if of(s) != of(usual) {
			only, lacks := differ(of(s), of(usual))
			out = append(out, found("%s against %s: only here %s; only there %s", s, usual, only, lacks).on(s)...)
		}
	}
	return out
}

// differ are the parts of two lists that the other does not have.
func differ(a, b string) (onlyA, onlyB string) {
	left, right := strings.Split(a, ", "), strings.Split(b, ", ")
	without := func(list, other []string) string {
		kept := slices.DeleteFunc(slices.Clone(list), func(one string) bool { return slices.Contains(other, one) })
		return cmp.Or(quote(strings.Join(kept, ", ")), "nothing")
	}
	return without(left, right), without(right, left)
}

func poolCertificate(d *domain) faults {
	var out faults
	for _, host := range d.hosts {
		servers := slices.DeleteFunc(d.of(host.Name), func(s *seen) bool { return s.handshake == nil || s.handshake.leaf == "" })
		for _, s := range servers {
			if first := servers[0]; s.port == first.port && s.handshake.leaf != first.handshake.leaf {
				out = append(out, found("%s: %s until %s; %s: %s until %s",
					s, quote(s.handshake.subject), date(s.handshake.notAfter), first, quote(first.handshake.subject), date(first.handshake.notAfter)).on(s)...)
			}
		}
	}
	return out
}
