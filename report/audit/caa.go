package audit

import (
	"github.com/mxvet/mxvet/mx/resolver"
)

func caaChecks() []check {
	return []check{{
		id: "caa_absent", title: "any authority may issue certificates", reference: "RFC 8659 s3", scope: ScopeDomain,
		explain: "Without CAA records every public authority may issue certificates for names of the domain, mta-sts among them. One record names those that may.",
		domain:  caaAbsent,
	}}
}

func caaAbsent(d *domain) faults {
	if d.CAA == nil || d.CAA.Presence != resolver.Absent {
		return nil
	}
	return found("no CAA record at %s or above", d.Domain).mend(d.zone(), d.Domain+`. IN CAA 0 issue "letsencrypt.org"`)
}
