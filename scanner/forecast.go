package scanner

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/pace"
)

// What a forecast takes for granted. Lists differ, and so do servers.
const (
	ForecastUnknown   = 0.05                   // share of mailboxes that are unknown
	ForecastRoundTrip = 100 * time.Millisecond // to every server
	forecastOpening   = 8                      // round trips to open a conversation and to end it, TLS among them
)

// ForecastRow is what a run would ask of one party, and how long that would
// take: of a provider as a whole, or of a set of exchangers of nobody known.
// Type is "forecast".
type ForecastRow struct {
	Type          string   `json:"type"`
	Provider      string   `json:"provider,omitempty"`  // key in the provider table
	Host          string   `json:"host,omitempty"`      // the first by name of its exchangers, where there is no provider
	Rows          int64    `json:"rows"`                // repeats among them
	Domains       int64    `json:"domains"`             // that lead there
	Conversations int      `json:"conversations"`       // at a time; with a provider as a whole, or with each IP address
	Connections   *float64 `json:"connections_second"`  // new ones; null is no limit
	Recipients    *float64 `json:"recipients_second"`   // null is no limit
	Refusals      *int     `json:"unknown_ten_minutes"` // unknown mailboxes that it hears of; null is no limit
	Hours         float64  `json:"hours"`
	CannotVerify  int64    `json:"cannot_verify"` // rows that will end so: its provider does not tell, or objects
}

// Forecast is what a run would do.
type Forecast struct {
	Parties      []*ForecastRow `json:"-"`    // those that take longest first
	Type         string         `json:"type"` // "forecast_total"
	Rows         int64          `json:"rows"`
	Asked        int64          `json:"asked"`         // rows that a mail server is asked about
	BadSyntax    int64          `json:"bad_syntax"`    // rows that are no address
	Excluded     int64          `json:"excluded"`      // rows on the list of what is never asked
	Nowhere      int64          `json:"nowhere"`       // rows whose domain has no server to ask
	NoAnswer     int64          `json:"no_answer"`     // rows whose domain DNS does not tell of
	CannotVerify int64          `json:"cannot_verify"` // rows that will end so
	Domains      int64          `json:"domains"`
	Hours        float64        `json:"hours"` // of the whole run
}

// Forecast reads the whole source and looks up where its domains' mail goes, and
// asks no mail server; Method is one that would. It keeps counts for each domain and no rows, so that
// repeats are counted as often as they stand there. The error is that of
// reading the source, or ctx's.
func (s *Scanner) Forecast(ctx context.Context, source *input.Source) (*Forecast, error) {
	r := s.newRun(ctx)
	defer r.release()
	o := &outlook{run: r, Forecast: &Forecast{Type: "forecast_total"}, parties: make(map[string]*ForecastRow), loads: make(map[pace.Host]*load), at: make(map[string]pace.Host)}
	domains := o.count(source)
	if ctx.Err() == nil {
		o.resolve(ctx, domains)
	}
	if err := cmp.Or(source.Err(), context.Cause(ctx)); err != nil {
		return nil, err
	}
	o.expect()
	return o.Forecast, nil
}

// outlook is one call of Forecast.
type outlook struct {
	*run
	*Forecast

	mu      sync.Mutex
	parties map[string]*ForecastRow // by provider, or by set of exchangers
	at      map[string]pace.Host    // who counts for them
	loads   map[pace.Host]*load
}

// load is what one destination is to bear.
type load struct {
	rows, domains int64
	tells         bool // it refuses unknown mailboxes
}

// resolve looks every domain up and counts its rows for whom it leads to.
func (o *outlook) resolve(ctx context.Context, domains map[string]int64) {
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for name, rows := range domains {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			route, err := o.routeTo(ctx, name)
			if err != nil {
				return nil // ctx's, which the caller looks at
			}
			o.watch.Domains.Add(1)
			o.lead(&route, rows)
			return nil
		})
	}
	group.Wait()
}

// lead counts a domain's rows for whom its route leads to.
func (o *outlook) lead(route *mx.Route, rows int64) {
	ways := o.ways(route)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Domains++
	switch {
	case len(ways) == 0 && unanswered(route):
		o.NoAnswer += rows
		return
	case len(ways) == 0:
		o.Nowhere += rows
		return
	}
	provider := mx.ProviderOf(ways[0].Host)
	key, party, host := "provider "+provider.ID, &ForecastRow{Provider: provider.ID}, pace.Host{Provider: provider.ID}
	if provider.ID == "" {
		key = queueOf(ways)
		first, _, _ := strings.Cut(key, " ")
		party.Host, host.IP = first, ways[0].Addr.Addr().Unmap()
	}
	if known := o.parties[key]; known != nil {
		party = known
	} else {
		party.Type = "forecast"
		o.parties[key], o.at[key] = party, host
	}
	party.Rows += rows
	party.Domains++
	if provider.Policy == mx.AcceptsAll || provider.Policy == mx.Reluctant && !o.ProbeReluctant {
		party.CannotVerify += rows
	}
	o.bear(o.at[key], provider.Policy, rows)
}

// bear adds to the load of a destination what it will be asked.
func (o *outlook) bear(host pace.Host, policy mx.Policy, rows int64) {
	if policy == mx.Reluctant && !o.ProbeReluctant {
		return
	}
	o.Asked += rows
	l := o.loads[host]
	if l == nil {
		l = &load{}
		o.loads[host] = l
	}
	l.rows += rows
	l.domains++
	l.tells = l.tells || policy != mx.AcceptsAll
}

// expect fills in what follows from the counts.
func (o *outlook) expect() {
	profile, talk := o.profile(), 0.0
	for _, l := range o.loads {
		talk += l.talk(o.questions()).Hours()
	}
	for key, party := range o.parties {
		host := o.at[key]
		limits := profile.Limits(host)
		party.Conversations = cmp.Or(limits.Conversations, profile.Conversations)
		party.Connections, party.Recipients, party.Refusals = limited(limits.Connections), limited(limits.Recipients), limited(profile.Hears(host))
		if l := o.loads[host]; l != nil {
			party.Hours = rounded(l.takes(profile, host, o.questions()).Hours())
		}
		o.CannotVerify += party.CannotVerify
		o.Hours = max(o.Hours, party.Hours)
		o.Parties = append(o.Parties, party)
	}
	o.Hours = max(o.Hours, rounded(talk/float64(o.concurrency())))
	slices.SortFunc(o.Parties, func(a, b *ForecastRow) int {
		return cmp.Or(cmp.Compare(b.Hours, a.Hours), cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Provider+a.Host, b.Provider+b.Host))
	})
}

// questions is how many a mailbox takes.
func (s *Scanner) questions() int64 {
	if s.method() == ByBoth {
		return 2
	}
	return 1
}

// refusals is how many unknown mailboxes a destination hears of, the random ones
// among them.
func (l *load) refusals() float64 {
	if !l.tells {
		return 0
	}
	return float64(l.domains) + ForecastUnknown*float64(l.rows)
}

// talk is the time of its conversations, end to end.
func (l *load) talk(questions int64) time.Duration {
	conversations := math.Ceil(float64(l.rows+l.domains) / claimSize)
	batches := float64(l.domains) + float64(l.rows*questions)/batchSize
	return time.Duration((conversations*forecastOpening + batches) * float64(ForecastRoundTrip))
}

// takes is how long a destination takes at a pace: the slowest of its limits
// decides.
func (l *load) takes(profile pace.Profile, host pace.Host, questions int64) time.Duration {
	limits := profile.Limits(host)
	asked := float64((l.rows + l.domains) * questions)
	seconds := l.talk(questions).Seconds() / float64(max(limits.Conversations, profile.Conversations))
	if limits.Recipients > 0 {
		seconds = max(seconds, asked/limits.Recipients)
	}
	if limits.Connections > 0 {
		seconds = max(seconds, asked/claimSize/limits.Connections)
	}
	if hears := float64(profile.Hears(host)); hears > 0 {
		windows := math.Ceil(l.refusals()*float64(questions)/hears) - 1 // the first is not waited for
		seconds = max(seconds, windows*profile.Window.Seconds())
	}
	return time.Duration(min(seconds, math.MaxInt32*1000) * float64(time.Second))
}

// limited is a limit as it is told: nil for none.
func limited[N int | float64](n N) *N {
	if n == 0 {
		return nil
	}
	return &n
}

// rounded leaves an hour figure three places: 3.6 seconds.
func rounded(hours float64) float64 { return math.Round(hours*1000) / 1000 }

// counted is what one goroutine has counted.
type counted struct {
	domains                   map[string]int64
	rows, badSyntax, excluded int64
}

// take counts one row.
func (c *counted) take(work Work) {
	c.rows++
	switch {
	case work.Syntax != nil:
		c.badSyntax++
	case work.Fate == judge.FateExcluded:
		c.excluded++
	default:
		if _, known := c.domains[work.Domain]; !known {
			c.domains[strings.Clone(work.Domain)] = 1 // not with its whole line
			return
		}
		c.domains[work.Domain]++
	}
}
