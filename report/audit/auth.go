package audit

import (
	"slices"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
)

func authChecks() []check {
	return []check{
		{
			id: "auth_in_clear", title: "passwords may be sent in clear", reference: "RFC 4954 s4, RFC 8314 s3", scope: ScopeServer,
			explain: "Before TLS the server offers to take a password as it is. A client that is set up badly, or led to believe that there is no TLS, shows it to whoever listens.",
			server:  authInClear,
		},
		{
			id: "auth_weaker_before_tls", title: "AUTH is weaker before TLS than after", reference: "RFC 4954 s9", scope: ScopeServer,
			explain: "The mechanisms offered before TLS are weaker than the best one after it. A man in the middle who hides STARTTLS gets the weaker login.",
			server:  authWeaker,
		},
		{
			id: "auth_obsolete", title: "obsolete login mechanisms are offered", reference: "RFC 6331, [MS-NLMP] s5.1", scope: ScopeServer,
			explain: "DIGEST-MD5, NTLM and CRAM-MD5 need passwords, or what is as good, stored readably, and their proofs can be guessed at leisure. SCRAM, or PLAIN inside TLS, replaces all of them.",
			server:  authObsolete,
		},
		{
			id: "auth_anonymous", title: "logins without a name are offered", reference: "RFC 4505 s1", scope: ScopeServer,
			explain: "AUTH ANONYMOUS lets anybody log in. What such a login may do is the server's secret.",
			server:  authAnonymous,
		},
		{
			id: "auth_on_exchanger", title: "logins are offered where other servers deliver", reference: "RFC 5068 s3.1", scope: ScopeServer,
			explain: "Port 25 is for servers, which do not log in; users have ports 465 and 587. Offering both on one port invites guessing of passwords where nobody can be locked out.",
			server:  authOnExchanger,
		},
		{
			id: "auth_legacy_form", title: "AUTH is offered in the form AUTH=", reference: "RFC 4954 s3", scope: ScopeServer,
			explain: "The line AUTH=LOGIN is from before the standard and meant for mail programs of the last century. It does no harm, and only they need it.",
			server:  authLegacy,
		},
	}
}

func authInClear(s *server) faults {
	if s.Plain == nil {
		return nil
	}
	readable := slices.DeleteFunc(slices.Clone(s.Plain.Auth), func(name string) bool { return !smtp.Plaintext(name) })
	if len(readable) == 0 {
		return nil
	}
	return found("before TLS: AUTH %s", quote(strings.Join(s.Plain.Auth, " "))).mendBy(s.Software, afterTLS()...)
}

func afterTLS() []config {
	return []config{
		postfix("smtpd_tls_auth_only = yes"), exim("auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}"),
		sendmail("define(`confAUTH_OPTIONS', `A p y')dnl"), dovecot("auth_allow_cleartext = no"),
		opensmtpd("listen on all port submission tls-require auth"),
		exchange("Set-ReceiveConnector -Identity NAME -AuthMechanism Tls,BasicAuth,BasicAuthRequireTLS"),
	}
}

// strength ranks mechanisms by what a listener in the middle gets: 0 is the
// secret itself. External proofs are as strong as TLS is.
func strength(mechanism string) int {
	switch {
	case smtp.Plaintext(mechanism), mechanism == "ANONYMOUS":
		return 0
	case mechanism == "CRAM-MD5", mechanism == "DIGEST-MD5", mechanism == "NTLM":
		return 1
	case strings.HasPrefix(mechanism, "SCRAM-") && strings.HasSuffix(mechanism, "-PLUS"), mechanism == "EXTERNAL":
		return 3
	default:
		return 2 // SCRAM, GSSAPI and what is not known
	}
}

func strongest(mechanisms []string) int {
	best := -1
	for _, name := range mechanisms {
		best = max(best, strength(name))
	}
	return best
}

func authWeaker(s *server) faults {
	if s.Plain == nil || s.Encrypted == nil || len(s.Plain.Auth) == 0 || strongest(s.Plain.Auth) >= strongest(s.Encrypted.Auth) {
		return nil
	}
	return found("before TLS: AUTH %s; after: AUTH %s", quote(strings.Join(s.Plain.Auth, " ")), quote(strings.Join(s.Encrypted.Auth, " "))).
		mendBy(s.Software, afterTLS()...)
}

func authObsolete(s *server) faults {
	names := s.mechanisms(func(name string) bool { return strength(name) == 1 })
	if len(names) == 0 {
		return nil
	}
	return found("AUTH %s", strings.Join(names, " ")).mendBy(s.Software,
		postfix("smtpd_sasl_mechanism_filter = !external, !digest-md5, !cram-md5, !ntlm, static:rest"), dovecot("auth_mechanisms = plain scram-sha-256"),
		exchange("Set-ReceiveConnector -Identity NAME -AuthMechanism Tls,BasicAuth,BasicAuthRequireTLS"))
}

// mechanisms are those offered before or after TLS that are of a kind.
func (s *server) mechanisms(kind func(name string) bool) []string {
	var out []string
	add := func(names []string) {
		for _, name := range names {
			if kind(name) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	if s.Plain != nil {
		add(s.Plain.Auth)
	}
	if s.Encrypted != nil {
		add(s.Encrypted.Auth)
	}
	return out
}

func authAnonymous(s *server) faults {
	if len(s.mechanisms(func(name string) bool { return name == "ANONYMOUS" })) == 0 {
		return nil
	}
	return found("AUTH ANONYMOUS").mendBy(s.Software, postfix("smtpd_sasl_security_options = noanonymous"))
}

func authOnExchanger(s *server) faults {
	names := s.mechanisms(func(string) bool { return true })
	if s.Port != 25 || len(names) == 0 {
		return nil
	}
	return found("port %d: AUTH %s", s.Port, quote(strings.Join(names, " "))).mendBy(s.Software, postfix("smtpd_sasl_auth_enable = no"))
}

func authLegacy(s *server) faults {
	best := s.best()
	if best == nil || !best.Extensions.LegacyAuth() {
		return nil
	}
	params, _ := best.Extensions.Params(smtp.ExtAuthLegacy)
	return found("AUTH=%s", quote(strings.Join(params, " "))).mendBy(s.Software, postfix("broken_sasl_auth_clients = no"))
}
