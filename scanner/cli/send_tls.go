package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// serverName is what the certificate is held against.
func (s *sendSession) serverName() string { return s.at.name() }

func (s *sendSession) tlsConfig() *tls.Config {
	config := tlsinfo.Config(s.serverName())
	if s.certificate != nil {
		config.Certificates = []tls.Certificate{*s.certificate}
	}
	return config
}

// implicit shakes hands before the greeting, on port 465 or where it is asked for.
func (s *sendSession) implicit(ctx context.Context) *failure {
	if !s.tls.implicit && (s.tls.off || s.at.at.Port() != 465) {
		return nil
	}
	if err := s.client.ImplicitTLS(ctx, s.tlsConfig()); err != nil {
		return s.broken(err)
	}
	return s.inspect()
}

// startTLS takes the offer of STARTTLS, and says EHLO again: what was said
// before may have been anybody's words (RFC 3207 s4.2).
func (s *sendSession) startTLS(ctx context.Context) *failure {
	if _, encrypted := s.client.TLSState(); encrypted {
		return nil
	}
	if why := s.noTLS(); why != "" {
		s.row.TLSWhy = why
		if s.tls.require {
			return failed("TLS failed: %s", why).as(exitTLS).hint("--tls=auto sends in clear where there is no TLS; port 465 speaks TLS at once")
		}
		return nil
	}
	reply, err := s.client.StartTLS(ctx, s.tlsConfig())
	switch {
	case err != nil:
		return s.broken(err)
	case reply.Code != 220 && (s.tls.require || reply.Code == 421):
		s.row.TLSWhy = "refused"
		return failed("TLS failed: the server offers STARTTLS and refuses it: %s", quote(reply)).as(exitTLS).hint("--tls=auto sends in clear where there is no TLS")
	case reply.Code != 220:
		s.row.TLSWhy = "refused"
		return nil
	}
	if problem := s.inspect(); problem != nil {
		return problem
	}
	return s.introduce(ctx)
}

// noTLS is why there will be no STARTTLS; empty where there will be.
func (s *sendSession) noTLS() string {
	switch {
	case s.tls.off:
		return "switched off"
	case !s.client.Extensions().Has(smtp.ExtStartTLS):
		return "the server does not offer STARTTLS"
	}
	return ""
}

// inspect describes the handshake, and refuses a bad certificate where it is
// told to.
func (s *sendSession) inspect() *failure {
	state, _ := s.client.TLSState()
	s.row.TLS = tlsinfo.Describe(state, s.serverName(), s.roots, time.Now())
	s.remark("certificate: " + describeCertificate(s.row.TLS))
	if s.tls.verify && s.row.TLS.PKIX.Status != tlsinfo.Valid {
		return failed("TLS failed: the certificate of %s is not valid: %s", describeStop(s.at), s.row.TLS.PKIX.Reason).as(exitTLS).
			hint("--tls=require encrypts without looking at the certificate; --ca-file FILE names who is to be trusted")
	}
	return nil
}

// describeCertificate is what a server's certificate is worth, and its own words.
func describeCertificate(facts *tlsinfo.Facts) string {
	worth := string(facts.PKIX.Status)
	if facts.PKIX.Reason != "" {
		worth = "not valid: " + facts.PKIX.Reason
	}
	if len(facts.Certificates) == 0 {
		return worth
	}
	leaf := facts.Certificates[0]
	names := leaf.Names
	if more := len(names) - namesShown; more > 0 {
		names = append(slices.Clone(names[:namesShown]), fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s; %s for %s, by %s, %s to %s, %s", worth, leaf.Subject, strings.Join(names, " "), leaf.Issuer,
		leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly), leaf.Key)
}

// namesShown is how many of a certificate's names are shown: shared ones have
// hundreds.
const namesShown = 5
