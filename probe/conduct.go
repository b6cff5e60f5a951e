package probe

// Conduct is what a server does when it is tried: asked for only where the user
// said so, and never so far that mail would be delivered. An answer that was
// not asked for is empty. Try fills it.
type Conduct struct {
	Enforced   Trial `json:"starttls_enforced"`   // MAIL in clear is refused with 530 (RFC 3207 s4)
	Injection  Trial `json:"plaintext_injection"` // a command sent in clear behind STARTTLS is answered inside TLS (CVE-2011-0411)
	BareLF     Trial `json:"bare_lf"`             // a command that ends in LF alone is answered (CVE-2023-51764 and its kin)
	NTLM       *NTLM `json:"ntlm"`                // what the server tells of itself in an NTLM challenge
	Relay      Relay `json:"relay"`               // RCPT of addresses that are not the server's
	SubmitAuth Trial `json:"submission_auth"`     // on 587 and 465: MAIL without AUTH is refused (RFC 6409 s4.3)
}

// Trial is one try and the server's own words.
type Trial struct {
	Answer Answer `json:"answer"`
	Why    string `json:"why,omitempty"`
	Reply  *Said  `json:"reply"`
}

// NTLM is the information in a type 2 message ([MS-NLMP] 2.2.1.2).
type NTLM struct {
	Target   string `json:"target,omitempty"`
	Computer string `json:"computer,omitempty"` // NetBIOS name
	Domain   string `json:"domain,omitempty"`   // NetBIOS name
	DNSHost  string `json:"dns_computer,omitempty"`
	DNSZone  string `json:"dns_domain,omitempty"`
	Forest   string `json:"dns_tree,omitempty"`
	Version  string `json:"version,omitempty"` // 10.0.17763
}

// Relay is the open-relay test: RCPT only, never DATA.
type Relay struct {
	Answer Answer     `json:"answer"` // yes is an open relay
	Why    string     `json:"why,omitempty"`
	Tries  []RelayTry `json:"tries"`
}

// RelayTry is one envelope that a server ought to refuse. The reply is that to
// RCPT, or to MAIL where the sender was not taken.
type RelayTry struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Reply *Said  `json:"reply"`
}
