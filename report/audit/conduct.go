package audit

import (
	"strings"

	"github.com/mxvet/mxvet/probe"
)

func conductChecks() []check {
	conduct := func(c check) check {
		c.scope, c.needs = ScopeServer, needsIntrusive
		return c
	}
	return []check{
		conduct(check{
			id: "starttls_required", title: "mail without TLS is refused", reference: "RFC 3207 s4",
			explain: "An exchanger that strangers deliver to must not insist on STARTTLS. Mail from senders without TLS, or whose handshake failed, comes back.",
			server:  startTLSRequired,
		}),
		conduct(check{
			id: "starttls_injection", title: "commands sent in clear are obeyed inside TLS", reference: "CVE-2011-0411",
			explain: "A command that came behind STARTTLS, before the handshake, was answered inside TLS. A man in the middle puts his own words into somebody else's encrypted session.",
			server:  startTLSInjection,
		}),
		conduct(check{
			id: "bare_lf", title: "a command that ends in LF alone is obeyed", reference: "RFC 5321 s2.3.8, CVE-2023-51764",
			explain: "Only CRLF ends a line. Where servers disagree about the end of a message, it can hide another (SMTP smuggling). That cannot be tried without sending mail: a server lenient with commands may be strict there, as Postfix is with the line below.",
			server:  bareLF,
		}),
		conduct(check{
			id: "ntlm_information", title: "NTLM tells names of the house", reference: "[MS-NLMP] s2.2.1.2",
			explain: "Before anybody has logged in, the server tells its internal names and its system's build. Attackers start from there.",
			server:  ntlmInformation,
		}),
		{
			id: "vrfy_reveals", title: "VRFY tells who has a mailbox", reference: "RFC 5321 s7.3", scope: ScopeServer,
			explain: "The server confirmed a mailbox by VRFY. Address lists are made that way; 252 is the answer that says nothing.",
			server:  vrfyReveals,
		},
		conduct(check{
			id: "expn_reveals", title: "EXPN tells who is behind an address", reference: "RFC 5321 s7.3",
			explain: "The server expanded an address to those who read it. That is a gift to those who write lures.",
			server:  expnReveals,
		}),
		{
			id: "open_relay", title: "open relay", reference: "RFC 2505 s2.1", scope: ScopeServer, needs: needsRelay,
			explain: "The server took recipients that are not its own from a stranger. Spam will go through it within hours, and its address onto every blocklist.",
			server:  openRelay,
		},
	}
}

func startTLSRequired(s *server) faults {
	if s.submission() || s.Conduct == nil || s.Conduct.Enforced.Answer != probe.Yes {
		return nil
	}
	return found("MAIL in clear: %s", tried(s.Conduct.Enforced)).mendBy(s.Software, postfix("smtpd_tls_security_level = may"))
}

func startTLSInjection(s *server) faults {
	if s.Conduct == nil || s.Conduct.Injection.Answer != probe.Yes {
		return nil
	}
	return found("the command sent in clear was answered: %s", tried(s.Conduct.Injection))
}

func bareLF(s *server) faults {
	if s.Conduct == nil || s.Conduct.BareLF.Answer != probe.Yes {
		return nil
	}
	return found("a command ending in LF was answered: %s", tried(s.Conduct.BareLF)).mendBy(s.Software,
		postfix("smtpd_forbid_bare_newline = normalize"))
}

func ntlmInformation(s *server) faults {
	if s.Conduct == nil || s.Conduct.NTLM == nil {
		return nil
	}
	told := *s.Conduct.NTLM
	var parts []string
	for _, one := range [...][2]string{
		{"computer", told.DNSHost}, {"domain", told.DNSZone}, {"forest", told.Forest}, {"NetBIOS computer", told.Computer},
		{"NetBIOS domain", told.Domain}, {"target", told.Target}, {"version", told.Version},
	} {
		if one[1] != "" {
			parts = append(parts, one[0]+" "+quote(one[1]))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return found("%s", strings.Join(parts, ", ")).mendBy(s.Software,
		exchange("Set-ReceiveConnector -Identity NAME -AuthMechanism Tls,BasicAuth,BasicAuthRequireTLS"))
}

// vrfyReveals takes 250 and 251 only: 252 confirms nothing (RFC 5321 s3.5.3).
func vrfyReveals(s *server) faults {
	if s.Vrfy == nil || s.Vrfy.Code != 250 && s.Vrfy.Code != 251 {
		return nil
	}
	return found("VRFY postmaster: %s", said(s.Vrfy)).mendBy(s.Software, postfix("disable_vrfy_command = yes"),
		sendmail("define(`confPRIVACY_FLAGS', `novrfy,noexpn')dnl"), exim("acl_smtp_vrfy ="))
}

func expnReveals(s *server) faults {
	if s.Expn == nil || s.Expn.Code != 250 {
		return nil
	}
	return found("EXPN postmaster: %s", said(s.Expn)).mendBy(s.Software,
		sendmail("define(`confPRIVACY_FLAGS', `novrfy,noexpn')dnl"), exim("acl_smtp_expn ="))
}

func openRelay(s *server) faults {
	if s.Conduct == nil || s.Conduct.Relay.Answer != probe.Yes {
		return nil
	}
	return found("%s", relayed(s.Conduct.Relay)).mendBy(s.Software,
		postfix("smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"),
		config{"exim", "Exim: acl_smtp_rcpt", "require domains = +local_domains : +relay_to_domains"}, sendmail("dnl FEATURE(`promiscuous_relay')"))
}

// relayed is the first envelope that was taken.
func relayed(relay probe.Relay) string {
	for _, try := range relay.Tries {
		if try.Reply != nil && try.Reply.Code/100 == 2 {
			return "MAIL FROM:<" + quote(try.From) + "> RCPT TO:<" + quote(try.To) + ">: " + said(try.Reply)
		}
	}
	return quote(relay.Why)
}
