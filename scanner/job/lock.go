package job

import (
	"errors"
	"os"
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

// takeLock is an *InUse where somebody else has it.
func takeLock(path string) (*lock, error) {
	l := &lock{path: lockPath(path)}
	if err := touch(l.path); err != nil {
		return nil, err
	}
	var err error
	if l.file, err = openFile(l.path, "rwc"); err != nil {
		return nil, err
	}
	err = l.file.script("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE")
	if err == nil {
		return l, nil
	}
	if hasCode(err, codeBusy) {
		err = &InUse{Path: path}
	}
	return nil, errors.Join(err, l.file.close())
}

// release removes the file while it is still locked, where the system allows
// that, so that nobody finds it unlocked.
func (l *lock) release() error {
	os.Remove(l.path) // one that stays does no harm
	return l.file.close()
}
