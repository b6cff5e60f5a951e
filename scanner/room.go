package scanner

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/pace"
)

// room is what servers have been seen to bear, in this run and in those that it
// goes on from.
type room struct {
	once     sync.Once
	known    *pace.Patience
	sessions tls.ClientSessionCache // a second handshake with a server costs both ends a quarter of the first
}

// tlsSessions is how many servers' TLS sessions are kept.
const tlsSessions = 1024

// patience is what is known of all servers.
func (r *run) patience() *pace.Patience {
	r.room.once.Do(func() {
		r.room.known, r.room.sessions = pace.NewPatience(r.profile()), tls.NewLRUClientSessionCache(tlsSessions)
	})
	return r.room.known
}

// serverKey is the key under which a server is remembered.
func serverKey(ip netip.Addr) string { return "server:" + ip.Unmap().String() }

// openWindow opens the window of a session by what is known of its server.
func (c *conversation) openWindow() error {
	if _, known := c.patience().Of(c.host.IP); !known {
		before, _, err := c.store.Recall(c.keeping, serverKey(c.host.IP))
		if err != nil {
			return err
		}
		c.patience().Learn(c.host.IP, before.Bears)
	}
	c.limits = c.session.Limits()
	c.window = c.patience().Open(c.host.IP, strings.Contains(c.session.Introduction(), "Postfix"))
	if c.profile().FirstWindow > 0 {
		c.session.Watch(c.timed)
	}
	return nil
}

// timed tells the window of a reply.
func (c *conversation) timed(stage smtp.Stage, r smtp.Reply, waited time.Duration) (goOn bool) {
	switch {
	case r.Code == 421: // the end, not an answer
		return true
	case stage == smtp.Rcpt, stage == smtp.Vrfy:
		return c.window.Heard(r.Code/100 >= 4, waited)
	}
	c.window.Waited(waited)
	return true
}

// impatient looks whether a session was ended for what we asked in it. Then it
// is that which is learned, and the question it ended at is as good as unasked:
// any other might have been the last.
func (c *conversation) impatient(outcomes []probe.Outcome, broke error) {
	if bears, slow := c.window.Slow(); slow {
		c.learn(bears)
	}
	if broke == nil {
		c.patience().Bore(c.host.IP, c.window)
	}
	if broke == nil || c.profile().FirstWindow == 0 || c.hard.Err() != nil || errors.Is(broke, probe.ErrEnough) {
		return
	}
	at := slices.IndexFunc(outcomes, func(o probe.Outcome) bool { return breaksOff(o) && o.Rule != reply.TooManyRecipients })
	failure, _ := errors.AsType[*probe.Failure](broke)
	if at < 0 && (failure == nil || !breaksOff(failure.Outcome)) {
		return
	}
	if bears, did := c.patience().Broke(c.host.IP, c.window); did {
		c.learn(bears)
		if at >= 0 {
			outcomes[at] = probe.Outcome{}
		}
	}
}

// learnRoom takes note of how many recipients a server takes in one transaction.
// Naming more is an error each time, and after twenty errors Postfix hangs up;
// so a session that was told ends.
func (c *conversation) learnRoom(outcomes []probe.Outcome) {
	taken := takenBeforeLimit(outcomes)
	if taken == 0 {
		return
	}
	c.learn(pace.Bears{Recipients: taken})
	if c.profile().FirstWindow > 0 {
		c.window.Enough()
	}
}

// takenBeforeLimit looks for the answer that there are too many recipients, behind others
// of the same transaction: as many as were taken there are not. Refused ones do
// not count everywhere. It is 0 where nobody said so.
func takenBeforeLimit(outcomes []probe.Outcome) (n int) {
	first := slices.IndexFunc(outcomes, func(o probe.Outcome) bool { return o.Rule == reply.TooManyRecipients })
	if first <= 0 {
		return 0
	}
	for _, o := range outcomes[:first] {
		if isTaken(o) {
			n++
		}
	}
	return max(n, 1)
}

// learn keeps what a server bears, for the next session and the next run.
func (c *conversation) learn(bears pace.Bears) {
	all, news := c.patience().Learn(c.host.IP, bears)
	if !news {
		return
	}
	c.logger().Debug("a server's patience", "ip", c.host.IP, "refusals", all.Refusals, "answers", all.Answers, "recipients", all.Recipients)
	key := serverKey(c.host.IP)
	for {
		known, revision, err := c.store.Recall(c.keeping, key)
		if err != nil {
			return // the next word to the store says so
		}
		known.Bears = known.Bears.Under(all)
		if _, err := c.store.Remember(context.WithoutCancel(c.keeping), key, known, revision); !errors.Is(err, ErrStale) {
			return
		}
	}
}
