package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// SummaryOptions say what the summary is shown on.
type SummaryOptions struct {
	Width int // columns of the terminal; 0 is 120
}

// namedMost is how many providers the summary names, and domains that were stopped.
const namedMost = 10

// NewSummary counts the rows, and writes at Close what they come to: verdicts,
// reasons with their meaning, whom the answer hangs on, providers, domains that
// the harvest guard stopped, servers by
// what they offer, and what the run cost. Where many answers are about the
// machine that asks and not about mailboxes, a hint says so.
func NewSummary(w io.Writer, options SummaryOptions) Writer {
	if options.Width <= 0 {
		options.Width = widthUsual
	}
	return &summary{w: w, width: options.Width,
		verdicts: tally{}, reasons: tally{}, blames: tally{}, providers: tally{},
		reachable: tally{}, startTLS: tally{}, versions: tally{}, pkix: tally{}, harvested: tally{}}
}

// tally counts by word.
type tally map[string]int

func (t tally) total() int {
	n := 0
	for _, count := range t {
		n += count
	}
	return n
}

// ranked gives the words with the highest counts first.
func (t tally) ranked() []string {
	return slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(a, b))
	})
}

type summary struct {
	w                                             io.Writer
	width                                         int
	verdicts, reasons, blames, providers          tally
	reachable, startTLS, versions, pkix           tally
	harvested                                     tally // rows left unasked, by domain
	servers, spared, authClear, nowhere, hasClear int
	run                                           *scanner.RunRow
}

func (s *summary) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.VerdictRow:
		s.verdicts[string(row.Verdict)]++
		s.reasons[string(row.Reason)]++
		s.blames[string(row.Blame)]++
		if row.Provider != nil {
			s.providers[*row.Provider]++
		}
		if row.Reason == judge.HarvestGuard && row.Domain != nil {
			s.harvested[*row.Domain]++
		}
	case *scanner.ServerRow:
		s.server(&row.Server)
	case *scanner.DomainRow:
		if _, ok := Nowhere(row); ok {
			s.nowhere++
		}
	case *scanner.RunRow:
		s.ran(row)
	}
	return nil
}

// ran adds a run to those before it: they may be told together.
func (s *summary) ran(run *scanner.RunRow) {
	sum := *run
	if before := s.run; before != nil {
		sum.Rows += before.Rows
		sum.Interrupt = sum.Interrupt || before.Interrupt
		sum.StartedAt = sum.StartedAt.Add(-before.FinishedAt.Sub(before.StartedAt))
		sum.Counts.Conversations += before.Counts.Conversations
		sum.Counts.Known += before.Counts.Known
		sum.Counts.DNSQueries = max(sum.Counts.DNSQueries, before.Counts.DNSQueries) // counted by the resolver, over all
	}
	s.run = &sum
}

func (s *summary) server(server *probe.Server) {
	s.servers++
	if server.Failure != nil && server.Failure.Cause == probe.NotAllowed {
		s.spared++
	}
	s.reachable[string(server.Reachable)]++
	if server.Reachable != probe.Yes {
		return
	}
	s.startTLS[string(server.StartTLS)]++
	if server.TLS != nil {
		s.versions[server.TLS.Version]++
		s.pkix[string(server.TLS.PKIX.Status)]++
	}
	if server.Plain != nil {
		s.hasClear++
		if len(server.Plain.Auth) > 0 {
			s.authClear++
		}
	}
}

// entry is one line of a block of the summary.
type entry struct {
	name  string
	count int
	note  string
}

func (s *summary) Close() error {
	var out strings.Builder
	s.block(&out, "Verdicts", s.shares())
	s.block(&out, "Reasons", s.explained())
	s.block(&out, "Blame", entries(s.blames))
	s.block(&out, "Providers", most(entries(s.providers)))
	s.block(&out, "Stopped by the harvest guard (rows left unasked)", most(entries(s.harvested)))
	s.block(&out, "Servers", s.offers())
	if s.nowhere > 0 {
		s.block(&out, "Domains", []entry{{"without a server to ask", s.nowhere, ""}})
	}
	s.block(&out, "Findings", s.found())
	if s.run != nil {
		wrap(&out, cost(s.run), s.width)
	}
	for _, hint := range s.hints() {
		wrap(&out, "hint: "+hint, s.width)
	}
	_, err := io.WriteString(s.w, out.String())
	return err
}

// block writes entries below a title, names and counts aligned.
func (s *summary) block(out *strings.Builder, title string, lines []entry) {
	if len(lines) == 0 {
		return
	}
	names, counts := 0, 0
	for i := range lines {
		lines[i].name = fit(cell(lines[i].name), 28)
		names = max(names, textWidth(lines[i].name))
		counts = max(counts, len(fmt.Sprint(lines[i].count)))
	}
	s.line(out, title)
	for _, one := range lines {
		pad := strings.Repeat(" ", names-textWidth(one.name))
		s.line(out, strings.TrimRight(fmt.Sprintf("  %s%s  %*d  %s", one.name, pad, counts, one.count, cell(one.note)), " "))
	}
}

func (s *summary) line(out *strings.Builder, text string) {
	out.WriteString(fit(text, s.width))
	out.WriteByte('\n')
}

func entries(t tally) []entry {
	var lines []entry
	for _, word := range t.ranked() {
		lines = append(lines, entry{name: word, count: t[word]})
	}
	return lines
}

func (s *summary) shares() []entry {
	var lines []entry
	total := s.verdicts.total()
	for _, word := range judge.Words {
		if n := s.verdicts[string(word)]; n > 0 {
			lines = append(lines, entry{string(word), n, fmt.Sprintf("%5.1f%%", 100*float64(n)/float64(total))})
		}
	}
	return lines
}

func (s *summary) explained() []entry {
	lines := entries(s.reasons)
	for i := range lines {
		lines[i].note = judge.Reason(lines[i].name).Info().Meaning
	}
	return lines
}

// most are the first of many lines, and the others in one.
func most(lines []entry) []entry {
	if len(lines) <= namedMost {
		return lines
	}
	others := entry{name: fmt.Sprintf("%d others", len(lines)-namedMost)}
	for _, one := range lines[namedMost:] {
		others.count += one.count
	}
	return append(lines[:namedMost], others)
}

func (s *summary) offers() []entry {
	if s.servers == 0 {
		return nil
	}
	lines := []entry{{"asked", s.servers - s.spared, ""}, {"reachable", s.reachable[string(probe.Yes)], ""}}
	for _, answer := range [...]probe.Answer{probe.Yes, probe.No, probe.Inconclusive} {
		if n := s.startTLS[string(answer)]; n > 0 {
			lines = append(lines, entry{"STARTTLS " + string(answer), n, ""})
		}
	}
	lines = append(lines, entries(s.versions)...)
	for _, one := range entries(s.pkix) {
		one.name = "certificate " + one.name
		lines = append(lines, one)
	}
	if s.hasClear > 0 {
		lines = append(lines, entry{"AUTH in clear", s.authClear, fmt.Sprintf("of %d that were asked before TLS", s.hasClear)})
	}
	return lines
}

// found counts findings, the worst first.
func (s *summary) found() []entry {
	if s.run == nil {
		return nil
	}
	var lines []entry
	for _, severity := range slices.Backward(scanner.Severities[:]) {
		if n := s.run.Findings[string(severity)]; n > 0 {
			lines = append(lines, entry{string(severity), n, ""})
		}
	}
	return lines
}

// cost is what a run asked of others, in one line.
func cost(run *scanner.RunRow) string {
	took := run.FinishedAt.Sub(run.StartedAt)
	if took >= time.Second {
		took = took.Round(time.Second)
	} else {
		took = took.Round(time.Millisecond)
	}
	line := fmt.Sprintf("%s, %s, %s in %s", plural(run.Rows, "row", "rows"), plural(run.Counts.Conversations, "conversation", "conversations"),
		plural(run.Counts.DNSQueries, "DNS query", "DNS queries"), took)
	if run.Counts.Known > 0 {
		line += fmt.Sprintf("; %s known from before", plural(run.Counts.Known, "row", "rows"))
	}
	switch {
	case run.Budget != "":
		line += fmt.Sprintf("; ended by %s, what was not reached is not_checked", run.Budget)
	case run.Interrupt:
		line += "; cut short, what is here is whole"
	}
	return line
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
