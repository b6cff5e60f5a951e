package report

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// scope is what a scan looked at, and which facts it came by: enough to tell a
// finding that is gone from one that nobody looked for. It holds no words of
// theirs, so that a hundred thousand domains fit.
type scope struct {
	servers   map[door]fact
	hosts     map[string]*hostScope
	domains   map[string]*domainScope
	providers map[string]*fact  // what is known of all servers of each
	lists     map[door]string   // blocklists that were asked
	names     map[string]string // one copy of each
}

// door is one server.
type door struct {
	host string
	ip   netip.Addr
	port uint16
}

// submission ports are for users, and say nothing of a domain (RFC 6409, RFC 8314).
func (at door) submission() bool { return at.port == 465 || at.port == 587 }

type hostScope struct {
	known     fact // of the exchanger, from all domains that name it
	addresses []netip.Addr
	doors     []door
}

type domainScope struct {
	known     fact
	noMail    bool
	hosts     []string
	selectors string // DKIM selectors that were looked at
}

func newScope(names map[string]string) *scope {
	return &scope{servers: make(map[door]fact), hosts: make(map[string]*hostScope), domains: make(map[string]*domainScope),
		providers: make(map[string]*fact), lists: make(map[door]string), names: names}
}

func (s *scope) add(row scanner.Row) {
	switch row := row.(type) {
	case *scanner.ServerRow:
		s.server(row)
	case *scanner.DomainRow:
		if row.Error == "" && row.Domain != "" {
			s.domain(row)
		}
	}
}

// name keeps one copy of a name.
func (s *scope) name(text string) string {
	if one, ok := s.names[text]; ok {
		return one
	}
	s.names[text] = text
	return text
}

func (s *scope) server(row *scanner.ServerRow) {
	at := door{s.name(row.Host), row.IP, row.Port}
	known := factsOfServer(row)
	s.servers[at] = known
	zones := ""
	for _, list := range row.Listed {
		zones += list.Zone + " "
	}
	if zones != "" {
		s.lists[at] = s.name(zones)
	}
	host := s.host(at.host)
	host.doors = append(host.doors, at)
	s.provider(at.host, known|ofExchanger)
}

func (s *scope) host(name string) *hostScope {
	host := s.hosts[name]
	if host == nil {
		host = &hostScope{known: ofExchanger}
		s.hosts[s.name(name)] = host
	}
	return host
}

// provider takes away what is not known of one of its servers.
func (s *scope) provider(host string, known fact) {
	id := mx.ProviderOf(host).ID
	if id == "" {
		return
	}
	if all := s.providers[id]; all != nil {
		*all &= known
	} else {
		s.providers[id] = &known
	}
}

func (s *scope) domain(row *scanner.DomainRow) {
	d := &domainScope{known: factsOfDomain(row), noMail: row.Kind == judge.NoMailKind || row.Route.DNS == resolver.NXDomain}
	for _, host := range row.Route.Hosts {
		name := s.name(host.Name)
		d.hosts = append(d.hosts, name)
		s.exchanger(row, host)
	}
	for _, key := range row.DKIM {
		d.selectors += key.Selector + " "
	}
	d.selectors = s.name(d.selectors)
	s.domains[s.name(row.Domain)] = d
}

// exchanger takes away what a domain does not know of one of its exchangers.
func (s *scope) exchanger(row *scanner.DomainRow, host mx.Host) {
	known := ofExchanger
	if host.Pending() {
		known &^= addressesKnown
	}
	if host.Usable() {
		at := slices.IndexFunc(row.DANE, func(f dane.Facts) bool { return f.Host == host.Name })
		if at < 0 {
			known &^= tlsaKnown | matchesKnown
		} else {
			known &= factsOfTLSA(&row.DANE[at]) | addressesKnown
		}
	}
	h := s.host(host.Name)
	h.known &= known
	h.addresses = host.Addresses
	s.provider(host.Name, known|ofServer)
}

// standing is what has become of a finding that is not there any more.
type standing struct {
	gone bool
	why  string
}

// of says whether a finding of another scan would have been made in this one, if
// there still was reason to.
func (s *scope) of(f *scanner.FindingRow, other *scope) standing {
	wanted := basisOf(f.ID)
	switch {
	case f.IP.IsValid():
		return s.ofServer(f, wanted, other)
	case f.Host != "":
		return s.ofHost(f, wanted)
	case f.Domain != "":
		return s.ofDomain(f, wanted, other)
	}
	all := s.providers[f.Provider]
	if all == nil {
		return standing{why: "none of its servers was asked"}
	}
	return standingOf((*all | ^(ofServer | ofExchanger)).missing(wanted))
}

func standingOf(missing string) standing { return standing{gone: missing == "", why: missing} }

func (s *scope) ofServer(f *scanner.FindingRow, wanted fact, other *scope) standing {
	at := door{f.Host, f.IP, f.Port}
	known, ok := s.servers[at]
	switch {
	case !ok:
		return s.left(f)
	case wanted == listsKnown && s.lists[at] != other.lists[at]:
		return standing{why: "other blocklists were asked"}
	case wanted&^ofServer == 0:
		return standingOf(known.missing(wanted))
	}
	// It was held against its fellows.
	for _, name := range f.Domains {
		if d := s.domains[name]; d != nil && !d.noMail {
			if why := s.all(d).missing(wanted); why != "" {
				return standing{why: why}
			}
		}
	}
	return standing{gone: true}
}

// ofHost is for what domains see of an exchanger.
func (s *scope) ofHost(f *scanner.FindingRow, wanted fact) standing {
	host := s.hosts[f.Host]
	if host == nil {
		return s.left(f)
	}
	routes := fact(routeKnown)
	for _, name := range f.Domains {
		if d := s.domains[name]; d != nil {
			routes &= d.known
		}
	}
	return standingOf((host.known | routes | ofServer).missing(wanted))
}

// left is for a server or exchanger that the scan did not meet: it may have been
// taken out of service, or nobody looked.
func (s *scope) left(f *scanner.FindingRow) standing {
	if host := s.hosts[f.Host]; f.IP.IsValid() && host != nil && len(host.addresses) > 0 {
		switch {
		case host.known&addressesKnown == 0:
			return standing{why: host.known.missing(addressesKnown)}
		case !slices.Contains(host.addresses, f.IP):
			return standing{gone: true, why: "the exchanger has another address now"}
		}
		return standing{why: "the server was not asked"}
	}
	if len(f.Domains) == 0 {
		return standing{why: "the server was not among those asked"}
	}
	for _, name := range f.Domains {
		d := s.domains[name]
		if d == nil {
			return standing{why: "its domains were not all among those scanned"}
		}
		if why := d.known.missing(routeKnown); why != "" {
			return standing{why: why}
		}
		if slices.Contains(d.hosts, f.Host) {
			return standing{why: "the server was not asked"}
		}
	}
	return standing{gone: true, why: "no mail goes there any more"}
}

func (s *scope) ofDomain(f *scanner.FindingRow, wanted fact, other *scope) standing {
	d := s.domains[f.Domain]
	switch {
	case d == nil:
		return standing{why: "the domain was not among those scanned"}
	case d.noMail && d.known&routeKnown != 0 && f.ID != "no_mail_incomplete":
		return standing{gone: true, why: "the domain takes no mail now"}
	case f.ID == "no_exchanger_reachable":
		return s.reached(d)
	}
	if was := other.domains[f.Domain]; wanted&dkimKnown != 0 && was != nil && was.selectors != d.selectors {
		return standing{why: "other DKIM selectors were looked at"}
	}
	return standingOf(s.all(d).missing(wanted))
}

// reached is for a domain none of whose servers answered: one that does is enough.
func (s *scope) reached(d *domainScope) standing {
	for _, name := range d.hosts {
		for _, at := range s.hosts[name].doors {
			if !at.submission() && s.servers[at]&answered != 0 {
				return standing{gone: true}
			}
		}
	}
	return standing{why: cmp.Or(s.all(d).missing(routeKnown|addressesKnown|answered), "no server was asked")}
}

// all is what is known of a domain, all its exchangers and all their servers.
func (s *scope) all(d *domainScope) fact {
	known := d.known | ofServer | ofExchanger
	for _, name := range d.hosts {
		host := s.hosts[name]
		known &= host.known | ^ofExchanger
		for _, ip := range host.addresses {
			if !slices.ContainsFunc(host.doors, func(at door) bool { return at.ip == ip }) {
				known &^= ofServer
			}
		}
		for _, at := range host.doors {
			if !at.submission() {
				known &= s.servers[at] | ^ofServer
			}
		}
	}
	return known
}
