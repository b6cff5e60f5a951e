package lab

import (
	"strconv"
	"time"

	"github.com/mxvet/mxvet/probe/smtptest"
)

// usual is who lives at a domain where only the server is special.
func usual(reason string) []person {
	if reason != "" {
		return []person{has("ann.archer", reason), lacks("no.such.person", reason)}
	}
	return []person{has("ann.archer", "accepted"), lacks("no.such.person", "mailbox_unknown")}
}

// strangers are people whom nobody knows, and one whom somebody does.
func strangers(n int) []person {
	people := make([]person, n)
	for i := range people {
		people[i] = lacks("stranger."+strconv.Itoa(i+1), "mailbox_unknown")
	}
	return append(people, has("ann.archer", "accepted"))
}

// domains is the table: one row a domain, its manner, its people, the truth.
func domains() []site {
	type mailbox = smtptest.Mailbox
	type character = smtptest.Character
	return []site{
		{domain: "plain.example", about: "a well-made server, with submission beside it", hosts: mx1("plain.example", "192.0.2.10"), random: "no",
			people: []person{has("ann.archer", "accepted"), has("bob.baker", "accepted"), has("postmaster", "accepted"), has("o'neil", "accepted"), lacks("no.such.person", "mailbox_unknown")},
			submission: &character{RequireTLS: true, RequireAuth: true, AuthTLS: []string{"PLAIN", "LOGIN"}, TLSExtensions: []string{"REQUIRETLS"},
				Users: map[string]string{"ann.archer@plain.example": "practice"}},
			records: `
@ TXT "v=spf1 mx -all"
_dmarc.@ TXT "v=DMARC1; p=reject; rua=mailto:postmaster@plain.example"
_smtp._tls.@ TXT "v=TLSRPTv1; rua=mailto:postmaster@plain.example"`},
		{domain: "catchall.example", about: "takes mail for every name", hosts: mx1("catchall.example", "192.0.2.11"), catchAll: true, random: "yes",
			people: []person{has("ann.archer", "catch_all"), lacks("no.such.person", "catch_all")}},
		{domain: "greylist.example", about: "asks strangers to come back in five minutes", hosts: mx1("greylist.example", "192.0.2.12"), greylist: 5 * time.Minute, people: usual("greylisted")},
		{domain: "full.example", about: "mailboxes that are full, for now and for good", hosts: mx1("full.example", "192.0.2.13"), random: "no",
			people: []person{with("fred.full", mailbox{State: smtptest.Full}, "mailbox_full"), with("olga.over", mailbox{State: smtptest.OverQuota}, "mailbox_full"), has("ann.archer", "accepted")}},
		{domain: "disabled.example", about: "a mailbox that is switched off", hosts: mx1("disabled.example", "192.0.2.14"), random: "no",
			people: []person{with("dora.disabled", mailbox{State: smtptest.Disabled}, "mailbox_disabled"), has("ann.archer", "accepted")}},
		{domain: "moved.example", about: "a mailbox that has moved, and one that is forwarded", hosts: mx1("moved.example", "192.0.2.15"), random: "no",
			people: []person{with("mona.moved", mailbox{State: smtptest.Moved, Moved: "mona@plain.example"}, "mailbox_moved"),
				with("fay.forward", mailbox{State: smtptest.Forwarded, Moved: "fay@plain.example"}, "forwarded")}},
		{domain: "vrfy.example", about: "VRFY tells names", hosts: mx1("vrfy.example", "192.0.2.16"), random: "no", people: usual(""), character: character{Vrfy: smtptest.VrfyOn}},
		{domain: "vrfy252.example", about: "VRFY answers 252 to everything", hosts: mx1("vrfy252.example", "192.0.2.17"), random: "no", people: usual(""), character: character{Vrfy: smtptest.VrfySilent}},
		{domain: "novrfy.example", about: "VRFY is switched off", hosts: mx1("novrfy.example", "192.0.2.18"), random: "no", people: usual(""), character: character{Vrfy: smtptest.VrfyOff}},
		{domain: "notls.example", about: "no STARTTLS", hosts: mx1("notls.example", "192.0.2.19"), random: "no", people: usual(""), character: character{StartTLS: smtptest.TLSNone}},
		{domain: "expired.example", about: "a certificate that ended yesterday", hosts: mx1("expired.example", "192.0.2.20"), random: "no", people: usual(""), certificate: expired},
		{domain: "selfsigned.example", about: "a certificate nobody vouches for", hosts: mx1("selfsigned.example", "192.0.2.21"), random: "no", people: usual(""), certificate: selfSigned},
		{domain: "wrongname.example", about: "a certificate for another host", hosts: mx1("wrongname.example", "192.0.2.22"), random: "no", people: usual(""), certificate: wrongName},
		{domain: "brokentls.example", about: "STARTTLS is offered, the handshake fails", hosts: mx1("brokentls.example", "192.0.2.23"), random: "no", people: usual(""), character: character{StartTLS: smtptest.TLSBroken}},
		{domain: "refusedtls.example", about: "STARTTLS is offered and refused with 454", hosts: mx1("refusedtls.example", "192.0.2.24"), random: "no", people: usual(""), character: character{StartTLS: smtptest.TLSRefused}},
		{domain: "requiretls.example", about: "mail only inside TLS", hosts: mx1("requiretls.example", "192.0.2.25"), random: "no", people: usual(""), character: character{RequireTLS: true}},
		{domain: "slowgreeting.example", about: "a 220- teaser, then three seconds of silence", hosts: mx1("slowgreeting.example", "192.0.2.26"), random: "no", people: usual(""), character: character{Teaser: 3 * time.Second}},
		{domain: "closed.example", about: "greets with 554", hosts: mx1("closed.example", "192.0.2.27"), people: usual("client_blocked"), character: character{Greeting: "554 mx.closed.example Access denied by local policy"}},
		{domain: "nomailhost.example", about: "greets with 521: this host never takes mail (RFC 7504)", hosts: mx1("nomailhost.example", "192.0.2.28"), people: usual("domain_not_served"), character: character{Greeting: "521 mx.nomailhost.example does not accept mail"}},
		{domain: "limit421.example", about: "421 after three recipients of one conversation", hosts: mx1("limit421.example", "192.0.2.29"), random: "no", character: character{RecipientLimit: 3},
			people: []person{has("ann.archer", "accepted"), has("bob.baker", "accepted"), has("cid.carter", "accepted"), has("dan.dyer", "accepted"), lacks("no.such.person", "mailbox_unknown")}},
		{domain: "limit452.example", about: "two recipients a message, as its LIMITS says", hosts: mx1("limit452.example", "192.0.2.30"), random: "no", character: character{MessageLimit: 2, Extensions: []string{"LIMITS RCPTMAX=2"}},
			people: []person{has("ann.archer", "accepted"), has("bob.baker", "accepted"), has("cid.carter", "accepted"), has("dan.dyer", "accepted")}},
		{domain: "tarpit.example", about: "answers a second late after its first refusal", hosts: mx1("tarpit.example", "192.0.2.31"), random: "no", character: character{TarpitAfter: 1, Tarpit: time.Second},
			people: []person{has("ann.archer", "accepted"), lacks("no.such.person", "mailbox_unknown"), has("bob.baker", "accepted"), lacks("nobody.either", "mailbox_unknown")}},
		{domain: "hangup.example", about: "hangs up on the second mailbox it does not know", hosts: mx1("hangup.example", "192.0.2.32"), random: "no", character: character{HangUpAfter: 1},
			people: []person{has("ann.archer", "accepted"), lacks("no.such.person", "mailbox_unknown"), lacks("nobody.either", "mailbox_unknown"), has("bob.baker", "accepted")}},
		{domain: "tarpit10.example", about: "answers a second late after ten refusals, as Postfix does", hosts: mx1("tarpit10.example", "192.0.2.53"), slow: true, random: "no",
			character: character{TarpitAfter: 10, Tarpit: time.Second}, people: strangers(15)},
		{domain: "hangup20.example", about: "hangs up after twenty refusals, as Postfix does", hosts: mx1("hangup20.example", "192.0.2.54"), slow: true, random: "no",
			character: character{HangUpAfter: 20}, people: strangers(50)},
		{domain: "nopipelining.example", about: "no PIPELINING, 503 to those who try", hosts: mx1("nopipelining.example", "192.0.2.33"), random: "no", people: usual(""), character: character{Pipelining: smtptest.Refused}},
		{domain: "synchronized.example", about: "no PIPELINING, 554 and close to those who try", hosts: mx1("synchronized.example", "192.0.2.34"), random: "no", people: usual(""), character: character{Pipelining: smtptest.Synchronization}},
		{domain: "lying.example", about: "offers PIPELINING and loses replies", hosts: mx1("lying.example", "192.0.2.35"), slow: true, random: "no", people: usual(""), character: character{Pipelining: smtptest.Lying}},
		{domain: "blocked.example", about: "has our address on a blocklist, and says so at RCPT", hosts: mx1("blocked.example", "192.0.2.36"), people: usual("client_blocked"), character: character{Blocked: smtptest.AtRcpt}},
		{domain: "blockedearly.example", about: "has our address on a blocklist, and greets so", hosts: mx1("blockedearly.example", "192.0.2.37"), people: usual("client_blocked"), character: character{Blocked: smtptest.AtConnect}},
		{domain: "nonull.example", about: "refuses the null sender, takes any other", hosts: mx1("nonull.example", "192.0.2.38"), random: "no", people: usual(""), character: character{NullSender: smtptest.AtMail}},
		{domain: "norelay.example", about: "its exchanger knows nothing of it", hosts: mx1("norelay.example", "192.0.2.39"), foreign: true, people: usual("domain_not_served")},
		{domain: "trouble.example", about: "a server with trouble of its own", hosts: mx1("trouble.example", "192.0.2.40"), people: usual("server_error"), character: character{Replies: map[string]string{"RCPT": "451 4.3.0 Temporary lookup failure"}}},
		{domain: "nullmx.example", about: "says that it takes no mail (RFC 7505)", records: "@ MX 0 .", people: usual("no_mail")},
		{domain: "nomx.example", about: "exists, with neither MX nor address", records: `@ TXT "v=spf1 -all"`, people: usual("no_mail")},
		{domain: "nxdomain.example", about: "does not exist", people: usual("no_domain")},
		{domain: "servfail.example", about: "its DNS servers fail", records: ";!servfail @", people: usual("dns_error")},
		{domain: "implicit.example", about: "no MX: the domain is its own exchanger", hosts: []host{{name: "implicit.example", ip: "192.0.2.41", preference: "-"}}, random: "no", people: usual("")},
		{domain: "deadfirst.example", about: "the first exchanger refuses connections, the second does not", random: "no", people: usual(""),
			hosts: []host{{name: "mx1.deadfirst.example", ip: "192.0.2.42", manner: dead}, {name: "mx2.deadfirst.example", ip: "192.0.2.43", preference: "20"}}},
		{domain: "dead.example", about: "its exchanger refuses connections", hosts: []host{{name: "mx.dead.example", ip: "192.0.2.44", manner: dead}}, people: usual("unreachable")},
		{domain: "blackhole.example", about: "its exchanger answers nothing", hosts: []host{{name: "mx.blackhole.example", ip: "192.0.2.45", manner: silent}}, slow: true, people: usual("timeout")},
		{domain: "private.example", about: "its exchanger is at 10.0.0.1", hosts: []host{{name: "mx.private.example", ip: "10.0.0.1", manner: elsewhere}}, people: usual("bad_mx")},
		{domain: "localhost.example", about: "its exchanger is localhost", records: "@ MX 10 localhost.", people: usual("bad_mx")},
		{domain: "literal.example", about: "its exchanger is an IP address", records: "@ MX 10 192.0.2.10.", people: usual("bad_mx")},
		{domain: "xn--bcher-kva.example", unicode: "b\u00fccher.example", about: "takes local parts beyond ASCII (SMTPUTF8)", hosts: mx1("xn--bcher-kva.example", "192.0.2.46"), random: "no",
			people: []person{has("j\u00fcrgen", "accepted"), has("ann.archer", "accepted"), lacks("niemand", "mailbox_unknown")}},
		{domain: "noutf8.example", about: "does not offer SMTPUTF8", hosts: mx1("noutf8.example", "192.0.2.47"), random: "no", character: character{Without: []string{"SMTPUTF8"}},
			people: []person{lacks("j\u00fcrgen", "smtputf8_unsupported"), has("ann.archer", "accepted")}},
		{domain: "heloonly.example", about: "refuses EHLO, takes HELO", hosts: mx1("heloonly.example", "192.0.2.48"), random: "no", people: usual(""), character: character{Replies: map[string]string{"EHLO": "502 5.5.2 Error: command not recognized"}, Without: []string{"ENHANCEDSTATUSCODES"}}},
		{domain: "authclear.example", about: "offers passwords in clear text, in the old form too", hosts: mx1("authclear.example", "192.0.2.49"), random: "no", people: usual(""),
			character: character{Auth: []string{"PLAIN", "LOGIN"}, AuthTLS: []string{"PLAIN", "LOGIN", "CRAM-MD5"}, LegacyAuth: true, Users: map[string]string{"ann.archer": "practice"}}},
		{domain: "bareend.example", about: "lines that end in LF alone", hosts: mx1("bareend.example", "192.0.2.50"), random: "no", people: usual(""), character: character{BareLF: true}},
		{domain: "trickle.example", about: "one octet a packet", hosts: mx1("trickle.example", "192.0.2.51"), random: "no", people: usual(""), character: character{Split: true}},
		{domain: "sound.example", about: "promises all that DNS alone can promise, and keeps it", hosts: mx1("sound.example", "192.0.2.58"), random: "no", people: usual(""),
			records: `
@ TXT "v=spf1 mx -all"
@ CAA 0 issue "ca.example"
_dmarc.@ TXT "v=DMARC1; p=reject; rua=mailto:postmaster@sound.example"
_smtp._tls.@ TXT "v=TLSRPTv1; rua=mailto:postmaster@sound.example"
58.2.0.192.in-addr.arpa. PTR mx.sound.example.`},
		{domain: "spfheavy.example", about: "an SPF record with eleven look-ups, a DMARC policy that asks for nothing", hosts: mx1("spfheavy.example", "192.0.2.55"), random: "no", people: usual(""),
			records: `
@ TXT "v=spf1 mx a:mx.plain.example a:mx.full.example a:mx.moved.example a:mx.vrfy.example a:mx.notls.example a:mx.closed.example a:mx.trickle.example a:mx.tarpit.example a:mx.hangup.example a:mx.lying.example -all"
_dmarc.@ TXT "v=DMARC1; p=none"`},
		{domain: "spfopen.example", about: "an SPF record that lets everybody send, and an MTA-STS record without a policy", hosts: mx1("spfopen.example", "192.0.2.56"), random: "no", people: usual(""),
			records: `
@ TXT "v=spf1 +all"
_mta-sts.@ TXT "v=STSv1; id=20260101"
_smtp._tls.@ TXT "v=TLSRPTv1"`},
		{domain: "tlsa.example", about: "signed, with a TLSA record of another key", hosts: mx1("tlsa.example", "192.0.2.57"), random: "no", people: usual(""),
			records: `
@ CAA 0 issue "ca.example"
_25._tcp.mx.@ TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
;!secure @
;!secure mx.tlsa.example.
;!secure _25._tcp.mx.tlsa.example.`},
		{domain: "shared.example", about: "shares its exchanger with shared2.example", hosts: mx1("shared.example", "192.0.2.52"), random: "no", people: usual("")},
		{domain: "shared2.example", about: "shares its exchanger with shared.example, and takes every name", hosts: mx1("shared.example", "192.0.2.52"), catchAll: true, random: "yes",
			people: []person{has("ann.archer", "catch_all"), lacks("no.such.person", "catch_all")}},
	}
}

// notAddresses stand on the list between the addresses; all are bad_syntax.
func notAddresses() []string {
	return []string{"ann.archer", "ann..archer@plain.example", "ann@archer@plain.example"}
}
