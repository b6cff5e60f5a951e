//go:build unix

package mx_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/mx/resolver"
)

const rateSettings = `
server:
  interface: 127.0.53.60@PORT
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "DIR"
  pidfile: ""
  module-config: "iterator"
  so-rcvbuf: 4m
  num-threads: 2
  local-zone: "test." static
`

// TestRealRate routes 50,000 domains, each with an exchanger of its own, by a
// real DNS server on this machine: every name is asked about once for each type,
// and how many domains a second that comes to is told.
func TestRealRate(t *testing.T) {
	const domains = 50_000
	program, addr, dir := realtest.Program(t, "unbound"), realtest.Port(t, "127.0.53.60"), realtest.Dir(t)
	var settings strings.Builder
	settings.WriteString(strings.NewReplacer("PORT", fmt.Sprint(addr.Port()), "DIR", dir).Replace(rateSettings))
	for n := range domains {
		fmt.Fprintf(&settings, "  local-data: \"d%d.test. MX 10 mx.d%d.test.\"\n  local-data: \"mx.d%d.test. A 192.0.2.%d\"\n", n, n, n, n%250+1)
	}
	settings.WriteString("remote-control:\n  control-enable: no\n")
	realtest.Start(t, program, "-d", "-p", "-c", realtest.File(t, filepath.Join(dir, "unbound.conf"), settings.String()))
	realtest.Open(t, addr)

	dns, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{addr}, Concurrency: 200})
	if err != nil {
		t.Fatal(err)
	}
	defer dns.Close()
	router := &mx.Router{Resolver: dns, AllowPrivate: true, Reaches: func(netip.Addr) bool { return true }}
	start := time.Now()
	var routes errgroup.Group
	routes.SetLimit(256)
	for n := range domains {
		routes.Go(func() error {
			route, err := router.Route(t.Context(), fmt.Sprintf("d%d.test", n))
			switch {
			case err != nil:
				return err
			case route.Source != mx.FromMX || len(route.Hosts) != 1 || len(route.Hosts[0].Addresses) != 1 || route.Hosts[0].Name != fmt.Sprintf("mx.d%d.test", n):
				return fmt.Errorf("d%d.test leads to %+v", n, route)
			}
			return nil
		})
	}
	if err := routes.Wait(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	t.Logf("%.0f domains a second, %.0f questions a second", domains/took.Seconds(), float64(dns.Queries())/took.Seconds())
	if asked := dns.Queries(); asked != 3*domains { // MX of the domain, A and AAAA of its exchanger
		t.Errorf("%d questions for %d domains, want 3 for each", asked, domains)
	}
}
