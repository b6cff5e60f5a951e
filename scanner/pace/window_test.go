package pace

import (
	"net/netip"
	"testing"
	"time"
)

var server = netip.MustParseAddr("192.0.2.25")

// risks plays a session: each step names what there is room for and hears
// replies of that many, every other one a refusal.
func risks(w *Window, rounds int, wait time.Duration) (rooms []int) {
	for range rounds {
		n := w.Room()
		rooms = append(rooms, n)
		w.Named(n)
		for i := range n {
			w.Closed(1)
			if i > 0 {
				wait = 0 // they come together
			}
			w.Heard(i%2 == 0, wait)
		}
	}
	return rooms
}

func TestWindows(t *testing.T) {
	for _, test := range []struct {
		name    string
		profile Profile
		bears   Bears
		postfix bool
		want    []int
	}{
		{"own doubles from 100", Own(), Bears{}, false, []int{100, 200, 400, 800, 1000, 1000}},
		{"brisk doubles from 9", Brisk(), Bears{}, false, []int{9, 18, 36, 72}},
		{"brisk and Postfix: nine refusals a session", Brisk(), Bears{}, true, []int{9, 4, 2, 0}},
		{"own and Postfix: as others", Own(), Bears{}, true, []int{100, 200}},
		{"19 refusals are borne: the last eighth is left", Own(), Bears{Refusals: 19}, false, []int{19, 9, 4, 0}},
		{"50 answers are borne", Own(), Bears{Answers: 50}, false, []int{50, 0}},
		{"one refusal is borne", Own(), Bears{Refusals: 1}, false, []int{1, 0}},
		{"gentle has no windows", Gentle(), Bears{}, true, []int{1000, 1000}},
	} {
		t.Run(test.name, func(t *testing.T) {
			patience := NewPatience(test.profile)
			if test.bears != (Bears{}) {
				patience.Learn(server, test.bears)
			}
			got := risks(patience.Open(server, test.postfix), len(test.want), 50*time.Millisecond)
			for i := range test.want {
				if got[i] != test.want[i] {
					t.Fatalf("room for %v, want %v", got, test.want)
				}
			}
		})
	}
}

func TestAWindowHoldsBackUntilHalfIsAnswered(t *testing.T) {
	w := NewPatience(Own()).Open(server, false)
	w.Named(w.Room())
	w.Closed(40)
	if room := w.Room(); room != 0 {
		t.Errorf("room for %d with 60 of 100 out", room)
	}
	w.Closed(20)
	if room := w.Room(); room != 60 {
		t.Errorf("room for %d with 40 of 100 out, want 60", room)
	}
	w.Enough()
	if room := w.Room(); room != 0 || !w.Spent() {
		t.Errorf("room for %d after enough", room)
	}
}

func TestWhatABreakTeaches(t *testing.T) {
	for _, test := range []struct {
		name              string
		accepted, refused int
		want              Bears
	}{
		{"at the 21st error", 30, 20, Bears{Refusals: 19}},
		{"at the 51st recipient, nobody refused", 50, 0, Bears{Answers: 49}},
		{"early, for reasons of its own", 5, 3, Bears{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := NewPatience(Own())
			w := p.Open(server, false)
			for range test.accepted {
				w.Heard(false, 0)
			}
			for range test.refused {
				w.Heard(true, 0)
			}
			if got, did := p.Broke(server, w); got != test.want || did != (got != Bears{}) || !w.Spent() {
				t.Errorf("it bears %+v, want %+v", got, test.want)
			}
		})
	}
}

// A network may lose a session, but not three in a row at the second question.
func TestAServerThatAlwaysHangsUpEarly(t *testing.T) {
	p := NewPatience(Own())
	breaks := func(accepted, refused int) (Bears, bool) {
		w := p.Open(server, false)
		for range accepted {
			w.Heard(false, 0)
		}
		for range refused {
			w.Heard(true, 0)
		}
		return p.Broke(server, w)
	}
	steady := p.Open(server, false)
	for range fewest {
		steady.Heard(true, 0)
	}
	breaks(0, 1)
	breaks(0, 1)
	p.Bore(server, steady) // so there is another reason
	for _, step := range []struct {
		accepted, refused int
		want              Bears
	}{
		{0, 1, Bears{}},
		{2, 1, Bears{}},
		{2, 1, Bears{Refusals: 1, Answers: 2}},
		{0, 0, Bears{}}, // before any answer
		{3, 0, Bears{Answers: 2}},
	} {
		if got, did := breaks(step.accepted, step.refused); got != step.want || did != (step.want != Bears{}) {
			t.Errorf("broke after %d accepted and %d refused: %+v, want %+v", step.accepted, step.refused, got, step.want)
		}
	}
}

func TestReplies(t *testing.T) {
	const far = 300 * time.Millisecond
	for _, test := range []struct {
		name  string
		waits []time.Duration // of refusals behind ten others
		slow  bool
		goOn  bool
	}{
		{"at the pace of the first", []time.Duration{far, 2 * far, far}, false, true},
		{"one packet was lost", []time.Duration{3 * time.Second, 0, 3 * time.Second, 0}, false, true},
		{"a second more is no slower, so far away", []time.Duration{1300 * time.Millisecond, 1300 * time.Millisecond, 1300 * time.Millisecond}, false, true},
		{"two slow ones in a row", []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}, true, true},
		{"slow for too long", []time.Duration{20 * time.Second, 20 * time.Second}, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := NewPatience(Own()).Open(server, false)
			w.Waited(far)
			for range 10 {
				w.Heard(true, 0)
			}
			goOn := true
			for _, wait := range test.waits {
				goOn = w.Heard(true, wait)
			}
			bears, slow := w.Slow()
			if slow != test.slow || goOn != test.goOn || slow && bears != (Bears{Refusals: 9}) {
				t.Errorf("slow %v %+v, go on %v; want %v, %v", slow, bears, goOn, test.slow, test.goOn)
			}
			if w.Spent() != test.slow {
				t.Errorf("spent %v", w.Spent())
			}
		})
	}
}

func TestPatienceKeepsWhatIsStricter(t *testing.T) {
	p := NewPatience(Own())
	if _, known := p.Of(server); known {
		t.Error("a server is known that nobody spoke of")
	}
	for _, step := range []struct {
		says, want Bears
		news       bool
	}{
		{Bears{}, Bears{}, false},
		{Bears{Refusals: 19}, Bears{Refusals: 19}, true},
		{Bears{Refusals: 30, Answers: 40}, Bears{Refusals: 19, Answers: 40}, true},
		{Bears{Refusals: 9, Recipients: 50}, Bears{Refusals: 9, Answers: 40, Recipients: 50}, true},
		{Bears{Refusals: 19}, Bears{Refusals: 9, Answers: 40, Recipients: 50}, false},
	} {
		if got, news := p.Learn(server, step.says); got != step.want || news != step.news {
			t.Errorf("after %+v: %+v %v, want %+v %v", step.says, got, news, step.want, step.news)
		}
	}
}
