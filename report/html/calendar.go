package html

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/report"
)

// A certificate lives 47 to 398 days by the rules of public CAs, and is renewed
// a month before its end: what ends within 16 weeks is worth a calendar, and what
// comes later a number.
const calendarWeeks = 16

// soonMost is how many certificates are named.
const soonMost = 8

// calendar counts distinct certificates by their last day.
type calendar struct {
	known map[string]bool // by digest
	days  map[time.Time]int
	soon  []expiring // the first to end; those that have ended are for the findings
}

// expiring is a certificate as the list names it.
type expiring struct {
	at   time.Time
	name string
}

func newCalendar() calendar { return calendar{known: map[string]bool{}, days: map[time.Time]int{}} }

func (c *calendar) add(leaf tlsinfo.Certificate) {
	if c.known[leaf.SHA256] || leaf.NotAfter.IsZero() {
		return
	}
	c.known[leaf.SHA256] = true
	day := leaf.NotAfter.UTC().Truncate(24 * time.Hour)
	c.days[day]++
	name := strings.TrimPrefix(leaf.Subject, "CN=")
	if len(leaf.Names) > 0 {
		name = leaf.Names[0]
	}
	c.soon = append(c.soon, expiring{leaf.NotAfter, cut(name)})
	if len(c.soon) >= 4096 {
		c.trim()
	}
}

// trim keeps memory bounded: the names of all that ended before today may be
// among the first, so many are kept.
func (c *calendar) trim() {
	slices.SortFunc(c.soon, func(a, b expiring) int { return a.at.Compare(b.at) })
	c.soon = c.soon[:min(len(c.soon), 2048)]
}

// day is a square of the calendar.
type day struct {
	X, Y  int
	Count int
	Level int // 0 to 3, by count
	Label string
}

// calendarView is the calendar as it is drawn: a column for each week, from
// Monday down to Sunday.
type calendarView struct {
	Days                         []day
	Months                       []day // where a month's name stands
	Width, Height                int
	Total, Ended, Within, Beyond int
	Until                        string
	Rows                         []dated // for those who do not see the drawing
	Soon                         []dated
}

type dated struct {
	Date, Name string
	Count      int
}

const square, pitch = 14, 18

func (c *calendar) view(now time.Time) *calendarView {
	if len(c.days) == 0 {
		return nil
	}
	today := now.UTC().Truncate(24 * time.Hour)
	monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	until := monday.AddDate(0, 0, 7*calendarWeeks)
	v := &calendarView{Width: calendarWeeks * pitch, Height: 7*pitch + 16, Until: until.AddDate(0, 0, -1).Format(time.DateOnly)}
	for at, n := range c.days {
		v.Total += n
		switch {
		case at.Before(today):
			v.Ended += n
		case at.Before(until):
			v.Within += n
		default:
			v.Beyond += n
		}
	}
	for at := today; at.Before(until); at = at.AddDate(0, 0, 1) {
		v.put(at, int(at.Sub(monday).Hours())/24, c.days[at])
	}
	c.trim()
	for _, one := range c.soon {
		if !one.at.Before(now) && len(v.Soon) < soonMost {
			v.Soon = append(v.Soon, dated{one.at.UTC().Format(time.DateOnly), report.Printable(one.name), 1})
		}
	}
	return v
}

func (v *calendarView) put(at time.Time, index, n int) {
	x := index / 7 * pitch
	date := at.Format(time.DateOnly)
	v.Days = append(v.Days, day{X: x, Y: 16 + index%7*pitch, Count: n, Level: min(n, 3), Label: date})
	if at.Day() == 1 || (len(v.Days) == 1 && at.Day() < 20) {
		v.Months = append(v.Months, day{X: x, Label: at.Format("Jan")})
	}
	if n > 0 {
		v.Rows = append(v.Rows, dated{Date: date, Count: n})
	}
}

// Level names the shade of a square.
func (d day) Shade() string { return cmp.Or([...]string{"", "some", "more", "many"}[d.Level], "none") }
