package job

import (
	"bytes"
	"database/sql"
	"encoding/json"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// change is one thing that was told to a Store. Making it again changes nothing.
type change struct {
	Add    *scanner.Work
	Assign *assigned
	Know   *learned
	Fact   *scanner.Fact
	Due    int64 // of Fact
}

type assigned struct {
	Domain string `json:"domain"`
	Queue  string `json:"queue"`
}

type learned struct {
	key   string
	known scanner.Known
}

// storedChange is a change as a line of the journal.
type storedChange struct {
	Add    *storedWork `json:"add,omitempty"`
	Assign *assigned   `json:"assign,omitempty"`
	Key    string      `json:"key,omitempty"`
	Know   *facts      `json:"know,omitempty"`
	Fact   *storedFact `json:"fact,omitempty"`
}

type storedWork struct {
	ID      int64      `json:"id"`
	Kind    probe.Kind `json:"kind"`
	Domain  string     `json:"domain"`
	Mailbox string     `json:"mailbox,omitempty"`
	Syntax  *fault     `json:"syntax,omitempty"`
	Input   *line      `json:"input,omitempty"`
	Same    int64      `json:"same,omitempty"`
	Fate    judge.Fate `json:"fate,omitempty"`
	Settled bool       `json:"settled,omitempty"`
}

type storedFact struct {
	Work     int64      `json:"work"`
	First    int        `json:"first,omitempty"`
	Attempts []outcome  `json:"attempts,omitempty"`
	Fate     judge.Fate `json:"fate,omitempty"`
	Settled  bool       `json:"settled,omitempty"`
	Due      int64      `json:"due,omitempty"`
}

// encodeChanges writes changes as lines of JSON.
func encodeChanges(changes []change) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for _, c := range changes {
		if err := encoder.Encode(c.stored()); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

func (c change) stored() (stored storedChange) {
	stored.Assign = c.Assign
	if w := c.Add; w != nil {
		stored.Add = &storedWork{ID: w.ID, Kind: w.Kind, Domain: w.Domain, Same: w.Same, Fate: w.Fate, Settled: w.Settled}
		if w.Mailbox != nil {
			stored.Add.Mailbox = w.Mailbox.String()
		}
		if w.Syntax != nil {
			stored.Add.Syntax = storedSyntax(w.Syntax)
		}
		if w.Kind != probe.RandomKind {
			stored.Add.Input = storedInput(w.Input)
		}
	}
	if c.Know != nil {
		known := storedKnown(c.Know.known)
		stored.Key, stored.Know = c.Know.key, &known
	}
	if fact := c.Fact; fact != nil {
		stored.Fact = &storedFact{Work: fact.Work, First: fact.First, Fate: fact.Fate, Settled: fact.Settled, Due: c.Due}
		for _, o := range fact.Attempts {
			stored.Fact.Attempts = append(stored.Fact.Attempts, storedOutcome(o))
		}
	}
	return stored
}

func (s storedChange) kept() (c change, err error) {
	c.Assign = s.Assign
	if w := s.Add; w != nil {
		c.Add = &scanner.Work{ID: w.ID, Kind: w.Kind, Domain: w.Domain, Same: w.Same, Fate: w.Fate, Settled: w.Settled}
		if w.Mailbox != "" {
			c.Add.Mailbox = new(address.Address)
			if err := c.Add.Mailbox.UnmarshalText([]byte(w.Mailbox)); err != nil {
				return c, err
			}
		}
		if w.Syntax != nil {
			c.Add.Syntax = w.Syntax.kept()
		}
		if w.Input != nil {
			c.Add.Input = w.Input.kept()
		}
	}
	if s.Know != nil {
		c.Know = &learned{s.Key, s.Know.kept()}
	}
	if fact := s.Fact; fact != nil {
		c.Fact, c.Due = &scanner.Fact{Work: fact.Work, First: fact.First, Fate: fact.Fate, Settled: fact.Settled}, fact.Due
		for _, o := range fact.Attempts {
			c.Fact.Attempts = append(c.Fact.Attempts, o.kept())
		}
	}
	return c, nil
}

// apply makes changes in the tables; with all, nothing is left in the journal
// that is not made then.
func (s *Store) apply(changes []change, all bool) error {
	if err := s.index(); err != nil {
		return err
	}
	for _, c := range changes {
		if err := s.file.apply(c); err != nil {
			return err
		}
	}
	if !all {
		return nil
	}
	_, err := s.file.exec("DELETE FROM journal")
	return err
}

func (f *file) apply(c change) (err error) {
	switch {
	case c.Add != nil:
		return f.applyWork(*c.Add)
	case c.Assign != nil:
		return f.applyAssigned(*c.Assign)
	case c.Know != nil:
		var text string
		if text, err = encodeKnown(c.Know.known); err == nil {
			_, err = f.exec("INSERT INTO known (key, facts, revision) VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE SET facts = excluded.facts, revision = revision + 1", c.Know.key, text)
		}
		return err
	case c.Fact != nil:
		return f.applyFact(*c.Fact, c.Due)
	}
	return nil
}

func (f *file) applyWork(w scanner.Work) error {
	if _, err := f.insert(w); err != nil || w.Kind != probe.RandomKind {
		return err
	}
	_, err := f.exec("INSERT INTO domains (name, random) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET random = excluded.random", w.Domain, w.ID)
	return err
}

func (f *file) applyAssigned(a assigned) error {
	_, err := f.exec("INSERT INTO domains (name, queue) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET queue = excluded.queue WHERE queue IS NULL", a.Domain, a.Queue)
	if err != nil || a.Queue != "" {
		return err
	}
	_, err = f.exec("UPDATE work SET settled = 1 WHERE domain = ? AND settled = 0 AND same = 0", a.Domain)
	return err
}

func (f *file) applyFact(fact scanner.Fact, due int64) error {
	for i, o := range fact.Attempts {
		text, err := encodeOutcome(o)
		if err != nil {
			return err
		}
		if _, err := f.exec("INSERT OR IGNORE INTO attempts (work, n, outcome) VALUES (?, ?, ?)", fact.Work, fact.First+i, text); err != nil {
			return err
		}
	}
	if fact.Fate == "" && !fact.Settled && due == 0 {
		return nil
	}
	_, err := f.exec("UPDATE work SET fate = iif(?1 <> '', ?1, fate), settled = max(settled, ?2), due = max(due, ?3) WHERE id = ?4", string(fact.Fate), fact.Settled, due, fact.Work)
	return err
}

// takeUpJournal takes what a process that died had in the journal to the tables.
func (f *file) takeUpJournal() error {
	var texts []string
	err := f.each("SELECT changes FROM journal ORDER BY id", nil, func(rows *sql.Rows) (bool, error) {
		var text string
		err := rows.Scan(&text)
		texts = append(texts, text)
		return true, err
	})
	if err != nil || len(texts) == 0 {
		return err
	}
	if err := f.script("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, text := range texts {
		for decoder := json.NewDecoder(bytes.NewReader([]byte(text))); decoder.More(); {
			var stored storedChange
			if err := decoder.Decode(&stored); err != nil {
				return err
			}
			c, err := stored.kept()
			if err == nil {
				err = f.apply(c)
			}
			if err != nil {
				return err
			}
		}
	}
	return f.script("DELETE FROM journal; COMMIT")
}
