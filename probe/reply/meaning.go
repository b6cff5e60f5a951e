package reply

// Meaning is what a reply is about, from a closed list. It is what the reply
// says, not what to conclude: that is the judge's, who sees all attempts.
type Meaning string

const (
	MailboxExists     Meaning = "mailbox_exists"
	UserUnknown       Meaning = "user_unknown"
	MailboxFull       Meaning = "mailbox_full"
	MailboxDisabled   Meaning = "mailbox_disabled"
	MailboxMoved      Meaning = "mailbox_moved"
	RelayDenied       Meaning = "relay_denied"
	DomainNotAccepted Meaning = "domain_not_accepted"
	Greylisted        Meaning = "greylisted"
	RateLimited       Meaning = "rate_limited"
	BlockedClient     Meaning = "blocked_client"
	SenderRejected    Meaning = "sender_rejected"
	AuthRequired      Meaning = "auth_required"
	TLSRequired       Meaning = "tls_required"
	PolicyOther       Meaning = "policy_other"
	SystemError       Meaning = "system_error"
	SyntaxError       Meaning = "syntax_error"
	Unsupported       Meaning = "unsupported"
	NetworkError      Meaning = "network_error"
	Other             Meaning = "other"
)

// Meanings lists the closed vocabulary in the order of the design.
var Meanings = [...]Meaning{
	MailboxExists, UserUnknown, MailboxFull, MailboxDisabled, MailboxMoved, RelayDenied, DomainNotAccepted,
	Greylisted, RateLimited, BlockedClient, SenderRejected, AuthRequired, TLSRequired, PolicyOther,
	SystemError, SyntaxError, Unsupported, NetworkError, Other,
}

// Rule is the key of the table row that read a reply, such as
// "text/user-unknown"; it is kept as evidence beside the meaning.
type Rule string

// aboutRecipient tells meanings that only a server which was given a recipient can
// have meant.
func (m Meaning) aboutRecipient() bool {
	switch m {
	case MailboxExists, UserUnknown, MailboxFull, MailboxDisabled, MailboxMoved, DomainNotAccepted:
		return true
	}
	return false
}
