package smtp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func reading(text string) *reader {
	return &reader{buffer: bufio.NewReaderSize(strings.NewReader(text), maxLine), left: budget}
}

func TestReadReply(t *testing.T) {
	long := strings.Repeat("x", 600)
	for _, test := range []struct {
		name, text string
		want       Reply
	}{
		{"one line", "250 ok\r\n", Reply{250, []string{"ok"}, 0}},
		{"three lines", "250-a\r\n250-b\r\n250 c\r\n", Reply{250, []string{"a", "b", "c"}, 0}},
		{"bare LF", "250-a\n250 b\r\n", Reply{250, []string{"a", "b"}, BareLF}},
		{"CR in the line", "250 a\rb\r\n", Reply{250, []string{"a\rb"}, BareCR}},
		{"two CRs", "250 a\r\r\n", Reply{250, []string{"a\r"}, BareCR}},
		{"codes differ, the last counts", "250-a\r\n550 b\r\n", Reply{550, []string{"a", "b"}, MixedCodes}},
		{"bare code", "250\r\n", Reply{250, []string{""}, NoText}},
		{"code and space", "250-a\r\n250 \r\n", Reply{250, []string{"a", ""}, NoText}},
		{"over 512 octets", "250 " + long + "\r\n", Reply{250, []string{long}, LongLine}},
		{"exactly 512 octets", "250 " + long[:506] + "\r\n", Reply{250, []string{long[:506]}, 0}},
		{"over 4 KiB", "250 " + strings.Repeat("x", 5000) + "\r\n", Reply{250, []string{strings.Repeat("x", maxLine-4)}, LongLine | CutLine}},
		{"a line cut, the next read in step", "250-" + strings.Repeat("x", 9000) + "\r\n250 ok\r\n",
			Reply{250, []string{strings.Repeat("x", maxLine-4), "ok"}, LongLine | CutLine}},
		{"Latin-1", "550 Empf\xe4nger\r\n", Reply{550, []string{"Empf\xe4nger"}, EightBit}},
		{"escape sequence", "550 \x1b[2J\r\n", Reply{550, []string{"\x1b[2J"}, Control}},
		{"TAB is no oddity", "250 a\tb\r\n", Reply{250, []string{"a\tb"}, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := reading(test.text).reply()
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Fatalf("%v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestReadReplyBounds(t *testing.T) {
	many := strings.Repeat("250-x\r\n", maxLines-1)
	for _, test := range []struct{ name, text, want string }{
		{"128 lines", many + "250 x\r\n", ""},
		{"129 lines", many + "250-x\r\n250 x\r\n", "a reply of more than 128 lines"},
		{"no LF in 64 KiB", "250 " + strings.Repeat("x", maxUnread), "a line of more than 65536 octets"},
		{"65 KiB of lines", strings.Repeat("250-"+strings.Repeat("x", 1000)+"\r\n", 66), "the server says too much"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := reading(test.text).reply()
			fault, _ := errors.AsType[*ProtocolError](err)
			if test.want == "" && err != nil || test.want != "" && (fault == nil || fault.Problem != test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	r := reading(strings.Repeat("250 "+strings.Repeat("x", 994)+"\r\n", 70))
	n := 0
	for ; ; n++ {
		if _, err := r.reply(); err != nil {
			break
		}
	}
	if n != budget/1000 {
		t.Errorf("%d replies of 1000 octets were read, want %d", n, budget/1000)
	}
}

func TestWhole(t *testing.T) {
	for text, want := range map[string]bool{
		"":                         false,
		"250 ok":                   false,
		"250 ok\r\n":               true,
		"250-ok\r\n":               false,
		"250-ok\r\n250 ok":         false,
		"250-ok\r\n250 ok\r\n550 ": true,
		"250\n":                    true,
		"\n":                       true,
	} {
		r := reading(text)
		r.buffer.Peek(1)
		if r.whole() != want {
			t.Errorf("%q: %v, want %v", text, !want, want)
		}
	}
}

func TestEnhanced(t *testing.T) {
	for _, test := range []struct {
		code       int
		text, want string
	}{
		{550, "5.1.1 no such user", "5.1.1"},
		{550, "5.7.606", "5.7.606"},
		{450, " 4.2.0: greylisted", "4.2.0"},
		{250, "2.1.5", "2.1.5"},
		{550, "#5.1.0 Address rejected.", "5.1.0"},
		{250, "5.1.1 class differs", ""},
		{550, "4.1.1 class differs", ""},
		{354, "3.0.0 no such class", ""},
		{550, "5.1 two parts", ""},
		{550, "5.1.", ""},
		{550, "5..1", ""},
		{550, "5.1.1.2 is an address", ""},
		{550, "5.1234.1 subject too long", ""},
		{550, "5.1.1234 detail too long", ""},
		{550, "5.1.1a", ""},
		{550, "no 5.1.1 here", ""},
		{550, "", ""},
	} {
		if got := (Reply{Code: test.code, Lines: []string{test.text}}).Enhanced(); got != test.want {
			t.Errorf("%d %q: got %q, want %q", test.code, test.text, got, test.want)
		}
	}
	if got := (Reply{}).Enhanced(); got != "" {
		t.Errorf("no reply: %q", got)
	}
}

func TestOdditiesAreWords(t *testing.T) {
	set := BareLF | EightBit | Control
	got, err := set.MarshalJSON()
	if want := `["bare_lf","8bit","control"]`; string(got) != want || err != nil {
		t.Fatalf("got %s, %v; want %s", got, err, want)
	}
	var back Oddities
	if err := back.UnmarshalJSON(got); err != nil || back != set {
		t.Errorf("got %v, %v; want %v", back, err, set)
	}
	if err := back.UnmarshalJSON([]byte(`["purple"]`)); err == nil {
		t.Error("an unknown word was taken")
	}
	if !set.Has(BareLF|EightBit) || set.Has(BareLF|BareCR) || set.String() != "bare_lf 8bit control" {
		t.Errorf("%v", set)
	}
}

func FuzzReadReply(f *testing.F) {
	for _, seed := range []string{"250 ok\r\n", "250-a\n550 b\r\n", "421", "\r\n", "250 " + strings.Repeat("x", 9000) + "\r\n250\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		heard := 0
		source := bytes.NewReader(text)
		r := &reader{buffer: bufio.NewReaderSize(source, maxLine), left: budget, heard: func([]byte) { heard++ }}
		for {
			whole := r.whole()
			reply, err := r.reply()
			if whole && errors.Is(err, io.EOF) {
				t.Fatal("a whole reply was cut off")
			}
			if message := bounds(reply); message != "" {
				t.Fatal(message)
			}
			if err != nil {
				break
			}
			if reply.Code < 200 || reply.Code > 559 || len(reply.Lines) == 0 {
				t.Fatalf("%+v", reply)
			}
			reply.Enhanced()
		}
		if read := len(text) - source.Len(); read > budget+maxUnread+maxLine {
			t.Fatalf("%d octets read", read)
		}
		if lines := bytes.Count(text, []byte("\n")); heard > lines+1 {
			t.Fatalf("%d lines heard of %d", heard, lines)
		}
	})
}

func bounds(reply Reply) string {
	if len(reply.Lines) > maxLines+1 {
		return fmt.Sprintf("%d lines", len(reply.Lines))
	}
	for _, line := range reply.Lines {
		if len(line) > maxLine {
			return fmt.Sprintf("a line of %d octets", len(line))
		}
	}
	return ""
}
