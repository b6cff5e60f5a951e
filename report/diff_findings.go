package report

import (
	"cmp"
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// FindingChange is a finding that is not as it was.
type FindingChange struct {
	Type   string              `json:"type"` // "finding_change"
	Change ChangeWord          `json:"change"`
	Why    string              `json:"why,omitempty"` // it is gone or was not measured; of a new one, that it was not measured before
	Was    *scanner.FindingRow `json:"was"`
	Is     *scanner.FindingRow `json:"is"`
}

// ChangeWord is a closed list, in the order in which changes are told.
type ChangeWord string

const (
	NewFinding  ChangeWord = "new"
	Changed     ChangeWord = "changed"      // another severity, or evidence that differs in more than times
	NotMeasured ChangeWord = "not_measured" // the facts it rested on were not come by this time
	Gone        ChangeWord = "gone"         // they were, and it is not there
)

var changeWords = [...]ChangeWord{NewFinding, Changed, NotMeasured, Gone}

// Finding is the one to show: as it is, or as it was.
func (c *FindingChange) Finding() *scanner.FindingRow { return cmp.Or(c.Is, c.Was) }

// Replay tells all rows of a scan to a sink, as often as it is called, findings
// among them as today's checks make them.
type Replay func(scanner.Sink) error

// fingerprint stands for a finding's check and place.
type fingerprint [16]byte

func fingerprintOf(f *scanner.FindingRow) (out fingerprint) {
	name, _ := place(f)
	sum := sha256.Sum256([]byte(strings.Join([]string{f.ID, f.Provider, f.Domain, name}, "\x00")))
	copy(out[:], sum[:])
	return out
}

// wording stands for what a finding says.
type wording [8]byte

func wordingOf(f *scanner.FindingRow) (out wording) {
	sum := sha256.Sum256([]byte(string(f.Severity) + " " + timeless(f.Evidence)))
	copy(out[:], sum[:])
	return out
}

// fleeting is what differs from one asking to the next, and says nothing: times
// of day, how long something took, and the port that we came from.
var fleeting = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\b(mon|tue|wed|thu|fri|sat|sun), \d+ [a-z]{3} \d{4} [\d:]+ \S+`, // RFC 5322 s3.3
	`\b\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d)?\S*`,
	`\b\d?\d:\d\d:\d\d\b`,
	`\b\d+(\.\d+)? ?(ms|s|sec|seconds?|m|minutes?)\b`,
	`\S+:\d+->`,
}, "|"))

func timeless(text string) string { return fleeting.ReplaceAllString(text, "#") }

// known is a finding of the older scan, or one that was told as new.
type known struct {
	wording
	met bool
}

// comparison is two scans being compared.
type comparison struct {
	older, newer *scope
	known        map[fingerprint]known
	changed      map[fingerprint]*scanner.FindingRow // as they are
	changes      []FindingChange
	same         int
}

// DiffFindings compares two scans and returns what is not as it was: new
// findings first, then those that changed, those that were not measured and
// those that are gone, each by severity. same is how many are as they were. A
// finding is known again by its check and what it is about, as a baseline does,
// whatever its words.
//
// Of the rows nothing is held but names and which facts they have, and of the
// findings fingerprints; therefore the older scan is replayed twice.
func DiffFindings(older, newer Replay) (changes []FindingChange, same int, err error) {
	names := make(map[string]string)
	c := &comparison{older: newScope(names), newer: newScope(names), known: make(map[fingerprint]known), changed: make(map[fingerprint]*scanner.FindingRow)}
	for _, pass := range [...]struct {
		replay Replay
		scope  *scope
		see    func(*scanner.FindingRow)
	}{{older, c.older, c.before}, {newer, c.newer, c.after}, {older, nil, c.since}} {
		if err := pass.replay(lookout{pass.scope, pass.see}); err != nil {
			return nil, 0, err
		}
	}
	slices.SortStableFunc(c.changes, func(a, b FindingChange) int {
		return cmp.Or(cmp.Compare(slices.Index(changeWords[:], a.Change), slices.Index(changeWords[:], b.Change)),
			cmp.Compare(b.Finding().Severity.Rank(), a.Finding().Severity.Rank()), cmp.Compare(a.Finding().ID, b.Finding().ID))
	})
	return c.changes, c.same, nil
}

// lookout is the sink of one pass.
type lookout struct {
	scope *scope
	see   func(*scanner.FindingRow)
}

func (l lookout) Put(row scanner.Row) error {
	if finding, ok := row.(*scanner.FindingRow); ok {
		l.see(finding)
	} else if l.scope != nil {
		l.scope.add(row)
	}
	return nil
}

// before notes a finding of the older scan.
func (c *comparison) before(f *scanner.FindingRow) {
	at := fingerprintOf(f)
	if _, ok := c.known[at]; !ok {
		c.known[at] = known{wording: wordingOf(f)}
	}
}

// after holds one of the newer scan against it. The first of several lines that
// name one domain counts.
func (c *comparison) after(f *scanner.FindingRow) {
	at := fingerprintOf(f)
	was, ok := c.known[at]
	switch {
	case !ok:
		change := FindingChange{Type: typeChange, Change: NewFinding, Is: f}
		if before := c.older.of(f, c.newer); !before.gone {
			change.Why = "not measured before: " + before.why
		}
		c.changes = append(c.changes, change)
	case was.met:
		return
	case was.wording == wordingOf(f):
		c.same++
	default:
		c.changed[at] = f
	}
	c.known[at] = known{wording: was.wording, met: true}
}

// since tells what has become of one of the older scan.
func (c *comparison) since(f *scanner.FindingRow) {
	at := fingerprintOf(f)
	is := c.changed[at]
	switch {
	case is != nil:
		delete(c.changed, at)
		c.changes = append(c.changes, FindingChange{Type: typeChange, Change: Changed, Was: f, Is: is})
	case !c.known[at].met:
		c.known[at] = known{met: true}
		change := FindingChange{Type: typeChange, Change: NotMeasured, Was: f}
		now := c.newer.of(f, c.older)
		if change.Why = now.why; now.gone {
			change.Change = Gone
		}
		c.changes = append(c.changes, change)
	}
}

const typeChange = "finding_change"
