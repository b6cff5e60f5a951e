package smtptest

import "time"

// Character is how a server behaves. The zero value is a well-made server in
// the manner of Postfix that accepts every recipient and offers PIPELINING,
// SIZE, VRFY, ETRN, STARTTLS, ENHANCEDSTATUSCODES, 8BITMIME, DSN, SMTPUTF8 and
// CHUNKING. A Character is not changed while a server has it.
type Character struct {
	Name    string             // host name in the greeting and the EHLO reply; mx.example where empty
	Domains map[string]*Domain // served domains by lower-case name; nil accepts every recipient

	// The greeting.

	Greeting string        // whole reply instead of "220 NAME ESMTP"; other than 220 it waits for QUIT (RFC 5321 s3.1)
	Teaser   time.Duration // postscreen: "220-" at once, the rest after this wait; early talkers get 521
	Silence  time.Duration // says nothing for so long before the greeting

	// What EHLO offers.

	Extensions    []string // further EHLO lines; one with a keyword offered anyway takes its place: "SIZE 1000", "LIMITS RCPTMAX=2"
	TLSExtensions []string // the same, only inside TLS
	Without       []string // keywords not offered and not obeyed
	Pipelining    Pipelining
	StartTLS      StartTLS
	Injectable    bool              // what stands behind STARTTLS in clear is obeyed inside TLS (CVE-2011-0411)
	RequireTLS    bool              // MAIL before STARTTLS is refused with 530
	Auth          []string          // SASL mechanisms offered in clear text; all that smtp.Mechanisms lists work
	AuthTLS       []string          // the same inside TLS
	LegacyAuth    bool              // a second line "AUTH=..." for clients older than RFC 2554
	RequireAuth   bool              // MAIL before AUTH is refused with 530
	Users         map[string]string // password by user name
	Tokens        map[string]string // OAuth 2.0 access token by user name, for OAUTHBEARER and XOAUTH2
	ScramErrors   bool              // a wrong proof in SCRAM gets "e=invalid-proof" before its 535
	Unproven      bool              // after SCRAM it says 235 without its signature, as who does not know the password must
	NTLM          []byte            // its type 2 message, where NTLM is offered; the login then fails

	LMTP bool // LHLO instead of EHLO and HELO, and after the dot a reply for each recipient (RFC 2033)

	// How it treats its clients.

	Vrfy           Vrfy
	Relay          Relay
	Replies        map[string]string // whole reply by verb (EHLO, MAIL, RCPT ...; "." for a message's end), instead of everything else; after 421 it closes
	Blocked        Step              // our IP is on its blocklist, and it says so at this step
	NullSender     Step              // MAIL FROM:<> is refused at this step, mail or rcpt
	ClientLimit    int               // open connections of one client IP address; one more is greeted with 421 and closed
	MessageLimit   int               // recipients of one message; beyond them 452 4.5.3
	RecipientLimit int               // recipients of one conversation; at the next, 421 and close
	TarpitAfter    int               // errors after which every reply waits for Tarpit; 0 never
	Tarpit         time.Duration
	HangUpAfter    int    // errors it bears; at the next it hangs up
	HangUp         string // what it says then, such as "421 4.7.0 mx.example Error: too many errors"; nothing where empty
	DropData       int    // octets of a message after which it hangs up, saying HangUp; 0 never

	// How its octets travel.

	BareLF  bool          // its lines end in LF alone
	LineEnd LineEnd       // what it makes of its client's LF without CR
	Split   bool          // every octet is a write of its own
	RTT     time.Duration // every group of commands is heard one RTT later; the greeting takes two
}

// Domain is a domain that a server takes mail for.
type Domain struct {
	Mailboxes map[string]Mailbox // by lower-case local part
	CatchAll  bool               // a local part not listed is accepted
	Greylist  time.Duration      // every recipient, known or not, is put off for so long at its first try
	Rewrites  bool               // a local part is known by what stands before "+" too
}

// Mailbox is what a server knows of a local part.
type Mailbox struct {
	State State
	Name  string // the person's name in VRFY's reply
	Moved string // new address, where State is Moved or Forwarded
	Reply string // whole reply to RCPT instead of the State's
	Dot   string // whole reply for this recipient after a message's dot, over LMTP
}

// State is how a mailbox stands.
type State string

const (
	Exists      State = ""             // 250
	Forwarded   State = "forwarded"    // 251, accepted and passed on
	Unknown     State = "unknown"      // 550 5.1.1, where the domain is otherwise a catch-all
	Full        State = "full"         // 452 4.2.2
	OverQuota   State = "over_quota"   // 552 5.2.2
	Disabled    State = "disabled"     // 550 5.2.1
	Moved       State = "moved"        // 551 5.1.6
	Greylisted  State = "greylisted"   // 450 4.2.0 for 5 minutes, then 250
	SystemError State = "system_error" // 451 4.3.0
)

// Step is a point of the conversation.
type Step string

const (
	AtConnect Step = "connect"
	AtMail    Step = "mail"
	AtRcpt    Step = "rcpt"
)

// Pipelining is what a server does about groups of commands (RFC 2920).
type Pipelining string

const (
	Pipelined       Pipelining = ""             // offered and obeyed
	Unoffered       Pipelining = "unoffered"    // not offered, works all the same
	Refused         Pipelining = "refused"      // not offered; a command behind another gets 503
	Synchronization Pipelining = "synchronized" // not offered; Exim: 554 and close
	Lying           Pipelining = "lying"        // offered; of every group only the first command is heard
)

// StartTLS is what a server does about STARTTLS (RFC 3207).
type StartTLS string

const (
	TLSOffered StartTLS = ""        // offered and works, with the server's certificate
	TLSNone    StartTLS = "none"    // not offered
	TLSRefused StartTLS = "refused" // offered; 454
	TLSBroken  StartTLS = "broken"  // offered; 220, then text where the handshake belongs
	TLSHangUp  StartTLS = "hang_up" // offered; 220, then the connection closes
)

// Vrfy is what a server does about VRFY (RFC 5321 s3.5).
type Vrfy string

const (
	VrfySilent Vrfy = ""    // 252 to everything
	VrfyOn     Vrfy = "on"  // 250 with name and address, or 550 5.1.1
	VrfyOff    Vrfy = "off" // not offered; 502 5.5.1
)

// Relay is which recipients beyond its own domains a server takes.
type Relay string

const (
	RelayNone    Relay = ""        // none
	RelayOpen    Relay = "open"    // all
	RelayPercent Relay = "percent" // those in its own domains' local parts, user%other.example
	RelayRoute   Relay = "route"   // those behind a source route, @own.example:user@other.example
	RelayBang    Relay = "bang"    // those in a bang path, other.example!user
)

// LineEnd is what a server makes of LF without CR (RFC 5321 s2.3.8).
type LineEnd string

const (
	LFEnds    LineEnd = ""        // it ends a line, as with nearly all
	LFIgnored LineEnd = "ignored" // it is part of the line
	LFRefused LineEnd = "refused" // 521 and hang up
)
