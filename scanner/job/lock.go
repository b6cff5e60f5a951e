package job

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// lock keeps a second process from a job. It is the exclusive lock of an empty
// SQLite file beside it: the system drops it when the process dies, however it
// dies, on every system SQLite runs on. The job's own file cannot serve, since
// locking it would keep readers out.
type lock struct {
	path string
	file *file
}

func lockPath(path string) string { return path + "-lock" }

// patience is how long a lock is waited for: somebody who only looks whether
// it is free has it for a moment.
const patience = 250 * time.Millisecond

// takeLock is an *InUse where somebody else has it.
func takeLock(path string, patience time.Duration) (*lock, error) {
	l := &lock{path: lockPath(path)}
	if err := touch(l.path); err != nil {
		return nil, err
	}
	var err error
	if l.file, err = openFile(l.path, "rwc"); err != nil {
		return nil, err
	}
	err = l.file.script(fmt.Sprintf("PRAGMA busy_timeout = %d; BEGIN EXCLUSIVE", patience.Milliseconds()))
	if err == nil {
		return l, nil
	}
	if hasCode(err, codeBusy) {
		err = &InUse{Path: path, PID: holder(path)}
	}
	return nil, errors.Join(err, l.file.close())
}

// holder is the process that has a job open, by its own word; 0 where it is
// not known.
func holder(path string) int {
	f, err := openFile(path, "ro")
	if err != nil {
		return 0
	}
	defer f.close()
	j, _, err := f.job()
	if err != nil {
		return 0
	}
	return j.PID
}

// release removes the file while it is still locked, where the system allows
// that, so that nobody finds it unlocked.
func (l *lock) release() error {
	os.Remove(l.path) // one that stays does no harm
	return l.file.close()
}
