package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// port25 says whether mail servers can be connected to.
func (e *examination) port25(v view) Finding {
	f := Finding{Check: Port25, Family: v.family, Evidence: lines(v.calls)}
	if len(v.calls) == 0 {
		return e.nobody(f, v)
	}
	connected := count(v.calls, greeted) + count(v.calls, mute) + count(v.calls, cutShort)
	f.Title = fmt.Sprintf("%d of %d servers can be connected to at %s", connected, len(v.calls), ports(v.calls))
	switch {
	case connected == len(v.calls):
		f.Status = OK
	case connected > 0:
		f.Status = Warning
		f.Advice = "The way out is open. The other servers are down, or turn this network away: try again later, or name others with --to."
	default:
		unconnected(&f, v.calls)
	}
	return f
}

// nobody is why there was no server to call.
func (e *examination) nobody(f Finding, v view) Finding {
	for _, p := range v.places {
		if p.why != "" {
			f.Evidence = append(f.Evidence, p.name+": "+clip(p.why))
		}
	}
	if len(f.Evidence) < len(v.places) {
		f.Status, f.Title = Skipped, "none of the servers has an address of this family that may be gone to"
		return f
	}
	f.Status, f.Title = Inconclusive, "no server to connect to was found"
	f.Advice = "See what is said of the resolver, or name servers by address: --to 192.0.2.25."
	return f
}

// unconnected says why no connection came about. Calls that ended for reasons
// of our own say nothing about the network.
func unconnected(f *Finding, calls []call) {
	told := slices.DeleteFunc(slices.Clone(calls), func(c call) bool { return c.end == brokenOff })
	proxy := slices.ContainsFunc(calls, func(c call) bool { return errors.Is(c.err, probe.ErrProxy) })
	f.Status = Fatal
	switch {
	case len(told) == 0 && proxy:
		f.Title, f.Advice = "the proxy connects to no mail server", "See that the proxy runs and that it may connect to port 25."
	case len(told) == 0:
		f.Status, f.Title = Inconclusive, "no connection was tried to its end"
		f.Advice = "See what is said of each, and give it more time: --timeout 5m."
	case count(told, unheard) == len(told):
		f.Title = fmt.Sprintf("%s is closed: none of %d servers answers", ports(told), len(told))
		f.Advice = "Most home networks and clouds drop connections to port 25. Ask the provider to open it (many do on request, for a server with a PTR name), " +
			"run mxvet on a server where it is open, or go out through one: --proxy socks5://host:1080. Until then only --method dns and --method syntax tell anything."
	case count(told, forbidden) > 0:
		f.Title = "this machine's own rules forbid connections to " + ports(told)
		f.Advice = "Look at its firewall (nft list ruleset, or the security software) for outgoing rules, or at the sandbox mxvet runs in."
	case count(told, noRoute) == len(told):
		f.Title = "the network knows no way to any of the servers"
		f.Advice = "Look at this machine's routes and addresses, or at the router's."
	default:
		f.Title = fmt.Sprintf("connections to %s are turned down: none of %d came about", ports(told), len(told))
		f.Advice = "That so many servers refuse is the work of a firewall between: ask the provider to open port 25, or go out through a machine where it is open with --proxy."
	}
}

// greeting says whether the servers that were reached let us in.
func (e *examination) greeting(v view) Finding {
	f := Finding{Check: Greeting, Family: v.family}
	met := slices.DeleteFunc(slices.Clone(v.calls), func(c call) bool { return c.end != greeted && c.end != mute })
	switch {
	case len(met) == 0 && count(v.calls, cutShort) > 0:
		f.Status, f.Title, f.Evidence = Inconclusive, "no greeting came in the time there was", lines(v.calls)
		f.Advice = "Some servers let strangers wait for minutes: give it more time, --timeout 5m."
		return f
	case len(met) == 0:
		f.Status, f.Title = Skipped, "no server was reached"
		return f
	}
	welcome, barred, slowest := 0, 0, time.Duration(0)
	for _, c := range met {
		line := c.String()
		switch {
		case c.end == greeted && c.reply.Class() == 2:
			welcome++
		case c.end == greeted:
			meaning, _ := reply.Classify(smtp.Greeting, c.provider, c.reply)
			line += fmt.Sprintf(" (%s)", meaning)
			if c.reply.Class() == 5 {
				barred++
			}
		}
		slowest = max(slowest, c.waited)
		f.Evidence = append(f.Evidence, line)
	}
	f.Title = fmt.Sprintf("%d of %d servers let us in, the slowest after %s", welcome, len(met), short(slowest))
	name, shared := impostor(met)
	switch {
	case shared && len(e.To) == 0:
		f.Status, f.Title = Fatal, "connections are caught: servers of different owners all call themselves "+clip(name)
		f.Advice = "A mail relay or security software near this machine answers in their place, and would be asked instead of them. Ask the provider to end it, or go out elsewhere with --proxy."
	case barred == len(met):
		f.Status = Fatal
		f.Advice = "They refuse this address before a word was said: read their reasons, and the findings on its PTR name and on blocklists."
	case welcome < len(met):
		f.Status = Warning
		f.Advice = "Read their reasons: a 421 may pass by itself, a 5xx has to do with our address, its PTR name or a blocklist."
	default:
		f.Status = OK
	}
	return f
}

// impostor finds one host name in the greetings of two targets: providers that
// "protect" their customers catch connections to port 25 and answer themselves.
func impostor(met []call) (name string, shared bool) {
	owner := map[string]string{}
	for _, c := range met {
		if c.end != greeted || len(c.reply.Lines) == 0 {
			continue
		}
		name, _, _ := strings.Cut(strings.ToLower(c.reply.Lines[0]), " ")
		if first, seen := owner[name]; seen && first != c.name && strings.Contains(name, ".") {
			return name, true
		}
		owner[name] = c.name
	}
	return "", false
}

// short is how long something took, for reading.
func short(d time.Duration) string {
	if d < time.Millisecond {
		return "less than 1ms"
	}
	return d.Round(time.Millisecond).String()
}

func lines(calls []call) []string {
	var out []string
	for _, c := range calls {
		out = append(out, c.String())
	}
	return out
}

func count(calls []call, how end) int {
	n := 0
	for _, c := range calls {
		if c.end == how {
			n++
		}
	}
	return n
}

// ports names the ports that were called, as a rule one.
func ports(calls []call) string {
	var out []string
	for _, c := range calls {
		if text := fmt.Sprint(c.port); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return "port " + strings.Join(out, ", ")
}
