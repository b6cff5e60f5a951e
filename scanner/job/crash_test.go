package job

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/storetest"
)

// TestMain runs a scanner that is going to be killed where the environment
// names a job, and the tests otherwise.
func TestMain(m *testing.M) {
	if path := os.Getenv("MXVET_TEST_JOB"); path != "" {
		if err := verifyList(path, leashed{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// leash is how many things the process may say that nobody has heard yet: the
// fewer, the sooner it is killed behind what was heard.
const leash = 64

// leashed is the standard output of the process, which speaks when it is let:
// for every octet of its standard input once.
type leashed struct{}

func (leashed) Write(line []byte) (int, error) {
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
		return 0, err
	}
	return os.Stdout.Write(line)
}

// TestCrashBetweenCalls copies the files as they stand, which is what a process
// that is killed leaves, without the index of the log, which the next makes anew.
func TestCrashBetweenCalls(t *testing.T) {
	storetest.Durable(t,
		func(t *testing.T) scanner.Store { return open(t, filepath.Join(t.TempDir(), "job")) },
		func(t *testing.T, died scanner.Store) scanner.Store {
			path := filepath.Join(t.TempDir(), "job")
			for _, suffix := range []string{"", "-wal"} {
				content, err := os.ReadFile(died.(*Store).path + suffix)
				must(t, err)
				must(t, os.WriteFile(path+suffix, content, 0o600))
			}
			return open(t, path)
		})
}

const (
	listed   = 1000 // addresses in the list below
	tries    = 2    // answers each of them takes
	kills    = 20
	claimers = 4
)

// question is one try at one piece of work.
type question struct{ work, n int64 }

// TestKilled has a process verify a list and kills it again and again
// (SIGKILL: it is not told). What was kept is not asked again.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job")
	dice := rand.New(rand.NewPCG(1, 2))
	kept := make(map[question]bool)
	twice := 0
	asked := make(map[question]bool)
	see := func(what string, q question) {
		switch {
		case what == "kept":
			kept[q] = true
		case what == "asked" && kept[q]:
			t.Errorf("%v was asked again", q)
		case what == "asked" && asked[q]:
			twice++
		case what == "asked":
			asked[q] = true
		}
	}
	for range kills {
		if !life(t, path, 1+dice.IntN(150), see) {
			t.Fatal("the run ended before it was killed often enough")
		}
	}
	if life(t, path, -1, see) {
		t.Fatal("nobody was to kill the last process")
	}
	if most := kills * claimers; twice > most { // each asks one thing at a time
		t.Errorf("%d questions were asked twice, of %d that can have been in hand", twice, most)
	}
	want := make(map[question]bool)
	for work := -lists; work <= listed; work++ {
		for n := range int64(tries) {
			if work != 0 {
				want[question{int64(work), n}] = true
			}
		}
	}
	for q := range want {
		if !kept[q] && !asked[q] {
			t.Errorf("%v was never asked", q)
		}
	}
	t.Logf("%d of %d questions were asked twice", twice, len(want))
	comesOut(t, path)
}

// lists is how many domains, and so random mailboxes, the list has.
const lists = 20

// comesOut checks that each row has each of its answers once.
func comesOut(t *testing.T, path string) {
	t.Helper()
	var ids []int64
	for result, err := range open(t, path).Results(t.Context()) {
		must(t, err)
		ids = append(ids, result.ID)
		var got, want []probe.Outcome
		got = append(append(got, result.Attempts...), result.Random...)
		for _, work := range []int64{result.ID, -result.ID%lists - 1} {
			for n := range int64(tries) {
				want = append(want, said(question{work, n}))
			}
		}
		if diff := cmp.Diff(texts(want), texts(got)); diff != "" || !result.Done {
			t.Errorf("%d, done %v (-want +got):\n%s", result.ID, result.Done, diff)
		}
	}
	if len(ids) != listed {
		t.Errorf("%d rows came out", len(ids))
	}
}

func texts(outcomes []probe.Outcome) (out []string) {
	for _, o := range outcomes {
		out = append(out, o.Text)
	}
	return out
}

// life runs one process until it has said so many things, and reports whether
// it was killed then.
func life(t *testing.T, path string, lines int, see func(string, question)) (killed bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), "MXVET_TEST_JOB="+path), os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	in, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	let := func(n int) { in.Write(make([]byte, n)) } // a dead process hears nothing
	let(leash)
	scan := bufio.NewScanner(out)
	for n := 1; scan.Scan(); n++ {
		var what string
		var q question
		if _, err := fmt.Sscan(scan.Text(), &what, &q.work, &q.n); err == nil { // the last line may be half a line
			see(what, q)
		}
		let(1)
		if n == lines {
			must(t, cmd.Process.Kill())
			killed = true
		}
	}
	must(t, scan.Err())
	if err := cmd.Wait(); (err != nil) != killed {
		t.Fatalf("the process ended with %v, killed %v", err, killed)
	}
	return killed
}

// verifyList is what the killed process does: it adds a list, queues its
// domains, and four claimers ask; what it asks and what was kept it says.
func verifyList(path string, log io.Writer) error {
	ctx := context.Background()
	s, err := Open(ctx, path, Options{PerQueue: storetest.PerQueue, PerClaim: storetest.PerClaim})
	if err != nil {
		return err
	}
	for id := int64(1); id <= listed; id++ {
		if err := s.Add(ctx, listMailbox(id, probe.AddressKind)); err != nil {
			return err
		}
		if id%100 == 0 {
			fmt.Fprintln(log, "added", id, 0)
		}
	}
	for d := range int64(lists) {
		work := listMailbox(-d-1, probe.RandomKind)
		if err := errors.Join(s.Add(ctx, work), s.Assign(ctx, work.Domain, fmt.Sprintf("q%d", d%5))); err != nil {
			return err
		}
	}
	crew := new(errgroup.Group)
	for range claimers {
		crew.Go(func() error { return drain(ctx, s, log) })
	}
	return errors.Join(crew.Wait(), s.Close())
}

func listMailbox(id int64, kind probe.Kind) scanner.Work {
	domain := fmt.Sprintf("d%d.example", max(id%lists, -id-1))
	return scanner.Work{ID: id, Kind: kind, Domain: domain, Mailbox: &address.Address{Local: fmt.Sprintf("user%d", id), Domain: domain, Unicode: domain}}
}

func said(q question) probe.Outcome {
	return probe.Outcome{Kind: probe.AddressKind, Stage: smtp.Rcpt, Code: 250, Text: fmt.Sprintf("answer %d to %d", q.n, q.work)}
}

// drain claims until nothing is left; the first answer puts work off.
func drain(ctx context.Context, s *Store, log io.Writer) error {
	for {
		claim, err := s.Claim(ctx)
		if errors.Is(err, scanner.ErrDone) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, item := range claim.Items {
			n := len(item.Attempts)
			q := question{item.ID, int64(n)}
			fmt.Fprintln(log, "asked", q.work, q.n)
			fact := scanner.Fact{Work: item.ID, First: n, Attempts: []probe.Outcome{said(q)}, Settled: n+1 == tries}
			if fact.Settled {
				err = claim.Progress(fact)
			} else {
				err = claim.Defer(time.Now().Add(time.Millisecond), fact)
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(log, "kept", q.work, q.n)
		}
		if err := claim.Finish(); err != nil {
			return err
		}
	}
}
