package probe_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// handshakes is a plan for a server of a TLS configuration, dialled any number of times.
func handshakes(t *testing.T, config *tls.Config) probe.Plan {
	t.Helper()
	s := &smtptest.Server{TLS: config}
	var wait sync.WaitGroup
	t.Cleanup(wait.Wait)
	return planFor(func(context.Context, string, string) (net.Conn, error) {
		near, far := smtptest.Pipe(nil, nil)
		wait.Go(func() { s.Serve(far) })
		return near, nil
	})
}

// nameless is a server's configuration that knows no name: crypto/tls then says
// unrecognized_name.
func nameless(certificate tls.Certificate) *tls.Config {
	return &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName != "" {
			return nil, nil
		}
		return &certificate, nil
	}}
}

func TestAServerThatRefusesOurNameIsAskedWithoutIt(t *testing.T) {
	ca, err := smtptest.NewCA("The Authority")
	if err != nil {
		t.Fatal(err)
	}
	plan := handshakes(t, nameless(smtptest.Certificate(t, smtptest.CertificateOptions{CA: ca})))
	plan.Roots = ca.Pool()
	failed := mustFail(t, plan)
	wantFailure(t, failed, "tls tls network_error")
	if !failed.SNIRefused() || failed.Server.SNIRefused {
		t.Fatalf("refused %v (%s), and kept as a fact before it is known: %v", failed.SNIRefused(), failed.Outcome.Text, failed.Server.SNIRefused)
	}
	plan.NoSNI = true
	session := mustOpen(t, plan)
	defer session.Close()
	got := session.Server()
	if !got.SNIRefused || got.TLS.SNI != "" || got.TLSName != "mx.example" || got.TLS.PKIX.Status != tlsinfo.Valid {
		t.Errorf("sni_refused %v, sent %q, held against %q: %+v", got.SNIRefused, got.TLS.SNI, got.TLSName, got.TLS.PKIX)
	}
	if len(got.TLS.Chain) != len(got.TLS.Certificates) || len(got.TLS.Chain) == 0 || got.TLS.Chain[0].Subject.CommonName != "mx.example" {
		t.Errorf("the chain has %d certificates, the facts %d", len(got.TLS.Chain), len(got.TLS.Certificates))
	}
}

func TestOtherFailuresAreNotAboutTheName(t *testing.T) {
	for _, test := range []struct {
		name   string
		config *tls.Config
	}{
		{"another alert", &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none today") }}},
		{"no suite in common", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{0x0033}, Certificates: []tls.Certificate{smtptest.Certificate(t, smtptest.CertificateOptions{})}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			failed := mustFail(t, handshakes(t, test.config))
			if failed.SNIRefused() {
				t.Errorf("%s counts as a refused name", failed.Outcome.Text)
			}
		})
	}
	if failed := mustFail(t, script(t, "X:")); failed.SNIRefused() {
		t.Error("a server that closes at the door counts as a refused name")
	}
}
