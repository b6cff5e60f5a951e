package reply

// Sentence says in one line, to a person, what a reply of this meaning tells.
func (m Meaning) Sentence() string {
	switch m {
	case MailboxExists:
		return "The server takes mail for this address."
	case UserUnknown:
		return "The server says that there is no such mailbox."
	case MailboxFull:
		return "The mailbox exists and its quota is used up."
	case MailboxDisabled:
		return "The mailbox is known and has been closed, suspended or left unused."
	case MailboxMoved:
		return "The mailbox has moved to another address."
	case RelayDenied:
		return "The server does not carry mail for this domain."
	case DomainNotAccepted:
		return "The domain does not exist, takes no mail, or is not served here."
	case Greylisted:
		return "The server wants the same question again some minutes later."
	case RateLimited:
		return "Too much was asked, or is being sent, in too short a time."
	case BlockedClient:
		return "The server refuses our IP address, network or name, not the recipient."
	case SenderRejected:
		return "The server refuses the sender's address or domain, not the recipient."
	case AuthRequired:
		return "The server wants a login first."
	case TLSRequired:
		return "The server wants an encrypted connection first."
	case PolicyOther:
		return "A rule of the server refuses the mail and does not say that it is for the mailbox."
	case SystemError:
		return "The server has trouble of its own, or says only to try later."
	case SyntaxError:
		return "The server did not take the form or the order of a command."
	case Unsupported:
		return "The server does not know the command or extension."
	case NetworkError:
		return "The conversation broke, or a name or connection failed on the way."
	}
	return "The reply tells nothing about the mailbox."
}

// Advice says what to do about it: first for who keeps the list of addresses,
// then for who runs the prober.
func (m Meaning) Advice() string {
	switch m {
	case MailboxExists:
		return "Keep the address. A server that takes every name proves nothing: compare with a random mailbox."
	case UserUnknown:
		return "Take the address off the list, unless a random mailbox gets another answer or the reply was a 4xx."
	case MailboxFull:
		return "Keep the address, and send again in a week; full for months is as good as closed."
	case MailboxDisabled:
		return "Stop sending to the address; ask its owner for another one."
	case MailboxMoved:
		return "Replace the address if the reply names the new one and its owner agrees."
	case RelayDenied:
		return "Look whether the domain's MX records point to the right server; nothing is known of the mailbox."
	case DomainNotAccepted:
		return "Look for a misspelled domain; if it is spelled right, stop sending to it."
	case Greylisted:
		return "Keep the address. Ask again from the same IP address and sender after 5 to 15 minutes."
	case RateLimited:
		return "Keep the address. Ask more slowly, over fewer connections, and later."
	case BlockedClient:
		return "Keep the address. Check our PTR record, HELO name and blocklists; do not ask again from another IP address."
	case SenderRejected:
		return "Keep the address. Check that the envelope sender exists and that its MX, SPF, DKIM and DMARC records are right."
	case AuthRequired:
		return "Keep the address. This is a server for its own users: ask the exchanger on port 25."
	case TLSRequired:
		return "Keep the address. Ask again with STARTTLS."
	case PolicyOther:
		return "Keep the address. Read the text, and ask the recipient by other means if it matters."
	case SystemError:
		return "Keep the address. Ask again in an hour, and for a day or two before giving up."
	case SyntaxError:
		return "Check how the address is written; if it is right, the prober and the server disagree on the protocol."
	case Unsupported:
		return "Keep the address. Ask by RCPT, without the extension."
	case NetworkError:
		return "Keep the address. Ask again later; try the next exchanger."
	}
	return "Keep the address; nothing was learned."
}
