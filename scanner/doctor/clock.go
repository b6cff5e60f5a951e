package doctor

import (
	"fmt"
	"strings"
	"time"
)

// tolerance is how far clocks may be apart: certificates and signatures do not
// mind minutes.
const tolerance = 5 * time.Minute

// clock holds this machine's time against two things that need no time server: the
// program cannot run before it was built, and many servers tell their time in
// the greeting. One server that differs may be wrong itself; two that agree are
// not. Nothing else met here tells the time: certificates and DNSSEC signatures
// hold for weeks.
func (e *examination) clock(views []view) Finding {
	f := Finding{Check: Clock}
	now := e.Now()
	advice := "Set it (on Linux: timedatectl set-ntp true): certificates are judged by it, and results are dated by it."
	if !e.Built.IsZero() && now.Add(24*time.Hour).Before(e.Built) {
		f.Status, f.Title, f.Advice = Warning, "the clock is wrong: this program was built later than now", advice
		f.Evidence = []string{"now " + stamp(now), "built " + stamp(e.Built)}
		return f
	}
	var apart []time.Duration // the servers' clocks before ours
	for _, v := range views {
		for _, c := range v.calls {
			if date, ok := dateIn(c.reply.Lines); ok {
				apart = append(apart, date.Sub(c.answered))
				f.Evidence = append(f.Evidence, fmt.Sprintf("%s says %s, this machine %s", c.at, stamp(date), stamp(c.answered)))
			}
		}
	}
	most := mostly(apart)
	switch {
	case len(apart) == 0:
		f.Status, f.Title = Skipped, "no server told the time"
		if !e.Built.IsZero() {
			f.Evidence = []string{"built " + stamp(e.Built), "now " + stamp(now)}
		}
	case agree(apart, 0) > 0:
		f.Status, f.Title = OK, fmt.Sprintf("the clock is right, as %d of %d servers say", agree(apart, 0), len(apart))
	case agree(apart, most) > 1:
		f.Status, f.Title, f.Advice = Warning, fmt.Sprintf("the clock is wrong by %v, as %d servers say", most.Abs().Round(time.Minute), agree(apart, most)), advice
	default:
		f.Status, f.Title = Inconclusive, fmt.Sprintf("a server's clock and ours are %v apart", most.Abs().Round(time.Minute))
		f.Advice = "Either may be wrong: compare this machine's with another."
	}
	return f
}

// agree counts the clocks that are this far from ours.
func agree(apart []time.Duration, by time.Duration) int {
	n := 0
	for _, d := range apart {
		if (d - by).Abs() <= tolerance {
			n++
		}
	}
	return n
}

// mostly is the distance that most of the clocks agree on.
func mostly(apart []time.Duration) time.Duration {
	var best time.Duration
	for _, d := range apart {
		if agree(apart, d) > agree(apart, best) {
			best = d
		}
	}
	return best
}

// dateIn finds a date such as Exim and Sendmail put into their greeting: six
// words in the form of RFC 5322 s3.3.
func dateIn(lines []string) (time.Time, bool) {
	for _, line := range lines {
		words := strings.Fields(line)
		for i := range max(0, len(words)-5) {
			if date, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", strings.Join(words[i:i+6], " ")); err == nil {
				return date, true
			}
		}
	}
	return time.Time{}, false
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
