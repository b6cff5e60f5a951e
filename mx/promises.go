package mx

import (
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
)

// Promises is what a domain says of its mail, looked up only where it is asked
// for. What was not looked up is nil.
type Promises struct {
	MTASTS *mtasts.Facts `json:"mta_sts"`
	TLSRPT *TLSRPT       `json:"tls_rpt"`
	DANE   []dane.Facts  `json:"dane"` // one an exchanger
	SPF    *SPF          `json:"spf"`
	DMARC  *DMARC        `json:"dmarc"`
	DKIM   []DKIM        `json:"dkim"` // one a selector that was named
	BIMI   *BIMI         `json:"bimi"`
	CAA    *CAA          `json:"caa"`
}

// TLSRPT is the domain's SMTP TLS reporting record (RFC 8460 s3).
type TLSRPT struct {
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
	Records  []string          `json:"records,omitempty"`
	RUA      []string          `json:"rua"` // mailto: and https: URIs
}

// SPF is the domain's record and what evaluating it costs (RFC 7208 s4.6.4).
type SPF struct {
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
	Records  []string          `json:"records,omitempty"`
	All      string            `json:"all,omitempty"`      // the qualifier of the record's own "all", or of the one it is redirected to: + - ~ ?; empty for none
	Lookups  *int              `json:"lookups"`            // terms that cost a look-up, includes and redirects followed; at most 10 are allowed
	Voids    *int              `json:"void_lookups"`       // look-ups that found nothing; at most 2 are allowed
	Problems []string          `json:"problems,omitempty"` // what makes it a permerror, or will, a clause each
}

// DMARC is the policy that holds for the domain, found by RFC 9989's tree walk.
type DMARC struct {
	Presence  resolver.Presence `json:"presence"`
	Why       string            `json:"why,omitempty"`
	At        string            `json:"at,omitempty"` // the domain whose record holds: itself or one above it
	Records   []string          `json:"records,omitempty"`
	Policy    string            `json:"policy,omitempty"`    // none, quarantine, reject: the one that holds for this domain
	Subdomain string            `json:"subdomain,omitempty"` // sp= where given
	NonExist  string            `json:"np,omitempty"`        // np= where given
	Testing   bool              `json:"testing,omitempty"`   // t=y
	RUA       []string          `json:"rua"`
	RUF       []string          `json:"ruf,omitempty"`
	Problems  []string          `json:"problems,omitempty"` // unknown, removed (pct, rf, ri) or badly written tags, report addresses not authorised, a clause each
}

// DKIM is one selector's key (RFC 6376 s3.6.1).
type DKIM struct {
	Selector string            `json:"selector"`
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
	Key      string            `json:"key,omitempty"` // RSA 2048, Ed25519
	Revoked  bool              `json:"revoked,omitempty"`
	Testing  bool              `json:"testing,omitempty"`
	Problems []string          `json:"problems,omitempty"`
}

// BIMI is the domain's default brand indicator record.
type BIMI struct {
	Presence  resolver.Presence `json:"presence"`
	Why       string            `json:"why,omitempty"`
	Records   []string          `json:"records,omitempty"`
	Logo      string            `json:"logo,omitempty"`      // l=
	Authority string            `json:"authority,omitempty"` // a=
}

// CAA is who may issue certificates for the domain (RFC 8659).
type CAA struct {
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
	At       string            `json:"at,omitempty"` // the name whose records hold
	Issuers  []string          `json:"issuers"`      // values of issue, as written; ";" forbids all
}
