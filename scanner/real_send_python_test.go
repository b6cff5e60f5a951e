//go:build unix

package scanner_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smtplibSession is the same conversation by the library whose notation it is.
const smtplibSession = `
import smtplib, sys
smtp = smtplib.SMTP()
smtp.set_debuglevel(1)
smtp.connect(sys.argv[1], int(sys.argv[2]))
smtp.ehlo(sys.argv[3])
smtp.mail('author@probe.test')
smtp.rcpt('ann@s.test')
smtp.rcpt('nobody@s.test')
smtp.data(open(sys.argv[4], 'rb').read())
smtp.quit()
`

var (
	bytesMark  = regexp.MustCompile(`(?m)^((?:reply|send): )b?`)
	fullReply  = regexp.MustCompile(`(?m)^(reply: retcode \(\d+\); Msg: |data: \(\d+, )b['"](.*)['"](\)?)$`)
	sizeOfMail = regexp.MustCompile(`(?i)(<author@probe\.test>) .*\\r\\n`)
)

// inOneForm takes away what tells Python 3 from Python 2, whose notation ours
// is (b'...'), the case of verbs, which smtplib writes small, and what only one
// of the two says: "connect:" twice, our remarks, parameters of MAIL.
func inOneForm(transcript string) (lines []string) {
	for _, one := range realChanging {
		transcript = one.what.ReplaceAllString(transcript, one.with)
	}
	transcript = bytesMark.ReplaceAllString(transcript, "$1")
	transcript = fullReply.ReplaceAllString(transcript, "$1$2$3")
	transcript = sizeOfMail.ReplaceAllString(transcript, `$1\r\n`)
	for line := range strings.Lines(transcript) {
		line = strings.TrimSuffix(line, "\n")
		switch name, rest, _ := strings.Cut(line, ": "); name {
		case "send":
			lines = append(lines, strings.ToLower(line))
		case "reply":
			lines = append(lines, line)
		case "data":
			lines = append(lines, name+": "+strings.ReplaceAll(rest, "'", ""))
		}
	}
	return lines
}

func TestRealSendInSmtplibsNotation(t *testing.T) {
	t.Parallel()
	python := realProgram(t, "/usr/bin/python3", "python3")
	at, dir := startPostOffice(t), realDir(t)
	script := realFile(t, filepath.Join(dir, "session.py"), smtplibSession)
	message := realFile(t, filepath.Join(dir, "message.eml"), strings.ReplaceAll(realMessage("smtplib", ".\nx\n"), "\n", "\r\n"))
	theirs, err := exec.Command(python, script, at.plain.Addr().String(), strings.Split(at.plain.String(), ":")[1], realHelloName, message).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, theirs)
	}
	ours := realRunCommand(t, nil, realSending(at.plain, "--transcript", "python", "--from", "author@probe.test", "--to", "ann@s.test", "--to", "nobody@s.test", "--message", message)...)
	if diff := cmp.Diff(inOneForm(string(theirs)), inOneForm(ours.stdout)); diff != "" {
		t.Errorf("smtplib - ours +:\n%s", diff)
	}
}
