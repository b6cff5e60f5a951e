package job

import (
	"fmt"
	"strings"
)

// InUse says that another process has the job open.
type InUse struct {
	Path string
	PID  int // 0 where it is not known
}

func (e *InUse) Error() string {
	if e.PID == 0 {
		return e.Path + ": another process is at work on this job"
	}
	return fmt.Sprintf("%s: process %d is at work on this job", e.Path, e.PID)
}

// Hint is what to try: the text of the hint: line.
func (e *InUse) Hint() string {
	return "wait for it, or stop it and run the same command again: what was answered is kept"
}

// Mismatch says that a job file was begun for something else.
type Mismatch struct {
	Path    string
	What    string // "input" or "flags"
	Was, Is string
}

func (e *Mismatch) Error() string {
	if e.What == "input" {
		return e.Path + ": the input has changed since this job began"
	}
	return fmt.Sprintf("%s: this job was begun with other flags: %s, now %s", e.Path, shownFlags(e.Was), shownFlags(e.Is))
}

func shownFlags(flags string) string {
	if strings.TrimSpace(flags) == "" {
		return "none"
	}
	return flags
}

// Hint is what to try: the text of the hint: line.
func (e *Mismatch) Hint() string {
	return "give the same " + e.What + " to go on; to begin anew, remove " + e.Path + " or write elsewhere with -o"
}

// Foreign says that a file is no job file of this version.
type Foreign struct {
	Path   string
	Reason string // one clause
	Err    error  // the cause, if another error is
}

func (e *Foreign) Error() string { return e.Path + ": " + e.Reason }

func (e *Foreign) Unwrap() error { return e.Err }

// Hint is what to try: the text of the hint: line.
func (e *Foreign) Hint() string {
	return "it is left as it is: move it away, or write elsewhere with -o"
}
