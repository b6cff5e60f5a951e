//go:build unix

package cli_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner/lab"
)

const (
	killPeople   = 50 // of one domain
	killOthers   = 4  // conversations at a time
	killInFlight = killOthers * (killPeople + 1)
	killGreylist = time.Second
)

// TestKillAtRandom kills a run over domains of which every fifth greylists, at
// random moments: while it starts, looks names up, asks, waits for greylisted
// rows and writes. What comes out in the end is the truth about every row, and
// nobody was asked again whose answer had been kept.
//
// It kills 5 times over 2,000 addresses; MXVET_KILLS=100 kills so many times
// over 20,000.
func TestKillAtRandom(t *testing.T) {
	kills, rows := 5, 2000
	if text := os.Getenv("MXVET_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("MXVET_KILLS=%s: want a number", text)
		}
		kills, rows = n, 20_000
	}
	k := newKilled(t, rows)
	seed := rand.Uint64()
	dice := rand.New(rand.NewPCG(seed, 1))
	all := int64(rows + rows/5 + rows/killPeople) // questions to put, had nobody been killed
	start, killed := time.Now(), 0
	for n := range kills {
		until := all * 9 / 10 * int64(n*1000+dice.IntN(1000)) / int64(kills*1000)
		if !k.die(until, time.Duration(dice.IntN(600))*time.Millisecond, dice.IntN(4) == 0) {
			t.Errorf("seed %d: the run ended before kill %d", seed, n+1)
			break
		}
		killed++
	}
	status, stderr := k.run("out.csv")
	if status != 0 {
		t.Fatalf("seed %d: the last run: exit status %d: %s", seed, status, stderr)
	}
	again, most := k.again()
	t.Logf("seed %d: %d kills over %d rows in %v; %d questions were put again, %.0f a kill, to one mailbox %d times at most",
		seed, killed, rows, time.Since(start).Round(time.Second), again, float64(again)/float64(killed), most)
	if again > killed*killInFlight {
		t.Errorf("%d questions were put again, more than %d kills can have in flight", again, killed)
	}
	k.isTrue("out.csv")
}

// killed is a run that is killed, with what its servers heard.
type killed struct {
	*longRun
	truth []lab.Truth
	heard atomic.Int64 // questions about mailboxes
	asked sync.Map     // *atomic.Int64 by address
}

func newKilled(t *testing.T, rows int) *killed {
	domains := rows / killPeople
	internet := lab.Large(lab.Options{RTT: 5 * time.Millisecond, NoTLS: true}, domains, domains, killPeople)
	t.Cleanup(func() { internet.Close() })
	k := &killed{longRun: &longRun{T: t, internet: internet, dir: t.TempDir()}, truth: internet.Truth()}
	for n := range domains {
		server, err := internet.Server(fmt.Sprintf("198.18.%d.%d:25", n>>8, n&255))
		if err != nil {
			t.Fatal(err)
		}
		server.Asked = k.hear
		if n%5 == 0 {
			for name, box := range server.Domains {
				server.Domains[name] = &smtptest.Domain{Mailboxes: box.Mailboxes, Greylist: killGreylist}
			}
		}
	}
	front, done := fronts(t, internet)
	t.Cleanup(done)
	k.front = front
	var list strings.Builder
	list.WriteString("id,email\n")
	for n, fact := range k.truth {
		fmt.Fprintf(&list, "%d,%s\n", n+1, fact.Address)
	}
	k.write("list.csv", list.String())
	return k
}

func (k *killed) hear(path string) {
	k.heard.Add(1)
	count, _ := k.asked.LoadOrStore(path, new(atomic.Int64))
	count.(*atomic.Int64).Add(1)
}

// args are those of a run that is killed: some conversations at a time.
func (k *killed) args() []string {
	return []string{"--concurrency", strconv.Itoa(killOthers)}
}

func (k *killed) run(output string) (int, string) { return k.longRun.run(output, k.args()...) }

// die begins the run and kills it when servers have heard so many questions in
// all, or some time after its start where it is to die early; also where it has
// stood still for a while, as it does when it waits for greylisted rows. It
// reports whether the run was alive to be killed.
func (k *killed) die(questions int64, delay time.Duration, early bool) bool {
	k.Helper()
	cmd := k.process("out.csv", k.args()...)
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	begun, moved, before := time.Now(), time.Now(), k.heard.Load()
	for {
		select {
		case err := <-ended:
			k.Logf("it ended by itself: %v", err)
			return false
		case <-look.C:
		}
		if now := k.heard.Load(); now != before {
			before, moved = now, time.Now()
		}
		if early && time.Since(begun) > delay || before >= questions || time.Since(moved) > 3*time.Second {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		k.Fatal(err)
	}
	return <-ended != nil
}

// again is how many questions were put that had an answer already, or were in
// flight when the run was killed; most is how often one mailbox was asked.
func (k *killed) again() (again int, most int64) {
	for n, fact := range k.truth {
		wanted := int64(1)
		if n/killPeople%5 == 0 {
			wanted = 2 // greylisted first
		}
		count, found := k.asked.Load(fact.Address)
		if !found {
			k.Errorf("nobody asked for %s", fact.Address)
			continue
		}
		times := count.(*atomic.Int64).Load()
		if times < wanted {
			k.Errorf("%s was asked for %d times, want %d", fact.Address, times, wanted)
		}
		again += int(max(times-wanted, 0))
		most = max(most, times)
	}
	return again, most
}

// isTrue holds every row of an output against the truth.
func (k *killed) isTrue(name string) {
	k.Helper()
	rows := table(k.T, filepath.Join(k.dir, name))
	if len(rows) != len(k.truth) {
		k.Fatalf("%d rows of %d", len(rows), len(k.truth))
	}
	wrong := 0
	for n, fact := range k.truth {
		row := rows[n]
		if row["id"] != strconv.Itoa(n+1) || row["email"] != fact.Address || row["reason"] != fact.Reason || row["verdict"] != fact.Verdict || row["catch_all"] != fact.CatchAll {
			if wrong++; wrong <= 10 {
				k.Errorf("row %d is %s %s: %s/%s, catch-all %s; want %s: %s/%s, %s", n+1, row["id"], row["email"], row["verdict"], row["reason"], row["catch_all"],
					fact.Address, fact.Verdict, fact.Reason, fact.CatchAll)
			}
		}
	}
	if wrong > 10 {
		k.Errorf("and %d more wrong rows", wrong-10)
	}
}
