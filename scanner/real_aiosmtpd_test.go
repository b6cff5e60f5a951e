//go:build unix

package scanner_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// aiosmtpdHandler knows Ann and Jörg; everything else is aiosmtpd's own way.
const aiosmtpdHandler = `
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Mailboxes:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.split('@')[0] not in ('ann', 'jörg'):
            return '550 5.1.1 no mailbox of this name'
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return '250 2.1.5 welcome'

async def serve():
    smtp = lambda: SMTP(Mailboxes(), hostname='mx.f.test', data_size_limit=1000000, enable_SMTPUTF8=True)
    server = await asyncio.get_running_loop().create_server(smtp, sys.argv[1], int(sys.argv[2]))
    await server.serve_forever()

asyncio.run(serve())
`

func TestRealAiosmtpd(t *testing.T) {
	t.Parallel()
	python := realProgram(t, "/usr/bin/python3", "python3")
	if err := exec.Command(python, "-c", "import aiosmtpd").Run(); err != nil {
		realMissing(t, "not found: aiosmtpd, for "+python)
	}
	addr := realPort(t, "127.0.53.8")
	script := realFile(t, filepath.Join(realDir(t), "serve.py"), aiosmtpdHandler)
	realStart(t, python, script, addr.Addr().String(), fmt.Sprint(addr.Port()))
	realOpen(t, addr)
	zone := realZone(addr, "f.test")

	t.Run("offers what a plain socket is offered", func(t *testing.T) {
		row := realSame(t, realScanner(t, zone, addr), addr, false, "f.test")
		want := []string{"SIZE 1000000", "8BITMIME", "SMTPUTF8", "HELP"}
		if diff := cmp.Diff(want, realOffered(row.Plain).Lines); diff != "" {
			t.Errorf("without PIPELINING:\n%s", diff)
		}
	})
	t.Run("tells by RCPT, one at a time", func(t *testing.T) {
		realTrue(t, realScanner(t, zone, addr), addr, []realVerdict{
			{"ann@f.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"nobody@f.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
		})
	})
	t.Run("takes UTF-8 where it is announced", func(t *testing.T) {
		realSays(t, realScanner(t, zone, addr), []realVerdict{
			{"jörg@f.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"jürgen@f.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
		})
	})
	t.Run("tells nothing by VRFY: 252 whoever it is", func(t *testing.T) {
		s := realScanner(t, zone, addr)
		s.Method = scanner.ByVRFY
		realSays(t, s, []realVerdict{
			{"ann@f.test", judge.Unknown, judge.CannotVerify, judge.CatchAllNotRun},
			{"nobody@f.test", judge.Unknown, judge.CannotVerify, judge.CatchAllNotRun},
		})
	})
}
