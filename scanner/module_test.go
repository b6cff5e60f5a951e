package scanner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// importer is a program of somebody else that checks one address.
const importer = `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/lab"
)

func main() {
	internet := lab.New(lab.Options{})
	defer internet.Close()
	zone, err := internet.Resolver()
	if err != nil {
		log.Fatal(err)
	}
	s := &scanner.Scanner{
		Policy:  address.Policy{AllowPrivate: true},
		Router:  &mx.Router{Resolver: zone, AllowPrivate: true, Reaches: internet.Reachable},
		Egresses:  []scanner.Egress{{Dial: internet.Dial, HelloName: lab.HelloName}},
		Reaches: internet.Reachable,
	}
	row, err := s.Check(context.Background(), "ann.archer@plain.example")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(row.Verdict, row.Reason)
}
`

// TestAnotherModuleImportsIt builds and runs a module outside this one, from
// the module cache alone.
func TestAnotherModuleImportsIt(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, requirements, _ := strings.Cut(string(mod), "\n")
	requirements, _, _ = strings.Cut(requirements, "\ntool ")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module other.example/importer\n" + requirements + "\nrequire github.com/mxvet/mxvet v0.0.0\n\nreplace github.com/mxvet/mxvet => " + root + "\n",
		"go.sum":  string(sum),
		"main.go": importer,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != "deliverable accepted" {
		t.Errorf("it says %q", got)
	}
}
