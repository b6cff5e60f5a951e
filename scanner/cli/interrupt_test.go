package cli_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/scanner/cli"
	"github.com/mxvet/mxvet/scanner/lab"
)

// TestInterruptKeepsEveryRow interrupts a run once one server has been talked
// to, while another still makes its clients wait.
func TestInterruptKeepsEveryRow(t *testing.T) {
	internet := lab.New(lab.Options{})
	defer internet.Close()
	front, done := fronts(t, internet)
	defer done()

	dir := t.TempDir()
	list, results := filepath.Join(dir, "list.txt"), filepath.Join(dir, "verdicts.csv")
	addresses := []string{"no@syntax@plain.example", "ann.archer@plain.example", "ann.archer@slowgreeting.example", "bob.baker@slowgreeting.example", "ann@nxdomain.example"}
	if err := os.WriteFile(list, []byte(strings.Join(addresses, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	stderr := &watcher{word: "221 ", seen: interrupt}
	start := time.Now()
	status := cli.Run(ctx, []string{"verify", "-v", "-f", list, "-o", results, "--allow-private",
		"--resolver", front.DNS.String(), "--proxy", "socks5://" + front.SOCKS.String()}, nil, new(bytes.Buffer), stderr)
	if elapsed := time.Since(start); elapsed > 10*time.Second {
		t.Errorf("it took %v to end", elapsed)
	}
	if status != 130 {
		t.Errorf("exit status %d, want 130", status)
	}
	rows := table(t, results)
	if len(rows) != len(addresses) {
		t.Fatalf("%d rows of %d", len(rows), len(addresses))
	}
	for i, row := range rows {
		if row["input"] != addresses[i] {
			t.Errorf("row %d is %s, want %s", i+1, row["input"], addresses[i])
		}
	}
	if reason := rows[1]["reason"]; reason != "accepted" {
		t.Errorf("what was finished is %s", reason)
	}
	if !strings.Contains(stderr.String(), "cut short") {
		t.Errorf("the summary does not say so: %s", stderr)
	}
}

// TestInterruptedBeforeItBegins has a row for every address all the same.
func TestInterruptedBeforeItBegins(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	interrupt()
	var stdout, stderr bytes.Buffer
	args := []string{"verify", "--method", "syntax", "--format", "csv", "ann@example.org", "bob@example.org"}
	if status := cli.Run(ctx, args, nil, &stdout, &stderr); status != 130 {
		t.Errorf("exit status %d, want 130: %s", status, &stderr)
	}
	if rows, err := csv.NewReader(&stdout).ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("%d lines, want 3: %v", len(rows), err)
	}
}

// fronts serves the practice Internet; done ends it.
func fronts(t *testing.T, internet *lab.Internet) (lab.Fronts, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan lab.Fronts, 1), make(chan error, 1)
	go func() { ended <- internet.Serve(ctx, "", func(f lab.Fronts) { ready <- f }) }()
	select {
	case f := <-ready:
		return f, func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	case err := <-ended:
		cancel()
		t.Fatal(err)
		return lab.Fronts{}, nil
	}
}
