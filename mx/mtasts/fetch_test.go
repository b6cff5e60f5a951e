package mtasts

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

const good = "version: STSv1\nmode: enforce\nmx: mx.good.test\nmx: *.mail.test\nmax_age: 604800\n"

// hostZone: 192.0.2.1 is where the policy host of a test listens, 192.0.2.9
// refuses, 10.0.0.1 may not be gone to.
const hostZone = `
_mta-sts.good.test.    TXT "v=STSv1; id=1;"
mta-sts.good.test.     A 192.0.2.1
mta-sts.second.test.   A 192.0.2.9
mta-sts.second.test.   AAAA 2001:db8::1
mta-sts.alias.test.    CNAME mta-sts.good.test.
mta-sts.down.test.     A 192.0.2.9
mta-sts.private.test.  A 10.0.0.1
mta-sts.mixed.test.    A 10.0.0.1
mta-sts.mixed.test.    A 192.0.2.1
mta-sts.text.test.     TXT "no address"
;!servfail mta-sts.broken.test.
`

// client asks the zone, and finds one listener behind 192.0.2.1 and 2001:db8::1.
func client(t *testing.T, roots authority, connect func() (net.Conn, error)) *Client {
	t.Helper()
	return &Client{
		Resolver: dnstest.New(t, hostZone),
		Reaches:  func(ip netip.Addr) bool { return ip != netip.MustParseAddr("10.0.0.1") },
		Roots:    roots.pool(),
		Dial: func(_ context.Context, network, address string) (net.Conn, error) {
			switch address {
			case "192.0.2.1:443", "[2001:db8::1]:443":
				return connect()
			}
			return nil, errors.New(network + " " + address + ": connection refused")
		},
	}
}

// serve is a policy host on loopback.
func serve(t *testing.T, certificate tls.Certificate, handle http.HandlerFunc) func() (net.Conn, error) {
	t.Helper()
	server := httptest.NewUnstartedServer(handle)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that refuse the certificate
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return func() (net.Conn, error) { return net.Dial("tcp", server.Listener.Addr().String()) }
}

func says(status int, contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/.well-known/mta-sts.txt" || !strings.HasPrefix(r.Host, "mta-sts.") {
			status = http.StatusTeapot
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Location", "https://www.good.test/policy")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// TestFetch: one domain, and policy hosts of all kinds.
func TestFetch(t *testing.T) {
	ca := newAuthority(t)
	huge := good + strings.Repeat("x-note: more and more\n", 3000)
	for name, row := range map[string]struct {
		handle http.HandlerFunc
		want   Fetch // Why and each of Faults are words in what is got
	}{
		"a policy": {says(200, "text/plain", good),
			Fetch{Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce}},
		"with a charset": {says(200, "text/plain; charset=utf-8", good),
			Fetch{Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce}},
		"served as HTML": {says(200, "text/html", good),
			Fetch{Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce, Faults: []string{`served as "text/html"`}}},
		"a page for everything": {says(200, "text/html", "<!doctype html>\n<h1>Welcome</h1>\n"),
			Fetch{Presence: resolver.Faulty, HTTPStatus: 200, Why: "not key: value"}},
		"a redirect": {says(301, "text/plain", good),
			Fetch{Presence: resolver.Faulty, HTTPStatus: 301, Why: `a redirect to "https://www.good.test/policy"`}},
		"not found": {says(404, "text/plain", good),
			Fetch{Presence: resolver.Absent, HTTPStatus: 404, Why: "HTTP 404"}},
		"forbidden": {says(403, "text/plain", good),
			Fetch{Presence: resolver.Faulty, HTTPStatus: 403, Why: "only 200 counts"}},
		"another success": {says(203, "text/plain", good),
			Fetch{Presence: resolver.Faulty, HTTPStatus: 203, Why: "only 200 counts"}},
		"overloaded": {says(503, "text/plain", good),
			Fetch{Presence: resolver.Unproven, HTTPStatus: 503, Why: "HTTP 503"}},
		"too large": {says(200, "text/plain", huge),
			Fetch{Presence: resolver.Faulty, HTTPStatus: 200, Why: "over 64 KiB"}},
		"as large as may be": {says(200, "text/plain", huge[:maxText-1]+"\n"),
			Fetch{Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce, Faults: []string{"is given twice"}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := client(t, ca, serve(t, ca.leaf(t, "mta-sts.good.test", 30), row.handle))
			got, err := c.Fetch(t.Context(), "Good.test.")
			if err != nil {
				t.Fatal(err)
			}
			if got.NotAfter == nil || got.URL != "https://mta-sts.good.test/.well-known/mta-sts.txt" || len(got.Text) > maxText || (got.HTTPStatus == 200) != (got.Text != "") {
				t.Errorf("certificate until %v, %s, %d octets of text", got.NotAfter, got.URL, len(got.Text))
			}
			if present := got.Presence == resolver.Present; present != cmp.Equal(got.MX, []string{"mx.good.test", "*.mail.test"}) || present != (got.MaxAge != nil) {
				t.Errorf("%s with mx %q, max_age %v", got.Presence, got.MX, got.MaxAge)
			}
			alike(t, row.want, got)
		})
	}
}

// alike compares what is in a table's row.
func alike(t *testing.T, want, got Fetch) {
	t.Helper()
	if !strings.Contains(got.Why, want.Why) || (got.Why == "") != (want.Why == "") {
		t.Errorf("why is %q, want %q in it", got.Why, want.Why)
	}
	if strings.Join(got.Faults, "; ") == "" != (want.Faults == nil) || !strings.Contains(strings.Join(got.Faults, "; "), strings.Join(want.Faults, "")) {
		t.Errorf("faults %q, want %q", got.Faults, want.Faults)
	}
	ignored := cmpopts.IgnoreFields(Fetch{}, "URL", "Why", "Faults", "Text", "ContentType", "MX", "MaxAge", "NotAfter")
	if diff := cmp.Diff(want, got, ignored); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFetchCertificate(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	for name, row := range map[string]struct {
		certificate tls.Certificate
		why         string
	}{
		"expired":                      {ca.leaf(t, "mta-sts.good.test", -1), "certificate: valid from "},
		"for the domain, not the host": {ca.leaf(t, "good.test", 30), "not for mta-sts.good.test but for good.test"},
		"of somebody's own authority":  {other.leaf(t, "mta-sts.good.test", 30), "no path to a trusted root: issued by CN=Authority of this test"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := client(t, ca, serve(t, row.certificate, says(200, "text/plain", good))).Fetch(t.Context(), "good.test")
			if err != nil {
				t.Fatal(err)
			}
			alike(t, Fetch{Presence: resolver.Faulty, Why: row.why}, got)
			if got.NotAfter == nil {
				t.Error("its end is not told")
			}
		})
	}
}

func TestFetchWhere(t *testing.T) {
	ca := newAuthority(t)
	for domain, want := range map[string]Fetch{
		"second.test":  {Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce},
		"mixed.test":   {Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce},
		"alias.test":   {Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce}, // the certificate is for the alias, not its target
		"down.test":    {Presence: resolver.Unproven, Why: "192.0.2.9: tcp 192.0.2.9:443: connection refused"},
		"private.test": {Presence: resolver.Faulty, Why: "mta-sts.private.test is at 10.0.0.1, where senders cannot go"},
		"text.test":    {Presence: resolver.Absent, Why: "mta-sts.text.test has no address"},
		"nothing.test": {Presence: resolver.Absent, Why: "mta-sts.nothing.test has no address"},
		"broken.test":  {Presence: resolver.Unproven, Why: "A"},
	} {
		t.Run(domain, func(t *testing.T) {
			c := client(t, ca, serve(t, ca.leaf(t, "mta-sts."+domain, 30), says(200, "text/plain", good)))
			got, err := c.Fetch(t.Context(), domain)
			if err != nil {
				t.Fatal(err)
			}
			alike(t, want, got)
		})
	}
	t.Run("nobody said where one may go", func(t *testing.T) {
		c := client(t, ca, serve(t, ca.leaf(t, "mta-sts.good.test", 30), says(200, "text/plain", good)))
		c.Reaches = nil
		got, err := c.Fetch(t.Context(), "good.test")
		if err != nil {
			t.Fatal(err)
		}
		alike(t, Fetch{Presence: resolver.Faulty, Why: "where senders cannot go"}, got)
	})
	t.Run("in clear text", func(t *testing.T) {
		clear := httptest.NewServer(says(200, "text/plain", good))
		t.Cleanup(clear.Close)
		c := client(t, ca, func() (net.Conn, error) { return net.Dial("tcp", clear.Listener.Addr().String()) })
		got, err := c.Fetch(t.Context(), "good.test")
		if err != nil {
			t.Fatal(err)
		}
		alike(t, Fetch{Presence: resolver.Faulty, Why: "it does not speak TLS"}, got)
	})
}

// A proxy in the environment is not gone through: it is not ours to choose.
func TestFetchNoProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9")
	ca := newAuthority(t)
	got, err := client(t, ca, serve(t, ca.leaf(t, "mta-sts.good.test", 30), says(200, "text/plain", good))).Fetch(t.Context(), "good.test")
	if err != nil {
		t.Fatal(err)
	}
	alike(t, Fetch{Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce}, got)
}

// piped is a policy host inside a bubble.
type piped struct {
	net.Listener
	conns chan net.Conn
	done  chan struct{}
}

func (p piped) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p piped) Close() error { return nil }

func (p piped) connect() (net.Conn, error) {
	near, far := net.Pipe()
	p.conns <- far
	return near, nil
}

// TestFetchTakesItsTime: servers that dawdle, each in its way.
func TestFetchTakesItsTime(t *testing.T) {
	forever := func(r *http.Request) { <-r.Context().Done() }
	for name, row := range map[string]struct {
		handle http.HandlerFunc
		took   time.Duration
		want   Fetch
	}{
		"half a minute": {func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(30 * time.Second)
			says(200, "text/plain", good)(w, r)
		}, 30 * time.Second, Fetch{Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce}},
		"no word": {func(_ http.ResponseWriter, r *http.Request) {
			forever(r)
		}, time.Minute, Fetch{Presence: resolver.Unproven, Why: "not within 1m0s"}},
		"an octet a second": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "x")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Second)
			}
		}, time.Minute, Fetch{Presence: resolver.Unproven, HTTPStatus: 200, Why: "not within 1m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ca := newAuthority(t)
				host := piped{conns: make(chan net.Conn), done: make(chan struct{})}
				server := http.Server{Handler: row.handle, ErrorLog: log.New(io.Discard, "", 0)}
				server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, "mta-sts.good.test", 30)}}
				go func() { _ = server.ServeTLS(host, "", "") }()
				defer func() { close(host.done); time.Sleep(time.Minute) }() // connections end with their client's

				start := time.Now()
				got, err := client(t, ca, host.connect).Fetch(t.Context(), "good.test")
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took != row.took {
					t.Errorf("took %v", took)
				}
				alike(t, row.want, got)
			})
		})
	}
}

func TestFacts(t *testing.T) {
	ca := newAuthority(t)
	c := client(t, ca, serve(t, ca.leaf(t, "mta-sts.good.test", 30), says(200, "text/plain", good)))
	got, err := c.Facts(t.Context(), "GOOD.test.")
	if err != nil {
		t.Fatal(err)
	}
	if policy, ok := got.Policy(); !ok || got.ID != "1" || !policy.Matches("mx.good.test") || policy.Matches("mx.bad.test") || policy.MaxAge != 604800 {
		t.Errorf("%+v, %v", got, ok)
	}
	got, err = c.Facts(t.Context(), "second.test") // a policy that nothing announces
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got.Policy(); ok {
		t.Error("a policy without a record")
	}
	if diff := cmp.Diff(Facts{Presence: resolver.Absent}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The caller's time is up: that is an error, and says nothing of the domain.
func TestFactsEnded(t *testing.T) {
	hurry := errors.New("in a hurry")
	ca := newAuthority(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	connect := serve(t, ca.leaf(t, "mta-sts.good.test", 30), func(_ http.ResponseWriter, r *http.Request) {
		cancel(hurry)
		<-r.Context().Done()
	})
	for _, when := range []string{"in the fetch", "before the look-up"} {
		if got, err := client(t, ca, connect).Facts(ctx, "good.test"); !errors.Is(err, hurry) {
			t.Errorf("%s: %+v, %v", when, got, err)
		}
	}
}
