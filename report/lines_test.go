package report

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner"
)

func listed(domain, owner string) scanner.Columns {
	return scanner.Columns{{Name: "domain", Value: domain}, {Name: "owner", Value: owner}}
}

// ledTo is a server that n domains lead to, each with an owner of its own, and a
// line that names it.
func ledTo(n int) *scanner.ServerRow {
	row := server()
	row.Domains, row.Targets = nil, nil
	for i := range n {
		name := fmt.Sprintf("d%d.example", i)
		row.Domains = append(row.Domains, name)
		row.Targets = append(row.Targets, scanner.Target{Row: int64(i + 1), Input: name, Domain: name, Columns: listed(name, fmt.Sprintf("o%d", i))})
	}
	row.Targets = append(row.Targets, scanner.Target{Row: int64(n + 1), Input: "mx1.example.org:25", Columns: listed("mx1.example.org:25", "hosting")})
	return row
}

func aboutServer(row *scanner.ServerRow) *scanner.FindingRow {
	f := mended()
	f.Domain, f.Host, f.IP, f.Port, f.Domains, f.Columns = "", row.Host, row.IP, row.Port, row.Domains, nil
	return f
}

func aboutDomain(name string) *scanner.FindingRow {
	f := mended()
	f.Domain, f.Host, f.IP, f.Port, f.Provider, f.Domains, f.Columns = name, "", netip.Addr{}, 0, "", nil, listed(name, "first")
	return f
}

func aboutExchanger(host string, domains ...string) *scanner.FindingRow {
	f := aboutDomain("")
	f.Host, f.Domains, f.Columns = host, domains, nil
	return f
}

func ownCells(t *testing.T, kind CSVKind, rows ...scanner.Row) (cells []string) {
	t.Helper()
	for _, line := range cut(t, csvOf(t, CSVOptions{Columns: []string{"domain", "owner"}, Kind: kind}, rows...), ',')[1:] {
		cells = append(cells, strings.Join(line[:2], " | "))
	}
	return cells
}

func TestFindingsKeepTheUsersCells(t *testing.T) {
	shared := ledTo(7)
	two, second := &scanner.DomainRow{Row: 9, Input: "none.example", Domain: "none.example", Columns: listed("none.example", "ann")}, &scanner.DomainRow{Row: 12, Input: "NONE.example", Domain: "none.example", Columns: listed("NONE.example", "bob")}
	alone := ledTo(0)
	alone.Host = "alone.example"
	for _, one := range []struct {
		name string
		rows []scanner.Row
		want []string
	}{
		{"a server's", []scanner.Row{ledTo(1), aboutServer(ledTo(1))}, []string{"mx1.example.org:25, d0.example | hosting, o0"}},
		{"of many lines", []scanner.Row{shared, aboutServer(shared)}, []string{
			"mx1.example.org:25, d0.example, d1.example, d2.example, d3.example and 3 more | hosting, o0, o1, o2, o3 and 3 more"}},
		{"of one that a line names", []scanner.Row{alone, aboutServer(alone)}, []string{"mx1.example.org:25 | hosting"}},
		{"of an exchanger without an address", []scanner.Row{two, aboutExchanger("mx.none.example", "none.example")}, []string{"none.example | ann"}},
		{"of a domain that two lines name", []scanner.Row{two, aboutDomain("none.example"), second}, []string{"none.example, NONE.example | ann, bob"}},
		{"of nobody known", []scanner.Row{aboutExchanger("mx.none.example", "none.example")}, []string{"mx.none.example | "}},
	} {
		if diff := cmp.Diff(one.want, ownCells(t, Findings, one.rows...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", one.name, diff)
		}
	}
	if diff := cmp.Diff([]string{"d0.example, mx1.example.org:25 | o0, hosting"}, ownCells(t, Servers, ledTo(1))); diff != "" {
		t.Errorf("a server of two lines (-want +got):\n%s", diff)
	}
}

func groupsOf(t *testing.T, rows ...scanner.Row) map[string]string {
	t.Helper()
	told := make(map[string]*bytes.Buffer)
	tell(t, NewGroups("owner", func(owner string) (Writer, error) {
		told[owner] = new(bytes.Buffer)
		return NewJSONL(told[owner]), nil
	}), rows...)
	out := make(map[string]string)
	for owner, buffer := range told {
		out[owner] = buffer.String()
	}
	return out
}

// What is found in a domain without a server reaches all its owners, and so does
// what is found in a server that a line names.
func TestGroupsLoseNoFinding(t *testing.T) {
	ann, bob := &scanner.DomainRow{Row: 1, Input: "none.example", Domain: "none.example", Columns: listed("none.example", "ann")}, &scanner.DomainRow{Row: 2, Input: "none.example", Domain: "none.example", Columns: listed("none.example", "bob")}
	inZone := aboutDomain("none.example")
	inZone.Columns = ann.Columns
	shared := ledTo(1)
	told := groupsOf(t, shared, ann, inZone, bob, aboutExchanger("mx.none.example", "none.example"), aboutServer(shared))
	for owner, want := range map[string]int{"ann": 2, "bob": 2, "o0": 1, "hosting": 1} {
		if got := strings.Count(told[owner], `"type":"finding"`); got != want {
			t.Errorf("%s: %d findings, want %d:\n%s", owner, got, want, told[owner])
		}
	}
	if strings.Contains(told["bob"], `"ann"`) {
		t.Errorf("bob is told of ann:\n%s", told["bob"])
	}
}

// 40,000 domains on one server, an owner each hundred: far below what comparing
// each with each took.
func TestGroupsOfManyDomains(t *testing.T) {
	row := ledTo(0)
	for i := range 40_000 {
		name := fmt.Sprintf("d%d.example", i)
		row.Targets = append(row.Targets, scanner.Target{Row: int64(i + 1), Input: name, Domain: name, Columns: listed(name, fmt.Sprint("o", i%2))})
	}
	w := NewGroups("owner", func(string) (Writer, error) { return NewMetrics(io.Discard), nil })
	began := time.Now()
	tell(t, w, row)
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
}
