//go:build unix

package scanner_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// The tests in real_audit_*_test.go audit servers that others wrote, in zones that
// Knot signs and Unbound validates, and hold facts, deliveries and findings
// against what OpenSSL, Knot's kdig, Postfix's posttls-finger and a plain
// socket see.

// realAuditor asks servers at port 25 of this machine, and all that there is to
// ask of domains.
func realAuditor(t *testing.T, dns netip.AddrPort, roots *x509.CertPool) *scanner.Scanner {
	t.Helper()
	lookup, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{dns}, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lookup.Close() })
	s := realScanner(t, "", netip.AddrPortFrom(netip.IPv4Unspecified(), 25))
	router := &mx.Router{Resolver: lookup, AllowPrivate: true}
	s.Router, s.Roots = router, roots
	s.Audit = scanner.Audit{
		Again:   []time.Duration{time.Second, 3 * time.Second}, // a busy Postfix that just started may say 454
		Reverse: router.Reverse,
		Server:  probe.Audit{Vrfy: true, Help: true, Expn: true},
		Promises: func(ctx context.Context, route *mx.Route) (mx.Promises, error) {
			want := mx.Everything("s1")
			want.MTASTS = &mtasts.Client{Reaches: s.Reaches, Dial: s.Egresses[0].Dial, Roots: roots}
			return router.Promises(ctx, *route, want)
		},
	}
	return s
}

// restless is for servers on this machine, which need no rest between connections.
func restless(ctx context.Context) error { return ctx.Err() }

// tryTLS makes an auditor sweep versions, suites and groups.
func tryTLS(s *scanner.Scanner) {
	s.Audit.Try = func(ctx context.Context, plan probe.Plan, facts *probe.Server) {
		if facts.TLS != nil {
			facts.Sweep, facts.Resumed = probe.Sweep(ctx, plan, probe.SweepOptions{Wait: restless})
		}
	}
}

// tryConduct makes an auditor provoke servers in all ways.
func tryConduct(t *testing.T, s *scanner.Scanner) {
	t.Helper()
	before := s.Audit.Try
	s.Audit.Try = func(ctx context.Context, plan probe.Plan, facts *probe.Server) {
		if before != nil {
			before(ctx, plan, facts)
		}
		conduct, err := probe.Try(ctx, plan, probe.Options{
			Enforced: true, Injection: true, BareLF: true, NTLM: true, SubmitAuth: true, Relay: true, Wait: restless,
		})
		if err != nil {
			t.Error(err)
		}
		facts.Conduct = conduct
	}
}

// realAudited is what an audit came to.
type realAudited struct {
	realRows
	findings []*scanner.FindingRow
}

func realAudit(t *testing.T, s *scanner.Scanner, places ...string) *realAudited {
	t.Helper()
	a := &realAudited{realRows: *realServers(t, s, places...)}
	auditor := audit.New(audit.Options{Now: time.Now()})
	for _, row := range a.servers {
		auditor.Put(row)
	}
	for _, row := range a.domains {
		a.findings = append(a.findings, auditor.Put(row)...)
	}
	a.findings = slices.AppendSeq(a.findings, auditor.Close())
	return a
}

// ids are the findings about a domain, an exchanger or one of its servers that
// begin with one of the prefixes, each once; all of them where there is no prefix.
func (a *realAudited) ids(about string, prefixes ...string) []string {
	var out []string
	for _, f := range a.findings {
		if f.Domain != about && f.Host != about {
			continue
		}
		if len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(f.ID, prefix) }) {
			out = append(out, f.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// finding is the one of a name about a domain, an exchanger or a server.
func (a *realAudited) finding(t *testing.T, id, about string) *scanner.FindingRow {
	t.Helper()
	for _, f := range a.findings {
		if f.ID == id && (f.Domain == about || f.Host == about) {
			return f
		}
	}
	t.Fatalf("no %s about %s", id, about)
	return nil
}

// at is the row of the server that one of the names leads to, at an address.
func (a *realAudited) at(t *testing.T, host string, ip netip.Addr) *scanner.ServerRow {
	t.Helper()
	for _, row := range a.servers {
		if row.Host == host && row.IP == ip {
			return row
		}
	}
	t.Fatalf("no server %s at %s", host, ip)
	return nil
}

// domain is the row of a domain.
func (a *realAudited) domain(t *testing.T, name string) *scanner.DomainRow {
	t.Helper()
	for _, row := range a.domains {
		if row.Domain == name {
			return row
		}
	}
	t.Fatalf("no domain %s", name)
	return nil
}

// fares is how a message fares at a domain's first exchanger, in the order of
// senders: opportunistic, MTA-STS, DANE, REQUIRETLS.
func fares(row *scanner.DomainRow) (out [4]judge.FareWord) {
	if len(row.Deliveries) > 0 {
		d := row.Deliveries[0]
		for i, fare := range []judge.Fare{d.Opportunistic, d.MTASTS, d.DANE, d.RequireTLS} {
			out[i] = fare.Outcome
		}
	}
	return out
}

// same holds what the audit says against what is so.
func same[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s, want - got +:\n%s", what, diff)
	}
}

// startPolicy serves an MTA-STS policy at port 443 with OpenSSL's server.
func startPolicy(t *testing.T, bundle, policy string) netip.Addr {
	t.Helper()
	ip, folder := realtest.Place(t, 443), realDir(t)
	file := realFile(t, filepath.Join(folder, "server.pem"), bundle)
	realFile(t, filepath.Join(folder, "www/.well-known/mta-sts.txt"), policy)
	at := netip.AddrPortFrom(ip, 443)
	realStart(t, realProgram(t, "env"), "-C", filepath.Join(folder, "www"), realProgram(t, "openssl"),
		"s_server", "-accept", at.String(), "-cert", file, "-cert_chain", file, "-key", file, "-WWW", "-quiet")
	realOpen(t, at)
	return ip
}

// mapped dials an address of this machine in place of another.
func mapped(from, to netip.AddrPort) probe.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == from.String() {
			address = to.String()
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}
