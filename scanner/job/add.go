package job

import (
	"context"
	"database/sql"
	"slices"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// Add keeps work; some thousand pieces share a transaction, so what was added
// last may be gone after a crash, and is then added again by who reads the
// same input again.
func (s *Store) Add(_ context.Context, work ...scanner.Work) error {
	for some := range slices.Chunk(work, batch) {
		err := s.change(false, func() error {
			for _, w := range some {
				if err := s.add(w); err != nil {
					return err
				}
			}
			s.writing += len(some)
			s.wake()
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) add(w scanner.Work) error {
	if w.ID > 0 && w.ID <= s.last {
		return nil
	}
	var key sql.NullString // NULL while nobody assigned the domain
	waits := !w.Settled && w.Same == 0
	if waits && s.decided > 0 {
		if _, err := s.file.one("SELECT queue FROM domains WHERE name = ?", []any{w.Domain}, &key); err != nil {
			return err
		}
		if key.Valid && key.String == "" {
			w.Settled, waits = true, false
		}
	}
	inserted, err := s.file.insert(w)
	if err != nil || !inserted {
		return err
	}
	s.last = max(s.last, w.ID)
	if !waits && w.ID > 0 {
		s.tell(w.ID)
	}
	if w.Kind == probe.RandomKind {
		if _, err := s.file.exec("INSERT INTO domains (name, random) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET random = excluded.random", w.Domain, w.ID); err != nil {
			return err
		}
	}
	if waits {
		s.unsettled++
		if key.Valid {
			s.enqueue(s.queue(key.String), w.ID)
		}
	}
	return nil
}

// insert writes work unless its ID is there already.
func (f *file) insert(w scanner.Work) (inserted bool, err error) {
	var mailbox, syntax, in any
	if w.Mailbox != nil {
		mailbox = w.Mailbox.String()
	}
	if w.Syntax != nil {
		if syntax, err = encodeSyntax(w.Syntax); err != nil {
			return false, err
		}
	}
	if w.Kind != probe.RandomKind {
		if in, err = encodeInput(w.Input); err != nil {
			return false, err
		}
	}
	n, err := f.exec("INSERT OR IGNORE INTO work (id, kind, domain, mailbox, syntax, input, same, fate, settled, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
		w.ID, string(w.Kind), w.Domain, mailbox, syntax, in, w.Same, string(w.Fate), w.Settled)
	return n > 0, err
}

// Assign puts the work of a domain into a queue, the random mailbox right
// behind the first address, so that both are in the first claim. A domain
// stays where it was assigned first.
func (s *Store) Assign(_ context.Context, name, key string) error {
	return s.change(false, func() error {
		if err := s.index(); err != nil {
			return err
		}
		n, err := s.file.exec("INSERT INTO domains (name, queue) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET queue = excluded.queue WHERE queue IS NULL", name, key)
		if err != nil || n == 0 {
			return err
		}
		s.decided++
		defer s.wake()
		if key == "" {
			return s.settleDomain(name)
		}
		ids, err := s.file.openWork(name)
		if err != nil {
			return err
		}
		s.enqueue(s.queue(key), ids...)
		return nil
	})
}

// index makes it quick to find the open work of a domain. It is made at once
// for all work that was read, which costs a tenth of keeping it while reading.
func (s *Store) index() error {
	if s.indexed {
		return nil
	}
	s.indexed = true
	return s.file.script("CREATE INDEX IF NOT EXISTS work_open ON work (domain, id) WHERE settled = 0 AND same = 0")
}

func (s *Store) settleDomain(name string) error {
	if len(s.readers) > 0 {
		ids, err := s.file.openWork(name)
		if err != nil {
			return err
		}
		for _, id := range ids {
			s.tell(id)
		}
	}
	n, err := s.file.exec("UPDATE work SET settled = 1 WHERE domain = ? AND settled = 0 AND same = 0", name)
	s.unsettled -= int(n)
	return err
}

// openWork lists what is to be asked of a domain, in order, the random mailbox
// second.
func (f *file) openWork(domain string) (ids []int64, err error) {
	err = f.each("SELECT id FROM work WHERE domain = ? AND settled = 0 AND same = 0 ORDER BY id", []any{domain}, func(rows *sql.Rows) (bool, error) {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return true, err
	})
	if len(ids) > 1 && ids[0] < 0 {
		ids[0], ids[1] = ids[1], ids[0]
	}
	return ids, err
}
