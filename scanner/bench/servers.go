package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mxvet/mxvet/scanner/lab"
)

// The files of a survey of servers.
const (
	serversFile = "servers.txt"  // IP address and name of each server
	targetsFile = "targets.txt"  // name:25
	offersFile  = "offers.jsonl" // what mxvet wrote
	domainsFile = "domains.txt"  // a domain for each server
)

// hostsMost is how many servers the lab can be: more domains share them.
const hostsMost = 20_000

// survey is one tool that asks every server what it offers.
type survey struct {
	name    string
	command []string
	in, out string // files for standard input and output; empty where the tool opens its own
	facts   func(path string) (servers int, err error)
	told    string // file with the facts
}

// surveys compares mxvet scan with a client that knows everything beforehand,
// on servers that offer STARTTLS: asked alone, and with what their domains
// promise looked up too. Each runs so many times, in turn; the table has the
// fastest.
func (b *bench) surveys(ctx context.Context, servers, times int, stdout io.Writer) error {
	if err := b.goBuild(ctx, ".", "./minimal", filepath.Join(b.dir, "minimal")); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "| case | tool | time s | to minimal | CPU s | to minimal | peak MB | connections | DNS questions | with all facts | lab CPU s |")
	fmt.Fprintln(stdout, "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, rtt := range []time.Duration{50 * time.Millisecond, 0} {
		c := testCase{workload{"servers", servers, min(servers, hostsMost), 1, 2}, condition{rtt: rtt, tls: true}}
		best := make([]surveyed, len(b.surveyTools("")))
		for range times {
			for i := range best {
				got, err := b.survey(ctx, c, i)
				if err != nil {
					return err
				}
				if best[i].Wall == 0 || got.CPU < best[i].CPU {
					best[i] = got
				}
			}
		}
		for i, tool := range b.surveyTools("") {
			surveyLine(stdout, fmt.Sprintf("%d servers, %d ms", servers, rtt.Milliseconds()), tool.name, best[i], best[0])
		}
	}
	return nil
}

// surveyed is what came of one run.
type surveyed struct {
	usage
	heard
	whole int // servers with all facts
}

func surveyLine(w io.Writer, of, name string, got, least surveyed) {
	if got.Ended != "" {
		name += " (" + got.Ended + ")"
	}
	fmt.Fprintf(w, "| %s | %s | %.2f | %.2f | %.2f | %.2f | %.0f | %d | %d | %d | %.1f |\n", of, name,
		got.Wall.Seconds(), got.Wall.Seconds()/least.Wall.Seconds(), got.CPU.Seconds(), got.CPU.Seconds()/least.CPU.Seconds(),
		float64(got.Memory)/1e6, got.Connections, got.Questions, got.whole, got.Busy.Seconds())
}

func (b *bench) surveyTools(dns string) []survey {
	file := func(name string) string { return filepath.Join(b.dir, name) }
	scan := func(list string, more ...string) []string {
		return append([]string{b.mxvet, "scan", "-q", "-f", file(list), "-o", file(offersFile), "--format", "jsonl", "--pace", "own",
			"--concurrency", "1000", "--allow-private", "--resolver", dns, "--helo", "probe.example"}, more...)
	}
	return []survey{
		{"minimal", []string{file("minimal"), "-connections", "1000"}, file(serversFile), file(offersFile), minimalFacts, file(offersFile)},
		{"mxvet", scan(targetsFile, "--servers-only"), "", "", scanFacts, file(offersFile)},
		{"mxvet, by domain, with promises", scan(domainsFile), "", "", scanFacts, file(offersFile)},
	}
}

// survey runs one tool once on a lab of its own.
func (b *bench) survey(ctx context.Context, c testCase, which int) (s surveyed, err error) {
	b.runs++
	lab, err := startLab(ctx, b.dir, c, b.runs)
	if err != nil {
		return s, err
	}
	defer lab.kill()
	tool := b.surveyTools(lab.dns)[which]
	fmt.Fprintf(b.stderr, "%d ms: %s\n", c.rtt.Milliseconds(), tool.name)
	os.Remove(file(b, offersFile))
	in, out := os.Stdin, os.Stderr
	if tool.in != "" {
		if in, err = os.Open(tool.in); err != nil {
			return s, err
		}
		defer in.Close()
		if out, err = os.Create(tool.out); err != nil {
			return s, err
		}
		defer out.Close()
	}
	if s.usage, err = b.measured(ctx, tool.command, in, out); err != nil {
		return s, err
	}
	if s.heard, err = lab.stop(); err != nil {
		return s, err
	}
	s.whole, err = tool.facts(tool.told)
	return s, err
}

func file(b *bench, name string) string { return filepath.Join(b.dir, name) }

// writeServers writes the lists of a survey.
func writeServers(dir string, internet *lab.Internet) error {
	var files []*bufio.Writer
	for _, name := range [...]string{serversFile, targetsFile, domainsFile} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		defer f.Close()
		files = append(files, bufio.NewWriter(f))
	}
	for _, server := range internet.Servers() {
		fmt.Fprintln(files[0], server.IP, server.Host)
		fmt.Fprintf(files[1], "%s:%d\n", server.Host, server.Port)
	}
	for _, domain := range internet.Domains() {
		fmt.Fprintln(files[2], domain.Name)
	}
	for _, f := range files {
		if err := f.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// minimalFacts counts the lines that have everything.
func minimalFacts(path string) (whole int, err error) {
	err = eachLine(path, func(line []byte) error {
		var name, tls, version, group string
		var before, after int
		n, _ := fmt.Sscan(string(line), &name, &tls, &version, &group, &before, &after)
		if n == 6 && group == "X25519MLKEM768" && before > 0 && after > 0 {
			whole++
		}
		return nil
	})
	return whole, err
}

// scanFacts counts the servers whose row has everything.
func scanFacts(path string) (whole int, err error) {
	type hello struct {
		Extensions map[string][]string `json:"extensions"`
	}
	err = eachLine(path, func(line []byte) error {
		var row struct {
			Type             string
			Plain, Encrypted *hello
			TLS              *struct {
				Version, Cipher, Group string
				Certificates           []json.RawMessage
			}
			Greeting *struct{ Code int }
		}
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		if row.Type == "server" && row.Greeting != nil && row.Plain != nil && row.Encrypted != nil && row.TLS != nil &&
			row.TLS.Group == "X25519MLKEM768" && len(row.TLS.Certificates) > 0 && len(row.Plain.Extensions) > 0 && len(row.Encrypted.Extensions) > 0 {
			whole++
		}
		return nil
	})
	return whole, err
}

func eachLine(path string, each func(line []byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if err := each(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}
