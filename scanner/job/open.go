package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// Options say what a file is for and how its work is handed out.
type Options struct {
	Job      Job // compared with the file's own where there is one
	PerQueue int // claims of one queue in hand at a time; 1 where less
	PerClaim int // pieces of work in one claim at most; 1 where less
}

// Open opens a job file, or begins one that only its owner may read. A file
// that was begun before is gone on with: what was answered stays, what was in
// hand is free again, and decisions that only an interruption made are
// forgotten.
//
// Errors are *InUse where another process has it open, *Mismatch where it is
// for another input or was begun with other flags, *Foreign where it is no job
// file, and those of the system.
func Open(_ context.Context, path string, options Options) (*Store, error) {
	lock, err := takeLock(path, patience)
	if err != nil {
		return nil, err
	}
	s := newStore(path, options)
	s.lock = lock
	if err := s.open(options.Job); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(j Job) error {
	if err := touch(s.path); err != nil {
		return err
	}
	var err error
	if s.file, err = openFile(s.path, "rw"); err != nil {
		return err
	}
	fresh, err := s.file.isFresh(s.path)
	if err != nil {
		return err
	}
	// NORMAL writes no less than FULL does: it leaves out the sync to disk at
	// every commit, which a dead process does not need, and a machine without
	// power loses its last commits but never the file.
	if err := s.file.script("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 16000"); err != nil {
		return err
	}
	j.PID = os.Getpid()
	if fresh {
		j.Created = time.Now()
		s.job = j
		return s.create()
	}
	was, _, err := s.file.job()
	if err != nil {
		return err
	}
	if err := was.matches(s.path, j); err != nil {
		return err
	}
	was.PID = j.PID
	s.job, s.resumed = was, true
	return s.reload()
}

// isFresh reports whether a file has nothing in it yet; it is a *Foreign where
// what it has is not ours.
func (f *file) isFresh(path string) (bool, error) {
	var application, version, tables int64
	for query, into := range map[string]*int64{"PRAGMA application_id": &application, "PRAGMA user_version": &version, "SELECT count(*) FROM sqlite_schema": &tables} {
		_, err := f.one(query, nil, into)
		if hasCode(err, codeNotDB) {
			return false, &Foreign{Path: path, Reason: "not a job file", Err: err}
		}
		if err != nil {
			return false, err
		}
	}
	switch {
	case application == 0 && tables == 0:
		return true, nil
	case application != applicationID:
		return false, &Foreign{Path: path, Reason: "a SQLite file, but not a job file"}
	case version != schemaVersion:
		return false, &Foreign{Path: path, Reason: fmt.Sprintf("a job file of another version of mxvet (form %d, not %d)", version, schemaVersion)}
	default:
		return false, nil
	}
}

// create writes the empty tables, all or nothing.
func (s *Store) create() error {
	if err := s.file.script(fmt.Sprintf("BEGIN IMMEDIATE; PRAGMA application_id = %d; PRAGMA user_version = %d;\n%s", applicationID, schemaVersion, schema)); err != nil {
		return err
	}
	if err := s.file.begin(s.job); err != nil {
		return err
	}
	return s.file.script("COMMIT")
}

// reload takes up what a file holds.
func (s *Store) reload() error {
	if err := s.file.takeUpJournal(); err != nil {
		return err
	}
	if _, err := s.file.exec("UPDATE job SET pid = ?", s.job.PID); err != nil {
		return err
	}
	// Of unsettled work a fate says how it was cut off, and it is not cut off now.
	if _, err := s.file.exec("UPDATE work SET fate = '' WHERE settled = 0 AND fate <> ''"); err != nil {
		return err
	}
	if _, err := s.file.one("SELECT coalesce(max(id), 0), count(*) FILTER (WHERE settled = 0 AND same = 0) FROM work", nil, &s.last, &s.unsettled); err != nil {
		return err
	}
	if _, err := s.file.one("SELECT count(*) FROM domains WHERE queue IS NOT NULL", nil, &s.decided); err != nil || s.decided == 0 {
		return err
	}
	return s.requeue()
}

// requeue puts all open work of decided domains back into its queues, in the
// order in which it came there at first.
func (s *Store) requeue() error {
	if err := s.index(); err != nil {
		return err
	}
	now := time.Now().UnixNano()
	var lastDomain, lastID int64
	err := s.file.each(`SELECT domains.id, domains.queue, work.id, work.due FROM domains CROSS JOIN work INDEXED BY work_open
		ON work.domain = domains.name WHERE domains.queue <> '' AND work.settled = 0 AND work.same = 0 ORDER BY domains.id, work.id`, nil,
		func(rows *sql.Rows) (bool, error) {
			var domain, id, due int64
			var key string
			if err := rows.Scan(&domain, &key, &id, &due); err != nil {
				return false, err
			}
			q := s.queue(key)
			if due > now {
				s.putOff(deferred{due: due, work: id, queue: q})
				return true, nil
			}
			q.Waiting = append(q.Waiting, id)
			if n := len(q.Waiting); domain == lastDomain && lastID < 0 && n > 1 && q.Waiting[n-2] == lastID {
				q.Waiting[n-2], q.Waiting[n-1] = id, lastID // the random mailbox goes second
			}
			lastDomain, lastID = domain, id
			return true, nil
		})
	for _, q := range s.queues {
		s.waiting += len(q.Waiting)
		s.ready.Fix(q, s.perQueue)
	}
	return err
}
