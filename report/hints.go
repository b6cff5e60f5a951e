package report

import (
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/judge"
)

// hints tell apart what is wrong here from what is wrong there. A quarter of
// the answers is far more than a list of real addresses has by itself; of
// servers that do not answer, half.
func (s *summary) hints() []string {
	var hints []string
	total := s.verdicts.total()
	part := func(reasons ...judge.Reason) (n int) {
		for _, reason := range reasons {
			n += s.reasons[string(reason)]
		}
		return n
	}
	if n := part(judge.ClientBlocked); n > 0 && 4*n >= total {
		hints = append(hints, fmt.Sprintf("%d of %d were refused because of this machine's address or name, not because of the mailboxes: see mxvet doctor", n, total))
	}
	if n := part(judge.SenderRefused); n > 0 && 4*n >= total {
		hints = append(hints, fmt.Sprintf("%d of %d were refused because of our envelope sender, not because of the mailboxes: give --mail-from", n, total))
	}
	if n := part(judge.Unreachable, judge.Timeout); n > 0 && 2*n >= total {
		hints = append(hints, fmt.Sprintf("%d of %d gave no answer, perhaps since port 25 is blocked where this runs: see mxvet doctor", n, total))
	}
	if n := part(judge.DNSError); n > 0 && 2*n >= total {
		hints = append(hints, fmt.Sprintf("%d of %d could not be looked up: does the DNS server answer? --resolver names another", n, total))
	}
	asked := s.servers - s.spared
	if n := asked - s.reachable[string(probe.Yes)]; n > 0 && 2*n >= asked {
		hints = append(hints, fmt.Sprintf("%d of %d servers gave no answer, perhaps since port 25 is blocked where this runs: see mxvet doctor", n, asked))
	}
	return hints
}

// wrap breaks a sentence between words, further lines indented.
func wrap(out *strings.Builder, text string, width int) {
	used := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && used+1+len(word) > width:
			out.WriteString("\n  ")
			used = 2
		case i > 0:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += len(word)
	}
	out.WriteByte('\n')
}
