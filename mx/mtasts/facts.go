package mtasts

import (
	"time"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Mode is what a policy wants of senders (RFC 8461 s3.2, s5).
type Mode string

const (
	Enforce Mode = "enforce" // mail is not delivered to an exchanger that fails
	Testing Mode = "testing" // it is delivered, and reported
	NoMode  Mode = "none"    // there is no policy any more
)

// Facts are what a domain says by MTA-STS: the TXT record, and the policy that
// it announces. The policy is fetched only where the record is present.
type Facts struct {
	Presence resolver.Presence `json:"presence"`      // of the record
	Why      string            `json:"why,omitempty"` // where the record is invalid or inconclusive, in one clause
	Records  []string          `json:"records,omitempty"`
	ID       string            `json:"id,omitempty"`
	Fetch    *Fetch            `json:"policy"` // null where it was not fetched
}

// Fetch is one look at the policy's URL.
type Fetch struct {
	URL         string            `json:"url"`
	Presence    resolver.Presence `json:"presence"`
	Why         string            `json:"why,omitempty"`
	HTTPStatus  int               `json:"http_status,omitempty"`
	ContentType string            `json:"content_type,omitempty"`
	Text        string            `json:"text,omitempty"` // as served, at most 64 KiB
	Mode        Mode              `json:"mode,omitempty"`
	MaxAge      *int64            `json:"max_age"`          // seconds
	MX          []string          `json:"mx"`               // patterns: a name, or *. and a name
	Faults      []string          `json:"faults,omitempty"` // what a sender may overlook but the owner should not, a clause each
	NotAfter    *time.Time        `json:"not_after"`        // of the web server's certificate
}
