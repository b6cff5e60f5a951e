package audit

import (
	"slices"
	"strings"
)

func tlsChecks() []check {
	return []check{
		{
			id: "tls_version_old", title: "no TLS 1.2 or later", reference: "RFC 8996 s2", scope: ScopeServer,
			explain: "All versions up to 1.3 were offered and the server chose one that must not be used any more. Senders that follow the rules cannot encrypt.",
			server:  tlsVersionOld,
		},
		{
			id: "tls_1_3_absent", title: "no TLS 1.3", reference: "RFC 9325 s3.1.1", scope: ScopeServer,
			explain: "TLS 1.3 was offered and the server chose 1.2. Nothing is broken, but post-quantum key exchange exists only in 1.3.",
			server:  tls13Absent,
		},
		{
			id: "tls_cipher_weak", title: "a weak cipher is chosen before all others", reference: "RFC 9325 s4.1", scope: ScopeServer,
			explain: "Good suites were offered and the server took one that is broken or nearly so. Recorded mail can be read with modest means.",
			server:  tlsCipherWeak,
		},
		{
			id: "tls_no_forward_secrecy", title: "no forward secrecy", reference: "RFC 9325 s4.1", scope: ScopeServer,
			explain: "The session key was sent encrypted to the server's own key. Whoever gets that key later reads all mail recorded before.",
			server:  tlsNoForwardSecrecy,
		},
		{
			id: "tls_no_post_quantum", title: "no post-quantum key exchange", reference: "draft-ietf-tls-ecdhe-mlkem", scope: ScopeServer,
			explain: "X25519MLKEM768 was offered and not taken. Mail recorded today can be read once somebody has a large quantum computer.",
			server:  tlsNoPostQuantum,
		},
	}
}

// tlsRank orders versions; 0 is one that is not known.
func tlsRank(version string) int {
	return 1 + slices.Index([]string{"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}, version)
}

func tlsVersionOld(s *server) faults {
	if s.TLS == nil || tlsRank(s.TLS.Version) == 0 || tlsRank(s.TLS.Version) >= tlsRank("TLSv1.2") {
		return nil
	}
	return found("negotiated: %s with %s", s.TLS.Version, s.TLS.Cipher).mendBy(s.Software, modernTLS()...)
}

func tls13Absent(s *server) faults {
	if s.TLS == nil || s.TLS.Version != "TLSv1.2" {
		return nil
	}
	return found("negotiated: %s with %s", s.TLS.Version, s.TLS.Cipher)
}

func modernTLS() []config {
	return []config{
		postfix("smtpd_tls_protocols = >=TLSv1.2"), eximOpenSSL("openssl_options = +no_sslv2 +no_sslv3 +no_tlsv1 +no_tlsv1_1"),
		sendmail("define(`confSERVER_SSL_OPTIONS', `+SSL_OP_NO_SSLv3 +SSL_OP_NO_TLSv1 +SSL_OP_NO_TLSv1_1')dnl"),
	}
}

// weakCipher says what is wrong with a suite, by its IANA name; empty for nothing.
func weakCipher(suite string) string {
	for _, weak := range [...]struct{ part, why string }{
		{"_NULL_", "no encryption"}, {"EXPORT", "a key of 40 or 56 bits"}, {"_RC4_", "RC4, which RFC 7465 forbids"},
		{"_RC2_", "RC2"}, {"_3DES_", "3DES, with blocks of 64 bits (CVE-2016-2183)"}, {"_DES_", "a key of 56 bits"}, {"_DES40_", "a key of 40 bits"},
		{"_IDEA_", "blocks of 64 bits (CVE-2016-2183)"},
	} {
		if strings.Contains(suite, weak.part) {
			return weak.why
		}
	}
	return ""
}

func tlsCipherWeak(s *server) faults {
	if s.TLS == nil || weakCipher(s.TLS.Cipher) == "" {
		return nil
	}
	return found("negotiated: %s, %s", s.TLS.Cipher, weakCipher(s.TLS.Cipher)).mendBy(s.Software,
		postfix("smtpd_tls_exclude_ciphers = RC4, 3DES, MD5, EXPORT, eNULL"), eximOpenSSL("tls_require_ciphers = HIGH:!3DES:!RC4:!aNULL"))
}

// staticKeys are the suites whose key exchange is RSA: without ephemeral keys.
func staticKeys(suite string) bool { return strings.HasPrefix(suite, "TLS_RSA_") }

func tlsNoForwardSecrecy(s *server) faults {
	if s.TLS == nil || s.TLS.Group != "RSA" && !staticKeys(s.TLS.Cipher) {
		return nil
	}
	return found("negotiated: %s, key exchange by RSA", s.TLS.Cipher).mendBy(s.Software,
		postfix("smtpd_tls_exclude_ciphers = kRSA"), eximOpenSSL("tls_require_ciphers = HIGH:!kRSA:!aNULL"))
}

func postQuantum(group string) bool { return strings.Contains(group, "MLKEM") }

// tlsNoPostQuantum also looks at what a sweep found: a server that takes a
// hybrid but prefers something else is not without.
func tlsNoPostQuantum(s *server) faults {
	if s.TLS == nil || s.TLS.Group == "" && s.TLS.Version == "TLSv1.3" || postQuantum(s.TLS.Group) {
		return nil
	}
	if s.Sweep != nil && slices.ContainsFunc(s.Sweep.Groups, postQuantum) {
		return nil
	}
	group := s.TLS.Group
	if group == "" {
		group = "finite-field Diffie-Hellman"
	}
	return found("negotiated: %s with %s", s.TLS.Version, group).mendBy(s.Software,
		postfix("tls_eecdh_auto_curves = X25519MLKEM768 X25519 prime256v1 secp384r1"), eximOpenSSL("tls_eccurve = X25519MLKEM768:X25519:P-256:P-384"))
}
