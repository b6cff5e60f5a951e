package job

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/mxvet/mxvet/scanner"
)

// View is a job as somebody sees it who does not work on it: it may be open
// elsewhere, and go on meanwhile. Make one with Look.
type View struct {
	path string
	mu   sync.Mutex
	file *file
	job  Job

	temporary string // folder of the copy this looks at; empty for none
}

// State is how far a job is.
type State struct {
	Job      Job
	Running  bool      // some process has it open
	Rows     int64     // lines of input read so far
	Finished int64     // rows that are final
	Deferred int64     // rows that wait for their time, greylisted ones among them
	NextDue  time.Time // when the first of those is due; zero for none
}

// Look opens a job to read it. Errors are *Foreign and those of the system;
// one that is not there is fs.ErrNotExist.
func Look(_ context.Context, path string) (*View, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	f, err := openFile(path, "rw") // the log of a dead process cannot be read without writing its index
	if err != nil {
		return nil, err
	}
	v := &View{path: path, file: f}
	if err := v.look(); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func (v *View) look() error {
	fresh, err := v.file.isFresh(v.path)
	if err != nil {
		return err
	}
	if fresh {
		return &Foreign{Path: v.path, Reason: "an empty file, not a job"}
	}
	if err := v.takeUp(); err != nil {
		return err
	}
	if err := v.file.script("PRAGMA query_only = ON"); err != nil {
		return err
	}
	v.job, _, err = v.file.job()
	return err
}

// takeUp sees to what is in the journal and not in the tables: where the process
// is alive that takes it there, this looks at a copy for which that is done.
func (v *View) takeUp() error {
	var waiting int64
	if _, err := v.file.one("SELECT count(*) FROM journal", nil, &waiting); err != nil || waiting == 0 {
		return err
	}
	busy, err := held(v.path)
	if err != nil {
		return err
	}
	if busy {
		if err := v.copy(); err != nil {
			return err
		}
	}
	return v.file.takeUpJournal()
}

// copy goes on with a copy of the file in a folder that only its owner may read.
func (v *View) copy() (err error) {
	if v.temporary, err = os.MkdirTemp("", "mxvet-job-"); err != nil {
		return err
	}
	path := filepath.Join(v.temporary, "job")
	if err := touch(path); err != nil {
		return err
	}
	if _, err := v.file.exec("VACUUM INTO ?", path); err != nil {
		return err
	}
	copied, err := openFile(path, "rw")
	if err != nil {
		return err
	}
	err = v.file.close()
	v.file = copied
	return err
}

// Close ends the reading.
func (v *View) Close() error {
	err := v.file.close()
	if v.temporary != "" {
		err = errors.Join(err, os.RemoveAll(v.temporary))
	}
	return err
}

// State says how far the job is now. It reads all of it, which takes a second
// for a million rows.
func (v *View) State() (State, error) {
	running, err := held(v.path)
	if err != nil {
		return State{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	state := State{Job: v.job, Running: running}
	var due int64
	_, err = v.file.one("SELECT rows, coalesce(finished, 0), coalesce(waiting, 0) FROM progress", nil, &state.Rows, &state.Finished, &state.Deferred)
	if err != nil {
		return state, err
	}
	if _, err := v.file.one("SELECT coalesce(min(due), 0) FROM work WHERE settled = 0 AND due > ?", []any{time.Now().UnixNano()}, &due); err != nil {
		return state, err
	}
	if due != 0 {
		state.NextDue = time.Unix(0, due)
	}
	return state, nil
}

// held reports whether somebody works on a job.
func held(path string) (bool, error) {
	if _, err := os.Stat(lockPath(path)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	l, err := takeLock(path, 0)
	if _, used := errors.AsType[*InUse](err); used {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, l.release()
}

// Recall returns what was remembered under key.
func (v *View) Recall(_ context.Context, key string) (scanner.Known, int64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.file.recall(key)
}

// Results yields the rows that are final now, in order, and passes over the
// others; it waits for nothing.
func (v *View) Results(ctx context.Context) iter.Seq2[scanner.Result, error] {
	return func(yield func(scanner.Result, error) bool) {
		for after := int64(0); ; {
			if ctx.Err() != nil {
				yield(scanner.Result{}, context.Cause(ctx))
				return
			}
			results, err := v.page(after)
			if err != nil {
				yield(scanner.Result{}, err)
				return
			}
			if len(results) == 0 {
				return
			}
			for _, result := range results {
				if after = result.ID; result.Done && !yield(result, nil) {
					return
				}
			}
		}
	}
}

func (v *View) page(after int64) ([]scanner.Result, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	rows, _, err := v.file.results(after, func(row) bool { return true })
	if err != nil {
		return nil, err
	}
	return rows.decoded()
}

// Prune removes the files of a job that nobody works on; it is an *InUse where
// somebody does, and a *Foreign where the file is no job.
func Prune(ctx context.Context, path string) error {
	l, err := takeLock(path, patience)
	if err != nil {
		return err
	}
	v, err := Look(ctx, path)
	if err != nil {
		return errors.Join(err, l.release())
	}
	return errors.Join(v.Close(), remove(path), l.release())
}
