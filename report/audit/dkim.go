package audit

import (
	"cmp"
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

func dkimChecks() []check {
	dkim := func(c check, test func(mx.DKIM) string) check {
		c.scope, c.needs, c.domain = ScopeDomain, needsDKIM, dkimSelectors(test)
		return c
	}
	return []check{
		{
			id: "dkim_absent", title: "no DKIM key under the selectors named", reference: "RFC 6376 s3.6.2.1", scope: ScopeDomain, needs: needsDKIM,
			explain: "Under none of the selectors that were named there is a key. Either the domain has others, or its mail goes unsigned.",
			domain:  dkimAbsent,
		},
		dkim(check{
			id: "dkim_invalid", title: "a DKIM key cannot be used", reference: "RFC 6376 s3.6.1",
			explain: "The record under the selector cannot be read, or verifiers may not accept it. Mail signed with it fails.",
		}, dkimInvalid),
		dkim(check{
			id: "dkim_revoked", title: "a DKIM key has been withdrawn", reference: "RFC 6376 s3.6.1",
			explain: "An empty p= says that the key no longer counts. That is right for a selector that nothing signs with.",
		}, dkimRevoked),
		dkim(check{
			id: "dkim_key_short", title: "a DKIM key is short", reference: "RFC 8301 s3.2",
			explain: "Signers should use RSA keys of 2048 bits at least. Keys of 1024 are within reach of those who have the means.",
		}, dkimShort),
		dkim(check{
			id: "dkim_testing", title: "a DKIM key is marked as a test", reference: "RFC 6376 s3.6.1",
			explain: "With t=y verifiers may treat signed mail like unsigned. It is mostly forgotten, not meant.",
		}, dkimTesting),
	}
}

// dkimSelectors makes one fault of all selectors that a test says something of.
func dkimSelectors(test func(mx.DKIM) string) func(*domain) faults {
	return func(d *domain) faults {
		var parts []string
		for _, key := range d.DKIM {
			if problem := test(key); problem != "" {
				parts = append(parts, key.Selector+"._domainkey."+d.Domain+": "+problem)
			}
		}
		if parts == nil {
			return nil
		}
		return found("%s", quote(strings.Join(parts, "; ")))
	}
}

// dkimAbsent asks all selectors together: those that were named are of all domains
// of a list, and each domain has its own.
func dkimAbsent(d *domain) faults {
	var parts []string
	for _, key := range d.DKIM {
		if key.Presence != resolver.Absent {
			return nil
		}
		parts = append(parts, key.Selector+"._domainkey."+d.Domain+": "+cmp.Or(quote(key.Why), "no record"))
	}
	if parts == nil {
		return nil
	}
	return found("%s", quote(strings.Join(parts, "; ")))
}

func dkimInvalid(key mx.DKIM) string {
	switch {
	case key.Presence == resolver.Faulty:
		return cmp.Or(quote(key.Why), "invalid")
	case key.Presence == resolver.Present && len(key.Problems) > 0:
		return quote(strings.Join(key.Problems, ", "))
	}
	return ""
}

func dkimRevoked(key mx.DKIM) string {
	if key.Presence != resolver.Present || !key.Revoked {
		return ""
	}
	return "p= is empty"
}

func dkimShort(key mx.DKIM) string {
	if key.Presence != resolver.Present || !strings.HasPrefix(key.Key, "RSA ") || !shortKey(key.Key) {
		return ""
	}
	return key.Key
}

func dkimTesting(key mx.DKIM) string {
	if key.Presence != resolver.Present || !key.Testing {
		return ""
	}
	return "t=y"
}
