package scanner

// tally counts rows for the run's own row.
type tally struct {
	run       *run
	rows      int64
	verdicts  map[string]int
	reasons   map[string]int
	providers map[string]int
	servers   int
}

func newTally(r *run) *tally {
	return &tally{run: r, verdicts: make(map[string]int), reasons: make(map[string]int), providers: make(map[string]int)}
}

func (t *tally) count(row *VerdictRow) {
	t.rows++
	t.verdicts[string(row.Verdict)]++
	t.reasons[string(row.Reason)]++
	if row.Provider != nil {
		t.providers[*row.Provider]++
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
		Interrupt:  interrupted,
		StartedAt:  t.run.started,
		FinishedAt: t.run.now(),
		Versions:   t.run.Versions,
		Flags:      t.run.Flags,
		Counts: Counts{
			Conversations: t.run.watch.Conversations.Load(),
			Commands:      t.run.watch.Commands.Load(),
			Asked:         t.run.watch.Asked.Load(),
		},
	}
	if t.run.Queries != nil {
		row.Counts.DNSQueries = t.run.Queries()
	}
	return row
}
