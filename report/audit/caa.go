package audit

import (
	"slices"
	"strings"

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
	return found("no CAA record at %s or above", d.Domain).mend(d.zone(), d.caaLines()...)
}

// caaLines let those issue that have issued for exchangers in the domain. One at
// somebody else's name tells nothing of whom this domain asks.
func (d *domain) caaLines() []string {
	var names []string
	for _, s := range d.servers {
		if s.handshake == nil || s.host != d.Domain && !strings.HasSuffix(s.host, "."+d.Domain) {
			continue
		}
		if name := caaName(s.handshake.issuer); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		names = []string{"DOMAIN-OF-YOUR-AUTHORITY"}
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = d.Domain + `. IN CAA 0 issue "` + name + `"`
	}
	return names
}

// caaName is what an authority calls itself in CAA records, by the organization
// that issued a certificate; empty for one that is not known.
func caaName(issuer string) string {
	for _, one := range authorities {
		if strings.Contains(","+issuer, ",O="+one.organization) {
			return one.caa
		}
	}
	return ""
}

// authorities are by the beginning of their organization's name, as in the
// issuers of their certificates, with the CAA name of their practice statements.
var authorities = [...]struct{ organization, caa string }{
	{"Let's Encrypt", "letsencrypt.org"},
	{"Internet Security Research Group", "letsencrypt.org"},
	{"DigiCert", "digicert.com"},
	{"Sectigo", "sectigo.com"},
	{"COMODO", "sectigo.com"},
	{"ZeroSSL", "sectigo.com"},
	{"GlobalSign", "globalsign.com"},
	{"Google Trust Services", "pki.goog"},
	{"Amazon", "amazon.com"},
	{"Buypass", "buypass.com"},
	{"Entrust", "entrust.net"},
	{"GoDaddy", "godaddy.com"},
	{"SSL Corp", "ssl.com"},
	{"Actalis", "actalis.it"},
	{"Hellenic Academic and Research Institutions", "harica.gr"},
	{"SwissSign", "swisssign.com"},
	{"Asseco Data Systems", "certum.pl"},
	{"Unizeto", "certum.pl"},
	{"D-Trust", "d-trust.net"},
	{"D-TRUST", "d-trust.net"},
	{"Deutsche Telekom", "telesec.de"},
	{"T-Systems", "telesec.de"},
}
