package doctor

// Check is what was looked at, from a closed list.
type Check string

const (
	Resolver   Check = "resolver"    // DNS answers, and in reasonable time
	Honesty    Check = "nxdomain"    // names that do not exist do not exist
	DNSSEC     Check = "dnssec"      // signed answers come validated, from where that counts
	Port25     Check = "port25"      // mail servers can be connected to
	Greeting   Check = "greeting"    // and let us in
	Source     Check = "source"      // the address we come from
	ReversePTR Check = "ptr"         // its name, and that it leads back
	HelloName  Check = "helo"        // the name we give in EHLO
	Sender     Check = "mail_from"   // the envelope sender's domain takes mail
	SPF        Check = "spf"         // and lets our address send
	Blocklists Check = "dnsbl"       // our address on blocklists
	ListAccess Check = "dnsbl_query" // whether blocklists answer this resolver
	Clock      Check = "clock"       // this machine's time
)

// Status is how a check came out.
type Status string

const (
	OK           Status = "ok"
	Warning      Status = "warning"      // verifying works; some servers will turn us away, or some verdicts be poorer
	Fatal        Status = "fatal"        // verifying cannot work from here
	Skipped      Status = "skipped"      // there was nothing to look at; Title says why
	Inconclusive Status = "inconclusive" // it could not be found out
)

// Family is the version of the Internet protocol that a finding is about; empty
// where it is about neither.
type Family string

const (
	IPv4 Family = "ipv4"
	IPv6 Family = "ipv6"
)

// Finding is what one check came to. Texts of DNS and servers in it are bounded,
// but not escaped for a terminal.
type Finding struct {
	Check    Check    `json:"id"`
	Family   Family   `json:"family,omitempty"`
	Status   Status   `json:"status"`
	Title    string   `json:"title"`            // the result in one clause
	Evidence []string `json:"evidence"`         // what was seen, a line each; never nil from Examine
	Advice   string   `json:"advice,omitempty"` // what to do; empty where there is nothing
}

// CanVerify reports whether no finding is fatal.
func CanVerify(findings []Finding) bool {
	for _, f := range findings {
		if f.Status == Fatal {
			return false
		}
	}
	return true
}
