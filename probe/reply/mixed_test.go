package reply

import (
	"testing"

	"github.com/mxvet/mxvet/probe/smtp"
)

// What servers say of a recipient that is not there ...
var deaths = []string{
	"User unknown", "User unknown in local recipient table", "No such user here", "no such mailbox", "mailbox unavailable",
	"mailbox does not exist", "account does not exist", "Recipient not found", "unknown recipient", "invalid recipient",
	"address does not exist", "account disabled", "user is suspended", "mailbox is inactive", "this account has been closed",
	"user has moved to another host", "Domain not found", "Host unknown", "domain does not exist", "unknown domain",
	"no MX record", "undeliverable address", "unrouteable address", "does not exist", "no longer in use",
	"Benutzer unbekannt", "utilisateur inconnu", "usuario desconocido", "utente sconosciuto", "пользователь не найден", "用户不存在",
}

// ... and how they begin, or end, when it is us whom they refuse by it.
var (
	beginnings = []string{
		"Sender address rejected: ", "<a@news.example>: Sender address rejected: ", "Sender verify failed: ",
		"Sender verification failed: ", "Sender rejected: ", "Sender refused, ", "Invalid sender: ", "unknown sender: ", "Envelope sender refused: ",
		"Client host rejected: ", "<unknown[192.0.2.9]>: Client host rejected: ", "<mx.news.example>: Helo command rejected: ",
		"HELO rejected: ", "SPF fail: ", "SPF check failed, ", "DMARC policy: ", "DKIM: ", "Callback verification failed for sender: ",
		"Sender callout failed: ", "Return path invalid: ", "Service unavailable; Client host [192.0.2.9] blocked using bl.example.net; ",
		"192.0.2.9 is listed in a DNSBL: ", "Your IP address 192.0.2.9 is blocked: ", "Your host has no PTR, ", "Your IP is blacklisted, ",
		"Reverse DNS failed: ", "Access denied for your host: ", "Too many connections: ", "Too many ", "Rate limit exceeded: ",
		"Relay access denied: ", "Relaying denied: ", "relay not permitted: ", "Authentication required: ", "Authentication failed: ",
		"Must issue STARTTLS first: ", "TLS required: ", "Message rejected as spam: ", "Virus found: ", "Content rejected: ",
		"MAIL FROM refused: ", "Your domain was refused: ", "Domain of sender address a@news.example: ", "Your mail account: ", "From address rejected: ",
		"Temporary failure: ", "Temporary lookup failure: ", "Greylisted: ", "Rejected by policy: ", "Local policy forbids: ", "Blocked by our firewall: ",
		"Banned attachment: ", "Spam score too high: ", "DNSBL: ", "Access denied, banned sending IP [192.0.2.9]: ", "SPF record of your domain: ",
		"Proxy or botnet at 192.0.2.9: ", "Bounces refused, null sender: ", "Not logged in: ", "Your ISP's mail server: ", "EHLO name: ", "LDAP server down: ",
		"System error: ", "Database unavailable: ", "Internal error: ", "Timeout: ", "Cannot check recipient now: ",
	}
	endings = []string{
		" (sender address)", ", says the sender's server", ": sender verify failed", " for sender <a@news.example>",
		"; client host [192.0.2.9] blocked", " in your HELO name", ", your IP is blocked", " from your IP address", ", too many of them from you",
		" - rejected by SPF", ", relaying denied", ", relay access denied", ": authentication required", " according to your MX",
		", your host is blacklisted", ". See your server's DNS", ", try again later: temporary failure", " in the message body", " (From header)",
	}
)

func TestRefusalsOfUsNeverCondemnAnAddress(t *testing.T) {
	ask := func(text string) {
		for _, enhanced := range []string{"", "5.7.1 ", "5.1.1 ", "5.5.0 "} {
			if m, rule := Classify(smtp.Rcpt, "", smtp.Reply{Code: 550, Lines: []string{enhanced + text}}); dead(m) {
				t.Errorf("%s by %s: 550 %s%s", m, rule, enhanced, text)
			}
		}
	}
	for _, death := range deaths {
		for _, beginning := range beginnings {
			ask(beginning + death)
		}
		for _, ending := range endings {
			ask(death + ending)
		}
	}
}

// What servers put around it when it is the recipient whom they mean.
var (
	polite = []string{
		"", "<jdoe@corp.example>: Recipient address rejected: ", "<jdoe@corp.example>... ", "Sorry, ", "sorry, ", "Your message could not be delivered: ",
		"Error: ", "host mx.corp.example[192.0.2.25] said: 550 5.1.1 ", "Requested action not taken: ", "RCPT TO:<jdoe@corp.example> ", "Command RCPT: ",
		"delivery error: dd ", "cuda_nsu ", "ESMTP ", "Undeliverable: ",
	}
	details = []string{
		"", ".", "!", " (#5.1.1)", " - gsmtp", ". Please check the address and try again", " [mx3.corp.example]", "; see https://help.corp.example/550",
		" (in reply to RCPT TO command)", " (jdoe@corp.example)", ": jdoe@corp.example", " 1668800000-abcDEF", ". Contact the postmaster for help", " at this server",
		". Please update your address book",
	}
)

func TestPlainWordsAboutTheRecipientAreHeard(t *testing.T) {
	for _, death := range deaths {
		for _, before := range polite {
			for _, after := range details {
				for _, enhanced := range []string{"", "5.1.1 ", "5.7.1 ", "5.2.1 "} {
					text := enhanced + before + death + after
					if m, rule := Classify(smtp.Rcpt, "", smtp.Reply{Code: 550, Lines: []string{text}}); !dead(m) {
						t.Errorf("%s by %s: 550 %s", m, rule, text)
					}
				}
			}
		}
	}
}
