//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// realPostfix is a Postfix of its own: queue, data, settings and log are in
// dir, nothing is in a chroot.
type realPostfix struct {
	dir string
	log string
}

// realListener is one line of master.cf: smtpd at an address, with options of
// its own ("smtpd_tls_wrappermode=yes"), or postscreen, which passes connections
// on to smtpd.
type realListener struct {
	addr    netip.AddrPort
	options []string
	screen  bool
}

func (l realListener) String() string {
	line := fmt.Sprintf("%s inet n - n - - smtpd", l.addr)
	if l.screen {
		line = fmt.Sprintf("%s inet n - n - 1 postscreen", l.addr)
	}
	for _, option := range l.options {
		line += "\n    -o " + option
	}
	return line + "\n"
}

const realMaster = `
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
tlsproxy  unix  - - n - 0 tlsproxy
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
smtp      unix  - - n - - smtp
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
smtpd     pass  - - n - - smtpd
`

// realPostfixFiles are the settings and tables of a set-up by file name; in
// them DIR stands for their folder.
type realPostfixFiles map[string]string

// realStartPostfix starts a set-up. It should set mynetworks: by default the
// address of this machine is no stranger.
func realStartPostfix(t *testing.T, files realPostfixFiles, listeners ...realListener) *realPostfix {
	t.Helper()
	realRoot(t)
	program, settings := realProgram(t, "postfix"), realProgram(t, "postconf")
	dir := realDir(t)
	p := &realPostfix{dir: filepath.Join(dir, "etc"), log: filepath.Join(dir, "maillog")}
	p.folders(t, dir)
	master := realMaster
	for _, listener := range listeners {
		master += listener.String()
	}
	files["master.cf"] = master
	basis := fmt.Sprintf(`
compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[1]s
notify_classes =
inet_protocols = ipv4
inet_interfaces = loopback-only
mydestination =
alias_maps =
alias_database =
`, dir)
	for name, text := range files {
		if name == "main.cf" {
			text = basis + text
		}
		if !strings.HasPrefix(text, "-----BEGIN ") { // in which DIR may stand by chance
			text = strings.ReplaceAll(text, "DIR", p.dir)
		}
		realFile(t, filepath.Join(p.dir, name), text)
	}
	if said, err := exec.Command(program, "-c", p.dir, "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v\n%s", err, said)
	}
	daemons, err := exec.Command(settings, "-c", p.dir, "-h", "daemon_directory").Output()
	if err != nil {
		t.Fatal(err)
	}
	realStart(t, filepath.Join(strings.TrimSpace(string(daemons)), "master"), "-c", p.dir, "-s") // -s stays in the foreground
	t.Cleanup(func() {
		if t.Failed() {
			lines := strings.Split(p.logged(t), "\n")
			for _, line := range lines[:max(0, len(lines)-60)] {
				if strings.Contains(line, "warning: ") && !strings.Contains(line, "TLS library problem") || strings.Contains(line, "fatal: ") {
					t.Log(line)
				}
			}
			t.Logf("the end of Postfix's log:\n%s", strings.Join(lines[max(0, len(lines)-60):], "\n"))
		}
	})
	for _, listener := range listeners {
		realOpen(t, listener.addr)
	}
	return p
}

// folders makes the folders that Postfix wants to find; data is its own.
func (p *realPostfix) folders(t *testing.T, dir string) {
	t.Helper()
	postfix, err := user.Lookup("postfix")
	if err != nil {
		realMissing(t, err.Error())
	}
	uid, err := strconv.Atoi(postfix.Uid)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"etc", "queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(dir, "data"), uid, -1); err != nil {
		t.Fatal(err)
	}
}

func (p *realPostfix) logged(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.log)
	if err != nil {
		t.Log(err)
	}
	return string(text)
}

// conversations waits until n connections of a client are over, and returns
// the counts with which smtpd sums each up: "ehlo=1 mail=1 rcpt=50/51 quit=1
// commands=53/54".
func (p *realPostfix) conversations(t *testing.T, client string, n int) []string {
	t.Helper()
	var counts []string
	realWithin(t, 10*time.Second, fmt.Sprintf("%d conversations with %s in the log", n, client), func() bool {
		counts = nil
		for line := range strings.Lines(p.logged(t)) {
			_, summary, _ := strings.Cut(line, ": disconnect from ")
			if _, count, ok := strings.Cut(summary, "["+client+"] "); ok {
				counts = append(counts, strings.TrimSpace(count))
			}
		}
		return len(counts) >= n
	})
	return counts
}
