package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// score is how the verdicts stand beside the truth.
type score struct {
	Addresses int
	Right     int
	Lost      int // without a verdict
	wrong     int // named on standard error
}

// shownWrong is how many wrong verdicts of one run are named.
const shownWrong = 3

// score holds the tool's verdicts against the truth. A tool that wrote no file
// has lost all.
func (b *bench) score() (s score, err error) {
	truth := map[string]string{}
	err = verdicts(filepath.Join(b.dir, truthFile), func(email, verdict string) { truth[email] = verdict })
	if err != nil {
		return s, err
	}
	s.Addresses = len(truth)
	err = verdicts(filepath.Join(b.dir, verdictsFile), func(email, verdict string) {
		want, open := truth[email]
		switch {
		case open && want == verdict:
			s.Right++
		case s.wrong < shownWrong:
			s.wrong++
			fmt.Fprintf(b.stderr, "  %s is called %s\n", email, verdict)
		}
		delete(truth, email)
	})
	s.Lost = len(truth)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return s, err
}

// verdicts reads a CSV file with a column of verdicts; the first column is the address.
func verdicts(path string, each func(email, verdict string)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.ReuseRecord = true
	header, err := r.Read()
	column := slices.Index(header, "verdict")
	switch {
	case err == io.EOF:
		return nil
	case err == nil && column < 0:
		return fmt.Errorf("%s has no column of verdicts", path)
	}
	for err == nil {
		var record []string
		if record, err = r.Read(); err == nil {
			each(record[0], record[column])
		}
	}
	if err != io.EOF && !errors.Is(err, csv.ErrFieldCount) { // cut off where a tool was stopped
		return err
	}
	return nil
}
