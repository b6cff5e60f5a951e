//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner/cli"
	"github.com/mxvet/mxvet/scanner/lab"
)

// TestKilledRunGoesOn kills a run twice, and has the same command end it.
func TestKilledRunGoesOn(t *testing.T) {
	r := newLongRun(t)
	if status, stderr := r.run("whole.csv"); status != 0 || r.exists("whole.csv.job") {
		t.Fatalf("a run left alone: exit status %d, a job left behind %v: %s", status, r.exists("whole.csv.job"), stderr)
	}
	whole := r.asked()

	r.kill("out.csv", longRows/4)
	r.kill("out.csv", longRows/4)
	if r.exists("out.csv") {
		t.Error("an output that is not whole is in its place")
	}
	if info, err := os.Stat(r.path("out.csv.job")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the job file: %v, %v", info, err)
	}
	status, stderr := r.run("out.csv")
	if status != 0 {
		t.Fatalf("the last run: exit status %d: %s", status, stderr)
	}
	if !strings.Contains(stderr, "going on with "+r.path("out.csv.job")+": ") {
		t.Errorf("it does not say that it goes on: %s", stderr)
	}
	if diff := cmp.Diff(r.rows("whole.csv"), r.rows("out.csv")); diff != "" {
		t.Errorf("(-left alone +killed):\n%s", diff)
	}
	if n := len(r.rows("out.csv")); n != longRows+1 {
		t.Errorf("%d lines of %d", n, longRows+1)
	}
	const inHand = longPeople + 1 // of one conversation with one domain
	if again := r.asked() - 2*whole; again > 2*inHand {
		t.Errorf("%d mailboxes were asked again, more than two kills can have in hand", again)
	}
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != "list.csv" && name != "whole.csv" && name != "out.csv" {
			t.Errorf("%s is left behind", name)
		}
	}
}

// TestChangedRunIsRefused gives a killed run other flags and another input.
func TestChangedRunIsRefused(t *testing.T) {
	r := newLongRun(t)
	r.kill("out.csv", longRows/10)
	for _, c := range []struct {
		diagnosis string
		flags     []string
		rows      string // behind the list
		want      string
	}{
		{"another sender", []string{"--mail-from", "ann@sender.example"}, "", "this job was begun with other flags: "},
		{"nobody asked", []string{"--method", "syntax"}, "", "this job was begun with other flags: "},
		{"a list of excluded names", []string{"--exclude", r.path("never.txt")}, "", "--exclude sha256:"},
		{"a row more", nil, "9999,ann@plain.example\n", "the input has changed since this job began"},
	} {
		t.Run(c.diagnosis, func(t *testing.T) {
			list, err := os.ReadFile(r.path("list.csv"))
			if err != nil {
				t.Fatal(err)
			}
			r.write("never.txt", "plain.example\n")
			r.write("list.csv", string(list)+c.rows)
			defer r.write("list.csv", string(list))
			before := r.asked()
			status, stderr := r.run("out.csv", c.flags...)
			if status != 1 || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, "\nhint: give the same ") {
				t.Errorf("exit status %d, want 1 with a hint: %s", status, stderr)
			}
			if strings.Contains(stderr, "secret") {
				t.Errorf("the proxy's password is shown: %s", stderr)
			}
			if r.asked() != before || r.exists("out.csv") || !r.exists("out.csv.job") {
				t.Error("it was not left as it is")
			}
		})
	}
	for _, file := range []string{"out.csv.job", "out.csv.job-wal"} {
		if text, err := os.ReadFile(r.path(file)); err == nil && bytes.Contains(text, []byte("secret")) {
			t.Errorf("the proxy's password is in %s", file)
		}
	}
	if status, stderr := r.run("out.csv"); status != 0 {
		t.Errorf("the same command: exit status %d: %s", status, stderr)
	}
}

// TestInterruptedRunGoesOn interrupts a run at the end of its first
// conversation. What is written then has every row, and what comes of the same
// command later has every answer.
func TestInterruptedRunGoesOn(t *testing.T) {
	r := newLongRun(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	stderr := &watcher{word: "221 ", seen: interrupt}
	if status := cli.Run(ctx, r.args("out.csv", "-v"), nil, io.Discard, stderr); status != 130 {
		t.Errorf("exit status %d, want 130", status)
	}
	if want := "kept in " + r.path("out.csv.job") + ": the same command goes on from here\n"; !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("it does not say where it is kept: %s", stderr)
	}
	if n := len(r.rows("out.csv")); n != longRows+1 {
		t.Errorf("%d lines of %d", n, longRows+1)
	}
	if status, stderr := r.run("out.csv"); status != 0 || r.exists("out.csv.job") {
		t.Errorf("the same command: exit status %d: %s", status, stderr)
	}
	for _, row := range table(t, r.path("out.csv")) {
		want := "mailbox_unknown"
		if strings.HasPrefix(row["email"], "user.") {
			want = "accepted"
		}
		if row["reason"] != want {
			t.Errorf("%s is %s, want %s", row["email"], row["reason"], want)
		}
	}
}

// TestJobsBesideARun looks at a job while its process is alive, and after that.
func TestJobsBesideARun(t *testing.T) {
	r := newLongRun(t)
	file := r.path("out.csv.job")
	r.kill("out.csv", longRows/4, func() {
		if status, stdout, stderr := r.jobs("list", r.dir); status != 0 || !strings.Contains(stdout, "out.csv.job  running  1200  ") {
			t.Errorf("list: exit status %d: %s%s", status, stdout, stderr)
		}
		if status, _, stderr := r.jobs("prune", file); status != 1 || !strings.Contains(stderr, "is at work on this job\nhint: ") {
			t.Errorf("prune: exit status %d: %s", status, stderr)
		}
		if status, stderr := r.run("out.csv"); status != 1 || !strings.Contains(stderr, "is at work on this job\nhint: ") {
			t.Errorf("a second process: exit status %d: %s", status, stderr)
		}
	})
	if status, stdout, stderr := r.jobs("show", file); status != 0 || !strings.Contains(stdout, "state    stopped\n") || !strings.Contains(stdout, " --pace own") {
		t.Errorf("show: exit status %d: %s%s", status, stdout, stderr)
	}
	if status, _, stderr := r.jobs("write", file, "-o", r.path("so-far.csv")); status != 0 {
		t.Fatalf("write: exit status %d: %s", status, stderr)
	}
	soFar := r.rows("so-far.csv")
	if n := len(soFar); n < longPeople || n > longRows {
		t.Errorf("%d lines of a run that was killed in the middle", n)
	}
	if status, stderr := r.run("out.csv", "--keep-job"); status != 0 || !r.exists("out.csv.job") {
		t.Fatalf("the same command: exit status %d: %s", status, stderr)
	}
	whole := make(map[string][]string)
	for _, row := range r.rows("out.csv") {
		whole[row[0]] = row
	}
	for _, row := range soFar {
		if diff := cmp.Diff(whole[row[0]], row); diff != "" {
			t.Errorf("(-in the end +so far):\n%s", diff)
		}
	}
	if status, _, stderr := r.jobs("prune", file); status != 0 || r.exists("out.csv.job") {
		t.Errorf("prune: exit status %d: %s", status, stderr)
	}
}

// longRun is a run of mxvet over a list that is long enough to be kept.
type longRun struct {
	*testing.T
	internet *lab.Internet
	front    lab.Fronts
	dir      string
}

const (
	longDomains = 12
	longPeople  = 100
	longRows    = longDomains * longPeople
)

func newLongRun(t *testing.T) *longRun {
	internet := lab.Large(lab.Options{RTT: 8 * time.Millisecond, NoTLS: true}, longDomains, longDomains, longPeople)
	t.Cleanup(func() { internet.Close() })
	front, done := fronts(t, internet)
	t.Cleanup(done)
	r := &longRun{t, internet, front, t.TempDir()}
	var list strings.Builder
	list.WriteString("id,email\n")
	for n, fact := range internet.Truth() {
		fmt.Fprintf(&list, "%d,%s\n", n+1, fact.Address)
	}
	r.write("list.csv", list.String())
	return r
}

func (r *longRun) path(name string) string { return filepath.Join(r.dir, name) }

func (r *longRun) write(name, text string) {
	r.Helper()
	if err := os.WriteFile(r.path(name), []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
}

// process is mxvet verify of the list, in a process of its own. Conversations
// are one at a time, so that there is a middle to be killed in.
func (r *longRun) process(output string, more ...string) *exec.Cmd {
	cmd := exec.Command("mxvet", r.args(output, more...)...)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	return cmd
}

func (r *longRun) args(output string, more ...string) []string {
	return append([]string{"verify", "-f", r.path("list.csv"), "-o", r.path(output), "--pace", "own", "--concurrency", "1", "--per-ip", "1", "--allow-private",
		"--resolver", r.front.DNS.String(), "--proxy", "socks5://ann:secret@" + r.front.SOCKS.String()}, more...)
}

// run returns the exit status and what went to standard error.
func (r *longRun) run(output string, more ...string) (int, string) {
	r.Helper()
	status, _, stderr := r.exec(r.process(output, more...))
	return status, stderr
}

// jobs runs mxvet jobs.
func (r *longRun) jobs(args ...string) (status int, stdout, stderr string) {
	r.Helper()
	cmd := exec.Command("mxvet", append([]string{"jobs"}, args...)...)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	return r.exec(cmd)
}

func (r *longRun) exec(cmd *exec.Cmd) (status int, stdout, stderr string) {
	r.Helper()
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		r.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errors.String()
}

// kill begins a run and kills it once servers have heard of so many mailboxes
// more; before that it does something beside the run, which stands still
// meanwhile.
func (r *longRun) kill(output string, mailboxes int, beside ...func()) {
	r.Helper()
	before := r.asked()
	cmd := r.process(output)
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for r.asked() < before+mailboxes {
		select {
		case err := <-ended:
			r.Fatalf("it ended before it was killed: %v", err)
		case <-look.C:
		}
	}
	if len(beside) > 0 {
		if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			r.Fatal(err)
		}
	}
	for _, do := range beside {
		do()
	}
	if err := cmd.Process.Kill(); err != nil {
		r.Fatal(err)
	}
	if err := <-ended; err == nil {
		r.Fatal("it ended before it was killed")
	}
	for range 1000 { // what was under way to a server still counts
		if r.internet.Stats().Total.Open == 0 {
			return
		}
		<-look.C
	}
	r.Fatal("a server still talks to the dead")
}

// asked is how often servers were asked for a mailbox.
func (r *longRun) asked() int { return r.internet.Stats().Total.Commands["RCPT"] }

// rows are the records of a CSV file but for their times.
func (r *longRun) rows(name string) [][]string {
	r.Helper()
	text, err := os.ReadFile(r.path(name))
	if err != nil {
		r.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(changing.ReplaceAll(text, []byte("TIME")))).ReadAll()
	if err != nil {
		r.Fatal(err)
	}
	return records
}

func (r *longRun) exists(name string) bool {
	_, err := os.Stat(r.path(name))
	return err == nil
}

// TestLongPipeIsKeptOnDisk reads a long list from a pipe: while the run goes on
// its rows are in a file that only its owner reads, and then they are nowhere.
func TestLongPipeIsKeptOnDisk(t *testing.T) {
	r := newLongRun(t)
	list, err := os.ReadFile(r.path("list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	var seen []string
	stderr := &watcher{word: "221 ", seen: func() { seen, _ = filepath.Glob(filepath.Join(tmp, "mxvet-*", "rows.job")) }}
	args := r.args("unused")
	for i, arg := range args {
		switch arg {
		case r.path("list.csv"), r.path("unused"):
			args[i] = "-"
		}
	}
	nobody := strings.Repeat("0,nobody\n", 8000) // rows that nobody is asked about make it long
	var stdout bytes.Buffer
	if status := cli.Run(t.Context(), append(args, "-v", "--format", "csv"), strings.NewReader(string(list)+nobody), &stdout, stderr); status != 0 {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	if len(seen) != 1 {
		t.Errorf("beside the run there is %v, want one file", seen)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if n := strings.Count(stdout.String(), "\n"); n != 1+longRows+8000 {
		t.Errorf("%d lines, want %d", n, 1+longRows+8000)
	}
	if n := strings.Count(stdout.String(), ",deliverable,accepted,"); n != longRows/2 {
		t.Errorf("%d deliverable, want %d", n, longRows/2)
	}
}
