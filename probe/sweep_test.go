package probe_test

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// swept is a server that counts, and the plan for it.
func swept(t *testing.T, s *smtptest.Server, security probe.Security) probe.Plan {
	t.Helper()
	var wait sync.WaitGroup
	t.Cleanup(wait.Wait)
	plan := planFor(func(context.Context, string, string) (net.Conn, error) {
		near, far := smtptest.Pipe(nil, nil)
		wait.Go(func() {
			if security == probe.Implicit {
				s.ServeTLS(far)
			} else {
				s.Serve(far)
			}
		})
		return near, nil
	})
	plan.Security = security
	return plan
}

func TestSweep(t *testing.T) {
	want := &tlsinfo.Sweep{
		Versions: []tlsinfo.Accepted{
			{Version: "TLSv1.3", Suites: []string{"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}},
			{Version: "TLSv1.2", Suites: []string{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}},
		},
		Groups: []string{"X25519MLKEM768", "secp256r1"},
		Order:  "server",
	}
	for _, test := range []struct {
		name     string
		security probe.Security
		tickets  bool
		resumed  probe.Answer
	}{
		{"behind STARTTLS", probe.Opportunistic, true, probe.Yes},
		{"from the first octet", probe.Implicit, true, probe.Yes},
		{"a server without a memory", probe.Opportunistic, false, probe.No},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &smtptest.Server{TLS: configFor(smtptest.Certificate(t, smtptest.CertificateOptions{}))}
				s.TLS.SessionTicketsDisabled = !test.tickets
				s.TLS.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768, tls.CurveP256}
				s.TLS.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
				s.TLS.MinVersion = tls.VersionTLS12
				start := time.Now()
				got, resumed := probe.Sweep(t.Context(), swept(t, s, test.security), probe.SweepOptions{})
				sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
				if diff := cmp.Diff(want, got, sorted, cmpopts.IgnoreFields(tlsinfo.Sweep{}, "At", "Connections")); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if resumed != test.resumed {
					t.Errorf("resumption %q, want %q", resumed, test.resumed)
				}
				if made := s.Stats().Conversations; got.Connections != made {
					t.Errorf("%d connections counted, %d made", got.Connections, made)
				}
				if waited := time.Since(start); waited < time.Duration(got.Connections-1)*time.Second {
					t.Errorf("%d connections in %v", got.Connections, waited)
				}
			})
		})
	}
}

func TestSweepsThatGetNoFurther(t *testing.T) {
	for _, test := range []struct {
		name      string
		character smtptest.Character
		why       string
		quits     int
	}{
		{"blocked", smtptest.Character{Greeting: "554 5.7.1 no"}, "the greeting: 554 5.7.1 no", 1},
		{"too many", smtptest.Character{Greeting: "421 4.7.0 too many connections"}, "the greeting: 421 4.7.0 too many connections", 0},
		{"EHLO refused", smtptest.Character{Replies: map[string]string{"EHLO": "554 5.7.1 not you"}}, "EHLO: 554 5.7.1 not you", 1},
		{"not offered", smtptest.Character{StartTLS: smtptest.TLSNone}, "STARTTLS is not offered", 1},
		{"refused", smtptest.Character{StartTLS: smtptest.TLSRefused}, "STARTTLS: 454 4.7.0 TLS not available due to local problem", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &smtptest.Server{Character: test.character}
				got, resumed := probe.Sweep(t.Context(), swept(t, s, probe.Opportunistic), probe.SweepOptions{})
				if got.Why != test.why || got.Versions != nil || got.Groups != nil || got.Connections != 1 || resumed != "" {
					t.Errorf("why %q, want %q; %+v, resumed %q", got.Why, test.why, got, resumed)
				}
				synctest.Wait()
				if quits := s.Stats().Commands["QUIT"]; quits != test.quits {
					t.Errorf("QUIT was said %d times, want %d", quits, test.quits)
				}
			})
		})
	}
}

func TestASweepOfAServerThatHasHadEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &smtptest.Server{}
		plan, dials := swept(t, s, probe.Opportunistic), 0
		dial := plan.Dial
		plan.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials++; dials > 6 {
				return smtptest.Dialogue(t, "S: 421 4.7.0 mx.example too many connections\nX:"), nil
			}
			return dial(ctx, network, address)
		}
		got, resumed := probe.Sweep(t.Context(), plan, probe.SweepOptions{Limit: 100})
		if got.Why != "the greeting: 421 4.7.0 mx.example too many connections" || got.Connections != 7 || len(got.Versions) != 2 || resumed != "" {
			t.Errorf("why %q, %d connections, %v", got.Why, got.Connections, got.Versions)
		}
		if last := got.Versions[len(got.Versions)-1]; last.Why != got.Why {
			t.Errorf("%s may have more suites, and does not say so: %q", last.Version, last.Why)
		}
	})
}
