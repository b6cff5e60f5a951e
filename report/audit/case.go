package audit

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// server is what the checks of a server look at.
type server struct {
	*scanner.ServerRow
	now time.Time // zero where dates are not to be judged
}

// submission reports whether the port is one for users (RFC 6409, RFC 8314),
// not for other servers.
func (s *server) submission() bool { return submissionPort(s.Port) }

func submissionPort(port uint16) bool { return port == 465 || port == 587 }

// best is the fullest list of extensions that was seen; nil for none.
func (s *server) best() *probe.Hello { return cmp.Or(s.Encrypted, s.Plain) }

// domain is what the checks of a domain look at.
type domain struct {
	*scanner.DomainRow
	now     time.Time
	class   *settings // what the policy says of it; nil without one
	hosts   []mx.Host // of the route, by preference and name
	servers []*seen   // of the hosts, in their order
	lone    bool      // there is no domain: the user named its one server
}

func newDomain(row *scanner.DomainRow, now time.Time, class *settings) *domain {
	d := &domain{DomainRow: row, now: now, class: class, hosts: slices.Clone(row.Route.Hosts)}
	slices.SortStableFunc(d.hosts, func(a, b mx.Host) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), cmp.Compare(a.Name, b.Name))
	})
	return d
}

// takesMail holds for every domain that does not say otherwise. Of one that
// does not exist there is nothing to ask.
func takesMail(d *domain) bool { return d.Kind != judge.NoMailKind && d.Route.DNS != resolver.NXDomain }

// exists holds for domains without mail too: whoever forges their names does not
// mind that they have none.
func exists(d *domain) bool { return d.Route.DNS != resolver.NXDomain }

// meansMail also holds for a domain whose MX records lead nowhere, unless it says
// elsewhere that it has no mail: somebody wrote them.
func meansMail(d *domain) bool {
	return takesMail(d) || d.Route.Source == mx.FromMX && (d.SPF == nil || !d.SPF.Nobody)
}

// mxServers are those that other servers bring mail to.
func (d *domain) mxServers() []*seen {
	if d.lone {
		return d.servers
	}
	return slices.DeleteFunc(slices.Clone(d.servers), func(s *seen) bool { return submissionPort(s.port) })
}

// of are the servers of one exchanger.
func (d *domain) of(host string) []*seen {
	return slices.DeleteFunc(d.mxServers(), func(s *seen) bool { return s.host != host })
}

// hostNames are those that may be exchangers': names nobody may ask about have
// no place in a policy either.
func (d *domain) hostNames() []string {
	var names []string
	for _, host := range d.hosts {
		if host.Usable() || host.DNS != "" {
			names = append(names, host.Name)
		}
	}
	return names
}

// zone is where a record of the domain belongs.
func (d *domain) zone() string { return "zone of " + d.Domain }

// hasIPv6 and hasIPv4 look at a host's addresses.
func hasIPv6(h mx.Host) bool { return slices.ContainsFunc(h.Addresses, netip.Addr.Is6) }
func hasIPv4(h mx.Host) bool { return slices.ContainsFunc(h.Addresses, netip.Addr.Is4) }

// soon is how long before its end a certificate that nobody renewed is worth a
// word. Those of 90 days are renewed with 30 left; those of 6 days with 2 or 3.
func soon(notBefore, notAfter time.Time) time.Duration {
	return min(14*24*time.Hour, notAfter.Sub(notBefore)/5)
}

const maxQuote = 300 // octets of somebody's words in evidence

// quote shortens a text on a rune's border, and keeps no longer one alive.
func quote(text string) string {
	if len(text) <= maxQuote {
		return text
	}
	return strings.ToValidUTF8(text[:maxQuote], "") + " [cut]"
}

// said is a reply in evidence.
func said(reply *probe.Said) string {
	return strings.TrimSpace(quote(itoa(reply.Code) + " " + reply.Text))
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
