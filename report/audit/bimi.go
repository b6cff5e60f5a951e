package audit

import (
	"cmp"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

func bimiChecks() []check {
	const draft = "draft-brand-indicators-for-message-identification"
	return []check{
		{
			id: "bimi_without_enforcement", title: "BIMI without an enforced DMARC policy", reference: draft, scope: ScopeDomain,
			explain: "Receivers show the logo only beside mail of domains whose DMARC policy is quarantine or reject. Until then the record does nothing.",
			domain:  bimiAlone,
		},
		{
			id: "bimi_invalid", title: "the BIMI record counts for nothing", reference: draft, scope: ScopeDomain,
			explain: "The record must name a logo by an https: URI. Receivers show nothing for any other.",
			domain:  bimiInvalid,
		},
	}
}

func bimiAlone(d *domain) faults {
	if d.BIMI == nil || d.BIMI.Presence != resolver.Present || d.BIMI.Logo == "" || d.DMARC == nil {
		return nil
	}
	switch {
	case d.DMARC.Presence == resolver.Absent, d.DMARC.Presence == resolver.Faulty:
		return found("%s; no DMARC policy", quote(strings.Join(d.BIMI.Records, " | ")))
	case d.DMARC.Presence == resolver.Present && d.DMARC.Policy == "none":
		return found("%s; DMARC: none", quote(strings.Join(d.BIMI.Records, " | ")))
	}
	return nil
}

func bimiInvalid(d *domain) faults {
	if d.BIMI == nil || d.BIMI.Presence != resolver.Faulty {
		return nil
	}
	return found("%s: %s", cmp.Or(quote(d.BIMI.Why), "invalid"), quote(strings.Join(d.BIMI.Records, " | ")))
}
