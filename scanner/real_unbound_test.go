//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner/judge"
)

const unboundSettings = `
server:
  interface: 127.0.53.53@PORT
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  do-not-query-localhost: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "DIR"
  pidfile: ""
  module-config: "iterator"
  local-zone: "test." static
  local-data: "g.test. MX 10 mx.g.test."
  local-data: "mx.g.test. A EXCHANGER"
  local-data: "alias.test. CNAME g.test."
  local-data: "null.test. MX 0 ."
  local-data: "implicit.test. A EXCHANGER"
  local-data: "words.test. TXT 'no MX and no address'"
  local-data: "bad.test. MX 10 nowhere.test."
  local-zone: "refused.test." always_refuse
  local-zone: "gone.test." always_nxdomain
  local-zone: "dead.test." transparent
  local-zone: "broken.test." transparent
remote-control:
  control-enable: no
forward-zone:
  name: "dead.test."
  forward-addr: 127.0.53.99@9
forward-zone:
  name: "broken.test."
  forward-addr: UPSTREAM
`

// startUnbound serves the zones above; what stands behind broken.test says
// SERVFAIL, and nothing is behind dead.test.
func startUnbound(t *testing.T, exchanger netip.AddrPort) netip.AddrPort {
	t.Helper()
	program, addr, dir := realProgram(t, "unbound"), realPort(t, "127.0.53.53"), realDir(t)
	upstream := dnstest.Start(t, ";!servfail broken.test")
	settings := strings.NewReplacer(
		"PORT", fmt.Sprint(addr.Port()), "DIR", dir, "EXCHANGER", exchanger.Addr().String(),
		"UPSTREAM", fmt.Sprintf("%s@%d", upstream.Addr().Addr(), upstream.Addr().Port()),
	).Replace(unboundSettings)
	realStart(t, program, "-d", "-p", "-c", realFile(t, filepath.Join(dir, "unbound.conf"), settings))
	realOpen(t, addr)
	return addr
}

// TestRealUnbound has both sides real: DNS by Unbound, mail by Postfix.
func TestRealUnbound(t *testing.T) {
	t.Parallel()
	exchanger := realPort(t, "127.0.53.9")
	dns := startUnbound(t, exchanger)
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.g.test
mynetworks =
virtual_mailbox_domains = g.test, implicit.test, alias.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
`,
		"mailboxes": "ann@g.test ann/\nann@implicit.test ann/\nann@alias.test ann/\n",
	}, realListener{addr: exchanger})
	lookup, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{dns}, Timeout: 2 * time.Second, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lookup.Close() })
	s := realScanner(t, "", exchanger)
	s.Router, s.Queries = &mx.Router{Resolver: lookup, AllowPrivate: true}, lookup.Queries

	t.Run("verdicts", func(t *testing.T) {
		rows := realSays(t, s, []realVerdict{
			{"ann@g.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"nobody@g.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
			{"ann@alias.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"ann@implicit.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"ann@null.test", judge.Undeliverable, judge.NoMail, judge.CatchAllNotRun},
			{"ann@words.test", judge.Undeliverable, judge.NoMail, judge.CatchAllNotRun},
			{"ann@bad.test", judge.Undeliverable, judge.BadMX, judge.CatchAllNotRun},
			{"ann@nowhere.test", judge.Undeliverable, judge.NoDomain, judge.CatchAllNotRun},
			{"ann@gone.test", judge.Undeliverable, judge.NoDomain, judge.CatchAllNotRun},
			{"ann@refused.test", judge.Unknown, judge.DNSError, judge.CatchAllNotRun},
			{"ann@broken.test", judge.Unknown, judge.DNSError, judge.CatchAllNotRun},
			{"ann@dead.test", judge.Unknown, judge.DNSError, judge.CatchAllNotRun},
		})
		if rows.run.Counts.DNSQueries == 0 {
			t.Error("no DNS queries counted")
		}
	})
	t.Run("routes", func(t *testing.T) {
		type route struct {
			Source mx.Source
			DNS    resolver.Status
		}
		want := map[string]route{
			"g.test":        {mx.FromMX, resolver.NoError},
			"alias.test":    {mx.FromMX, resolver.NoError},
			"implicit.test": {mx.Implicit, resolver.NoError},
			"null.test":     {mx.Null, resolver.NoError},
			"words.test":    {mx.None, resolver.NoData},
			"gone.test":     {mx.None, resolver.NXDomain},
			"refused.test":  {mx.None, resolver.Refused},
			"broken.test":   {mx.None, resolver.ServFail},
			"dead.test":     {mx.None, resolver.Timeout},
		}
		var places []string
		for domain := range want {
			places = append(places, domain)
		}
		rows, got := realServers(t, s, places...), map[string]route{}
		for _, row := range rows.domains {
			got[row.Domain] = route{row.Route.Source, row.Route.DNS}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want - got +:\n%s", diff)
		}
	})
	t.Run("the exchanger as a plain socket sees it", func(t *testing.T) {
		row := realSame(t, s, exchanger, false, "alias.test")
		if row.Host != "mx.g.test" || row.IP != exchanger.Addr() {
			t.Errorf("%s at %s, want mx.g.test at %s", row.Host, row.IP, exchanger.Addr())
		}
	})
}
