package doctor

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// specimen is one illness and what is said of it.
type specimen struct {
	ill      func(*world)
	status   Status
	title    string
	evidence []string // all of it; nil is not compared
	advice   string   // a part of it; empty is no advice
}

// diagnose examines each world over IPv4 and compares one finding.
func diagnose(t *testing.T, check Check, family Family, specimens map[string]specimen) {
	t.Helper()
	for name, row := range specimens {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				row.ill(w)
				got := find(t, w.examine(t, t.Context()), check, family)
				if got.Status != row.status || got.Title != row.title {
					t.Errorf("%s: %s\nwant %s: %s", got.Status, got.Title, row.status, row.title)
				}
				if row.evidence != nil {
					if diff := cmp.Diff(row.evidence, got.Evidence); diff != "" {
						t.Errorf("evidence (-want +got):\n%s", diff)
					}
				}
				if (row.advice == "") != (got.Advice == "") || !contains(got.Advice, row.advice) {
					t.Errorf("advice %q, want %q in it", got.Advice, row.advice)
				}
				if got.Advice == "" && (got.Status == Warning || got.Status == Fatal) {
					t.Error("no advice")
				}
			})
		})
	}
}

func TestPort25(t *testing.T) {
	diagnose(t, Port25, IPv4, map[string]specimen{
		"a home network": {func(w *world) { w.everywhere("silent") }, Fatal, "port 25 is closed: none of 4 servers answers",
			[]string{
				"mx.gmail.com 192.0.2.11:25: context deadline exceeded", "mx.outlook.com 192.0.2.12:25: context deadline exceeded",
				"mx.yahoo.com 192.0.2.13:25: context deadline exceeded", "mx.icloud.com 192.0.2.14:25: context deadline exceeded",
			}, "Ask the provider to open it"},
		"a firewall that says so":  {func(w *world) { w.everywhere("refused") }, Fatal, "connections to port 25 are turned down: none of 4 came about", nil, "--proxy"},
		"our own firewall":         {func(w *world) { w.everywhere("forbidden") }, Fatal, "this machine's own rules forbid connections to port 25", nil, "outgoing rules"},
		"no route":                 {func(w *world) { w.everywhere("no route") }, Fatal, "the network knows no way to any of the servers", nil, "routes"},
		"the proxy is down":        {func(w *world) { w.Proxied = true; w.everywhere("proxy down"); w.NoIPv6 = true }, Fatal, "the proxy connects to no mail server", nil, "proxy runs"},
		"refused here, mute there": {func(w *world) { w.everywhere("refused"); w.servers["192.0.2.11:25"] = "silent" }, Fatal, "connections to port 25 are turned down: none of 4 came about", nil, "--proxy"},
		"one server is down":       {func(w *world) { w.servers["192.0.2.13:25"] = "refused" }, Warning, "3 of 4 servers can be connected to at port 25", nil, "The way out is open"},
		"DNS knows none of them": {func(w *world) { w.drop("gmail", "outlook", "yahoo", "icloud") }, Inconclusive, "no server to connect to was found",
			[]string{"gmail.com: the domain does not exist", "outlook.com: the domain does not exist", "yahoo.com: the domain does not exist", "icloud.com: the domain does not exist"}, "--to"},
		"a server of the user's": {func(w *world) {
			w.To = []Target{{Name: "mail.example.org", Port: 2525}, {IP: netip.MustParseAddr("203.0.113.9")}}
			w.servers = map[string]string{"198.51.100.1:2525": says("220 a"), "203.0.113.9:25": says("220 b")}
		}, OK, "2 of 2 servers can be connected to at port 2525, 25", []string{"mail.example.org 198.51.100.1:2525: 220 a", "203.0.113.9:25: 220 b"}, ""},
		"a domain of the user's goes by its MX": {func(w *world) {
			w.To = []Target{{Name: "example.org"}}
			w.servers = map[string]string{"198.51.100.1:25": says("220 a")}
		}, OK, "1 of 1 servers can be connected to at port 25", nil, ""},
		"a name of the user's that is none": {func(w *world) { w.To = []Target{{Name: "gone.example.org", Port: 25}} }, Inconclusive,
			"no server to connect to was found", []string{"gone.example.org: no usable address (nxdomain)"}, "--to"},
		"an excluded domain": {func(w *world) {
			w.To = []Target{{Name: "example.org"}, {Name: "gmail.com"}}
			w.Excluded = func(name string, _ netip.Addr) bool { return name == "gmail.com" || name == "mail.example.org" }
		}, Inconclusive, "no server to connect to was found", []string{"example.org: excluded", "gmail.com: excluded"}, "--to"},
		"another port by default": {func(w *world) {
			w.Port, w.To = 587, []Target{{Name: "example.org"}}
			w.servers = map[string]string{"198.51.100.1:587": says("220 a")}
		}, OK, "1 of 1 servers can be connected to at port 587", nil, ""},
		"excluded ones are not asked": {func(w *world) {
			w.Excluded = func(name string, ip netip.Addr) bool {
				return name == "gmail.com" || name == "mx.yahoo.com" || ip == netip.MustParseAddr("192.0.2.14")
			}
			w.servers = map[string]string{"192.0.2.12:25": says("220 mx.outlook.com")}
		}, OK, "1 of 1 servers can be connected to at port 25", nil, ""},
		"a private address is not gone to": {func(w *world) { w.To = []Target{{IP: netip.MustParseAddr("10.0.0.1")}} }, Skipped,
			"none of the servers has an address of this family that may be gone to", []string{}, ""},
	})
}

func TestGreeting(t *testing.T) {
	diagnose(t, Greeting, IPv4, map[string]specimen{
		"nobody was reached": {func(w *world) { w.everywhere("silent") }, Skipped, "no server was reached", []string{}, ""},
		"one refuses us": {func(w *world) {
			w.servers["192.0.2.12:25"] = says("554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using zen.spamhaus.org")
		}, Warning, "3 of 4 servers let us in, the slowest after less than 1ms", []string{
			"mx.gmail.com 192.0.2.11:25: 220 mx.gmail.com ESMTP",
			"mx.outlook.com 192.0.2.12:25: 554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using zen.spamhaus.org (blocked_client)",
			"mx.yahoo.com 192.0.2.13:25: 220 mx.yahoo.com ESMTP",
			"mx.icloud.com 192.0.2.14:25: 220 mx.icloud.com ESMTP",
		}, "blocklist"},
		"all refuse us":       {func(w *world) { w.everywhere(says("554 no")) }, Fatal, "0 of 4 servers let us in, the slowest after less than 1ms", nil, "PTR"},
		"all put us off":      {func(w *world) { w.everywhere("S: 421 later\nX:") }, Warning, "0 of 4 servers let us in, the slowest after less than 1ms", nil, "421"},
		"postscreen's teaser": {func(w *world) { w.servers["192.0.2.11:25"] = "S: 220-wait\nW: 6s\n" + says("220 mx.gmail.com") }, OK, "4 of 4 servers let us in, the slowest after 6s", nil, ""},
		"one says nothing":    {func(w *world) { w.servers["192.0.2.11:25"] = "" }, Warning, "3 of 4 servers let us in, the slowest after 45s", nil, "reasons"},
		"an SSH server":       {func(w *world) { w.servers["192.0.2.11:25"] = "S: SSH-2.0-OpenSSH_9.9\nX:" }, Warning, "3 of 4 servers let us in, the slowest after less than 1ms", nil, "reasons"},
		"the provider answers in their place": {func(w *world) { w.everywhere(says("220 smtp.isp.example ESMTP")) }, Fatal,
			"connections are caught: servers of different owners all call themselves smtp.isp.example", nil, "relay"},
		"two of the user's servers may be one": {func(w *world) {
			w.To = []Target{{IP: netip.MustParseAddr("203.0.113.1")}, {IP: netip.MustParseAddr("203.0.113.2")}}
			w.servers = map[string]string{"203.0.113.1:25": says("220 pool.example.org"), "203.0.113.2:25": says("220 pool.example.org")}
		}, OK, "2 of 2 servers let us in, the slowest after less than 1ms", nil, ""},
	})
}

func TestSource(t *testing.T) {
	home := func(w *world) { w.from[IPv4] = "192.168.1.5"; w.Self = Self{Hello: "[192.168.1.5]"} }
	diagnose(t, Source, IPv4, map[string]specimen{
		"behind a router": {home, Inconclusive, "192.168.1.5 is behind a router: what servers see is not known here",
			[]string{"this machine's end of a connection: 192.168.1.5"}, "--public-ip"},
		"carrier-grade NAT": {func(w *world) { home(w); w.from[IPv4] = "100.64.0.7" }, Inconclusive,
			"100.64.0.7 is behind a router: what servers see is not known here", nil, "--public-ip"},
		"behind a router, the user knows": {func(w *world) { home(w); w.Public = []netip.Addr{netip.MustParseAddr("198.51.100.1")} }, OK,
			"192.168.1.5 is behind a router: servers see 198.51.100.1, as --public-ip says", nil, ""},
		"behind a router, the HELO name tells": {func(w *world) { w.from[IPv4] = "192.168.1.5" }, OK,
			"192.168.1.5 is behind a router: servers see 198.51.100.1, if mail.example.org is ours", nil, ""},
		"port 25 is closed": {func(w *world) { w.everywhere("silent") }, OK, "servers see us as 198.51.100.1", nil, ""},
		"no connection and no route": {func(w *world) {
			w.everywhere("no route")
			w.from[IPv4], w.Self = "", Self{}
			w.private = true
		}, Inconclusive, "no connection to tell it from", []string{}, ""},
		"behind a proxy": {func(w *world) { w.Proxied, w.Self = true, Self{Hello: "[127.0.0.1]"} }, Skipped, "behind a proxy: what servers see is not known here", []string{}, "--public-ip"},
		"behind a proxy that the user knows": {func(w *world) { w.Proxied, w.Public = true, []netip.Addr{netip.MustParseAddr("203.0.113.5")} }, OK,
			"behind a proxy: servers see 203.0.113.5, as --public-ip says", nil, ""},
	})
}

func TestPTR(t *testing.T) {
	diagnose(t, ReversePTR, IPv4, map[string]specimen{
		"none": {func(w *world) { w.drop("PTR") }, Warning, "198.51.100.1 has no PTR record",
			[]string{"1.100.51.198.in-addr.arpa PTR: (1.100.51.198.in-addr.arpa does not exist)"}, "1.100.51.198.in-addr.arpa. PTR mail.example.org. , and in your own DNS mail.example.org. A 198.51.100.1"},
		"a name that is not ours": {func(w *world) { w.drop("PTR"); w.zone += "\n\t1.100.51.198.in-addr.arpa. PTR pool-1.isp.example.net." }, Warning,
			"198.51.100.1 is called pool-1.isp.example.net, which does not lead back", nil, "PTR mail.example.org."},
		"the reverse zone is broken": {func(w *world) { w.zone += "\n\t;!servfail 1.100.51.198.in-addr.arpa" }, Inconclusive,
			"what 198.51.100.1 is called could not be looked up", []string{"1.100.51.198.in-addr.arpa PTR: (SERVFAIL)"}, ""},
		"the name's zone is broken": {func(w *world) { w.zone += "\n\t;!servfail mail.example.org" }, Inconclusive, "what 198.51.100.1 is called could not be looked up", nil, ""},
		"no public address":         {func(w *world) { w.from[IPv4] = "10.0.0.5"; w.Self = Self{Hello: "[10.0.0.5]"} }, Skipped, "our public address is not known", []string{}, ""},
	})
}

func TestHello(t *testing.T) {
	diagnose(t, HelloName, IPv4, map[string]specimen{
		"no name": {func(w *world) { w.Self = Self{Hello: "[198.51.100.1]", Confirmed: true} }, Warning, "without a name of our own we say [198.51.100.1]", nil, "--helo mail.example.org."},
		"no name, behind a router": {func(w *world) { w.from[IPv4] = "10.0.0.5"; w.Self = Self{Hello: "[10.0.0.5]"} }, Warning, "without a name of our own we say [10.0.0.5]", nil,
			"A run of more than 25 addresses stops without."},
		"the name does not exist": {func(w *world) { w.Self.Hello = "gone.example.org" }, Warning, "gone.example.org has no address of this family",
			[]string{"gone.example.org: nxdomain "}, "gone.example.org. A 198.51.100.1"},
		"the name is another machine's": {func(w *world) { w.Self.Hello = "mx.gmail.com" }, Warning, "mx.gmail.com is 192.0.2.11, and we come from 198.51.100.1", nil, "another name"},
		"the name is broken":            {func(w *world) { w.zone += "\n\t;!timeout mail.example.org" }, Inconclusive, "mail.example.org could not be looked up", nil, ""},
		"the name is private, and so are we": {func(w *world) {
			w.from[IPv4], w.Self.Hello = "10.0.0.5", "in.example.org"
			w.zone += "\n\tin.example.org. A 10.0.0.5"
		}, Inconclusive, "in.example.org is 10.0.0.5; whether that is us is not known", nil, "--public-ip"},
	})
}

func TestSender(t *testing.T) {
	diagnose(t, Sender, "", map[string]specimen{
		"none":       {func(w *world) { w.Sender = "" }, Skipped, "no sender is named: the null sender <> serves", []string{}, "--mail-from"},
		"an address": {func(w *world) { w.Sender = "ann@[192.0.2.1]" }, Skipped, "the sender has no domain to look at", []string{}, "--mail-from"},
		"no domain":  {func(w *world) { w.Sender = "ann@gone.example.org" }, Warning, "mail to gone.example.org goes nowhere", []string{"gone.example.org: none (nxdomain): the domain does not exist"}, "MX"},
		"null MX":    {func(w *world) { w.Sender = "ann@null.org"; w.zone += "\n\tnull.org. MX 0 ." }, Warning, "null.org says that it takes no mail (null MX)", nil, "MX"},
		"reserved":   {func(w *world) { w.Sender = "ann@ours.example" }, Warning, "ours.example is reserved by RFC 6761", nil, "MX"},
		"private MX": {func(w *world) {
			w.Sender = "ann@in.org"
			w.zone += "\n\tin.org. MX 1 mx.in.org.\n\tmx.in.org. A 10.0.0.1"
		}, Warning, "none of the mail servers of in.org has a usable address", nil, "MX"},
		"its own host": {func(w *world) { w.Sender = "ann@mail.example.org" }, OK, "mail to mail.example.org goes to mail.example.org", nil, ""},
		"broken DNS":   {func(w *world) { w.zone += "\n\t;!servfail example.org MX" }, Inconclusive, "the mail servers of example.org could not be looked up", nil, ""},
		"broken DNS of the host": {func(w *world) {
			w.Sender = "ann@half.org"
			w.zone += "\n\thalf.org. MX 1 mx.half.org.\n\t;!timeout mx.half.org"
		}, Inconclusive,
			"the mail servers of half.org could not be looked up", nil, ""},
	})
}

func TestSPF(t *testing.T) {
	record := func(text string) func(*world) {
		return func(w *world) {
			w.drop("v=spf1")
			w.zone += "\n\texample.org. TXT " + text
		}
	}
	diagnose(t, SPF, IPv4, map[string]specimen{
		"no record": {func(w *world) { w.drop("v=spf1") }, Warning, "example.org has no SPF record",
			[]string{"example.org TXT: no SPF record (nodata)", "none for 198.51.100.1 (no DNS record found)"}, `example.org. TXT "v=spf1 mx ip4:198.51.100.1 -all"`},
		"not us": {record(`"v=spf1 ip4:203.0.113.0/24 -all"`), Warning, "example.org does not let 198.51.100.1 send for it (fail)",
			[]string{"example.org TXT: v=spf1 ip4:203.0.113.0/24 -all", "fail for 198.51.100.1 (matched all)"}, "Add ip4:198.51.100.1"},
		"softly not us":  {record(`"v=spf1 ~all"`), Warning, "example.org does not let 198.51.100.1 send for it (softfail)", nil, "Add ip4"},
		"undecided":      {record(`"v=spf1 ?all"`), Warning, "example.org says neither that 198.51.100.1 may send for it nor that it may not", nil, "Add ip4"},
		"by mx":          {record(`"v=spf1 mx -all"`), OK, "example.org lets 198.51.100.1 send for it", nil, ""},
		"by a and split": {record(`"v=spf1 a:mail.exam" "ple.org -all"`), OK, "example.org lets 198.51.100.1 send for it", nil, ""},
		"by ptr":         {record(`"v=spf1 ptr:example.org -all"`), OK, "example.org lets 198.51.100.1 send for it", nil, ""},
		"by exists":      {record(`"v=spf1 exists:%{h} -all"`), OK, "example.org lets 198.51.100.1 send for it", nil, ""},
		"two records":    {func(w *world) { w.zone += "\n\texample.org. TXT \"v=spf1 -all\"" }, Warning, "the SPF record of example.org cannot be used", nil, "RFC 7208"},
		"a mistake":      {record(`"v=spf1 ipv4:198.51.100.1 -all"`), Warning, "the SPF record of example.org cannot be used", nil, "Mend it"},
		"broken DNS":     {func(w *world) { w.zone += "\n\t;!servfail example.org TXT" }, Inconclusive, "the SPF record of example.org could not be looked up to its end", nil, ""},
		"broken include": {func(w *world) {
			record(`"v=spf1 include:half.org -all"`)(w)
			w.zone += "\n\t;!timeout half.org"
		}, Inconclusive, "the SPF record of example.org could not be looked up to its end", nil, ""},
		"no sender":         {func(w *world) { w.Sender = "" }, Skipped, "no sender is named: the null sender <> serves", []string{}, ""},
		"no public address": {func(w *world) { w.from[IPv4] = "10.0.0.5"; w.Self = Self{Hello: "[10.0.0.5]"} }, Skipped, "our public address is not known", []string{}, ""},
	})
}

func TestBlocklists(t *testing.T) {
	diagnose(t, Blocklists, IPv4, map[string]specimen{
		"listed": {func(w *world) {
			w.Lists[0].Meanings = []mx.DNSBLMeaning{{About: "homes", Advice: "ask there"}}
			w.zone += "\n\t1.100.51.198.bl.example.net. A 127.0.0.10\n\t1.100.51.198.bl.example.net. TXT \"see there\""
		}, Warning, "198.51.100.1 is listed by bl.example.net", []string{"bl.example.net: listed 127.0.0.10, homes: see there", "dul.example.net: unlisted"}, "bl.example.net: ask there."},
		"listed by a list of the user's": {func(w *world) { w.zone += "\n\t1.100.51.198.dul.example.net. A 127.0.0.2" }, Warning,
			"198.51.100.1 is listed by dul.example.net", nil, "ask its operator"},
		"one does not serve the resolver": {func(w *world) {
			w.drop("2.0.0.127.bl")
			w.zone += "\n\t2.0.0.127.bl.example.net. A 127.255.255.254"
		}, Inconclusive, "198.51.100.1 is on none of the 1 lists that answered; 1 did not",
			[]string{"bl.example.net: refuses_us: it answers 127.255.255.254: it does not serve this resolver", "dul.example.net: unlisted"}, ""},
		"a closed list counts for nothing": {func(w *world) { w.drop("2.0.0.127.bl") }, OK, "198.51.100.1 is on none of 1 lists", nil, ""},
		"a list that lists everybody": {func(w *world) {
			w.zone += "\n\t1.0.0.127.bl.example.net. A 127.0.0.2\n\t1.100.51.198.bl.example.net. A 127.0.0.2"
		}, OK, "198.51.100.1 is on none of 1 lists", []string{"bl.example.net: broken: it lists 127.0.0.1, as one does that lists everybody", "dul.example.net: unlisted"}, ""},
		"none":              {func(w *world) { w.Lists = []mx.DNSBL{} }, Skipped, "there is no list to ask", []string{}, ""},
		"no public address": {func(w *world) { w.from[IPv4] = "10.0.0.5"; w.Self = Self{Hello: "[10.0.0.5]"} }, Skipped, "our public address is not known", []string{}, ""},
	})
}

func TestListAccess(t *testing.T) {
	diagnose(t, ListAccess, "", map[string]specimen{
		"a public resolver": {func(w *world) {
			w.drop("2.0.0.127.bl")
			w.zone += "\n\t2.0.0.127.bl.example.net. A 127.255.255.254"
		}, Inconclusive, "1 of 2 lists answer this resolver; 1 do not serve it",
			[]string{"bl.example.net: refuses_us: it answers 127.255.255.254: it does not serve this resolver"}, "unbound"},
		"one closed": {func(w *world) { w.drop("2.0.0.127.bl") }, OK, "1 of 2 lists answer this resolver", nil, ""},
		"none answers": {func(w *world) {
			w.zone += "\n\t;!timeout 2.0.0.127.bl.example.net\n\t;!timeout 2.0.0.127.dul.example.net"
		}, Inconclusive, "0 of 2 lists answer this resolver", nil, ""},
		"none": {func(w *world) { w.Lists = []mx.DNSBL{} }, Skipped, "there is no list to ask", []string{}, ""},
	})
}

// made answers questions for random names itself, as dnstest's zones cannot.
type made struct {
	*dnstest.Zone
	answer func(name string) resolver.Answer
	wait   time.Duration
}

func (m made) Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	if !strings.HasPrefix(name, "mxvet-") {
		return m.Zone.Lookup(ctx, name, kind)
	}
	time.Sleep(m.wait)
	if m.answer != nil {
		if answer := m.answer(name); answer.Status != "" {
			return answer, nil
		}
	}
	return m.Zone.Lookup(ctx, name, kind)
}

// always is a resolver that says one thing of names that end so.
func always(status resolver.Status, end string) func(*world) {
	return func(w *world) {
		w.ask = func(zone *dnstest.Zone) mx.Resolver {
			return made{Zone: zone, answer: func(name string) resolver.Answer {
				if strings.HasSuffix(name, end) {
					return resolver.Answer{Status: status, Detail: "so it is"}
				}
				return resolver.Answer{}
			}}
		}
	}
}

func slow(wait time.Duration) func(*world) {
	return func(w *world) {
		w.ask = func(zone *dnstest.Zone) mx.Resolver { return made{Zone: zone, wait: wait} }
	}
}

func TestResolver(t *testing.T) {
	diagnose(t, Resolver, "", map[string]specimen{
		"dead":           {always(resolver.Timeout, ""), Fatal, "DNS does not answer", nil, "--resolver"},
		"refuses us":     {always(resolver.Refused, ""), Fatal, "DNS does not answer", nil, "--resolver"},
		"loses some":     {always(resolver.ServFail, ".net"), Warning, "DNS answered 2 of 3 questions", nil, "dns_error"},
		"slow":           {slow(1200 * time.Millisecond), Warning, "DNS answers in 1.2s", []string{"dnstest answered in 1.2s", "dnstest answered in 1.2s", "dnstest answered in 1.2s"}, "near this machine"},
		"no matter":      {slow(300 * time.Millisecond), OK, "DNS answers in 300ms", nil, ""},
		"says no record": {always(resolver.NoData, ""), OK, "DNS answers in less than 1ms", nil, ""},
	})
}

func TestHonesty(t *testing.T) {
	diagnose(t, Honesty, "", map[string]specimen{
		"search page":       {always(resolver.NoError, ".com"), Warning, "the resolver invents addresses for names that do not exist", nil, "unbound"},
		"dead":              {always(resolver.Timeout, ""), Inconclusive, "DNS does not say of any name that it does not exist", []string{}, ""},
		"says no record":    {always(resolver.NoData, ""), Inconclusive, "DNS does not say of any name that it does not exist", []string{}, ""},
		"loses some":        {always(resolver.ServFail, ".net"), OK, "names that do not exist do not exist", nil, ""},
		"nothing to report": {func(*world) {}, OK, "names that do not exist do not exist", []string{}, ""},
	})
}

// served lets the signed name's answer come from this server.
type served struct {
	*dnstest.Zone
	by string
}

func (s served) Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	answer, err := s.Zone.Lookup(ctx, name, kind)
	answer.Server = s.by
	return answer, err
}

func by(server string) func(*world) {
	return func(w *world) {
		w.drop("secure")
		w.ask = func(zone *dnstest.Zone) mx.Resolver { return served{zone, server} }
	}
}

func TestDNSSEC(t *testing.T) {
	diagnose(t, DNSSEC, "", map[string]specimen{
		"validated":                     {func(*world) {}, OK, "signed answers come validated", []string{"ietf.org MX by dnstest: validated true"}, ""},
		"here, not validating":          {by("127.0.0.1:53"), Warning, "the resolver does not validate signed answers", []string{"ietf.org MX by 127.0.0.1:53: validated false"}, "Turn validation on"},
		"here over IPv6":                {by("[::1]:53"), Warning, "the resolver does not validate signed answers", nil, "Turn validation on"},
		"far away":                      {by("192.0.2.53:53"), Skipped, "the resolver is not on this machine: its word on signatures does not count", nil, "--trust-ad"},
		"far away, trusted, but silent": {func(w *world) { by("192.0.2.53:53")(w); w.TrustAD = true }, Warning, "the resolver does not validate signed answers", nil, "DANE"},
		"validation fails":              {func(w *world) { w.zone += "\n\t;!servfail ietf.org" }, Inconclusive, "ietf.org, which is signed, could not be looked up", []string{"ietf.org MX: servfail SERVFAIL"}, ""},
	})
}

func TestClock(t *testing.T) {
	dated := func(dates ...string) func(*world) {
		return func(w *world) {
			for i, date := range dates {
				at := []string{"192.0.2.11:25", "192.0.2.12:25", "192.0.2.13:25"}[i]
				w.servers[at] = says([]string{"220 a.example", "220 b.example", "220 c.example"}[i] + " ESMTP Exim 4.98 " + date)
			}
		}
	}
	diagnose(t, Clock, "", map[string]specimen{
		"right": {dated("Sat, 1 Jan 2000 00:03:00 +0000"), OK, "the clock is right, as 1 of 1 servers say",
			[]string{"192.0.2.11:25 says 2000-01-01 00:03:00 UTC, this machine 2000-01-01 00:00:00 UTC"}, ""},
		"right, and one server is not": {dated("Sun, 2 Jan 2000 00:00:00 +0000", "Sat, 1 Jan 2000 00:00:00 +0000"), OK, "the clock is right, as 1 of 2 servers say", nil, ""},
		"wrong, as two say":            {dated("Fri, 31 Dec 1999 22:00:00 +0000", "Sat, 1 Jan 2000 02:00:00 +0000", "Sat, 1 Jan 2000 04:01:00 +0200"), Warning, "the clock is wrong by 2h0m0s, as 2 servers say", nil, "Set it"},
		"one differs":                  {dated("Sat, 1 Jan 2000 02:00:00 +0000"), Inconclusive, "a server's clock and ours are 2h0m0s apart", nil, "Either"},
		"no server tells":              {func(*world) {}, Skipped, "no server told the time", []string{}, ""},
		"no server tells, built before": {func(w *world) { w.Built = time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC) }, Skipped, "no server told the time",
			[]string{"built 1999-12-01 00:00:00 UTC", "now 2000-01-01 00:00:00 UTC"}, ""},
		"before the program was built": {func(w *world) { w.Built = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }, Warning,
			"the clock is wrong: this program was built later than now", []string{"now 2000-01-01 00:00:00 UTC", "built 2026-01-01 00:00:00 UTC"}, "Set it"},
		"an injected clock": {func(w *world) {
			dated("Sat, 1 Jan 2000 00:00:00 +0000", "Sat, 1 Jan 2000 00:00:00 +0000")(w)
			w.Now = func() time.Time { return time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }
		}, Warning, "the clock is wrong by 8760h0m0s, as 2 servers say", nil, "Set it"},
		"words like a date": {dated("Sat, 1 Jan"), Skipped, "no server told the time", []string{}, ""},
	})
}
