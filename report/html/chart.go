package html

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner/judge"
)

// chart is a figure of bars.
type chart struct {
	ID, Title string
	Unit      string // what is counted
	Total     int    // of which each bar is a part
	Bars      []bar
	Rest      int // words that have no bar
}

// bar is one word: a line of text, and below it the part it is of the whole.
type bar struct {
	Label string
	Short string // what a chart on a telephone has room for
	Count int
	Share string // 12 %
	Class string // the colour, where it means something
	Width string // of the bar, in per cent
	Y     int
}

const (
	barsMost  = 12
	barHeight = 34
	shortMost = 32 // characters
)

// TextY and BarY are where the parts of a bar stand.
func (b bar) TextY() int { return b.Y + 13 }
func (b bar) BarY() int  { return b.Y + 20 }

func (c *chart) Height() int { return len(c.Bars) * barHeight }

// Desc says the chart in a sentence, for those who do not see it.
func (c *chart) Desc() string {
	var parts []string
	for _, b := range c.Bars[:min(len(c.Bars), 3)] {
		parts = append(parts, fmt.Sprintf("%s %d (%s)", b.Label, b.Count, b.Share))
	}
	return fmt.Sprintf("Of %d %s: %s. The table below has all numbers.", c.Total, c.Unit, strings.Join(parts, ", "))
}

// newChart is nil where nothing was counted. The words are drawn in their order.
func newChart(id, title, unit string, total int, counts count, words []string, class func(string) string) *chart {
	c := &chart{ID: id, Title: title, Unit: unit, Total: total}
	for _, word := range words {
		n := counts[word]
		if len(c.Bars) == barsMost {
			c.Rest++
			continue
		}
		b := bar{Label: report.Printable(word), Count: n, Share: share(n, total), Width: fmt.Sprintf("%.2f%%", 100*part(n, total)), Y: len(c.Bars) * barHeight}
		b.Short = short(b.Label)
		if class != nil {
			b.Class = class(word)
		}
		c.Bars = append(c.Bars, b)
	}
	if len(c.Bars) == 0 || total == 0 {
		return nil
	}
	return c
}

func part(n, total int) float64 { return float64(n) / float64(max(total, 1)) }

// share is n of total in per cent; what is there is never 0 %, nor what lacks
// something 100 %.
func share(n, total int) string {
	switch p := 100 * part(n, total); {
	case total == 0:
		return "-"
	case n > 0 && p < 1:
		return "< 1 %"
	case n < total && p > 99:
		return "> 99 %"
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}

func short(label string) string {
	runes := []rune(label)
	if len(runes) <= shortMost {
		return label
	}
	return string(runes[:shortMost-1]) + "\u2026"
}

// charts are those for which there is something to draw.
func (t *tally) charts() []*chart {
	verdicts := make([]string, 0, len(judge.Words))
	for _, word := range judge.Words {
		verdicts = append(verdicts, string(word))
	}
	if t.addresses == 0 {
		verdicts = nil
	}
	all := []*chart{
		newChart("verdicts", "Verdicts", "addresses", t.addresses, t.verdicts, verdicts, verdictClass),
		newChart("reasons", "Reasons", "addresses", t.addresses, t.reasons, t.reasons.ranked(), reasonClass),
		newChart("providers", "Providers", t.asked(), t.providers.total(), t.providers, t.known(), nil),
		newChart("promises", "What domains promise", "domains looked up", t.lookedUp, t.promises, t.made(), nil),
		newChart("versions", "TLS versions", "servers that answered", t.answered, t.versions, t.versions.ranked(), versionClass),
		newChart("groups", "Key exchange", "servers with TLS", t.encrypted, t.groups, t.groups.ranked(), groupClass),
		newChart("certificates", "Certificates", "servers with TLS", t.encrypted, t.certificates, t.certificates.ranked(), certificateClass),
		newChart("extensions", "Extensions", "servers that answered EHLO", t.greeted, t.extensions, t.extensions.ranked(), nil),
	}
	var drawn []*chart
	for _, c := range all {
		if c != nil {
			drawn = append(drawn, c)
		}
	}
	return drawn
}

// asked is what providers are counted of.
func (t *tally) asked() string {
	switch {
	case t.addresses == 0:
		return "domains with exchangers"
	case t.domains == 0:
		return "addresses"
	}
	return "addresses and domains"
}

// known is the providers, and last those that are in no table.
func (t *tally) known() []string {
	ranked := t.providers.ranked()
	at := slices.Index(ranked, noProvider)
	if at < 0 {
		return ranked
	}
	named := slices.Delete(ranked, at, at+1)
	return slices.Insert(named, min(len(named), barsMost-1), noProvider)
}

// made is all promises where they were looked up: the empty bars tell most.
func (t *tally) made() []string {
	if t.lookedUp == 0 {
		return nil
	}
	return promised[:]
}

func verdictClass(word string) string {
	return map[judge.Word]string{judge.Deliverable: "good", judge.Risky: "warn", judge.Undeliverable: "bad", judge.Unknown: "mute"}[judge.Word(word)]
}

func reasonClass(word string) string { return verdictClass(string(judge.Reason(word).Info().Word)) }

func versionClass(word string) string {
	switch word {
	case "TLSv1.3", "TLSv1.2":
		return ""
	case noTLS, failing:
		return "bad"
	case unmeasured:
		return "mute"
	}
	return "warn"
}

func groupClass(word string) string {
	switch {
	case postQuantum(word):
		return "good"
	case word == "RSA":
		return "warn"
	}
	return ""
}

func certificateClass(word string) string {
	switch tlsinfo.PKIXStatus(word) {
	case tlsinfo.Valid:
		return "good"
	case tlsinfo.Expired:
		return "bad"
	}
	return "warn"
}
