package judge

import "sync"

// Reason is why, from a closed list. Each has one verdict and one blame.
type Reason string

const (
	Accepted  Reason = "accepted"
	Forwarded Reason = "forwarded"

	BadSyntax           Reason = "bad_syntax"
	MailboxUnknown      Reason = "mailbox_unknown"
	MailboxDisabled     Reason = "mailbox_disabled"
	MailboxMoved        Reason = "mailbox_moved"
	NoDomain            Reason = "no_domain"
	NoMail              Reason = "no_mail"           // null MX, or neither MX nor address
	BadMX               Reason = "bad_mx"            // every exchanger private, invalid, or authoritatively without address
	DomainNotServed     Reason = "domain_not_served" // its own exchangers do not take mail for it
	SMTPUTF8Unsupported Reason = "smtputf8_unsupported"

	CatchAll    Reason = "catch_all"
	MailboxFull Reason = "mailbox_full"

	Greylisted      Reason = "greylisted"
	RateLimited     Reason = "rate_limited"
	ServerError     Reason = "server_error"
	AuthRequired    Reason = "auth_required"
	TLSRequired     Reason = "tls_required"
	CannotVerify    Reason = "cannot_verify" // accepts or answers without telling
	RefusedByPolicy Reason = "refused_by_policy"
	ClientBlocked   Reason = "client_blocked"
	SenderRefused   Reason = "sender_refused"
	DNSError        Reason = "dns_error"
	Unreachable     Reason = "unreachable"
	Timeout         Reason = "timeout"
	Interrupted     Reason = "interrupted" // cut off in mid-conversation
	NotChecked      Reason = "not_checked" // never asked
	Excluded        Reason = "excluded"
	HarvestGuard    Reason = "harvest_guard"
)

// ReasonInfo is what a Reason stands for.
type ReasonInfo struct {
	Reason  Reason
	Word    Word
	Blame   Blame
	Meaning string // one line for a person
}

// Reasons lists the closed vocabulary in the order of the verdicts.
func Reasons() []ReasonInfo {
	return []ReasonInfo{
		{Accepted, Deliverable, Recipient, "the server takes mail for this mailbox"},
		{Forwarded, Deliverable, Recipient, "the server takes mail and passes it on"},

		{BadSyntax, Undeliverable, Recipient, "what was typed is not an address"},
		{MailboxUnknown, Undeliverable, Recipient, "the server says there is no such mailbox"},
		{MailboxDisabled, Undeliverable, Recipient, "the mailbox exists and is switched off"},
		{MailboxMoved, Undeliverable, Recipient, "the mailbox has moved elsewhere"},
		{NoDomain, Undeliverable, Domain, "the domain does not exist"},
		{NoMail, Undeliverable, Domain, "the domain takes no mail"},
		{BadMX, Undeliverable, Domain, "none of the domain's exchangers can be mailed"},
		{DomainNotServed, Undeliverable, Domain, "the domain's exchanger does not take mail for it"},
		{SMTPUTF8Unsupported, Undeliverable, Domain, "the address needs SMTPUTF8 and no exchanger offers it"},

		{CatchAll, Risky, Recipient, "the server takes mail for every name, so this tells nothing of the mailbox"},
		{MailboxFull, Risky, Recipient, "the mailbox exists and is full"},

		{Greylisted, Unknown, TheServer, "the server asks strangers to come back later"},
		{RateLimited, Unknown, TheServer, "the server limits how much is asked of it"},
		{ServerError, Unknown, TheServer, "the server has trouble of its own"},
		{AuthRequired, Unknown, TheServer, "the server wants a login first"},
		{TLSRequired, Unknown, TheServer, "the server wants TLS, and TLS could not be had"},
		{CannotVerify, Unknown, TheServer, "the server answers without telling"},
		{RefusedByPolicy, Unknown, TheServer, "the server refused for a policy it does not explain"},
		{ClientBlocked, Unknown, Us, "the server refuses our address or name"},
		{SenderRefused, Unknown, Us, "the server refuses our envelope sender"},
		{DNSError, Unknown, Network, "DNS did not answer, which is not the same as no"},
		{Unreachable, Unknown, Network, "no exchanger could be reached"},
		{Timeout, Unknown, Network, "no answer came in time"},
		{Interrupted, Unknown, Us, "cut off in mid-conversation"},
		{NotChecked, Unknown, Us, "never asked"},
		{Excluded, Unknown, Us, "on the list of what is never asked"},
		{HarvestGuard, Unknown, Us, "stopped: too many unknown mailboxes at this domain look like address harvesting"},
	}
}

// infos is the vocabulary by its words.
var infos = sync.OnceValue(func() map[Reason]ReasonInfo {
	all := make(map[Reason]ReasonInfo)
	for _, info := range Reasons() {
		all[info.Reason] = info
	}
	return all
})

// Info returns what the reason stands for; the zero ReasonInfo for one that
// is not in the list.
func (r Reason) Info() ReasonInfo { return infos()[r] }
