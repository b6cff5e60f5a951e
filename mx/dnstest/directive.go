package dnstest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// verb is a way to misbehave, as written after ";!".
type verb string

const (
	servfail verb = "servfail"
	refused  verb = "refused"
	timeout  verb = "timeout"
	delay    verb = "delay"
	truncate verb = "truncate"
	secure   verb = "secure"
)

// directive is one ";!" line. An empty name stands for all names, kind 0 for
// all types.
type directive struct {
	verb verb
	name string
	kind uint16
	wait time.Duration // of delay
}

func parseDirectives(text string) ([]directive, error) {
	var out []directive
	for i, line := range strings.Split(text, "\n") {
		words, ok := strings.CutPrefix(strings.TrimSpace(line), ";!")
		if !ok {
			continue
		}
		d, err := parseDirective(strings.Fields(words))
		if err != nil {
			return nil, fmt.Errorf("zone text: line %d: %w", i+1, err)
		}
		out = append(out, d)
	}
	return out, nil
}

func parseDirective(words []string) (directive, error) {
	if len(words) == 0 {
		return directive{}, fmt.Errorf("nothing after \";!\"")
	}
	d, words := directive{verb: verb(words[0])}, words[1:]
	switch d.verb {
	case servfail, refused, timeout, truncate, secure:
	case delay:
		if len(words) == 0 {
			return d, fmt.Errorf(";!delay without a time")
		}
		var err error
		if d.wait, err = time.ParseDuration(words[len(words)-1]); err != nil {
			return d, fmt.Errorf(";!delay: %w", err)
		}
		words = words[:len(words)-1]
	default:
		return d, fmt.Errorf("unknown directive %q", d.verb)
	}
	return d, d.parseTarget(words)
}

// parseTarget reads the "name [TYPE]" of a directive.
func (d *directive) parseTarget(words []string) error {
	if len(words) > 2 {
		return fmt.Errorf(";!%s: %q is too much", d.verb, words[2:])
	}
	if len(words) == 0 && d.verb != secure {
		return fmt.Errorf(";!%s without a name", d.verb)
	}
	if len(words) > 0 {
		d.name = canonical(words[0])
	}
	if len(words) > 1 {
		kind, ok := dns.StringToType[words[1]]
		if !ok {
			return fmt.Errorf(";!%s: unknown type %q", d.verb, words[1])
		}
		d.kind = kind
	}
	return nil
}

func (d directive) strikes(names []string, kind uint16) bool {
	return (d.name == "" || slices.Contains(names, d.name)) && (d.kind == 0 || d.kind == kind)
}

// behaviour is what the directives say of one question together.
type behaviour struct {
	rcode    int // SERVFAIL or REFUSED; dns.RcodeSuccess for an honest answer
	silent   bool
	truncate bool
	secure   bool
	wait     time.Duration
}

// behaviour gathers the directives that strike a question of this kind whose
// CNAME chain passes through names.
func (z *Zone) behaviour(names []string, kind uint16) behaviour {
	var b behaviour
	for _, d := range z.directives {
		if !d.strikes(names, kind) {
			continue
		}
		switch d.verb {
		case servfail:
			b.rcode = dns.RcodeServerFailure
		case refused:
			b.rcode = dns.RcodeRefused
		case timeout:
			b.silent = true
		case truncate:
			b.truncate = true
		case secure:
			b.secure = true
		case delay:
			b.wait += d.wait
		}
	}
	return b
}
