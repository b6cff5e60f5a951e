package job

import (
	"context"
	"sync"

	"github.com/mxvet/mxvet/scanner"
)

// Remember keeps what is known under key.
func (s *Store) Remember(_ context.Context, key string, known scanner.Known, revision int64) (int64, error) {
	text, err := encodeKnown(known)
	if err != nil {
		return 0, err
	}
	stale := false
	err = s.change(true, func() error {
		query, args := "INSERT OR IGNORE INTO known (key, facts, revision) VALUES (?, ?, 1)", []any{key, text}
		if revision != 0 {
			query, args = "UPDATE known SET facts = ?, revision = revision + 1 WHERE key = ? AND revision = ?", []any{text, key, revision}
		}
		n, err := s.file.exec(query, args...)
		stale = n == 0
		s.recent.forget(key)
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case stale:
		return 0, scanner.ErrStale
	default:
		return revision + 1, nil
	}
}

// Recall returns what was remembered under key.
func (s *Store) Recall(_ context.Context, key string) (scanner.Known, int64, error) {
	if found, ok := s.recent.get(key); ok {
		return found.Known, found.revision, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return scanner.Known{}, 0, s.err
	}
	known, revision, err := s.file.recall(key)
	if err == nil && revision != 0 {
		s.recent.put(key, remembered{known, revision})
	}
	return known, revision, err
}

// recentMost is how many domains' facts are in memory: some ten megabytes.
const recentMost = 16_000

// recent is what was recalled last: a domain is asked for again with each of
// its transactions and rows. It is changed under the lock of its Store, so that
// nothing older than the file gets into it.
type recent struct {
	mu    sync.Mutex
	facts map[string]remembered
}

type remembered struct {
	scanner.Known
	revision int64
}

func (r *recent) get(key string) (remembered, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.facts[key]
	return found, ok
}

func (r *recent) put(key string, found remembered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.facts == nil || len(r.facts) >= recentMost {
		r.facts = make(map[string]remembered)
	}
	r.facts[key] = found
}

func (r *recent) forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.facts, key)
}

func (f *file) recall(key string) (known scanner.Known, revision int64, err error) {
	var text string
	found, err := f.one("SELECT facts, revision FROM known WHERE key = ?", []any{key}, &text, &revision)
	if err == nil && found {
		known, err = decodeKnown(text)
	}
	return known, revision, err
}
