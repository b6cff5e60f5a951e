package scanner

import (
	"cmp"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/scanner/judge"
)

// tally counts rows for the run's own row.
type tally struct {
	run       *run
	rows      int64
	verdicts  map[string]int
	reasons   map[string]int
	providers map[string]int
	harvested map[string]int
	servers   int
	known     int64 // rows of an earlier run
}

func newTally(r *run) *tally {
	return &tally{run: r, verdicts: make(map[string]int), reasons: make(map[string]int), providers: make(map[string]int), harvested: make(map[string]int)}
}

func (t *tally) count(row *VerdictRow) {
	t.rows++
	t.run.watch.written(row.Verdict)
	t.verdicts[string(row.Verdict)]++
	t.reasons[string(row.Reason)]++
	if row.Reason == judge.HarvestGuard && row.Domain != nil {
		t.harvest(*row.Domain)
	}
	if row.Provider != nil {
		t.providers[*row.Provider]++
	}
}

// harvestedMost is how many domains are named that the guard stopped.
const harvestedMost = 1000

func (t *tally) harvest(domain string) {
	if _, named := t.harvested[domain]; named || len(t.harvested) < harvestedMost {
		t.harvested[domain]++
	}
}

func (t *tally) row(interrupted bool) *RunRow {
	row := &RunRow{
		Type:       "run",
		Rows:       t.rows,
		Verdicts:   t.verdicts,
		Reasons:    t.reasons,
		Providers:  t.providers,
		Servers:    t.servers,
		Harvested:  t.harvested,
		Interrupt:  interrupted,
		StartedAt:  t.run.started,
		FinishedAt: t.run.now(),
		Versions:   t.run.versions(),
		Flags:      t.run.Flags,
		Counts: Counts{
			Conversations: t.run.watch.Conversations.Load(),
			Commands:      t.run.watch.Commands.Load(),
			Asked:         t.run.watch.Asked.Load(),
			Known:         t.known,
		},
	}
	if t.run.Queries != nil {
		row.Counts.DNSQueries = t.run.Queries()
	}
	return row
}

// versions are those the user gave, else those of what is built in.
func (s *Scanner) versions() Versions {
	return Versions{
		Tool:  s.Versions.Tool,
		Rules: cmp.Or(s.Versions.Rules, reply.Version()),
		Lists: cmp.Or(s.Versions.Lists, address.ListVersions()),
	}
}
