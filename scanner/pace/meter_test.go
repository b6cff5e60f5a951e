package pace

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var (
	mx1 = netip.MustParseAddr("203.0.113.1")
	mx2 = netip.MustParseAddr("203.0.113.2")
)

// within reports whether Enter lets us in without another's leaving.
func within(t *testing.T, meter *Meter, ip netip.Addr) (leave func(), ok bool) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	leave, err := meter.Enter(ctx, Host{IP: ip})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Enter: %v, want the context's own error", err)
	}
	return leave, err == nil
}

func TestTwoConversationsWithAnIPAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		first, ok := within(t, meter, mx1)
		if _, second := within(t, meter, mx1); !ok || !second {
			t.Fatalf("first %v, second %v", ok, second)
		}
		if _, ok := within(t, meter, mx1); ok {
			t.Error("a third conversation began")
		}
		if _, ok := within(t, meter, mx2); !ok {
			t.Error("another IP was made to wait")
		}
		first()
		first() // leaving twice frees one place only
		if _, ok := within(t, meter, mx1); !ok {
			t.Error("the place that came free was not given")
		}
		if _, ok := within(t, meter, mx1); ok {
			t.Error("leaving twice freed two places")
		}
	})
}

func TestAnIPv4MappedAddressIsTheSameServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{Conversations: 1, Refusals: 1, Window: time.Minute})
		mapped := netip.AddrFrom16(mx1.As16())
		if _, ok := within(t, meter, mx1); !ok {
			t.Fatal("the first was made to wait")
		}
		if _, ok := within(t, meter, mapped); ok {
			t.Error("the mapped form was let in beside the plain one")
		}
		meter.Reserve(Host{IP: mx1}, 1)
		if granted, _ := meter.Reserve(Host{IP: mapped}, 1); granted != 0 {
			t.Error("the mapped form has a budget of its own")
		}
	})
}

func TestWaitersAreLetInAsPlacesComeFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{}) // no figure is one conversation
		var in, most atomic.Int32
		var waiters sync.WaitGroup
		start := time.Now()
		for range 20 {
			waiters.Go(func() {
				leave, err := meter.Enter(t.Context(), stranger)
				if err != nil {
					t.Error(err)
					return
				}
				defer leave()
				most.Store(max(most.Load(), in.Add(1)))
				time.Sleep(time.Minute)
				in.Add(-1)
			})
		}
		waiters.Wait()
		if most.Load() != 1 || time.Since(start) != 20*time.Minute {
			t.Errorf("%d at a time, over in %v", most.Load(), time.Since(start))
		}
		if len(meter.at) != 0 {
			t.Errorf("%d lanes are kept for nobody", len(meter.at))
		}
	})
}

func TestWhoGivesUpWaitingLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{Conversations: 1})
		leave, _ := within(t, meter, mx1)
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(enough)
		if _, err := meter.Enter(ctx, stranger); !errors.Is(err, enough) {
			t.Errorf("Enter: %v, want the context's cause", err)
		}
		leave()
		if len(meter.at) != 0 {
			t.Errorf("%d lanes are kept for nobody", len(meter.at))
		}
	})
}

// stranger is a host outside the provider table.
var stranger = Host{IP: mx1}

// reserve checks what is granted, and when to come back where nothing is.
func reserve(t *testing.T, meter *Meter, host Host, want, granted int, wait time.Duration) {
	t.Helper()
	got, until := meter.Reserve(host, want)
	if got != granted {
		t.Errorf("%d granted of %d, want %d", got, want, granted)
	}
	if granted > 0 != until.IsZero() {
		t.Errorf("%d granted, and to come back at %v", got, until)
	}
	if granted == 0 && time.Until(until) != wait {
		t.Errorf("to come back after %v, want %v", time.Until(until), wait)
	}
}

// TestRefusalsLeaveTheWindowOneByOne: the budget slides, it does not start
// anew every ten minutes.
func TestRefusalsLeaveTheWindowOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		for range 4 {
			reserve(t, meter, stranger, 1, 1, 0)
			meter.Settle(stranger, 1, 1)
			time.Sleep(time.Minute)
		}
		reserve(t, meter, stranger, 1, 0, 6*time.Minute)
		time.Sleep(6*time.Minute - time.Nanosecond)
		reserve(t, meter, stranger, 1, 0, time.Nanosecond)
		time.Sleep(time.Nanosecond)
		reserve(t, meter, stranger, 4, 1, 0)
		meter.Settle(stranger, 1, 1)
		reserve(t, meter, stranger, 4, 0, time.Minute)
		time.Sleep(10 * time.Minute)
		reserve(t, meter, stranger, 9, 4, 0)
	})
}

func TestWhatIsReservedCountsUntilItIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		reserve(t, meter, stranger, 3, 3, 0)
		reserve(t, meter, stranger, 3, 1, 0)
		reserve(t, meter, stranger, 1, 0, time.Second) // some may come back unused
		meter.Settle(stranger, 3, 0)
		reserve(t, meter, stranger, 9, 3, 0)
		meter.Settle(stranger, 1, 1)
		meter.Settle(stranger, 3, 0)
		reserve(t, meter, stranger, 9, 3, 0)
	})
}

// TestRoomThatIsOnlyReservedIsWorthASecondLook: one refusal in the window must
// not make others wait for its end while the rest of the budget is merely on loan.
func TestRoomThatIsOnlyReservedIsWorthASecondLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		reserve(t, meter, stranger, 1, 1, 0)
		meter.Settle(stranger, 1, 1)
		reserve(t, meter, stranger, 9, 3, 0)
		reserve(t, meter, stranger, 1, 0, time.Second)
	})
}

func TestHostsHaveBudgetsOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		reserve(t, meter, Host{IP: mx1}, 4, 4, 0)
		reserve(t, meter, Host{IP: mx1}, 4, 0, time.Second)
		reserve(t, meter, Host{IP: mx2}, 4, 4, 0)
	})
}

// TestAProviderCountsAsAWhole: it sees our address at all its doors.
func TestAProviderCountsAsAWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		reserve(t, meter, Host{Provider: "google", IP: mx1}, 30, 30, 0)
		meter.Settle(Host{Provider: "google", IP: mx1}, 30, 30)
		reserve(t, meter, Host{Provider: "google", IP: mx2}, 30, 10, 0)
		meter.Settle(Host{Provider: "google", IP: mx2}, 10, 10)
		reserve(t, meter, Host{Provider: "google", IP: mx1}, 1, 0, 10*time.Minute)
		reserve(t, meter, Host{Provider: "yahoo", IP: mx1}, 1, 1, 0)
		reserve(t, meter, Host{IP: mx1}, 4, 4, 0)
	})
}

func TestOwnServersHaveNoBudget(t *testing.T) {
	meter := NewMeter(Own())
	for _, host := range []Host{stranger, {Provider: "google", IP: mx1}} {
		if granted, until := meter.Reserve(host, 100000); granted != 100000 || !until.IsZero() {
			t.Errorf("%+v: %d granted until %v", host, granted, until)
		}
		meter.Settle(host, 100000, 100000)
		if granted, _ := meter.Reserve(host, 1); granted != 1 {
			t.Errorf("%+v: nothing granted after refusals", host)
		}
	}
	if len(meter.hears) != 0 {
		t.Errorf("%d ledgers are kept for nothing", len(meter.hears))
	}
}

// TestManyAskAtOnce: however many share a host, it never hears of more than
// its budget within a window.
func TestManyAskAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		profile := Gentle()
		meter := NewMeter(profile)
		var mu sync.Mutex
		var heard []time.Time
		var askers sync.WaitGroup
		for n := range 8 {
			askers.Go(func() {
				for left := 5; left > 0; {
					granted, until := meter.Reserve(stranger, 1+n%3)
					if granted == 0 {
						time.Sleep(time.Until(until))
						continue
					}
					time.Sleep(time.Duration(n) * time.Second)
					refused := min(granted, left)
					mu.Lock()
					for range refused {
						heard = append(heard, time.Now())
					}
					mu.Unlock()
					meter.Settle(stranger, granted, refused)
					left -= refused
				}
			})
		}
		askers.Wait()
		if len(heard) != 40 {
			t.Fatalf("%d refusals heard, want 40", len(heard))
		}
		for i := profile.Refusals; i < len(heard); i++ {
			if apart := heard[i].Sub(heard[i-profile.Refusals]); apart < profile.Window {
				t.Errorf("refusals %d to %d came within %v", i-profile.Refusals, i, apart)
			}
		}
	})
}

func TestWhatWasHeardBeforeCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{Refusals: 3, Window: 10 * time.Minute})
		host := Host{IP: mx1}
		start := time.Now()
		for _, ago := range []time.Duration{30 * time.Minute, 9 * time.Minute, 4 * time.Minute} {
			meter.Heard(host, start.Add(-ago))
		}
		if granted, _ := meter.Reserve(host, 5); granted != 1 {
			t.Errorf("%d may be asked, want the one that is left of three", granted)
		}
		meter.Settle(host, 1, 1)
		if granted, until := meter.Reserve(host, 5); granted != 0 || !until.Equal(start.Add(time.Minute)) {
			t.Errorf("%d granted until %v, want none until the oldest is forgotten", granted, until)
		}
	})
}

// TestAMailboxThatTakesTwoQuestions may bring two refusals, and both are
// reckoned with.
func TestAMailboxThatTakesTwoQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		profile := Gentle()
		profile.Questions = 2
		meter := NewMeter(profile)
		reserve(t, meter, stranger, 9, 2, 0)
		reserve(t, meter, stranger, 1, 0, time.Second)
		meter.Settle(stranger, 2, 1) // one known by RCPT and by VRFY, of the other RCPT said no
		time.Sleep(time.Minute)
		reserve(t, meter, stranger, 9, 1, 0)
		meter.Settle(stranger, 1, 2)
		time.Sleep(time.Minute)
		reserve(t, meter, stranger, 9, 0, 8*time.Minute) // three heard: room for one, not for two
		time.Sleep(8 * time.Minute)
		reserve(t, meter, stranger, 9, 1, 0)
	})
}

func TestABudgetOfOneIsEnoughForAMailbox(t *testing.T) {
	meter := NewMeter(Profile{Refusals: 1, Questions: 2, Window: time.Minute})
	reserve(t, meter, stranger, 1, 1, 0)
}
