package dane

import (
	"net/netip"
)

// Status is what a sender makes of an exchanger's TLSA records (RFC 7672 s2.2).
type Status string

const (
	None      Status = "none"      // a secure zone says that there are none
	Insecure  Status = "insecure"  // the zone, or the MX answer, is not signed: DANE does not apply
	Usable    Status = "usable"    // secure, and at least one record can be used
	Unusable  Status = "unusable"  // secure, but no record can be used: encrypted, not authenticated
	Deferred  Status = "deferred"  // the look-up failed: a sender waits, and mail with it (RFC 7672 s2.1.1)
	Untrusted Status = "untrusted" // our resolver's word on DNSSEC does not count: nothing is known
)

// Record is one TLSA record (RFC 6698 s2.1).
type Record struct {
	Usage    uint8  `json:"usage"`
	Selector uint8  `json:"selector"`
	Matching uint8  `json:"matching"`
	Data     string `json:"data"`          // hex
	Usable   bool   `json:"usable"`        // by a mail sender: usage 2 or 3, known selector and matching type, data of the right length
	Why      string `json:"why,omitempty"` // it is not usable, in one clause
}

// Facts are the TLSA records of one exchanger, and what its servers made of
// them.
type Facts struct {
	Host    string   `json:"host"`
	Port    uint16   `json:"port"`
	Base    string   `json:"base"` // the name under which they were found: the CNAME's target where that is secure (RFC 7672 s2.2.2); empty where there are none
	Status  Status   `json:"status"`
	Why     string   `json:"why,omitempty"`
	Records []Record `json:"records"` // null where they were not seen
	Matches []Match  `json:"matches"` // one a server of the host; null before they were asked
}

// Verdict is what DANE makes of one server's certificates.
type Verdict string

const (
	Matched    Verdict = "match"
	Mismatched Verdict = "mismatch"
	NoTLS      Verdict = "no_tls"       // the server does not offer TLS: a DANE sender does not deliver (RFC 7672 s2.2)
	Unmeasured Verdict = "not_measured" // no handshake was reached
)

// Match is how one server's certificate chain stands to the records.
type Match struct {
	IP      netip.Addr `json:"ip"`
	Verdict Verdict    `json:"verdict"`
	Records []int      `json:"records"`       // indices of the records that match
	Why     string     `json:"why,omitempty"` // where it is no match
}
