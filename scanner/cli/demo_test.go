package cli_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner/cli"
	"github.com/mxvet/mxvet/scanner/lab"
)

// TestDemo holds every row that the demonstration writes against what is true
// of the practice Internet.
func TestDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	var stdout, stderr bytes.Buffer
	if status := cli.Run(context.Background(), []string{"demo", "-o", dir}, nil, &stdout, &stderr); status != 0 {
		t.Fatalf("exit status %d: %s", status, &stderr)
	}
	if !strings.HasSuffix(stdout.String(), "Results are in "+dir+": verdicts.csv, verdicts.jsonl, servers.csv, audit.html\n") {
		t.Errorf("the output ends in %q", stdout.String()[max(0, stdout.Len()-200):])
	}
	internet := lab.New(lab.Options{})
	defer internet.Close()
	t.Run("verdicts.csv", func(t *testing.T) {
		var want, got []verdict
		for _, fact := range internet.Truth() {
			if !fact.Slow {
				want = append(want, verdict{fact.Name, fact.Address, fact.Verdict, fact.Reason})
			}
		}
		for _, row := range table(t, filepath.Join(dir, "verdicts.csv")) {
			got = append(got, verdict{row["name"], row["email"], row["verdict"], row["reason"]})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-truth +demo):\n%s", diff)
		}
	})
	t.Run("verdicts.jsonl", func(t *testing.T) { sameVerdicts(t, dir) })
	if !strings.Contains(stdout.String(), "\nFindings: ") || !strings.Contains(stdout.String(), "[cert_expired]") {
		t.Error("no findings are shown, that of the certificate which ended yesterday among them")
	}
	if page, err := os.ReadFile(filepath.Join(dir, "audit.html")); err != nil || !bytes.Contains(page, []byte("cert_expired")) {
		t.Errorf("audit.html of %d octets without cert_expired, %v", len(page), err)
	}
	t.Run("servers.csv", func(t *testing.T) { trueServers(t, internet, dir) })
}

type verdict struct{ Name, Address, Verdict, Reason string }

// table reads a CSV file, each row by its headings.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string, len(record))
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// sameVerdicts holds the JSON lines against the CSV file of the same run.
func sameVerdicts(t *testing.T, dir string) {
	file, err := os.Open(filepath.Join(dir, "verdicts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stored, err := report.ReadVerdicts(file)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []verdict
	for _, row := range table(t, filepath.Join(dir, "verdicts.csv")) {
		want = append(want, verdict{row["name"], row["email"], row["verdict"], row["reason"]})
	}
	for _, row := range stored {
		got = append(got, verdict{row.Columns[0].Value, row.Input, string(row.Verdict), string(row.Reason)})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-CSV +JSON lines):\n%s", diff)
	}
}

type server struct{ Host, Reachable, StartTLS, Certificate string }

func trueServers(t *testing.T, internet *lab.Internet, dir string) {
	want, got := make(map[string]server), make(map[string]server)
	slow := make(map[string]bool)
	for _, domain := range internet.Domains() {
		slow[domain.Name] = domain.Slow
	}
	for _, fact := range internet.Servers() {
		if !slow[fact.Domain] {
			want[fmt.Sprint(fact.IP, " ", fact.Port)] = expected(fact)
		}
	}
	for _, row := range table(t, filepath.Join(dir, "servers.csv")) {
		if row["ip"] == "" || row["why"] == "not a globally reachable address" {
			continue // a domain without a server to ask
		}
		got[row["ip"]+" "+row["port"]] = server{row["host"], row["reachable"], row["starttls"], row["pkix"]}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-truth +demo):\n%s", diff)
	}
}

// expected is a server's truth in the words of the report.
func expected(fact lab.ServerTruth) server {
	s := server{Host: fact.Host, Reachable: "yes", StartTLS: fact.StartTLS, Certificate: fact.Certificate}
	if !fact.Reachable {
		s.Reachable = "no"
	}
	if fact.Certificate == "wrong_name" {
		s.Certificate = "name_mismatch"
	}
	switch {
	case fact.ImplicitTLS:
		s.StartTLS = "no"
	case fact.StartTLS == "", fact.Handshake == "refused", fact.Handshake == "failed":
		s.StartTLS = "inconclusive"
	}
	return s
}
