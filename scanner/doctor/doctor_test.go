package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func brief(findings []Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %s %s: %s", f.Check, f.Family, f.Status, f.Title))
	}
	return out
}

func TestAHealthyMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.dual()
		w.servers["192.0.2.12:25"] = says("220 mx.outlook.com ESMTP Sat, 1 Jan 2000 01:00:02 +0100")
		got := w.examine(t, t.Context())
		want := []string{
			"resolver  ok: DNS answers in less than 1ms",
			"nxdomain  ok: names that do not exist do not exist",
			"dnssec  ok: signed answers come validated",
			"port25 ipv4 ok: 4 of 4 servers can be connected to at port 25",
			"greeting ipv4 ok: 4 of 4 servers let us in, the slowest after less than 1ms",
			"source ipv4 ok: servers see us as 198.51.100.1",
			"ptr ipv4 ok: 198.51.100.1 is mail.example.org, which leads back",
			"helo ipv4 ok: we say mail.example.org, which is 198.51.100.1",
			"spf ipv4 ok: example.org lets 198.51.100.1 send for it",
			"dnsbl ipv4 ok: 198.51.100.1 is on none of 2 lists",
			"port25 ipv6 ok: 1 of 1 servers can be connected to at port 25",
			"greeting ipv6 ok: 1 of 1 servers let us in, the slowest after less than 1ms",
			"source ipv6 ok: servers see us as 2001:db8:1::1",
			"ptr ipv6 ok: 2001:db8:1::1 is mail.example.org, which leads back",
			"helo ipv6 ok: we say mail.example.org, which is 2001:db8:1::1",
			"spf ipv6 ok: example.org lets 2001:db8:1::1 send for it",
			"dnsbl ipv6 ok: 2001:db8:1::1 is on none of 1 lists",
			"mail_from  ok: mail to example.org goes to mail.example.org",
			"dnsbl_query  ok: 2 of 2 lists answer this resolver",
			"clock  ok: the clock is right, as 1 of 1 servers say",
		}
		if diff := cmp.Diff(want, brief(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !CanVerify(got) {
			t.Error("cannot verify")
		}
		for _, f := range got {
			if f.Evidence == nil || f.Advice != "" {
				t.Errorf("%s: evidence %v, advice %q", f.Check, f.Evidence, f.Advice)
			}
		}
	})
}

// TestFamiliesMendEachOther: a run goes on with the family that works.
func TestFamiliesMendEachOther(t *testing.T) {
	for name, row := range map[string]struct {
		ill        func(*world)
		four, six  Status
		can        bool
		wantAdvice bool // of the sick family names the flag of the other
	}{
		"IPv6 has no way out":        {func(w *world) { w.servers["[2001:db8::11]:25"] = "silent" }, OK, Warning, true, true},
		"IPv4 has no way out":        {func(w *world) { w.everywhere("silent"); w.servers["[2001:db8::11]:25"] = says("220 mx.gmail.com") }, Warning, OK, true, true},
		"neither has":                {func(w *world) { w.everywhere("silent") }, Fatal, Fatal, false, false},
		"IPv6 is not wanted":         {func(w *world) { w.NoIPv6 = true }, OK, Skipped, true, false},
		"no IPv6 at the servers":     {func(w *world) { w.drop("2001:db8::11") }, OK, Skipped, true, false},
		"no IPv6 on the machine":     {func(w *world) { w.from[IPv6] = "" }, OK, Skipped, true, false},
		"a unique local IPv6 only":   {func(w *world) { w.from[IPv6] = "fd00::1" }, OK, Skipped, true, false},
		"IPv4 not wanted, IPv6 dead": {func(w *world) { w.NoIPv4 = true; w.servers["[2001:db8::11]:25"] = "silent" }, Skipped, Fatal, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.dual()
				row.ill(w)
				got := w.examine(t, t.Context())
				four, six := find(t, got, Port25, IPv4), find(t, got, Port25, IPv6)
				if four.Status != row.four || six.Status != row.six || CanVerify(got) != row.can {
					t.Errorf("IPv4 %s, IPv6 %s, can verify %v; want %s, %s, %v", four.Status, six.Status, CanVerify(got), row.four, row.six, row.can)
				}
				advised := contains(four.Advice, "--ipv6 keeps") || contains(six.Advice, "--ipv4 keeps")
				if advised != row.wantAdvice {
					t.Errorf("advice %q and %q", four.Advice, six.Advice)
				}
			})
		})
	}
}

func TestNoWayOutAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.from = nil
		got := w.examine(t, t.Context())
		if f := find(t, got, Port25, ""); f.Status != Fatal || f.Title != "there is no way out to the Internet" {
			t.Errorf("%+v", f)
		}
	})
}

// TestNobodyLeftToAsk: that there is nobody to ask is no fault of the network's.
func TestNobodyLeftToAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.dual()
		w.Excluded = func(_ string, ip netip.Addr) bool { return ip.IsValid() }
		got := w.examine(t, t.Context())
		if four, six := find(t, got, Port25, IPv4), find(t, got, Port25, IPv6); four.Status != Skipped || six.Status != Skipped || !CanVerify(got) {
			t.Errorf("%+v\n%+v", four, six)
		}
	})
}

// TestTheTimeIsOver: what was not found out is never ok, and nothing hangs.
func TestTheTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.everywhere("silent")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // a connection may take 15
		defer cancel()
		start := time.Now()
		got := w.examine(t, ctx)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("took %v", took)
		}
		for check, want := range map[Check]Status{Port25: Inconclusive, Greeting: Skipped, ReversePTR: Inconclusive, Blocklists: Inconclusive, SPF: Inconclusive} {
			if f := find(t, got, check, IPv4); f.Status != want {
				t.Errorf("%s: %s %s", check, f.Status, f.Title)
			}
		}
		for check, want := range map[Check]Status{Sender: Inconclusive, ListAccess: Inconclusive, Clock: Skipped} {
			if f := find(t, got, check, ""); f.Status != want {
				t.Errorf("%s: %s %s", check, f.Status, f.Title)
			}
		}
	})
}

// TestTheTimeIsOverAtTheGreeting: the way out is open, and that is all.
func TestTheTimeIsOverAtTheGreeting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.everywhere("")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		got := w.examine(t, ctx)
		if f := find(t, got, Port25, IPv4); f.Status != OK {
			t.Errorf("%+v", f)
		}
		if f := find(t, got, Greeting, IPv4); f.Status != Inconclusive || f.Title != "no greeting came in the time there was" || len(f.Evidence) != 4 {
			t.Errorf("%+v", f)
		}
	})
}

// TestEvidenceIsBounded: servers and DNS say as much as they like.
func TestEvidenceIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("\u00e9", 100) // with what is cut off in the middle of a character
		w := newWorld()
		w.drop("v=spf1")
		w.everywhere(says("554-" + strings.Repeat(long, 10) + "\n554 " + strings.Repeat("x", 2000)))
		label := strings.Repeat("y", 60)
		w.zone += "\n\texample.org. TXT \"v=spf1 " + strings.Repeat("x", 240) + "\" \"" + strings.Repeat("x", 250) + "\"" +
			"\n\t1.100.51.198.in-addr.arpa. PTR " + strings.Repeat(label+".", 4) + "org."
		for _, f := range w.examine(t, t.Context()) {
			for _, line := range append(f.Evidence, f.Title) {
				if len(line) > 2*maxEvidence || !utf8.ValidString(line) {
					t.Errorf("%s: %d octets, valid %v: %.80q", f.Check, len(line), utf8.ValidString(line), line)
				}
			}
		}
	})
}

func TestCancelledBeforeItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, f := range newWorld().examine(t, ctx) {
			if f.Check != Source && (f.Status == OK || f.Status == Fatal) { // Source is told by this machine alone
				t.Errorf("%s %s: %s %s", f.Check, f.Family, f.Status, f.Title)
			}
		}
	})
}
