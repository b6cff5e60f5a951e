package tlsinfo_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// sweeper asks whoever serve is, each time on a connection of its own, without pauses.
func sweeper(t *testing.T, serve func(net.Conn)) *tlsinfo.Sweeper {
	t.Helper()
	var wait sync.WaitGroup
	t.Cleanup(wait.Wait)
	return &tlsinfo.Sweeper{
		Name: "mx.example.",
		Wait: func(context.Context) error { return nil },
		Dial: func(context.Context) (net.Conn, error) {
			near, far := smtptest.Pipe(nil, nil)
			wait.Go(func() {
				defer far.Close()
				serve(far)
			})
			return near, nil
		},
	}
}

// goServer is a server of crypto/tls.
func goServer(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) { tls.Server(conn, config).Handshake() }
}

// suiteNames are IANA's names.
func suiteNames(ids ...uint16) []string {
	var names []string
	for _, id := range ids {
		names = append(names, tls.CipherSuiteName(id))
	}
	return names
}

// wantSweep compares without regard to order where a list is sorted by nobody's wish.
func wantSweep(t *testing.T, got *tlsinfo.Sweep, want tlsinfo.Sweep) {
	t.Helper()
	sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(&want, got, sorted, cmpopts.IgnoreFields(tlsinfo.Sweep{}, "At", "Connections")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

var tls13Suites = []string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}

func TestSweepOfGoServers(t *testing.T) {
	rsa := rsaCertificate(t)
	old := []uint16{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_RC4_128_SHA}
	new := []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
	for _, test := range []struct {
		name        string
		config      *tls.Config
		want        tlsinfo.Sweep
		connections int
	}{
		{"TLS 1.3 alone, with ML-KEM alone", &tls.Config{MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.X25519MLKEM768}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{{Version: "TLSv1.3", Suites: tls13Suites}}, Groups: []string{"X25519MLKEM768"}, Order: "server"}, 4 + 4 + 2 + 1},
		{"all hybrids beside the classical groups", &tls.Config{MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.X25519MLKEM768, tls.SecP256r1MLKEM768, tls.SecP384r1MLKEM1024, tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{{Version: "TLSv1.3", Suites: tls13Suites}}, Order: "server",
				Groups: []string{"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "x25519", "secp256r1", "secp384r1", "secp521r1"}}, 4 + 4 + 8 + 1},
		{"TLS 1.2 and 1.3", &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: new, CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP384}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{{Version: "TLSv1.3", Suites: tls13Suites}, {Version: "TLSv1.2", Suites: suiteNames(new...)}}, Order: "server",
				Groups: []string{"x25519", "secp384r1"}}, 4 + 3 + 6 + 3 + 3 + 3 + 1},
		{"TLS 1.0 alone, out of a museum", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CipherSuites: old, CurvePreferences: []tls.CurveID{tls.CurveP256}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{{Version: "TLSv1.0", Suites: suiteNames(old...)}}, Order: "server", Groups: []string{"secp256r1"}}, 3 + 4 + 3 + 1 + 2 + 1},
		{"TLS 1.0 to 1.2, key exchange by RSA", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_256_CBC_SHA}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{
				{Version: "TLSv1.2", Suites: suiteNames(tls.TLS_RSA_WITH_AES_256_CBC_SHA)},
				{Version: "TLSv1.1", Suites: suiteNames(tls.TLS_RSA_WITH_AES_256_CBC_SHA)},
				{Version: "TLSv1.0", Suites: suiteNames(tls.TLS_RSA_WITH_AES_256_CBC_SHA)}}, Groups: []string{}}, 1 + 7 + 4 + 4 + 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.config.Certificates = []tls.Certificate{rsa}
			got := sweeper(t, goServer(test.config)).Sweep(t.Context())
			wantSweep(t, got, test.want)
			if got.Connections != test.connections {
				t.Errorf("it cost %d connections, want %d", got.Connections, test.connections)
			}
		})
	}
}

func TestSweepWaitsBetweenConnections(t *testing.T) {
	for _, test := range []struct {
		name  string
		pause time.Duration
		want  time.Duration
	}{
		{"a second by default", 0, time.Second},
		{"as it is told", 5 * time.Second, 5 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				certificate := smtptest.Certificate(t, smtptest.CertificateOptions{})
				s := sweeper(t, goServer(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13}))
				s.Wait, s.Pause = nil, test.pause
				dial, start := s.Dial, time.Now()
				var at []time.Duration
				s.Dial = func(ctx context.Context) (net.Conn, error) {
					at = append(at, time.Since(start))
					return dial(ctx)
				}
				got := s.Sweep(t.Context())
				if got.Connections != len(at) || got.Connections < 10 {
					t.Fatalf("%d connections counted, %d made", got.Connections, len(at))
				}
				for i, when := range at {
					if when != time.Duration(i)*test.want {
						t.Fatalf("connection %d after %v, want %v", i+1, when, time.Duration(i)*test.want)
					}
				}
			})
		})
	}
}

func TestSweepsThatEndEarly(t *testing.T) {
	certificate := smtptest.Certificate(t, smtptest.CertificateOptions{})
	server := goServer(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13})
	refusal := errors.New("421 4.7.0 too many connections")
	for _, test := range []struct {
		name   string
		dials  int // that succeed
		limit  int
		why    string
		suites int // of TLS 1.3 that were found; -1 where not even that
		cost   int
	}{
		{"at the door", 0, 0, refusal.Error(), -1, 1},
		{"in the middle of a version", 2, 0, refusal.Error(), 2, 3},
		{"in the next version", 5, 0, refusal.Error(), 3, 6},
		{"by its own limit", 1000, 4, "it ended after 4 connections", 3, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := sweeper(t, server)
			dial := s.Dial
			s.Limit = test.limit
			s.Dial = func(ctx context.Context) (net.Conn, error) {
				if test.dials--; test.dials < 0 {
					return nil, refusal
				}
				return dial(ctx)
			}
			got := s.Sweep(t.Context())
			if got.Why != test.why || got.Connections != test.cost || got.Groups != nil || got.Order != "" {
				t.Errorf("why %q, %d connections, groups %v, order %q", got.Why, got.Connections, got.Groups, got.Order)
			}
			if test.suites < 0 {
				if got.Versions != nil || len(got.Untold) != 1 || got.Untold[0].Version != "TLSv1.3" {
					t.Errorf("versions %v, untold %v", got.Versions, got.Untold)
				}
				return
			}
			if len(got.Versions) != 1 || len(got.Versions[0].Suites) != test.suites || (got.Versions[0].Why == "") != (test.suites == 3) {
				t.Errorf("got %+v", got.Versions)
			}
		})
	}
}

func TestASweepThatIsCalledOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, errors.New("told to stop"))
		defer cancel()
		s := sweeper(t, func(conn net.Conn) { conn.Read(make([]byte, 4096)); conn.Read(make([]byte, 1)) })
		start := time.Now()
		got := s.Sweep(ctx)
		if waited := time.Since(start); waited != 3*time.Second || got.Why != "told to stop" || got.Connections != 1 {
			t.Errorf("after %v, %d connections: %q", waited, got.Connections, got.Why)
		}
	})
}

func TestServersThatDoNotAnswerAHello(t *testing.T) {
	for _, test := range []struct {
		name  string
		serve func(net.Conn)
		why   string // of every version; empty where none is told as inconclusive
		cost  int
	}{
		{"silent", func(conn net.Conn) { conn.Read(make([]byte, 4096)); conn.Read(make([]byte, 1)) }, "no answer within 10s", 10},
		{"not TLS", func(conn net.Conn) { conn.Read(make([]byte, 4096)); conn.Write([]byte("500 what?\r\n")) }, "what came back is not TLS", 10},
		{"without end", func(conn net.Conn) {
			conn.Read(make([]byte, 4096))
			for {
				if _, err := conn.Write(slices.Concat([]byte{22, 3, 3, 64, 0}, make([]byte, 1<<14))); err != nil {
					return
				}
			}
		}, "more than 131072 octets for a hello", 10},
		{"hangs up", func(conn net.Conn) { conn.Read(make([]byte, 4096)) }, "", 2 * (2 + 6 + 3 + 3 + 2)},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := sweeper(t, test.serve).Sweep(t.Context())
				var want []tlsinfo.Untold
				for _, version := range []string{"TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1.0", "SSLv3"} {
					if test.why != "" {
						want = append(want, tlsinfo.Untold{Version: version, Why: test.why})
					}
				}
				if diff := cmp.Diff(want, got.Untold); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if len(got.Versions) != 0 || got.Connections != test.cost {
					t.Errorf("%d versions, %d connections, want none and %d", len(got.Versions), got.Connections, test.cost)
				}
			})
		})
	}
}

func TestAServerThatRefusesTheNameIsSweptWithoutIt(t *testing.T) {
	certificate := smtptest.Certificate(t, smtptest.CertificateOptions{})
	nameless := &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, CurvePreferences: []tls.CurveID{tls.CurveP256}, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName != "" {
			return nil, nil // crypto/tls then says unrecognized_name
		}
		return &certificate, nil
	}}
	got := sweeper(t, goServer(nameless)).Sweep(t.Context())
	wantSweep(t, got, tlsinfo.Sweep{Versions: []tlsinfo.Accepted{{Version: "TLSv1.2", Suites: suiteNames(tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)}}, Groups: []string{"secp256r1"}})
}
