package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/mxvet/mxvet/scanner/lab"
)

// The files a lab writes and a tool reads and writes, in the run's folder.
const (
	listFile     = "list.txt"  // one address a line
	truthFile    = "truth.csv" // address, verdict
	verdictsFile = "verdicts.csv"
)

// settings is a case as it is told to the process of the lab.
type settings struct {
	Folder                    string
	Network                   netip.Prefix
	Domains, Hosts, Mailboxes int
	RTT                       time.Duration
	LockStep, TLS             bool
	Limits, Tarpit            bool
}

// heard is what a lab has to tell at its end.
type heard struct {
	Connections int
	Most        int // connections with one host at a time
	Commands    int
	Questions   int           // DNS
	Busy        time.Duration // CPU of the lab, by the kernel
}

// serveLab is the process of the lab: it writes the files, listens, says where
// its DNS server is, waits for its input to end, and says what it heard.
func serveLab(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	text := flags.String("settings", "", "JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var s settings
	if err := json.Unmarshal([]byte(*text), &s); err != nil {
		return err
	}
	c := testCase{condition: condition{lockStep: s.LockStep, tls: s.TLS, limits: s.Limits, tarpit: s.Tarpit}}
	internet := lab.Large(lab.Options{RTT: s.RTT, Network: s.Network, Character: c.character()}, s.Domains, s.Hosts, s.Mailboxes)
	if err := cmp.Or(writeTruth(s.Folder, internet.Truth()), writeServers(s.Folder, internet)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, stdin)
		stop()
	}()
	err := internet.Listen(ctx, func(dns netip.AddrPort) { fmt.Fprintln(stdout, dns) })
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(told(internet.Stats()))
}

func told(stats lab.Stats) heard {
	h := heard{Connections: stats.Total.Conversations, Questions: stats.Questions}
	for _, n := range stats.Total.Commands {
		h.Commands += n
	}
	for _, server := range stats.Servers {
		h.Most = max(h.Most, server.Peak)
	}
	return h
}

// writeTruth writes the list and what is true of it.
func writeTruth(dir string, truths []lab.Truth) error {
	list, err := os.Create(filepath.Join(dir, listFile))
	if err != nil {
		return err
	}
	defer list.Close()
	truth, err := os.Create(filepath.Join(dir, truthFile))
	if err != nil {
		return err
	}
	defer truth.Close()
	lines, records := bufio.NewWriter(list), csv.NewWriter(truth)
	records.Write([]string{"email", "verdict"})
	for _, t := range truths {
		lines.WriteString(t.Address + "\n")
		records.Write([]string{t.Address, t.Verdict})
	}
	records.Flush()
	return cmp.Or(lines.Flush(), records.Error())
}

// labProcess is a lab as its starter sees it.
type labProcess struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
	dns   string
}

// startLab starts a lab and waits until it listens. Each run has a network of
// its own, so that connections lingering from the last, or another bench, are not
// in its way.
func startLab(ctx context.Context, dir string, c testCase, run int) (*labProcess, error) {
	network := netip.PrefixFrom(netip.AddrFrom4([4]byte{127, byte(100 + (os.Getpid()+run)%100), 0, 0}), 16)
	text, err := json.Marshal(settings{Folder: dir, Network: network, Domains: c.domains, Hosts: c.hosts, Mailboxes: c.mailboxes,
		RTT: c.rtt, LockStep: c.lockStep, TLS: c.tls, Limits: c.limits, Tarpit: c.tarpit})
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &labProcess{cmd: exec.CommandContext(ctx, self, "lab", "-settings", string(text))}
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if p.dns, err = p.out.ReadString('\n'); err != nil {
		return nil, fmt.Errorf("the lab does not listen: %w (port 25 of 127.0.0.0/8 wants root; see above)", p.cmd.Wait())
	}
	p.dns = p.dns[:len(p.dns)-1]
	return p, nil
}

// stop ends the lab and returns what it heard.
func (p *labProcess) stop() (h heard, err error) {
	p.stdin.Close()
	err = json.NewDecoder(p.out).Decode(&h)
	err = cmp.Or(err, p.cmd.Wait())
	if err == nil {
		h.Busy = p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
	}
	return h, err
}

// kill ends a lab that was not stopped.
func (p *labProcess) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Signal(syscall.SIGKILL)
		p.cmd.Wait()
	}
}
