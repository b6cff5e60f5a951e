package smtp_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
)

func TestHello(t *testing.T) {
	for _, test := range []struct {
		name, script string
		code         int
		verb         smtp.Verb
		want         smtp.Extensions
	}{
		{"extensions", "C: EHLO me.example\nS: 250-mx.example hello\nS: 250-size 1000\nS: 250 DSN", 250, smtp.EHLO,
			smtp.Extensions{{"SIZE", []string{"1000"}}, {"DSN", []string{}}}},
		{"EHLO without any", "C: EHLO me.example\nS: 250 mx.example", 250, smtp.EHLO, smtp.Extensions{}},
		{"HELO only", "C: EHLO me.example\nS: 502 what?\nC: HELO me.example\nS: 250-hello\nS: 250 DSN", 250, smtp.HELO, smtp.Extensions{}},
		{"both refused", "C: EHLO me.example\nS: 550 no\nC: HELO me.example\nS: 501 bad name", 501, "", nil},
		{"554 is about the client", "C: EHLO me.example\nS: 554 go away", 554, "", nil},
		{"450 is not no EHLO", "C: EHLO me.example\nS: 450 later", 450, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := greeted(t, "S: 220 mx\n"+test.script, nil)
			got, err := client.Hello(t.Context(), "me.example")
			wantReply(t, got, err, test.code)
			if client.Verb() != test.verb {
				t.Errorf("verb %q, want %q", client.Verb(), test.verb)
			}
			if diff := cmp.Diff(test.want, client.Extensions()); diff != "" {
				t.Errorf("extensions, -want +got:\n%s", diff)
			}
		})
	}
}

func TestHELOFollowsTheseCodesOnly(t *testing.T) {
	for code, want := range map[int]bool{500: true, 501: true, 502: true, 503: true, 504: true, 550: true, 451: false, 530: false, 554: false} {
		script := "S: 220 mx\nC: EHLO me.example\nS: " + strconv.Itoa(code) + " no\n"
		if want {
			script += "C: HELO me.example\nS: 250 ok"
		}
		client := greeted(t, script, nil)
		got, err := client.Hello(t.Context(), "me.example")
		if err != nil || (got.Code == 250) != want {
			t.Errorf("%d: got %d, %v", code, got.Code, err)
		}
	}
}

func TestRefusedHelloLeavesTheSessionAsItWas(t *testing.T) {
	client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 DSN\nC: EHLO me.example\nS: 554 no", nil)
	got, err := client.Hello(t.Context(), "me.example")
	wantReply(t, got, err, 554)
	if _, ok := client.Extension(smtp.ExtDSN); !ok || client.Verb() != smtp.EHLO {
		t.Errorf("forgot %v", client.Extensions())
	}
}

func TestLMTP(t *testing.T) {
	client := greeted(t, "S: 220 mx LMTP\nC: LHLO me.example\nS: 250-mx\nS: 250 PIPELINING", &smtp.Options{LMTP: true})
	got, err := client.Hello(t.Context(), "me.example")
	wantReply(t, got, err, 250)
	if client.Verb() != smtp.LHLO || !client.Extensions().Has(smtp.ExtPipelining) {
		t.Errorf("%s %v", client.Verb(), client.Extensions())
	}
}

func TestHelloNeedsAName(t *testing.T) {
	client := greeted(t, "S: 220 mx", nil)
	for _, name := range []string{"", " ", "a b", "me.example\r\nRSET"} {
		_, err := client.Hello(t.Context(), name)
		if _, ok := errors.AsType[*smtp.NotSentError](err); !ok {
			t.Errorf("%q: got %v, want a *NotSentError", name, err)
		}
	}
}
