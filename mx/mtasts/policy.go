package mtasts

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxAge is the longest time a policy may ask to be kept, in seconds: a year
// (s3.2).
const MaxAge = 31557600

// maxPatterns are kept: 64 KiB has room for thousands.
const maxPatterns = 256

// Policy is what a policy's text says.
type Policy struct {
	Mode   Mode
	MaxAge int64    // seconds
	MX     []string // patterns in lower case, at most 256
	Faults []string // what some senders overlook and others refuse the policy for, a clause each
}

// ParsePolicy reads a policy's text by s3.2: lines of key: value that end in LF
// or CRLF, in any order; of a key given twice the first line counts, but for mx;
// unknown keys are ignored. The error says in one clause why there is no policy
// in it.
func ParsePolicy(text string) (Policy, error) {
	var p Policy
	if strings.HasPrefix(text, "\ufeff") {
		return p, errors.New("it begins with a byte order mark")
	}
	values := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, line := range lines {
		line = strings.TrimRight(strings.TrimSuffix(line, "\r"), " \t")
		if line == "" {
			p.fault("an empty line")
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok || !isKey(key) {
			return Policy{}, fmt.Errorf("a line is not key: value: %q", cut(line, maxShown))
		}
		value = strings.TrimLeft(value, " \t")
		if key == "mx" {
			p.pattern(value)
			continue
		}
		if _, seen := values[key]; seen {
			p.fault("%s is given twice: the first counts", cut(key, maxShown))
			continue
		}
		values[key] = value
	}
	if err := p.settle(values); err != nil {
		return Policy{}, err
	}
	return p, nil
}

// pattern keeps one value of mx, if senders can read it.
func (p *Policy) pattern(value string) {
	pattern := strings.ToLower(value)
	switch {
	case !isHostName(strings.TrimPrefix(pattern, "*.")):
		p.fault("mx: %q is neither a host name nor *. and one, in A-labels without a final dot", cut(value, maxShown))
	case slices.Contains(p.MX, pattern):
	case len(p.MX) == maxPatterns:
		p.fault("over %d mx patterns", maxPatterns)
	default:
		p.MX = append(p.MX, pattern)
	}
}

// fault notes what was seen, once, and only as much as anybody will read.
func (p *Policy) fault(format string, args ...any) {
	fault := fmt.Sprintf(format, args...)
	if len(p.Faults) < 8 && !slices.Contains(p.Faults, fault) {
		p.Faults = append(p.Faults, fault)
	}
}

// settle reads the values that a policy must have.
func (p *Policy) settle(values map[string]string) error {
	for _, key := range []string{"version", "mode", "max_age"} {
		if _, ok := values[key]; !ok {
			return fmt.Errorf("%s is missing", key)
		}
	}
	if values["version"] != "STSv1" {
		return fmt.Errorf("version is %q, not STSv1", cut(values["version"], maxShown))
	}
	p.Mode = Mode(values["mode"])
	switch p.Mode {
	case Enforce, Testing, NoMode:
	default:
		return fmt.Errorf("mode is %q, not enforce, testing or none", cut(values["mode"], maxShown))
	}
	if err := p.age(values["max_age"]); err != nil {
		return err
	}
	if len(p.MX) == 0 && p.Mode != NoMode {
		return errors.New("no mx line that can be read: no exchanger would be right")
	}
	return nil
}

// age reads max_age, 1 to 10 digits.
func (p *Policy) age(value string) error {
	if value == "" || len(value) > 10 || strings.Trim(value, digits) != "" {
		return fmt.Errorf("max_age is %q, not a number of seconds", cut(value, maxShown))
	}
	p.MaxAge, _ = strconv.ParseInt(value, 10, 64) // ten digits fit
	if p.MaxAge > MaxAge {
		return fmt.Errorf("max_age is %d: over a year, %d s", p.MaxAge, MaxAge)
	}
	return nil
}

// Matches reports whether an exchanger's name, in A-labels, fits one of the
// patterns: the name itself, or *. and the name without its first label. A star
// stands for exactly one label (s4.1).
func (p Policy) Matches(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	first, above, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(p.MX, func(pattern string) bool {
		parent, star := strings.CutPrefix(pattern, "*.")
		return pattern == host && host != "" || star && parent == above && first != "" && above != ""
	})
}

// Write is the text of the policy that allows just these exchangers, ready to be
// served. maxAge is in seconds; names may be patterns.
func Write(mode Mode, mx []string, maxAge int64) string {
	var out strings.Builder
	fmt.Fprintf(&out, "version: STSv1\nmode: %s\n", mode)
	var written []string
	for _, host := range mx {
		host = strings.ToLower(strings.TrimSuffix(host, "."))
		if !slices.Contains(written, host) {
			fmt.Fprintf(&out, "mx: %s\n", host)
			written = append(written, host)
		}
	}
	fmt.Fprintf(&out, "max_age: %d\n", min(max(maxAge, 0), MaxAge))
	return out.String()
}
