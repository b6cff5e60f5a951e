package job

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"github.com/mxvet/mxvet/scanner"
)

var _ scanner.Elder = (*Store)(nil)

// Answered yields the outcomes that earlier processes kept.
func (s *Store) Answered(ctx context.Context, since time.Time) iter.Seq2[scanner.Answer, error] {
	return func(yield func(scanner.Answer, error) bool) {
		if !s.resumed {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err != nil {
			yield(scanner.Answer{}, s.err)
			return
		}
		err := s.file.each(`SELECT work.domain, outcome FROM attempts JOIN work ON work.id = attempts.work
			WHERE unixepoch(outcome ->> 'at', 'subsec') >= ?
			OR outcome ->> 'meaning' IN ('blocked_client', 'sender_rejected')
			OR work.domain IN (SELECT domain FROM work WHERE settled = 0 AND same = 0)
			ORDER BY unixepoch(outcome ->> 'at', 'subsec'), attempts.work, n`, []any{since.Unix()}, func(rows *sql.Rows) (bool, error) {
			var a scanner.Answer
			var text string
			if err := rows.Scan(&a.Domain, &text); err != nil {
				return false, err
			}
			o, err := decodeOutcome(text)
			if err != nil {
				return false, err
			}
			if a.Outcome = o; ctx.Err() != nil {
				return false, context.Cause(ctx)
			}
			return yield(a, nil), nil
		})
		if err != nil {
			yield(scanner.Answer{}, err)
		}
	}
}
