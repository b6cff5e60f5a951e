package job

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/pace"
	"github.com/mxvet/mxvet/scanner/storetest"
)

func openAhead(t *testing.T, path string) scanner.Store { return open(t, path).Ahead() }

func TestAhead(t *testing.T) {
	storetest.Run(t, func(t *testing.T) scanner.Store { return openAhead(t, filepath.Join(t.TempDir(), "job")) })
}

// TestCrashAhead copies the files as they stand once the journal is written.
func TestCrashAhead(t *testing.T) {
	storetest.Durable(t,
		func(t *testing.T) scanner.Store { return openAhead(t, filepath.Join(t.TempDir(), "job")) },
		func(t *testing.T, died scanner.Store) scanner.Store {
			path := filepath.Join(t.TempDir(), "job")
			s, ok := died.(*Store)
			if a, first := died.(*ahead); first {
				s, ok = a.store, true
				close(a.quit)
				a.running.Wait()
				must(t, a.journal())
				a.once.Do(func() {})
			}
			if !ok {
				t.Fatalf("a %T died", died)
			}
			for _, suffix := range []string{"", "-wal"} {
				content, err := os.ReadFile(s.path + suffix)
				must(t, err)
				must(t, os.WriteFile(path+suffix, content, 0o600))
			}
			return openAhead(t, path)
		})
}

// fillUp leaves no room on the disk for what the file does not hold yet.
func fillUp(t *testing.T, s *Store) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	must(t, s.file.script("PRAGMA max_page_count = 1")) // SQLite makes it as many as there are
}

// isFull reports whether an error says which file had no room.
func isFull(err error, path string) bool {
	return err != nil && strings.HasPrefix(err.Error(), path) && hasCode(err, codeFull) && !errors.Is(err, scanner.ErrDone)
}

const codeFull = 13 // SQLITE_FULL

// TestDiskFullUnderAhead has the disk fill up when all work waits for its time,
// and nobody is about to keep anything more.
func TestDiskFullUnderAhead(t *testing.T) {
	for name, read := range map[string]func(scanner.Store, context.Context) iter.Seq2[scanner.Result, error]{
		"rows in order":         scanner.Store.Results,
		"rows as they finished": scanner.Store.Finished,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, filepath.Join(t.TempDir(), "job"))
				store := s.Ahead()
				w := mailbox(1)
				must(t, errors.Join(store.Add(t.Context(), w), store.Assign(t.Context(), w.Domain, "q")))
				claim, err := store.Claim(t.Context())
				must(t, err)
				time.Sleep(time.Second)
				fillUp(t, s)
				later := probe.Outcome{Kind: probe.AddressKind, Code: 451, Text: strings.Repeat("greylisted ", 10_000)}
				must(t, claim.Defer(time.Now().Add(time.Hour), scanner.Fact{Work: 1, Attempts: []probe.Outcome{later}}))
				must(t, claim.Finish())
				if _, err := store.Claim(t.Context()); !isFull(err, s.path) {
					t.Errorf("who claims is told %v, want that the disk is full", err)
				}
				var last error
				for result, err := range read(store, t.Context()) {
					if last = err; err == nil {
						t.Errorf("row %d came out as nobody will know it", result.ID)
					}
				}
				if !isFull(last, s.path) {
					t.Errorf("who reads is told %v, want that the disk is full", last)
				}
			})
		})
	}
}

// TestRunOnAFullDisk: the disk is full while greylisted addresses are waited
// for. The run has failed, and goes on once there is room.
func TestRunOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var list []string
		for i := range 50 {
			list = append(list, fmt.Sprintf("user%d@greylist.example", i))
		}
		w := newWorld(t, pace.Own(), list)
		path := filepath.Join(t.TempDir(), "job")
		s, err := openJob(t, path, specimen)
		must(t, err)
		fillUp(t, s)
		w.scanner.NewStore = s.Ahead
		got := new(verdicts)
		if _, err := w.scanner.Run(t.Context(), input.Arguments(list), got); !isFull(err, path) {
			t.Errorf("the run ended with %v, want that the disk is full", err)
		}
		if got.run != nil {
			t.Errorf("the run counts as whole: %+v", got.run)
		}
		if err := s.Close(); !isFull(err, path) {
			t.Errorf("closing says %v, want that the disk is full", err)
		}

		s, err = openJob(t, path, specimen)
		must(t, err)
		if got := w.run(t.Context(), s); !s.Resumed() || got.run.Interrupt || len(got.rows) != len(list) {
			t.Errorf("gone on with: %v, %d rows, %+v", s.Resumed(), len(got.rows), got.run)
		}
	})
}
