package probe_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
)

const greets = `
	S: 220 mx.example ESMTP
	C: EHLO me.example
	S: 250-mx.example
`

func TestWhatAServerIsAskedOfItself(t *testing.T) {
	all := probe.Audit{Vrfy: true, Help: true, Expn: true}
	for _, test := range []struct {
		name             string
		ask              probe.Audit
		script           string
		vrfy, expn, help *probe.Said
	}{
		{"nothing, where nothing is named", probe.Audit{}, greets + "S: 250 VRFY\nC: QUIT\nS: 221 bye\nX:", nil, nil, nil},
		{"VRFY where it is offered", probe.Audit{Vrfy: true}, greets + "S: 250 VRFY\nC: VRFY postmaster\nS: 252 2.0.0 postmaster\nC: QUIT\nS: 221 bye\nX:",
			&probe.Said{Code: 252, Text: "2.0.0 postmaster"}, nil, nil},
		{"no VRFY where it is not offered", probe.Audit{Vrfy: true}, greets + "S: 250 SIZE\nC: QUIT\nS: 221 bye\nX:", nil, nil, nil},
		{"EXPN and HELP are asked, offered or not", all, greets + `S: 250 VRFY
			C: VRFY postmaster
			S: 250 2.1.5 The Postmaster <root@mx.example>
			C: EXPN postmaster
			S: 502 5.5.1 EXPN command is disabled
			C: HELP
			S: 214-This is Sendmail
			S: 214 End of HELP info
			C: QUIT
			S: 221 bye
			X:`, &probe.Said{Code: 250, Text: "2.1.5 The Postmaster <root@mx.example>"}, &probe.Said{Code: 502, Text: "5.5.1 EXPN command is disabled"},
			&probe.Said{Code: 214, Text: "This is Sendmail\nEnd of HELP info"}},
		{"inside TLS, and only what is offered there", all, offersTLS + `S: 220 go
			TLS: mx.example
			C: EHLO me.example
			S: 250-mx.example
			S: 250 VRFY
			C: VRFY postmaster
			S: 252 no
			C: EXPN postmaster
			S: 502 no
			C: HELP
			S: 502 no
			C: QUIT
			S: 221 bye
			X:`, &probe.Said{Code: 252, Text: "no"}, &probe.Said{Code: 502, Text: "no"}, &probe.Said{Code: 502, Text: "no"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := script(t, test.script)
			plan.Audit = test.ask
			session := mustOpen(t, plan)
			session.Close()
			got := session.Server()
			if diff := cmp.Diff([]*probe.Said{test.vrfy, test.expn, test.help}, []*probe.Said{got.Vrfy, got.Expn, got.Help}); diff != "" {
				t.Errorf("vrfy, expn, help, -want +got:\n%s", diff)
			}
		})
	}
}

func TestAServerThatDoesNotBearToBeAsked(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"421 to VRFY", greets + "S: 250 VRFY\nC: VRFY postmaster\nS: 421 4.7.0 too many errors\nX:", "vrfy 421 4.7.0 rate_limited"},
		{"hangs up at VRFY", greets + "S: 250 VRFY\nC: VRFY postmaster\nX:", "vrfy hangup network_error"},
		{"silent at HELP", greets + "S: 250 SIZE\nC: HELP\nW: 1h", "hello timeout network_error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := script(t, test.script)
				plan.Audit = probe.Audit{Vrfy: true, Help: true}
				failed := mustFail(t, plan)
				wantFailure(t, failed, test.want)
				if got := failed.Server; got.Plain == nil || got.StartTLS != probe.No {
					t.Errorf("what was learned before is gone: %+v", got)
				}
			})
		})
	}
}
