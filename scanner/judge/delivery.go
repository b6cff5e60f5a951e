package judge

// DomainKind tells domains apart by what they say of mail.
type DomainKind string

const (
	UnknownKind     DomainKind = "inconclusive" // DNS did not tell, or was not asked
	MailKind        DomainKind = "mail"         // it has exchangers, and may send
	ReceiveOnlyKind DomainKind = "receive_only" // exchangers, but nobody may send in its name: SPF -all alone, DMARC reject
	NoMailKind      DomainKind = "no_mail"      // null MX, or no route and nobody may send
)

// Delivery is what senders of four kinds would do at one exchanger.
type Delivery struct {
	Host          string `json:"host"`
	Opportunistic Fare   `json:"opportunistic"` // STARTTLS where offered, any certificate (RFC 7435)
	MTASTS        Fare   `json:"mta_sts"`       // one that keeps MTA-STS policies (RFC 8461 s5)
	DANE          Fare   `json:"dane"`          // one that keeps TLSA records (RFC 7672)
	RequireTLS    Fare   `json:"requiretls"`    // a message marked REQUIRETLS (RFC 8689 s4.2)
}

// Fare is how a message fares, and why.
type Fare struct {
	Outcome FareWord `json:"outcome"`
	Why     string   `json:"why,omitempty"`
}

// FareWord is a closed list.
type FareWord string

const (
	Authenticated FareWord = "authenticated" // encrypted, to a server that proved its name
	Encrypted     FareWord = "encrypted"     // encrypted, to whoever answered
	InClear       FareWord = "clear"         // readable on the way
	Delayed       FareWord = "deferred"      // it waits, and is returned if nothing changes
	Returned      FareWord = "returned"      // refused for good
	NotMeasured   FareWord = "not_measured"
)
