package scanner

import (
	"cmp"
	"context"
	"crypto/x509"
	"log/slog"
	"net/netip"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/pace"
)

// Router says where mail for a domain goes, and where a server is; *mx.Router
// is one.
type Router interface {
	Route(ctx context.Context, domain string) (mx.Route, error)
	Host(ctx context.Context, name string) (mx.Host, error)
}

// Method is how addresses are verified.
type Method string

const (
	ByRCPT   Method = "rcpt"   // RCPT, never DATA; the default
	ByVRFY   Method = "vrfy"   // VRFY
	ByBoth   Method = "both"   // RCPT, and VRFY beside it
	ByDNS    Method = "dns"    // the mail route only: no server is asked
	BySyntax Method = "syntax" // the grammar only: nobody is asked
)

// Scanner verifies addresses and probes servers. Router and the Dial of one
// Egress must be set; the zero value of everything else is useful. It may be used for
// several runs at once.
type Scanner struct {
	Router   Router
	Egresses []Egress // ways out, taken in turn

	Audit Audit // what a scan finds out beside the servers' own words

	Policy           address.Policy // what counts as an address
	Lists            address.Lists  // the user's own lists for traits
	Method           Method         // ByRCPT where empty
	Ports            []uint16       // 25 where empty; for addresses, tried in turn
	Concurrency      int            // conversations at a time; 100 where 0
	Pace             *pace.Profile  // pace.Gentle where nil
	Timeout          time.Duration  // one address or server, from dialling to its answer; 2 m where 0
	IOTimeout        time.Duration  // one command; 45 s where 0
	ConnectTimeout   time.Duration  // 15 s where 0
	GreylistWait     time.Duration  // longest that an address may wait in all which was greylisted, or came to a limit; 0 is not at all
	RetryDNS         time.Duration  // after this long, domains that DNS did not answer are looked up once more; 0 is not at all
	MaxDuration      time.Duration  // of a run; 0 is as long as it takes
	MaxConversations int64          // of a run; 0 is as many as it takes
	Grace            time.Duration  // what is in hand may go on so long after ctx ended; 4 s where 0, none where negative

	Reaches        func(netip.Addr) bool // addresses we may go to; nil is mx.Global
	NoIPv4, NoIPv6 bool                  // leave out a family this machine has no route for
	ProbeReluctant bool                  // ask providers that forbid verifying without sending
	Exclude        *Exclude
	Roots          *x509.CertPool // nil is the system's

	NewStore  func() Store                // nil is NewMemory
	Unordered bool                        // rows go to the sink as they finish, not in the order of input
	Random    func() string               // local part that cannot exist; nil makes one at random
	Trace     Trace                       // nil is none
	Logger    *slog.Logger                // nil discards
	Earlier   Earlier                     // rows of another run that are told instead of asking; may be nil
	Ready     func(addresses int64) error // asked before the first conversation; an error ends the run; may be nil
	Watch     *Counters                   // counts as the run goes on; may be nil
	Queries   func() int64                // DNS questions sent so far, for the run's row; may be nil
	Versions  Versions                    // for the run's row
	Flags     []string                    // for the run's row
	Now       func() time.Time            // nil is time.Now
}

// Trace sees every line of every conversation as it passes; it is called from
// many goroutines.
type Trace func(host string, addr netip.AddrPort, line smtp.Entry)

func (s *Scanner) ports() []uint16 {
	if len(s.Ports) == 0 {
		return []uint16{25}
	}
	return s.Ports
}

func (s *Scanner) method() Method { return cmp.Or(s.Method, ByRCPT) }

func (s *Scanner) profile() pace.Profile {
	profile := pace.Gentle()
	if s.Pace != nil {
		profile = *s.Pace
	}
	profile.Questions = int(s.questions())
	return profile
}

func (s *Scanner) grace() time.Duration { return max(cmp.Or(s.Grace, 4*time.Second), 0) }

func (s *Scanner) timeout() time.Duration { return cmp.Or(s.Timeout, 2*time.Minute) }

func (s *Scanner) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Logger
}

func (s *Scanner) store() Store {
	if s.NewStore != nil {
		return s.NewStore()
	}
	return NewMemory(s.profile().Conversations, claimSize)
}

// claimSize is how many mailboxes one conversation is given at most: enough
// that a connection is worth its price, few enough that a second conversation
// with the same host finds work too.
const claimSize = 2000

// mayDial reports whether we go to an address at all.
func (s *Scanner) mayDial(ip netip.Addr) bool {
	ip = ip.Unmap()
	switch {
	case ip.Is4() && s.NoIPv4, ip.Is6() && s.NoIPv6:
		return false
	case s.Exclude.IP(ip):
		return false
	default:
		return s.reaches(ip)
	}
}

func (s *Scanner) reaches(ip netip.Addr) bool {
	if s.Reaches != nil {
		return s.Reaches(ip)
	}
	return mx.Global(ip)
}

// plan is how one way is gone.
func (s *Scanner) plan(w way, out *exit) probe.Plan {
	plan := probe.Plan{
		Dial:           out.Dial,
		Addr:           w.Addr,
		Host:           w.Host,
		Provider:       mx.ProviderOf(w.Host).ID,
		HelloName:      out.HelloName,
		Senders:        out.Senders,
		Egress:         out.Name,
		Security:       w.Security,
		LockStep:       w.LockStep,
		Roots:          s.Roots,
		ConnectTimeout: s.ConnectTimeout,
		IOTimeout:      s.IOTimeout,
	}
	if s.Trace != nil {
		plan.Trace = func(line smtp.Entry) { s.Trace(w.Host, w.Addr, line) }
	}
	if s.Watch != nil && s.Watch.Replied != nil {
		watch, trace := &stopwatch{tell: s.Watch.Replied}, plan.Trace
		plan.Trace = func(line smtp.Entry) {
			watch.see(line)
			if trace != nil {
				trace(line)
			}
		}
	}
	return plan
}
