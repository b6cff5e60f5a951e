package report

import (
	"errors"
	"fmt"

	"github.com/mxvet/mxvet/scanner"
)

// NewGroups tells each owner's rows to a writer of their own, which open makes
// at the first of them. The owner is the value of a column of the user's, and
// empty for rows without it. What several owners share goes to all of them, each
// time without the others' domains and lines; the run's row goes to everybody,
// with counts of their own.
func NewGroups(column string, open func(owner string) (Writer, error)) Writer {
	return &groups{column: column, open: open, writers: make(map[string]Writer), counts: make(map[string]*scanner.RunRow),
		domains: make(map[string]*owned), doors: make(map[door][]string), known: make(map[ownership]bool)}
}

type groups struct {
	column  string
	open    func(owner string) (Writer, error)
	writers map[string]Writer
	order   []string
	counts  map[string]*scanner.RunRow
	domains map[string]*owned
	doors   map[door][]string // owners of lines that name a server itself
	known   map[ownership]bool
}

// owned is whose a domain is.
type owned struct {
	owners []string
	served bool                  // a server told of all of them
	told   []*scanner.FindingRow // else, for owners whose lines come later
}

// ownership is one owner's part in a domain or in a server.
type ownership struct {
	domain string
	door   door
	owner  string
}

// learn notes an owner of a domain, and reports whether that is news.
func (g *groups) learn(domain, owner string) bool {
	if g.domains[domain] == nil {
		g.domains[domain] = new(owned)
	}
	one := ownership{domain: domain, owner: owner}
	if g.known[one] {
		return false
	}
	g.known[one] = true
	g.domains[domain].owners = append(g.domains[domain].owners, owner)
	return true
}

func (g *groups) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.ServerRow:
		return g.server(row)
	case *scanner.DomainRow:
		return g.domain(row)
	case *scanner.VerdictRow:
		return g.put(g.ownerOf(row.Columns), row)
	case *scanner.FindingRow:
		return g.finding(row)
	case *scanner.RunRow:
		return g.run(row)
	default:
		return fmt.Errorf("report: no owner of a row of type %T", row)
	}
}

// run tells the run's row to everybody.
func (g *groups) run(row *scanner.RunRow) error {
	var errs []error
	for _, owner := range g.order {
		own, part := *row, g.counts[owner]
		own.Rows, own.Servers, own.Verdicts, own.Reasons, own.Providers = part.Rows, part.Servers, part.Verdicts, part.Reasons, part.Providers
		own.Harvested = nil
		if row.Findings != nil {
			own.Findings = part.Findings
		}
		errs = append(errs, g.writers[owner].Put(&own))
	}
	return errors.Join(errs...)
}

// counted adds a row to what is told of its owner's part of the run.
func counted(into *scanner.RunRow, row scanner.Row) {
	switch row := row.(type) {
	case *scanner.FindingRow:
		if !row.Accepted {
			into.Findings[string(row.Severity)]++
		}
		return
	case *scanner.ServerRow:
		into.Servers++
	case *scanner.VerdictRow:
		if into.Verdicts == nil {
			into.Verdicts, into.Reasons, into.Providers = make(map[string]int), make(map[string]int), make(map[string]int)
		}
		into.Verdicts[string(row.Verdict)]++
		into.Reasons[string(row.Reason)]++
		if row.Provider != nil {
			into.Providers[*row.Provider]++
		}
	}
	into.Rows++
}

func (g *groups) ownerOf(columns scanner.Columns) string {
	for _, one := range columns {
		if one.Name == g.column {
			return one.Value
		}
	}
	return ""
}

func (g *groups) put(owner string, row scanner.Row) error {
	w := g.writers[owner]
	if w == nil {
		var err error
		if w, err = g.open(owner); err != nil {
			return err
		}
		g.writers[owner], g.counts[owner] = w, &scanner.RunRow{Findings: make(map[string]int)}
		g.order = append(g.order, owner)
	}
	counted(g.counts[owner], row)
	return w.Put(row)
}

// server tells a server to everybody whose lines lead to it. It comes before
// its domains, so that here is learned whose these are.
func (g *groups) server(row *scanner.ServerRow) error {
	targets, domains := make(map[string][]scanner.Target), make(map[string][]string)
	named := make(map[ownership]bool)
	var order []string
	at := door{row.Host, row.IP, row.Port}
	for _, target := range row.Targets {
		owner := g.ownerOf(target.Columns)
		if targets[owner] == nil {
			order = append(order, owner)
		}
		targets[owner] = append(targets[owner], target)
		if target.Domain == "" {
			if one := (ownership{door: at, owner: owner}); !g.known[one] {
				g.known[one] = true
				g.doors[at] = append(g.doors[at], owner)
			}
			continue
		}
		g.learn(target.Domain, owner)
		g.domains[target.Domain].served = true
		if one := (ownership{domain: target.Domain, owner: owner}); !named[one] {
			named[one] = true
			domains[owner] = append(domains[owner], target.Domain)
		}
	}
	for _, owner := range order {
		own := *row
		own.Targets, own.Domains = targets[owner], domains[owner]
		if err := g.put(owner, &own); err != nil {
			return err
		}
	}
	return nil
}

// domain tells a domain to the owner of its line, and what was found in it
// before this line came.
func (g *groups) domain(row *scanner.DomainRow) error {
	owner := g.ownerOf(row.Columns)
	if row.Domain == "" || !g.learn(row.Domain, owner) {
		return g.put(owner, row)
	}
	if err := g.put(owner, row); err != nil {
		return err
	}
	for _, f := range g.domains[row.Domain].told {
		if err := g.put(owner, g.ownView(owner, f)); err != nil {
			return err
		}
	}
	return nil
}

// finding tells a domain's finding to its owners, and one that several domains
// share to the owners of these.
func (g *groups) finding(row *scanner.FindingRow) error {
	if len(row.Domains) == 0 && row.Domain != "" {
		return g.domainFinding(row)
	}
	byOwner, here := make(map[string][]string), make(map[string]bool)
	var order []string
	reach := func(owner string) {
		if !here[owner] {
			here[owner] = true
			order = append(order, owner)
		}
	}
	for _, domain := range row.Domains {
		one := g.domains[domain]
		if one == nil {
			continue
		}
		for _, owner := range one.owners {
			reach(owner)
			byOwner[owner] = append(byOwner[owner], domain)
		}
	}
	if row.IP.IsValid() {
		for _, owner := range g.doors[door{row.Host, row.IP, row.Port}] {
			reach(owner)
		}
	}
	if len(row.Domains) == 0 && len(order) == 0 {
		return g.put(g.ownerOf(row.Columns), row)
	}
	for _, owner := range order {
		own := *g.ownView(owner, row)
		own.Domains = byOwner[owner]
		if len(row.Domains) > 0 {
			own.Columns = nil
		}
		if err := g.put(owner, &own); err != nil {
			return err
		}
	}
	return nil
}

func (g *groups) domainFinding(row *scanner.FindingRow) error {
	one := g.domains[row.Domain]
	if one == nil {
		return g.put(g.ownerOf(row.Columns), row)
	}
	for _, owner := range one.owners {
		if err := g.put(owner, g.ownView(owner, row)); err != nil {
			return err
		}
	}
	if !one.served {
		one.told = append(one.told, row)
	}
	return nil
}

// ownView is a finding without the cells of another owner's line.
func (g *groups) ownView(owner string, row *scanner.FindingRow) *scanner.FindingRow {
	if g.ownerOf(row.Columns) == owner {
		return row
	}
	own := *row
	own.Columns = scanner.Columns{{Name: g.column, Value: owner}}
	return &own
}

func (g *groups) Close() error {
	var errs []error
	for _, owner := range g.order {
		errs = append(errs, g.writers[owner].Close())
	}
	return errors.Join(errs...)
}
