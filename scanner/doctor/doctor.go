// Package doctor answers: can this machine verify at all?
//
// Asking mail servers about mailboxes takes more than a network connection, and
// where something is missing the servers' answers are about us and not about
// the mailbox. What goes wrong, the commonest first:
//
//   - Port 25 is closed. Most home networks and clouds drop outgoing connections
//     to it, so that everything times out and every address looks alike. Some
//     networks catch them instead and answer themselves.
//   - The address we come from has no PTR record, or one that does not lead back
//     (forward-confirmed reverse DNS, RFC 8601 s3): large providers refuse mail
//     from such.
//   - The name in EHLO is not ours (RFC 5321 s4.1.1.1, s4.1.4).
//   - The sender's domain takes no mail, or forbids our address to send for it
//     (SPF, RFC 7208): whoever refuses the sender says nothing of the recipient.
//   - The address is on a blocklist (DNSBL, RFC 5782). Many lists do not serve
//     public resolvers, and say so in a way that looks like a listing.
//   - The resolver invents answers for names that do not exist, cannot be trusted
//     with DNSSEC (RFC 7672 s2.1.3), or is slow.
//
// What Examine does:
//
//  1. it asks DNS for names that cannot exist and for a signed one
//  2. for each of IPv4 and IPv6 that the machine has, it connects to a few
//     servers, reads their greetings and says QUIT; nothing else is said
//  3. from these connections it knows its own address, and asks DNS about that,
//     about the HELO name and the sender
//  4. it asks the blocklists, each after its test entries
//  5. it holds the clock against the dates in greetings and the program's own
//
// Statuses: what keeps all verifying from working is fatal; what spoils some of it
// is a warning; what could not be found out is inconclusive, never ok. A family
// of IP that fails is a warning as long as the other one works.
//
// Left out: our public address where a router translates it, which only others
// can know (Doctor.Public takes it from the user), the reputation that servers keep to themselves, DKIM
// (nothing is sent), and bandwidth.
package doctor

import (
	"cmp"
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
)

// Doctor examines how this machine stands to the mail servers of others. Router
// and Dial must be set. It keeps nothing, and may be used by several goroutines.
type Doctor struct {
	Router *mx.Router
	Dial   probe.DialFunc

	To      []Target      // servers to connect to; none is those of a few large domains
	Self    Self          // what a run would call itself, as Introduce finds it
	Sender  string        // envelope sender, an address; empty is the null sender
	Public  []netip.Addr  // our public addresses where the user knows them, one a family
	Lists   []mx.DNSBL    // blocklists to ask; nil is mx.DNSBLs
	TrustAD bool          // AD bits count from every resolver, not only from one on this machine
	Proxied bool          // Dial goes through a proxy, whose address is not known here
	NoIPv4  bool          // IPv4 is not wanted
	NoIPv6  bool          // IPv6 is not wanted
	Built   time.Time     // when this program was built; zero where that is unknown
	Connect time.Duration // longest wait for a connection; 15 s where 0
	IO      time.Duration // longest wait for a greeting; 45 s where 0
	Port    uint16        // of targets that name none; 25 where 0

	Outgoing func(Family) netip.Addr                               // address the system would send from; nil is Outgoing
	Excluded func(name string, ip netip.Addr) bool                 // servers that are never asked, by one of the two; nil excludes nothing
	Now      func() time.Time                                      // the clock that is examined; nil is time.Now
	Trace    func(host string, at netip.AddrPort, line smtp.Entry) // sees every line, on several goroutines; may be nil
}

// examination is one run of Examine.
type examination struct {
	Doctor
	name mx.Host // of Self.Hello, where that is a name; its DNS is empty where it could not be looked up
}

// view is what one family of IP has to show.
type view struct {
	family  Family
	missing string // why there is nothing to see; empty where there is
	places  []place
	calls   []call
	source  source
	reverse mx.Reverse // of source.public
}

// Examine makes every check: findings about the resolver come first, then those
// about each family of IP, of which one that is missing or cannot be looked at
// has a single one. It ends soon after ctx does; what was not found out by then
// is inconclusive.
func (d *Doctor) Examine(ctx context.Context) []Finding {
	e := d.begin(ctx)
	findings := e.names(ctx)
	views := e.look(ctx)
	for _, v := range views {
		findings = append(findings, e.family(ctx, v)...)
	}
	mend(findings)
	if views[0].missing != "" && views[1].missing != "" {
		findings = append(findings, stranded(views))
	}
	findings = append(findings, e.sender(ctx), e.access(ctx), e.clock(views))
	for i := range findings {
		if findings[i].Evidence == nil {
			findings[i].Evidence = []string{}
		}
	}
	return findings
}

// begin puts defaults where nothing was said, and looks our name up.
func (d *Doctor) begin(ctx context.Context) *examination {
	e := &examination{Doctor: *d}
	e.Connect, e.IO, e.Port = cmp.Or(e.Connect, 15*time.Second), cmp.Or(e.IO, 45*time.Second), cmp.Or(e.Port, 25)
	if e.Outgoing == nil {
		e.Outgoing = Outgoing
	}
	if e.Excluded == nil {
		e.Excluded = func(string, netip.Addr) bool { return false }
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.Lists == nil {
		e.Lists = mx.DNSBLs()
	}
	if isName(e.Self.Hello) {
		e.name, _ = e.Router.Host(ctx, e.Self.Hello)
	}
	return e
}

// look connects over both families at the same time.
func (e *examination) look(ctx context.Context) []view {
	views := []view{{family: IPv4}, {family: IPv6}}
	places := e.places(ctx)
	var wait sync.WaitGroup
	for i := range views {
		v := &views[i]
		if v.missing = e.without(v.family); v.missing != "" {
			continue
		}
		wait.Go(func() {
			v.places, v.calls = places, e.callAll(ctx, v.family, places)
			v.source = e.sourceOf(v.family, v.calls)
			if v.source.public.IsValid() {
				v.reverse, _ = e.Router.Reverse(ctx, v.source.public)
			}
		})
	}
	wait.Wait()
	return views
}

// without says why a family is not looked at.
func (e *examination) without(family Family) string {
	switch {
	case family == IPv4 && e.NoIPv4, family == IPv6 && e.NoIPv6:
		return "not wanted"
	case e.Proxied || e.Router.AllowPrivate:
		return ""
	case !e.Outgoing(family).IsValid():
		return "this machine has no route to it"
	case family == IPv6 && !reaches(e.Router, e.Outgoing(family)):
		return "this machine has no global address of it"
	}
	return ""
}

// family are the findings about one family of IP.
func (e *examination) family(ctx context.Context, v view) []Finding {
	if v.missing != "" {
		return []Finding{{Check: Port25, Family: v.family, Status: Skipped, Title: v.missing}}
	}
	reached := e.port25(v)
	if reached.Status == Skipped && !v.source.public.IsValid() {
		return []Finding{reached}
	}
	return []Finding{reached, e.greeting(v), e.address(v), e.ptr(v), e.hello(v), e.spf(ctx, v), e.listed(ctx, v)}
}

// mend makes what is fatal for one family of IP a warning where the other one
// works: a run goes on with that.
func mend(findings []Finding) {
	other := map[Family]Family{IPv4: IPv6, IPv6: IPv4}
	four, six := works(findings, IPv4), works(findings, IPv6)
	for i, f := range findings {
		if f.Status == Fatal && (f.Family == IPv4 && six || f.Family == IPv6 && four) {
			findings[i].Status = Warning
			findings[i].Advice += " Until then, --" + string(other[f.Family]) + " keeps to the one that works."
		}
	}
}

// stranded is the finding of a machine without any way out.
func stranded(views []view) Finding {
	f := Finding{Check: Port25, Status: Fatal, Title: "there is no way out to the Internet", Advice: "Connect this machine, or name a way out with --proxy."}
	for _, v := range views {
		f.Evidence = append(f.Evidence, string(v.family)+": "+v.missing)
	}
	return f
}

// works: servers were reached over this family, and nothing stands in the way.
func works(findings []Finding, family Family) bool {
	reached := false
	for _, f := range findings {
		if f.Family == family && f.Status == Fatal {
			return false
		}
		reached = reached || f.Family == family && f.Check == Port25 && (f.Status == OK || f.Status == Warning)
	}
	return reached
}

// reaches is the Router's rule for addresses that may be gone to.
func reaches(router *mx.Router, ip netip.Addr) bool {
	if router.Reaches != nil {
		return router.Reaches(ip)
	}
	return router.AllowPrivate || mx.Global(ip)
}
