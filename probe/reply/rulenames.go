package reply

// Rules that others act on, beyond what their meaning says.
const (
	NoReply               Rule = "fallback/no-reply"             // no code and no text: the conversation broke
	NoRule                Rule = "fallback/none"                 // the table is silent
	CannotVerify          Rule = "answer/cannot-verify"          // 252
	Forwards              Rule = "answer/forwards"               // 251: accepted, and passed on elsewhere
	OneDomainATime        Rule = "rate/one-domain-at-a-time"     // ask again in a transaction of its own
	TooManyRecipients     Rule = "rate/too-many-recipients"      // the rest wants a new transaction
	TooManyRecipientsCode Rule = "rate/too-many-recipients-code" // the same, known by x.5.3 alone
	ReceivingRate         Rule = "rate/receiving-rate"           // others fill this mailbox, which exists
	ReceivingRateCode     Rule = "rate/receiving-rate-code"      // the same, known by x.2.121 and x.2.122
	AmbiguousUnavailable  Rule = "unknown/ambiguous"             // GMX and Outlook.com: absent, closed, or against their policy
	HostTakesNoMail       Rule = "domain/host-takes-no-mail"     // 521 or 556 before a recipient was named
)

// RuleInfo is a rule of the table for documents and explanations.
type RuleInfo struct {
	Name    Rule
	Meaning Meaning
	Comment string // source or specimen; empty where the name says all
}

// Rules lists the table in the order in which it is tried.
func Rules() []RuleInfo {
	t, _ := rules() // see Classify
	infos := make([]RuleInfo, 0, len(t.rules))
	for _, r := range t.rules {
		infos = append(infos, RuleInfo{r.name, r.meaning, r.comment})
	}
	return infos
}
