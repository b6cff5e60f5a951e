package scanner

import (
	"context"
	"net/netip"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
)

// Audit is what a scan finds out beside the servers' own words. Each part may
// be nil, and is then not asked; the zero value is a scan of servers alone. The
// functions are called from many goroutines at once; their errors mean that ctx
// ended.
type Audit struct {
	// Promises looks up what a domain says of its mail.
	Promises func(ctx context.Context, route *mx.Route) (mx.Promises, error)

	// Reverse is what an exchanger's address is called, Listings what
	// blocklists say of it.
	Reverse  func(ctx context.Context, ip netip.Addr) (mx.Reverse, error)
	Listings func(ctx context.Context, ip netip.Addr) ([]mx.Listing, error)

	// Try asks a server for more, over connections of its own, after it was
	// probed over the plan's: it fills the facts' Sweep, Conduct and the like.
	Try func(ctx context.Context, plan probe.Plan, facts *probe.Server)

	// Again are the waits after which a server that put us off (421, a
	// hang-up, STARTTLS refused for now) is probed once more each.
	Again []time.Duration

	// Server is what is asked of a server itself in the one conversation.
	Server probe.Audit
}
