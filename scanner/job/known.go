package job

import (
	"context"

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
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return scanner.Known{}, 0, s.err
	}
	return s.file.recall(key)
}

func (f *file) recall(key string) (known scanner.Known, revision int64, err error) {
	var text string
	found, err := f.one("SELECT facts, revision FROM known WHERE key = ?", []any{key}, &text, &revision)
	if err == nil && found {
		known, err = decodeKnown(text)
	}
	return known, revision, err
}
