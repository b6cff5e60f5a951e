package job

import (
	"errors"
	"os"
	"sync"

	"github.com/mxvet/mxvet/scanner"
)

// Store is a scanner.Store in a file. Make one with Open, and end it with
// Close or Remove.
type Store struct {
	path     string
	job      Job
	resumed  bool
	perQueue int
	perClaim int
	lock     *lock

	mu        sync.Mutex
	file      *file
	front     *ahead // that this follows; nil where it is worked with itself
	err       error  // what went wrong with the file: nothing is believed after that
	writing   int    // changes in the transaction that is open
	indexed   bool   // work_open is there
	last      int64  // highest ID of an address
	decided   int    // domains that were assigned
	unsettled int    // work that is not settled
	queues    map[string]*queue
	ready     scanner.Longest[int64] // queues with work that is due and room for a claim
	waiting   int                    // work in all queues
	later     deferredHeap           // work to be handed out again at its time
	lastDue   int64                  // the last such time, while there is any
	claimed   map[int64]bool
	readers   []*scanner.Follower // of Finished
	heads     map[int64]bool      // work that the next row of Results waits for
	recent    recent
	stopped   bool
	changed   chan struct{} // closed, and replaced, when a waiter should look again
}

var _ scanner.Store = (*Store)(nil)

var errClosed = errors.New("job: the file is closed")

func newStore(path string, options Options) *Store {
	return &Store{
		path:     path,
		perQueue: max(options.PerQueue, 1),
		perClaim: max(options.PerClaim, 1),
		queues:   make(map[string]*queue),
		claimed:  make(map[int64]bool),
		heads:    make(map[int64]bool),
		changed:  make(chan struct{}),
	}
}

// Job is what the file is for.
func (s *Store) Job() Job { return s.job }

// Resumed reports whether the file was begun before.
func (s *Store) Resumed() bool { return s.resumed }

// Stop ends the handing out of work.
func (s *Store) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.wake()
}

// wake lets everyone who waits look again.
func (s *Store) wake() {
	clear(s.heads)
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close keeps everything and lets others open the file. Claims in hand are
// lost. Calling it again does nothing.
func (s *Store) Close() error { return s.close(true) }

func (s *Store) close(keep bool) error {
	s.mu.Lock()
	front := s.front
	s.mu.Unlock()
	if front != nil {
		if err := front.end(keep); err != nil {
			return errors.Join(err, s.shut())
		}
	}
	return s.shut()
}

func (s *Store) shut() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		return nil
	}
	var err error
	if s.file != nil {
		if s.err == nil {
			err = s.commit()
		}
		err = errors.Join(err, s.file.close())
	}
	err = errors.Join(err, s.lock.release())
	s.err, s.lock = errors.Join(errClosed, s.err), nil
	s.wake()
	return err
}

// Remove closes the job and removes its files.
func (s *Store) Remove() error { return errors.Join(s.close(false), remove(s.path)) }

// remove removes the files of a job that is closed.
func remove(path string) (err error) {
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if gone := os.Remove(path + suffix); gone != nil && !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// batch is how many changes that need not be kept at once share a transaction.
const batch = 5000

// change makes changes in a transaction. Those that must outlive the process
// from here on are durable; the others may wait for company.
func (s *Store) change(durable bool, change func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.writing == 0 {
		if _, err := s.file.exec("BEGIN IMMEDIATE"); err != nil {
			return s.fail(err)
		}
	}
	s.writing++
	if err := change(); err != nil {
		return s.fail(err)
	}
	if durable || s.writing >= batch {
		if err := s.commit(); err != nil {
			return s.fail(err)
		}
	}
	return nil
}

// commit writes what waits to be written.
func (s *Store) commit() error {
	if s.writing == 0 {
		return nil
	}
	_, err := s.file.exec("COMMIT")
	s.writing = 0
	return err
}

// fail notes that memory and file are no longer of one mind. What the file
// holds is whole, and can be opened again.
func (s *Store) fail(err error) error {
	s.err = &fileError{path: s.path, err: err}
	s.wake()
	return s.err
}

// fileError says which file could not be written or read.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }
