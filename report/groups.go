package report

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mxvet/mxvet/scanner"
)

// NewGroups tells each owner's rows to a writer of their own, which open makes
// at the first of them. The owner is the value of a column of the user's, and
// empty for rows without it. What several owners share goes to all of them, each
// time without the others' domains and lines; the run's row goes to everybody,
// with counts of their own.
func NewGroups(column string, open func(owner string) (Writer, error)) Writer {
	return &groups{column: column, open: open, writers: make(map[string]Writer), owners: make(map[string][]string), counts: make(map[string]*scanner.RunRow)}
}

type groups struct {
	column  string
	open    func(owner string) (Writer, error)
	writers map[string]Writer
	order   []string
	owners  map[string][]string // of a domain
	counts  map[string]*scanner.RunRow
}

func (g *groups) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.ServerRow:
		return g.server(row)
	case *scanner.DomainRow:
		return g.put(g.ownerOf(row.Columns), row)
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
	targets := make(map[string][]scanner.Target)
	var order []string
	for _, target := range row.Targets {
		owner := g.ownerOf(target.Columns)
		if targets[owner] == nil {
			order = append(order, owner)
		}
		targets[owner] = append(targets[owner], target)
		if target.Domain != "" && !slices.Contains(g.owners[target.Domain], owner) {
			g.owners[target.Domain] = append(g.owners[target.Domain], owner)
		}
	}
	for _, owner := range order {
		own := *row
		own.Targets, own.Domains = targets[owner], nil
		for _, target := range own.Targets {
			if target.Domain != "" && !slices.Contains(own.Domains, target.Domain) {
				own.Domains = append(own.Domains, target.Domain)
			}
		}
		if err := g.put(owner, &own); err != nil {
			return err
		}
	}
	return nil
}

// finding tells a domain's finding to its owner, and one that several domains
// share to the owners of these.
func (g *groups) finding(row *scanner.FindingRow) error {
	if len(row.Domains) == 0 {
		return g.put(g.ownerOf(row.Columns), row)
	}
	byOwner := make(map[string][]string)
	var order []string
	for _, domain := range row.Domains {
		for _, owner := range g.owners[domain] {
			if byOwner[owner] == nil {
				order = append(order, owner)
			}
			byOwner[owner] = append(byOwner[owner], domain)
		}
	}
	for _, owner := range order {
		own := *row
		own.Domains, own.Columns = byOwner[owner], nil
		if err := g.put(owner, &own); err != nil {
			return err
		}
	}
	return nil
}

func (g *groups) Close() error {
	var errs []error
	for _, owner := range g.order {
		errs = append(errs, g.writers[owner].Close())
	}
	return errors.Join(errs...)
}
