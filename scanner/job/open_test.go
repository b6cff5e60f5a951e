package job

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
)

var specimen = Job{Tool: "1.2.3", Input: "e3b0", Flags: []string{"--method=rcpt"}, Columns: []string{"email", "name"}, Asked: "email"}

func openJob(t *testing.T, path string, j Job) (*Store, error) {
	s, err := Open(t.Context(), path, Options{Job: j, PerQueue: 2, PerClaim: 10})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func TestOnlyItsOwnerMayRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job")
	s, err := openJob(t, path, specimen)
	must(t, err)
	must(t, s.Add(t.Context(), mailbox(1)))
	files, err := filepath.Glob(path + "*")
	must(t, err)
	if len(files) < 3 {
		t.Errorf("only %v are there", files)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		must(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(name), mode)
		}
	}
	must(t, s.Remove())
	if files, _ := filepath.Glob(path + "*"); len(files) != 0 {
		t.Errorf("%v are left behind", files)
	}
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job")
	s, err := openJob(t, path, specimen)
	must(t, err)
	_, err = openJob(t, path, specimen)
	used, ok := errors.AsType[*InUse](err)
	if !ok || used.PID != os.Getpid() || used.Hint() == "" {
		t.Errorf("a job that is open was opened again: %v", err)
	}
	if err := Prune(t.Context(), path); !errors.As(err, &used) {
		t.Errorf("a job that is open was pruned: %v", err)
	}
	must(t, s.Add(t.Context(), mailbox(1)))
	must(t, s.Close())
	if s, err = openJob(t, path, specimen); err != nil || !s.Resumed() {
		t.Errorf("a job that was closed: %v", err)
	}
}

func TestOtherJob(t *testing.T) {
	changed := func(change func(*Job)) Job { j := specimen; change(&j); return j }
	for name, test := range map[string]struct {
		job  Job
		what string // empty where it goes on
	}{
		"the same":              {specimen, ""},
		"a newer tool":          {changed(func(j *Job) { j.Tool = "1.3.0" }), ""},
		"a line more":           {changed(func(j *Job) { j.Input = "ba78" }), "input"},
		"another method":        {changed(func(j *Job) { j.Flags = []string{"--method=vrfy"} }), "flags"},
		"flags no longer there": {changed(func(j *Job) { j.Flags = nil }), "flags"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "job")
			s, err := openJob(t, path, specimen)
			must(t, err)
			must(t, s.Close())
			s, err = openJob(t, path, test.job)
			if test.what == "" {
				must(t, err)
				if diff := cmp.Diff(specimen, s.Job(), cmpopts.IgnoreFields(Job{}, "Created", "PID")); diff != "" {
					t.Errorf("job (-want +got):\n%s", diff)
				}
				return
			}
			mismatch, ok := errors.AsType[*Mismatch](err)
			if !ok || mismatch.What != test.what || !strings.Contains(mismatch.Hint(), test.what) {
				t.Errorf("opened: %v, want the %s refused", err, test.what)
			}
		})
	}
}

func TestForeignFile(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a list": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("ann@example.org\n", 100)), 0o600)
		},
		"another program's database": func(path string) error {
			f, err := openFile(path, "rwc")
			if err != nil {
				return err
			}
			return errors.Join(f.script("CREATE TABLE songs (name TEXT)"), f.close())
		},
		"a job of another form": func(path string) error {
			s, err := Open(context.Background(), path, Options{})
			if err != nil {
				return err
			}
			return errors.Join(s.file.script("PRAGMA user_version = 99"), s.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "job")
			must(t, make(path))
			before, err := os.ReadFile(path)
			must(t, err)
			_, opening := openJob(t, path, specimen)
			_, looking := Look(t.Context(), path)
			for _, err := range []error{opening, looking, Prune(t.Context(), path)} {
				if _, ok := errors.AsType[*Foreign](err); !ok {
					t.Errorf("%v, want a *Foreign", err)
				}
			}
			after, err := os.ReadFile(path)
			must(t, err)
			if !cmp.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestEmptyFileIsBegun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job with #1%20?") // all that a URI has a meaning for
	must(t, os.WriteFile(path, nil, 0o600))               // a process died behind its first step
	if _, err := openJob(t, path, specimen); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("written elsewhere: %v", err)
	}
}

// TestOctets keeps what is not UTF-8 as it is.
func TestOctets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job")
	s, err := openJob(t, path, specimen)
	must(t, err)
	bad := scanner.Work{ID: 1, Kind: probe.AddressKind, Settled: true,
		Input:  input.Input{Row: 1, Line: 2, File: "l.csv", Text: "j\xf6rg@", Values: []string{"j\xf6rg@", "", "caf\u00e9", "a\x00b"}},
		Syntax: &address.Error{Input: "j\xf6rg@", Offset: 1, Char: "0xF6", Rule: address.RuleBadUTF8, Reason: "no UTF-8"}}
	latin := mailbox(2)
	must(t, s.Add(t.Context(), bad, latin))
	must(t, s.Assign(t.Context(), latin.Domain, "q"))
	claim, err := s.Claim(t.Context())
	must(t, err)
	answer := probe.Outcome{Kind: probe.AddressKind, Stage: smtp.Rcpt, Code: 550, Text: "inconnu \xe0 cette adresse"}
	must(t, claim.Progress(scanner.Fact{Work: 2, Attempts: []probe.Outcome{answer}, Settled: true}))
	must(t, s.Close())
	s, err = openJob(t, path, specimen)
	must(t, err)
	latin.Settled = true
	want := []scanner.Result{{Work: bad, Done: true}, {Work: latin, Attempts: []probe.Outcome{answer}, Done: true}}
	var got []scanner.Result
	for result, err := range s.Results(t.Context()) {
		must(t, err)
		got = append(got, result)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(probe.Outcome{})); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

// TestRestart closes a job in which one mailbox was put off, one cut off and
// one left alone for good.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "job")
		s, err := openJob(t, path, specimen)
		must(t, err)
		for id := int64(1); id <= 3; id++ {
			w := mailbox(id)
			must(t, s.Add(t.Context(), w))
			must(t, s.Assign(t.Context(), w.Domain, "q"))
		}
		claim, err := s.Claim(t.Context())
		must(t, err)
		due := time.Now().Add(6 * time.Minute)
		must(t, claim.Defer(due, scanner.Fact{Work: 1}))
		must(t, claim.Progress(scanner.Fact{Work: 2, Fate: judge.FateCutOff}, scanner.Fact{Work: 3, Fate: judge.FateHarvest, Settled: true}))
		must(t, s.Close())
		if err := claim.Progress(scanner.Fact{Work: 2, Settled: true}); err == nil {
			t.Error("a closed file took a fact")
		}

		time.Sleep(time.Minute)
		s, err = openJob(t, path, specimen)
		must(t, err)
		v, err := Look(t.Context(), path)
		must(t, err)
		defer v.Close()
		state, err := v.State()
		must(t, err)
		want := State{Job: s.Job(), Running: true, Rows: 3, Finished: 1, Deferred: state.Deferred, NextDue: due}
		if diff := cmp.Diff(want, state, cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
		left := scanner.Backlog{Open: 2, Waiting: 1, Deferred: 1, LastDue: due}
		if diff := cmp.Diff(left, s.Backlog(), cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("backlog (-want +got):\n%s", diff)
		}
		for _, want := range []struct {
			work int64
			at   time.Time
		}{{2, time.Now()}, {1, due}} {
			claim, err := s.Claim(t.Context())
			must(t, err)
			item := claim.Items[0]
			if len(claim.Items) != 1 || item.ID != want.work || item.Fate != judge.Asked || !time.Now().Equal(want.at) {
				t.Errorf("%d handed out at %v with fate %q, want %d at %v", item.ID, time.Now(), item.Fate, want.work, want.at)
			}
		}
	})
}

// TestView sees the rows that are final, while others are in hand.
func TestView(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job")
	s, err := openJob(t, path, specimen)
	must(t, err)
	for id := int64(1); id <= 3; id++ {
		w := mailbox(id)
		must(t, errors.Join(s.Add(t.Context(), w), s.Assign(t.Context(), w.Domain, "q")))
	}
	claim, err := s.Claim(t.Context())
	must(t, err)
	must(t, claim.Progress(scanner.Fact{Work: 2, Settled: true}))
	v, err := Look(t.Context(), path)
	must(t, err)
	defer v.Close()
	var ids []int64
	for result, err := range v.Results(t.Context()) {
		must(t, err)
		ids = append(ids, result.ID)
	}
	if diff := cmp.Diff([]int64{2}, ids); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if _, err := v.file.exec("DELETE FROM work"); err == nil {
		t.Error("who looks can write")
	}
}

// TestReadBySqlite3 asks the program, where this machine has it, what the
// package doc says.
func TestReadBySqlite3(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job")
	s, err := openJob(t, path, specimen)
	must(t, err)
	must(t, errors.Join(s.Add(t.Context(), mailbox(1), mailbox(2)), s.Assign(t.Context(), domainOf(1), "mx.example")))
	claim, err := s.Claim(t.Context())
	must(t, err)
	answer := probe.Outcome{Kind: probe.AddressKind, Stage: smtp.Rcpt, Host: "mx.example", Code: 250, Text: "Recipient OK"}
	must(t, claim.Progress(scanner.Fact{Work: 1, Attempts: []probe.Outcome{answer}, Settled: true}))
	for query, want := range map[string]string{
		"SELECT * FROM progress": "2|1|0|",
		"SELECT mailbox, code, text FROM answers WHERE host LIKE '%.example'": "ann.archer.1@company-1.example|250|Recipient OK",
	} {
		if got := ask(t, path, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// ask answers a query as a process of its own sees it: by the program sqlite3,
// or by a connection of ours.
func ask(t *testing.T, path, query string) string {
	t.Helper()
	if program, err := exec.LookPath("sqlite3"); err == nil {
		out, err := exec.CommandContext(t.Context(), program, "-readonly", path, query).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	f, err := openFile(path, "ro")
	must(t, err)
	defer f.close()
	rows, err := f.conn.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	values := make([]any, len(columns))
	cells := make([]*string, len(columns))
	for i := range cells {
		values[i] = &cells[i]
	}
	rows.Next()
	must(t, rows.Scan(values...))
	var line []string
	for _, cell := range cells {
		if cell == nil {
			cell = new(string)
		}
		line = append(line, *cell)
	}
	return strings.Join(line, "|")
}

func TestFingerprint(t *testing.T) {
	for name, test := range map[string]struct {
		input, sum string
		lines      int64
	}{
		"empty":                    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0},
		"the example of FIPS 180":  {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 0},
		"line feeds":               {"a\nb\n", "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2", 2},
		"an old Mac's":             {"a\rb\r", "95214dcabd7c592744f2ed461262a22b05fc1b2fd6f332bc83d0acf23193f15b", 2},
		"DOS":                      {"a\r\nb\r\n", "58055bdcc73787eb88c78d36f0b4939e9c5dc1c3ad17e25cc85a6833cf1a0cab", 2},
		"gzip of three line feeds": {gzipOf("a\nb\nc\n"), sumOf(gzipOf("a\nb\nc\n")), 3},
		"gzip cut off":             {gzipOf("a\nb\nc\n")[:12], sumOf(gzipOf("a\nb\nc\n")[:12]), 0},
	} {
		t.Run(name, func(t *testing.T) {
			sum, lines, err := Fingerprint(strings.NewReader(test.input))
			must(t, err)
			if sum != test.sum || lines != test.lines {
				t.Errorf("%s, %d lines", sum, lines)
			}
		})
	}
}

func gzipOf(text string) string {
	var packed strings.Builder
	w := gzip.NewWriter(&packed)
	io.WriteString(w, text)
	w.Close()
	return packed.String()
}

func sumOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
