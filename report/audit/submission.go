package audit

import (
	"strings"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

func submissionChecks() []check {
	return []check{
		{
			id: "submission_no_auth", title: "a port for users offers no login", reference: "RFC 6409 s4.3", scope: ScopeServer,
			explain: "Ports 465 and 587 are for users who log in, and neither before nor after TLS is AUTH offered. Either nobody can send, or everybody.",
			server:  submissionNoAuth,
		},
		{
			id: "submission_open", title: "a port for users takes mail without a login", reference: "RFC 6409 s4.3", scope: ScopeServer, needs: needsIntrusive,
			explain: "MAIL was accepted before anybody had logged in. The port must refuse that with 530.",
			server:  submissionOpen,
		},
		{
			id: "submission_cert", title: "mail programs do not accept the certificate", reference: "RFC 8314 s4.4", scope: ScopeServer,
			explain: "Mail programs, unlike servers, check certificates and warn or refuse. Users who learn to click the warning away show their passwords to the next man in the middle.",
			server:  submissionCert,
		},
		{
			id: "submission_tls_not_required", title: "a port for users does not insist on TLS", reference: "RFC 8314 s4.1", scope: ScopeServer, needs: needsIntrusive,
			explain: "MAIL was accepted in clear text on a port for users. A program that has lost STARTTLS on the way goes on without it.",
			server:  submissionTLS,
		},
	}
}

func submissionNoAuth(s *server) faults {
	hello := s.best()
	if !s.submission() || hello == nil || s.Encrypted == nil || len(s.Encrypted.Auth) > 0 || s.Plain != nil && len(s.Plain.Auth) > 0 {
		return nil
	}
	return found("port %d offers inside TLS: %s", s.Port, listed(s.Encrypted.Extensions)).mendBy(s.Software,
		config{"postfix", "Postfix: master.cf, below submission or submissions", "  -o smtpd_sasl_auth_enable=yes"})
}

func submissionOpen(s *server) faults {
	if !s.submission() || s.Conduct == nil || s.Conduct.SubmitAuth.Answer != probe.No {
		return nil
	}
	return found("MAIL without a login: %s", tried(s.Conduct.SubmitAuth)).mendBy(s.Software,
		config{"postfix", "Postfix: master.cf, below submission or submissions", "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject"})
}

// tried is the server's own word in a trial, or why it counts.
func tried(trial probe.Trial) string {
	if trial.Reply != nil {
		return said(trial.Reply)
	}
	return quote(trial.Why)
}

func submissionCert(s *server) faults {
	if !s.submission() || s.TLS == nil || s.TLSName == "" || s.TLS.PKIX.Status == tlsinfo.Valid || s.TLS.PKIX.Status == "" {
		return nil
	}
	return found("held against %s: %s", s.TLSName, quote(s.TLS.PKIX.Reason))
}

// warned reports whether submission_cert tells of the certificate: what the
// checks for exchangers say of senders is not true of mail programs.
func (s *server) warned() bool { return len(submissionCert(s)) > 0 }

func submissionTLS(s *server) faults {
	if s.Port != 587 || s.Conduct == nil || s.Conduct.Enforced.Answer != probe.No || s.Plain == nil || !s.Plain.Extensions.Has(smtp.ExtStartTLS) {
		return nil
	}
	return found("MAIL in clear: %s", strings.TrimSpace(tried(s.Conduct.Enforced))).mendBy(s.Software,
		config{"postfix", "Postfix: master.cf, below submission", "  -o smtpd_tls_security_level=encrypt"})
}
