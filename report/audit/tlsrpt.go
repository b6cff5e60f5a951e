package audit

import (
	"cmp"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

func tlsRPTChecks() []check {
	return []check{
		{
			id: "tls_rpt_absent", title: "no TLS reports are asked for", reference: "RFC 8460 s3", scope: ScopeDomain,
			explain: "Senders would tell, once a day, where TLS failed. Without the record nobody learns that MTA-STS or DANE keep mail away.",
			domain:  tlsRPTAbsent,
		},
		{
			id: "tls_rpt_invalid", title: "the record for TLS reports counts for nothing", reference: "RFC 8460 s3", scope: ScopeDomain,
			explain: "There must be exactly one record with a version and an address. Senders send no reports for any other.",
			domain:  tlsRPTInvalid,
		},
	}
}

func (d *domain) tlsRPTLine() string {
	return txt("_smtp._tls."+d.Domain, "v=TLSRPTv1; rua=mailto:tls-reports@"+d.Domain)
}

func tlsRPTAbsent(d *domain) faults {
	if d.TLSRPT == nil || d.TLSRPT.Presence != resolver.Absent {
		return nil
	}
	return found("no v=TLSRPTv1 at _smtp._tls.%s", d.Domain).mend(d.zone(), d.tlsRPTLine())
}

func tlsRPTInvalid(d *domain) faults {
	if d.TLSRPT == nil || d.TLSRPT.Presence != resolver.Faulty {
		return nil
	}
	return found("%s: %s", cmp.Or(quote(d.TLSRPT.Why), "invalid"), quote(strings.Join(d.TLSRPT.Records, " | "))).mend(d.zone(), d.tlsRPTLine())
}
