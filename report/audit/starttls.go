package audit

import (
	"slices"
	"strings"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
)

func startTLSChecks() []check {
	return []check{
		{
			id: "starttls_absent", title: "no STARTTLS", reference: "RFC 3207 s2", scope: ScopeServer,
			explain: "The server was asked what it offers and does not offer TLS. Whoever listens between sender and server reads all mail.",
			server:  startTLSAbsent,
		},
		{
			id: "starttls_fails", title: "STARTTLS is offered and its handshake fails", reference: "RFC 3207 s4.1", scope: ScopeServer,
			explain: "The server offers STARTTLS and cannot go through with it. Some senders then deliver in clear text, the others not at all.",
			server:  startTLSFails,
		},
		{
			id: "starttls_inside_tls", title: "STARTTLS is still offered inside TLS", reference: "RFC 3207 s4.2", scope: ScopeServer,
			explain: "Once TLS is on, the offer must be gone. A server that still makes it has forgotten what happened, and may have kept what was said in clear.",
			server:  startTLSInside,
		},
		{
			id: "starttls_trailing", title: "clear text stands behind the go-ahead for TLS", reference: "RFC 3207 s4", scope: ScopeServer,
			explain: "Octets came behind the 220 to STARTTLS, before any handshake. A client that takes them for replies inside TLS believes whoever put them there.",
			server:  startTLSTrailing,
		},
		{
			id: "sni_refused", title: "the handshake fails when the server is called by its name", reference: "RFC 8461 s7.1, RFC 7672 s8.1", scope: ScopeServer,
			explain: "With the exchanger's name in the hello (SNI) the handshake was refused, without it accepted. MTA-STS and DANE senders must send the name, and so do most others.",
			server:  sniRefused,
		},
	}
}

func startTLSAbsent(s *server) faults {
	if s.StartTLS != probe.No || s.TLS != nil || s.Plain == nil || s.Encrypted != nil {
		return nil
	}
	return found("offered: %s", listed(s.Plain.Extensions)).mendBy(s.Software,
		postfix("smtpd_tls_security_level = may\nsmtpd_tls_chain_files = /etc/ssl/private/mail.pem"), exim("tls_advertise_hosts = *"),
		sendmail("define(`confSERVER_CERT', `/etc/ssl/mail.pem')dnl"), opensmtpd("listen on all tls pki mail"))
}

// listed are the keywords that were offered, as evidence of one that was not.
func listed(extensions smtp.Extensions) string {
	if len(extensions) == 0 {
		return "no extension"
	}
	words := make([]string, len(extensions))
	for i, one := range extensions {
		words[i] = string(one.Keyword)
	}
	slices.Sort(words)
	return quote(strings.Join(words, " "))
}

// startTLSFails holds only where the handshake itself went wrong: silence and
// closed connections have other reasons.
func startTLSFails(s *server) faults {
	f := s.Failure
	if s.TLS != nil || s.Plain == nil || !s.Plain.Extensions.Has(smtp.ExtStartTLS) || f == nil || f.Stage != smtp.TLS || f.Cause != smtp.TLSFailed {
		return nil
	}
	return found("%s", quote(f.Text))
}

func startTLSInside(s *server) faults {
	if s.TLS == nil || s.Encrypted == nil || !s.Encrypted.Extensions.Has(smtp.ExtStartTLS) {
		return nil
	}
	return found("inside TLS the server offers: %s", listed(s.Encrypted.Extensions))
}

func startTLSTrailing(s *server) faults {
	if s.Injected == "" {
		return nil
	}
	return found("behind the 220 came: %s", quote(s.Injected))
}

func sniRefused(s *server) faults {
	if !s.SNIRefused {
		return nil
	}
	return found("the handshake fails with the name %s and succeeds without", s.TLSName)
}
