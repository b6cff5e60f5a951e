package mx

import (
	"context"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// dmarcStep is one name of a tree walk and what stands at it.
type dmarcStep struct {
	texts
	name   string
	record dmarcRecord // where presence is Present
}

// dmarcAt looks at one name.
func dmarcAt(ctx context.Context, dns Resolver, name string) (dmarcStep, error) {
	found, err := textsAt(ctx, dns, "_dmarc."+name, isDMARC, "dmarc")
	step := dmarcStep{texts: found, name: name}
	if step.presence == resolver.Present {
		step.record = readDMARC(step.records[0])
	}
	return step, err
}

func isDMARC(text string) bool { return beginsWith(text, "DMARC1") }

// maxWalk is how many names a walk looks at (RFC 9989 s4.10).
const maxWalk = 8

// walk is the DNS tree walk (RFC 9989 s4.10): the domain, then the names above
// it down to the top-level domain, until a record says by psd= where the
// organization ends. From a long name it jumps to the last seven labels. DNS
// trouble ends it: what stands above cannot be told to hold.
func walk(ctx context.Context, dns Resolver, domain string) ([]dmarcStep, error) {
	var steps []dmarcStep
	for name := domain; name != ""; name = above(name) {
		step, err := dmarcAt(ctx, dns, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
		if step.presence == resolver.Unproven || step.record.suffix != "" {
			break
		}
	}
	return steps, nil
}

// above is the name that a walk looks at next; empty at its end.
func above(name string) string {
	labels := strings.Split(name, ".")
	return strings.Join(labels[max(1, len(labels)-(maxWalk-1)):], ".")
}

// holds picks the record that holds for the domain where the walk started
// (RFC 9989 s4.10.1): its own, else its organization's, else that of the public
// suffix it is under.
func holds(steps []dmarcStep) (dmarcStep, bool) {
	if last := steps[len(steps)-1]; last.presence == resolver.Unproven {
		return dmarcStep{}, false
	}
	organization := organizational(steps)
	for _, name := range []string{steps[0].name, organization} {
		if step, ok := present(steps, name); ok {
			return step, true
		}
	}
	last := steps[len(steps)-1]
	return last, last.presence == resolver.Present && last.record.suffix == "y"
}

// organizational is the name that a whole walk finds to be the organization's
// (RFC 9989 s4.10.2).
func organizational(steps []dmarcStep) string {
	start, out := steps[0].name, steps[0].name
	for i, step := range steps {
		if step.presence != resolver.Present {
			continue
		}
		out = step.name
		switch {
		case step.record.suffix == "n":
			return step.name
		case step.record.suffix == "y" && i > 0:
			return oneBelow(start, step.name)
		}
	}
	return out
}

// oneBelow is the name one label below another, on the way from start.
func oneBelow(start, top string) string {
	rest := strings.TrimSuffix(start, "."+top)
	return rest[strings.LastIndexByte(rest, '.')+1:] + "." + top
}

func present(steps []dmarcStep, name string) (dmarcStep, bool) {
	for _, step := range steps {
		if step.name == name && step.presence == resolver.Present {
			return step, true
		}
	}
	return dmarcStep{}, false
}
