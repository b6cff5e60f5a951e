package smtp_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
)

func TestPythonNotation(t *testing.T) {
	for _, test := range []struct {
		name    string
		entries []smtp.Entry
		want    []string
	}{
		{"a command and a reply of two lines",
			[]smtp.Entry{{From: smtp.ClientSaid, Text: "EHLO localhost.local"}, {From: smtp.ServerSaid, Text: "250-mx.example"}, {From: smtp.ServerSaid, Text: "250 PIPELINING"}},
			[]string{`send: 'EHLO localhost.local\r\n'`, `reply: '250-mx.example\r\n'`, `reply: '250 PIPELINING\r\n'`, `reply: retcode (250); Msg: mx.example\nPIPELINING`}},
		{"a code alone", []smtp.Entry{{From: smtp.ServerSaid, Text: "354"}}, []string{`reply: '354\r\n'`, `reply: retcode (354); Msg: `}},
		{"a challenge", []smtp.Entry{{From: smtp.ServerSaid, Text: "334 [redacted]"}}, []string{`reply: '334 [redacted]\r\n'`, `reply: retcode (334); Msg: [redacted]`}},
		{"quotes", []smtp.Entry{{From: smtp.ClientSaid, Text: `VRFY o'hara`}, {From: smtp.ClientSaid, Text: `VRFY "o'hara"`}, {From: smtp.ClientSaid, Text: `VRFY "a"`}},
			[]string{`send: "VRFY o'hara\r\n"`, `send: 'VRFY "o\'hara"\r\n'`, `send: 'VRFY "a"\r\n'`}},
		{"controls, Latin-1 and backslashes", []smtp.Entry{{From: smtp.ServerSaid, Text: "550 \x1b[2J\xe9\t\\"}},
			[]string{`reply: '550 \x1b[2J\xe9\t\\\r\n'`, `reply: retcode (550); Msg: \x1b[2J\xe9\t\\`}},
		{"a line that would be another", []smtp.Entry{{From: smtp.ServerSaid, Text: "250-a"}, {From: smtp.ServerSaid, Text: "250 send: 'QUIT'"}},
			[]string{`reply: '250-a\r\n'`, `reply: "250 send: 'QUIT'\r\n"`, `reply: retcode (250); Msg: a\nsend: 'QUIT'`}},
		{"no reply at all, then one", []smtp.Entry{{From: smtp.ServerSaid, Text: "250-cut"}, {From: smtp.ServerSaid, Text: "SSH-2.0"}, {From: smtp.ServerSaid, Text: "220 ok"}},
			[]string{`reply: '250-cut\r\n'`, `reply: 'SSH-2.0\r\n'`, `reply: '220 ok\r\n'`, `reply: retcode (220); Msg: ok`}},
		{"a reply cut off by the next command", []smtp.Entry{{From: smtp.ServerSaid, Text: "250-cut"}, {From: smtp.ClientSaid, Text: "NOOP"}, {From: smtp.ServerSaid, Text: "250 ok"}},
			[]string{`reply: '250-cut\r\n'`, `send: 'NOOP\r\n'`, `reply: '250 ok\r\n'`, `reply: retcode (250); Msg: ok`}},
		{"a handshake", []smtp.Entry{{From: smtp.Noted, Text: "TLS 1.3"}}, []string{`note: TLS 1.3`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var python smtp.Python
			var got []string
			for _, entry := range test.entries {
				got = append(got, python.Lines(entry)...)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func ExampleReply_Python() {
	fmt.Println(smtp.Reply{Code: 250, Lines: []string{"2.1.5 Ann Example <ann@mx.example>"}}.Python())
	fmt.Println(smtp.Reply{Code: 550, Lines: []string{"5.1.1 <notthere>... User unknown"}}.Python())
	// Output:
	// (250, '2.1.5 Ann Example <ann@mx.example>')
	// (550, '5.1.1 <notthere>... User unknown')
}
