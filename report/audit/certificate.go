package audit

import (
	"crypto/x509"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mxvet/mxvet/probe/tlsinfo"
)

func certificateChecks() []check {
	return []check{
		{
			id: "cert_expired", title: "the certificate has expired", reference: "RFC 5280 s4.1.2.5", scope: ScopeServer, vouch: true,
			explain: "Senders that check certificates do not deliver, the others go on. It mostly shows that renewing, or loading what was renewed, has stopped working.",
			server:  certExpired,
		},
		{
			id: "cert_expiring", title: "the certificate ends soon", reference: "RFC 5280 s4.1.2.5", scope: ScopeServer, vouch: true,
			explain: "By now it should have been renewed. When it ends, senders that check certificates stop delivering.",
			server:  certExpiring,
		},
		{
			id: "cert_not_yet_valid", title: "the certificate is not valid yet", reference: "RFC 5280 s4.1.2.5", scope: ScopeServer, vouch: true,
			explain: "The certificate begins in the future, or a clock is wrong. Senders that check certificates do not deliver until then.",
			server:  certNotYetValid,
		},
		{
			id: "cert_name_mismatch", title: "the certificate is not for the exchanger's name", reference: "RFC 8461 s4.2, RFC 9525 s6", scope: ScopeServer, vouch: true,
			explain: "No name in the certificate is that of the MX record. Opportunistic senders do not look; MTA-STS needs the match.",
			server:  certNameMismatch,
		},
		{
			id: "cert_self_signed", title: "the certificate is self-signed", reference: "RFC 8461 s4.2", scope: ScopeServer, vouch: true,
			explain: "Nobody but the server itself vouches for its name. That suits opportunistic senders and DANE, and rules MTA-STS out.",
			server:  certStatus(tlsinfo.SelfSigned),
		},
		{
			id: "cert_untrusted", title: "the certificate leads to no trusted root", reference: "RFC 5280 s6", scope: ScopeServer, vouch: true,
			explain: "No path to a root that is trusted here could be built, often since an intermediate certificate is not sent. MTA-STS senders do not deliver to such a server.",
			server:  certStatus(tlsinfo.Untrusted, tlsinfo.Invalid),
		},
		{
			id: "cert_key_weak", title: "the certificate's key is too short", reference: "RFC 9325 s4.5", scope: ScopeServer,
			explain: "RSA keys under 2048 bits and curves under 224 can be broken by those who care enough. Whoever does can pretend to be this server.",
			server:  certKeyWeak,
		},
		{
			id: "cert_signature_weak", title: "a certificate is signed with SHA-1 or MD5", reference: "RFC 6194, RFC 6151", scope: ScopeServer,
			explain: "Signatures over these digests can be forged, and validators refuse them. A self-signed root's own signature does not count.",
			server:  certSignatureWeak,
		},
		{
			id: "cert_revoked", title: "the certificate has been revoked", reference: "RFC 6960 s2.2", scope: ScopeServer,
			explain: "The server itself presents its issuer's word that the certificate no longer counts. Often the private key is in foreign hands.",
			server:  certRevoked,
		},
		{
			id: "staple_stale", title: "the stapled OCSP answer is out of date", reference: "RFC 6960 s4.2.2.1", scope: ScopeServer,
			explain: "The server staples an answer whose time is over, or that cannot be read. Clients that insist on one turn away.",
			server:  stapleStale,
		},
	}
}

// leaf is the server's own certificate; nil where none was seen.
func (s *server) leaf() *tlsinfo.Certificate {
	if s.TLS == nil || len(s.TLS.Certificates) == 0 {
		return nil
	}
	return &s.TLS.Certificates[0]
}

func certExpired(s *server) faults {
	leaf := s.leaf()
	switch {
	case leaf == nil || s.warned():
		return nil
	case !s.now.IsZero() && s.now.After(leaf.NotAfter):
		return found("%s, issued by %s, ended on %s", quote(leaf.Subject), quote(leaf.Issuer), date(leaf.NotAfter))
	case s.TLS.PKIX.Status == tlsinfo.Expired:
		return found("%s", quote(s.TLS.PKIX.Reason))
	}
	return nil
}

func certExpiring(s *server) faults {
	leaf := s.leaf()
	if leaf == nil || s.now.IsZero() || s.now.After(leaf.NotAfter) || leaf.NotAfter.Sub(s.now) > soon(leaf.NotBefore, leaf.NotAfter) {
		return nil
	}
	return found("%s, issued by %s, ends on %s", quote(leaf.Subject), quote(leaf.Issuer), date(leaf.NotAfter))
}

func certNotYetValid(s *server) faults {
	if s.TLS == nil || s.TLS.PKIX.Status != tlsinfo.NotYetValid || s.warned() {
		return nil
	}
	return found("%s", quote(s.TLS.PKIX.Reason))
}

func certStatus(statuses ...tlsinfo.PKIXStatus) func(*server) faults {
	return func(s *server) faults {
		for _, status := range statuses {
			if s.TLS != nil && s.TLS.PKIX.Status == status && s.TLSName != "" && !s.warned() {
				return found("held against %s: %s", s.TLSName, quote(s.TLS.PKIX.Reason))
			}
		}
		return nil
	}
}

// certNameMismatch holds the names itself: the status is the worst thing found,
// and a certificate may be expired and for another name at once.
func certNameMismatch(s *server) faults {
	leaf := s.leaf()
	switch {
	case s.TLS == nil || s.TLSName == "" || s.warned():
		return nil
	case s.TLS.PKIX.Status == tlsinfo.NameMismatch:
		return found("held against %s: %s", s.TLSName, quote(s.TLS.PKIX.Reason))
	case s.TLS.PKIX.Status == tlsinfo.Valid || s.TLS.PKIX.Status == "" || leaf == nil || leafFits(leaf.Names, s.TLSName):
		return nil
	case len(leaf.Names) == 0:
		return found("held against %s: it names nobody", s.TLSName)
	}
	return found("held against %s: it is for %s", s.TLSName, quote(strings.Join(leaf.Names, ", ")))
}

// leafFits reports whether one of a certificate's names is the server's
// (RFC 9525 s6.3).
func leafFits(names []string, name string) bool {
	var one x509.Certificate
	for _, text := range names {
		if ip, err := netip.ParseAddr(text); err == nil {
			one.IPAddresses = append(one.IPAddresses, ip.AsSlice())
		} else {
			one.DNSNames = append(one.DNSNames, text)
		}
	}
	return one.VerifyHostname(name) == nil
}

// shortKey reads "RSA 1024" and "ECDSA P-192".
func shortKey(key string) bool {
	kind, size, _ := strings.Cut(key, " ")
	bits, err := strconv.Atoi(strings.TrimPrefix(size, "P-"))
	switch {
	case kind == "DSA":
		return true
	case err != nil:
		return false
	case kind == "RSA":
		return bits < 2048
	default:
		return kind == "ECDSA" && bits < 224
	}
}

func certKeyWeak(s *server) faults {
	leaf := s.leaf()
	if leaf == nil || !shortKey(leaf.Key) {
		return nil
	}
	return found("%s: %s", quote(leaf.Subject), leaf.Key).
		mend("where the server's key is made", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out mail.key")
}

func certSignatureWeak(s *server) faults {
	if s.TLS == nil {
		return nil
	}
	for i, one := range s.TLS.Certificates {
		root := one.Subject == one.Issuer
		if (i == 0 || !root) && (strings.Contains(one.Signature, "SHA1") || strings.Contains(one.Signature, "MD5") || strings.Contains(one.Signature, "MD2")) {
			return found("%s, issued by %s: %s", quote(one.Subject), quote(one.Issuer), one.Signature)
		}
	}
	return nil
}

func certRevoked(s *server) faults {
	if s.TLS == nil || s.TLS.Staple == nil || s.TLS.Staple.Status != "revoked" {
		return nil
	}
	return found("the stapled OCSP answer says: revoked")
}

func stapleStale(s *server) faults {
	if s.TLS == nil || s.TLS.Staple == nil {
		return nil
	}
	staple := s.TLS.Staple
	switch {
	case staple.Status == "unreadable":
		return found("the stapled OCSP answer cannot be read")
	case !s.now.IsZero() && !staple.NextUpdate.IsZero() && s.now.After(staple.NextUpdate):
		return found("the stapled OCSP answer counted until %s", date(staple.NextUpdate))
	}
	return nil
}
