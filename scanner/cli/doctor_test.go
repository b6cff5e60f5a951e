package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner/doctor"
	"github.com/mxvet/mxvet/scanner/lab"
)

// toLab serves the practice Internet and returns the flags that lead there.
func toLab(t *testing.T) []string {
	t.Helper()
	internet := lab.New(lab.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	fronts, done := make(chan lab.Fronts, 1), make(chan error, 1)
	go func() { done <- internet.Serve(ctx, "", func(f lab.Fronts) { fronts <- f }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		internet.Close()
	})
	select {
	case f := <-fronts:
		return []string{"--resolver", f.DNS.String(), "--proxy", "socks5://" + f.SOCKS.String(), "--allow-private"}
	case err := <-done:
		done <- err
		t.Fatal(err)
		return nil
	}
}

func runDoctor(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errors bytes.Buffer
	status = Run(ctx, append([]string{"doctor"}, args...), strings.NewReader(""), &out, &errors)
	return status, out.String(), errors.String()
}

// statuses are the findings of JSON Lines, by check and family.
func statuses(t *testing.T, lines string) map[string]doctor.Status {
	t.Helper()
	out := map[string]doctor.Status{}
	for line := range strings.Lines(lines) {
		var row struct {
			Type string
			doctor.Finding
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil || row.Type != "check" || row.Evidence == nil {
			t.Fatalf("%v: %s", err, line)
		}
		out[label(row.Finding)] = row.Status
	}
	return out
}

func TestDoctorInTheLab(t *testing.T) {
	way := toLab(t)
	status, out, errors := runDoctor(t.Context(), append(way, "--to", "plain.example", "--to", "notls.example",
		"--mail-from", "ann.archer@plain.example", "--public-ip", "192.0.2.10", "--helo", "mx.plain.example", "--format", "jsonl")...)
	if status != exitDone || errors != "" {
		t.Errorf("status %d, %s", status, errors)
	}
	want := map[string]doctor.Status{
		"resolver": doctor.OK, "nxdomain": doctor.OK, "dnssec": doctor.Inconclusive,
		"port25 ipv4": doctor.OK, "greeting ipv4": doctor.OK, "source ipv4": doctor.OK,
		"ptr ipv4": doctor.Warning, "helo ipv4": doctor.OK, "spf ipv4": doctor.OK,
		"dnsbl ipv4":  doctor.Skipped, // none of the usual lists is in the lab
		"port25 ipv6": doctor.Skipped, "mail_from": doctor.OK, "dnsbl_query": doctor.Inconclusive, "clock": doctor.Skipped,
	}
	if diff := cmp.Diff(want, statuses(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDoctorFindsItFatal(t *testing.T) {
	way := toLab(t)
	status, out, errors := runDoctor(t.Context(), append(way, "--to", "closed.example")...)
	if status != exitFound || errors != "" {
		t.Errorf("status %d, %s", status, errors)
	}
	for _, part := range []string{
		"CHECK          STATUS        FOUND\n",
		"greeting ipv4  fatal         0 of 1 servers let us in",
		"\nWhat to do\n",
		"  | mx.closed.example 192.0.2.27:25: 554 mx.closed.example Access denied by local policy (blocked_client)\n",
		"\nThis machine cannot verify as it is.\n",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in\n%s", part, out)
		}
	}
}

func TestDoctorAsksNobodyExcluded(t *testing.T) {
	list := filepath.Join(t.TempDir(), "never.txt")
	if err := os.WriteFile(list, []byte("mx.plain.example\n192.0.2.19\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errors := runDoctor(t.Context(), append(toLab(t), "--to", "plain.example", "--to", "mx.notls.example:25", "--exclude", list, "--verbose")...)
	if status != exitDone || errors != "" || !strings.Contains(out, "\nWhether this machine can verify could not be found out.\n") {
		t.Errorf("status %d, said %q\n%s", status, errors, out)
	}
}

func TestDoctorShowsTheConversation(t *testing.T) {
	_, _, errors := runDoctor(t.Context(), append(toLab(t), "--to", "plain.example", "-v")...)
	for _, part := range []string{"S: 220 mx.plain.example", "C: QUIT", "S: 221 "} {
		if !strings.Contains(errors, part) {
			t.Errorf("no %q in\n%s", part, errors)
		}
	}
	if strings.Contains(errors, "EHLO") {
		t.Errorf("more than a greeting was asked for:\n%s", errors)
	}
}

func TestDoctorWritesAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doctor.jsonl")
	status, out, errors := runDoctor(t.Context(), append(toLab(t), "--to", "plain.example", "-o", file)...)
	written, err := os.ReadFile(file)
	if status != exitDone || out != "" || errors != "" || err != nil {
		t.Fatalf("status %d, %q, %q, %v", status, out, errors, err)
	}
	if got := statuses(t, string(written)); got["port25 ipv4"] != doctor.OK {
		t.Errorf("%v", got)
	}
}

func TestDoctorUsage(t *testing.T) {
	for name, row := range map[string]struct {
		args []string
		want string
	}{
		"no such format": {[]string{"--format", "csv"}, "--format csv"},
		"no server":      {[]string{"--to", "a b"}, "--to a b"},
		"no port":        {[]string{"--to", "mx.example.org:0"}, "--to mx.example.org:0"},
		"no address":     {[]string{"--public-ip", "me"}, "--public-ip me"},
		"no zone":        {[]string{"--dnsbl", "a b"}, "--dnsbl a b"},
		"both families":  {[]string{"--ipv4", "--ipv6"}, "exclude each other"},
		"no sender":      {[]string{"--mail-from", "me"}, "--mail-from me"},
		"arguments":      {[]string{"mx.example.org"}, "no arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, errors := runDoctor(t.Context(), append(row.args, "--resolver", "127.0.0.1:1")...)
			if status != exitUsage || out != "" || !strings.Contains(errors, row.want) {
				t.Errorf("status %d, %q, %q", status, out, errors)
			}
		})
	}
}

func TestDoctorInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status, _, _ := runDoctor(ctx, append(toLab(t), "--to", "plain.example")...); status != exitInterrupted {
		t.Errorf("status %d", status)
	}
}

func TestShowFindings(t *testing.T) {
	findings := []doctor.Finding{
		{Check: doctor.Port25, Family: doctor.IPv4, Status: doctor.OK, Title: "fine", Evidence: []string{"not shown"}},
		{Check: doctor.Greeting, Family: doctor.IPv6, Status: doctor.Warning, Title: "\x1b[31mred", Evidence: []string{"220 \x1b]0;title\x07"}, Advice: "one two three four five"},
		{Check: doctor.Clock, Status: doctor.Skipped, Title: "nobody told", Evidence: []string{"not shown"}},
	}
	var out strings.Builder
	if err := showFindings(&out, findings, 20); err != nil {
		t.Fatal(err)
	}
	const want = `CHECK          STATUS   FOUND
port25 ipv4    ok       fine
greeting ipv6  warning  \x1b[31mred
clock          skipped  nobody told

What to do

greeting ipv6: \x1b[31mred
  | 220 \x1b]0;title\x07
  one two three four
  five

This machine can verify; there is 1 warning.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInClear(t *testing.T) {
	for want, ports := range map[uint16][]uint16{25: {465}, 587: {465, 587, 25}, 2525: {2525}} {
		if got := inClear(ports); got != want {
			t.Errorf("%v: %d, want %d", ports, got, want)
		}
	}
}
