package pace

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// begins counts the conversations that begin with host within a time, each
// over at once.
func begins(t *testing.T, meter *Meter, host Host, within time.Duration) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		leave, err := meter.Enter(ctx, host)
		if err != nil {
			return n
		}
		leave()
		n++
	}
}

func TestNewConnectionsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{Conversations: 2, Connections: 0.5})
		if n := begins(t, meter, stranger, 20*time.Second-1); n != 2+9 {
			t.Errorf("%d connections in 20 s, want two at once and one every two seconds", n)
		}
		if n := begins(t, meter, Host{IP: mx2}, time.Second); n != 2 {
			t.Errorf("another address was made to wait: %d connections", n)
		}
	})
}

// TestAProviderCountsOverItsAddresses: two doors of Google are one Google.
func TestAProviderCountsOverItsAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{Conversations: 2, Provider: Limits{Conversations: 3}})
		door := func(provider string, n byte) Host {
			return Host{Provider: provider, IP: netip.AddrFrom4([4]byte{203, 0, 113, n})}
		}
		for i, want := range []bool{true, true, false} {
			if leave, _ := meter.TryEnter(door("yahoo", 1)); leave != nil != want {
				t.Errorf("conversation %d with one address: let in %v", i+1, leave != nil)
			}
		}
		leave, _ := meter.TryEnter(door("yahoo", 2))
		if again, _ := meter.TryEnter(door("yahoo", 3)); leave == nil || again != nil {
			t.Errorf("a third conversation %v, a fourth %v", leave != nil, again != nil)
		}
		leave()
		if leave, _ = meter.TryEnter(door("yahoo", 3)); leave == nil {
			t.Error("the place that came free at another address was not given")
		}
		for n := range byte(5) { // what the table says of Google
			if leave, _ := meter.TryEnter(door("google", 20+n)); leave == nil {
				t.Errorf("conversation %d with Google was refused", n+1)
			}
		}
		if leave, _ := meter.TryEnter(door("google", 9)); leave != nil {
			t.Error("a sixth conversation with Google")
		}
	})
}

func TestRecipientsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		began := time.Now()
		for range 5 {
			if err := meter.Recipients(t.Context(), stranger, 100); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 20*time.Second {
			t.Errorf("500 recipients took %v, want 20 s behind the first hundred", took)
		}
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		if err := meter.Recipients(ctx, stranger, 100); !errors.Is(err, stop) {
			t.Errorf("%v, want the context's cause", err)
		}
	})
}

// TestWhoFindsNoRoomComesBackInTurn: a thousand names of one server share two
// places, and none of those who wait finds them empty for long.
func TestWhoFindsNoRoomComesBackInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const talk = 10 * time.Second
		meter := NewMeter(Profile{Conversations: 2})
		began, tries := time.Now(), 0
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				for {
					leave, until := meter.TryEnter(stranger)
					mu.Lock()
					tries++
					mu.Unlock()
					if leave != nil {
						time.Sleep(talk)
						leave()
						return
					}
					if !until.After(time.Now()) {
						t.Error("told to come back at once")
					}
					time.Sleep(time.Until(until))
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took > 100*talk/2*5/4 {
			t.Errorf("a hundred conversations took %v, want %v and a quarter at most", took, 100*talk/2)
		}
		if tries > 3000 {
			t.Errorf("%d tries for 100 conversations", tries)
		}
	})
}

// TestPushedBack: whatever the server said no to, all of it is halved.
func TestPushedBack(t *testing.T) {
	for times, want := range map[int]struct {
		open  int // conversations at a time
		in64s int // connections in 64 s
		gust  int
	}{
		0: {4, 4 + 64, 100},
		1: {2, 2 + 32, 50},
		2: {1, 1 + 16, 25},
		3: {1, 1 + 8, 12},
		9: {1, 1 + 1, 1}, // one a minute is the slowest
	} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				meter := NewMeter(Profile{Conversations: 4, Connections: 1, Recipients: 20})
				for range times {
					meter.PushedBack(stranger, 0)
					time.Sleep(2 * time.Second)
				}
				time.Sleep(time.Hour) // patience alone brings nothing back
				var leaves []func()
				for {
					leave, _ := meter.TryEnter(stranger)
					if leave == nil {
						break
					}
					leaves = append(leaves, leave)
				}
				if len(leaves) != want.open {
					t.Errorf("%d conversations at a time, want %d", len(leaves), want.open)
				}
				for _, leave := range leaves {
					leave()
				}
				if n := len(leaves) + begins(t, meter, stranger, 64*time.Second+1); n != want.in64s {
					t.Errorf("%d connections, want %d", n, want.in64s)
				}
				if n := meter.Gust(stranger); n != want.gust {
					t.Errorf("%d recipients at once, want %d", n, want.gust)
				}
				if n := meter.Gust(Host{IP: mx2}); n != 100 {
					t.Error("another address pays for it")
				}
			})
		})
	}
}

func TestRepliesOfOneMomentPushBackOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{Conversations: 8, Recipients: 20})
		for range 50 {
			meter.PushedBack(stranger, 0)
		}
		if n := meter.Gust(stranger); n != 50 {
			t.Errorf("%d recipients at once, want half of 100", n)
		}
	})
}

// TestWhatWasTakenComesBackBySmallSteps, and only while the server answers.
func TestWhatWasTakenComesBackBySmallSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Profile{Conversations: 4, Recipients: 20})
		meter.PushedBack(stranger, 0)
		meter.Bore(stranger)
		if n := meter.Gust(stranger); n != 50 {
			t.Errorf("%d at once right after a push, want 50", n)
		}
		last := 50
		for minute := range 5 {
			for range 60 {
				time.Sleep(time.Second)
				meter.Bore(stranger)
			}
			n := meter.Gust(stranger)
			if n < last || n-last > 13 {
				t.Errorf("minute %d: from %d to %d at once, want an eighth of the whole at most", minute+1, last, n)
			}
			last = n
		}
		if last != 100 || len(meter.at) != 1 || !meter.at[stranger].atFullPace() {
			t.Errorf("%d at once after five minutes of answers, want all", last)
		}
	})
}

func TestAStatedDelayIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Own())
		meter.PushedBack(stranger, 3*time.Minute)
		meter.PushedBack(stranger, time.Minute) // a shorter one does not open it
		if leave, until := meter.TryEnter(stranger); leave != nil || time.Until(until) != 3*time.Minute {
			t.Errorf("let in %v, or in %v; want 3 m", leave != nil, time.Until(until))
		}
		began := time.Now()
		if _, err := meter.Enter(t.Context(), stranger); err != nil || time.Since(began) != 3*time.Minute {
			t.Errorf("waited %v, %v", time.Since(began), err)
		}
	})
}

// TestOwnServersHaveNoRates until they push back: then half of what went on.
func TestOwnServersHaveNoRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Own())
		pour := func(n int) time.Duration {
			began := time.Now()
			for range n {
				if err := meter.Recipients(t.Context(), stranger, 100); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(began)
		}
		if took := pour(1000); took != 0 {
			t.Errorf("100,000 recipients took %v", took)
		}
		for range 5 { // 200 a second
			pour(2)
			time.Sleep(time.Second)
		}
		time.Sleep(6 * time.Second)
		for range 5 {
			pour(2)
			time.Sleep(time.Second)
		}
		meter.PushedBack(stranger, 0)
		if took := pour(10); took < 8*time.Second || took > 12*time.Second {
			t.Errorf("1,000 recipients took %v after a push at 200 a second, want about 100 a second", took)
		}
		for range 20 {
			time.Sleep(growEvery)
			meter.Bore(stranger)
		}
		if took := pour(1000); took != 0 {
			t.Errorf("100,000 recipients took %v when it had borne it for long", took)
		}
	})
}

// TestLanesThatHoldNothingAreDropped: a million hosts that were asked once are
// not kept.
func TestLanesThatHoldNothingAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meter := NewMeter(Gentle())
		for n := range 20 * fewLanes {
			host := Host{IP: netip.AddrFrom4([4]byte{198, 18, byte(n >> 8), byte(n)})}
			granted, _ := meter.Reserve(host, 1)
			meter.Settle(host, granted, 0)
			leave, _ := meter.TryEnter(host)
			leave()
			time.Sleep(10 * time.Millisecond)
		}
		if len(meter.at) > 3*fewLanes || len(meter.hears) > 3*fewLanes {
			t.Errorf("%d lanes and %d ledgers are kept", len(meter.at), len(meter.hears))
		}
	})
}
