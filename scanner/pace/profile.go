// Package pace answers: how much may be asked of whom, and when?
//
// Probing is asking a favour. Stock fail2ban bans an address after five
// failures in ten minutes, Postfix slows a client down after ten errors in a
// session and hangs up after twenty, and large providers count unknown
// recipients over days. So everything is counted for each destination, over
// all our connections and ways out together: conversations at a time, new
// connections and recipients a second, and replies that say "no such mailbox"
// within a window. It is counted for the IP address and, where the provider
// table knows whose it is, for the provider too.
//
// A server may want less than we think. On 421, a 4xx that speaks of rates or
// a refused connection all three are halved for it, and they grow back by small
// steps while it answers (additive increase, multiplicative decrease: Chiu and
// Jain, 1989); where it names a time, nothing new is begun before.
//
// How much a server bears in one session it shows by slowing down or hanging up.
// A Window risks a few refusals first and twice as many each time while replies
// keep their pace; Patience keeps what was learned of each server that way.
//
// A Profile says how much; a Meter keeps the counts of one run; a Guard
// watches one domain for the look of address harvesting; a Breaker notices
// that we are not wanted.
package pace

import "time"

// Profile is a named set of limits.
type Profile struct {
	Name          string
	Conversations int           // with one IP address at a time
	Connections   float64       // new ones a second to one IP address; 0 is no limit
	Recipients    float64       // a second to one IP address; 0 is no limit
	Provider      Limits        // of a provider as a whole, where the provider table knows no better; zero where providers are not counted
	FirstWindow   int           // recipients that the first replies of a session may find unknown; then what the server bears; 0 is one message at a time
	Refusals      int           // unknown-mailbox replies one host may hear of within Window; 0 is no limit
	ProviderHears int           // the same for a host in the provider table, counted for the provider as a whole
	Questions     int           // that a mailbox takes, each of which may be refused; 0 is one
	Window        time.Duration // over which refusals count
	HarvestAfter  int           // answers of a domain after which its share of unknown mailboxes is looked at; 0 is never
	HarvestShare  float64       // a share above this stops the domain
}

// Gentle suits servers of strangers: at most four unknown mailboxes, the
// random one included, in ten minutes, since stock fail2ban bans at five; and
// a domain stops where over half of its first 25 answers are unknown.
func Gentle() Profile {
	return Profile{
		Name: "gentle", Conversations: 2, Connections: 1, Recipients: 20,
		Provider: Limits{Conversations: 4, Connections: 2, Recipients: 40},
		Refusals: 4, ProviderHears: 40, Window: 10 * time.Minute, HarvestAfter: 25, HarvestShare: 0.5,
	}
}

// Brisk suits servers of strangers who expect us: nine refusals a session at
// first, one under where Postfix slows down, then what each server bears; and a
// domain stops where over nine tenths of its first 200 answers are unknown.
func Brisk() Profile {
	return Profile{
		Name: "brisk", Conversations: 2, Connections: 4, Recipients: 100, FirstWindow: 9,
		Provider:      Limits{Conversations: 4, Connections: 4, Recipients: 100},
		ProviderHears: 40, Window: 10 * time.Minute, HarvestAfter: 200, HarvestShare: 0.9,
	}
}

// Own suits servers that the user runs: no budget of refusals but what a server
// shows that it bears, no guard.
func Own() Profile {
	return Profile{Name: "own", Conversations: 2, FirstWindow: 100}
}

// ByName returns the profile called so.
func ByName(name string) (Profile, bool) {
	switch name {
	case "gentle", "":
		return Gentle(), true
	case "brisk":
		return Brisk(), true
	case "own":
		return Own(), true
	default:
		return Profile{}, false
	}
}
