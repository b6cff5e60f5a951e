package dane

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestVerify: what a server shows, and the records of its name.
func TestVerify(t *testing.T) {
	root := issue(t, nil, "root", 60, authority)
	between := issue(t, &root, "between", 90, authority)
	leaf := issue(t, &between, "mx.example.org", 30)
	other := issue(t, nil, "mx.example.org", 30)
	old := issue(t, &between, "mx.example.org", -1)
	common := issue(t, &between, "mx.example.org", 30, nameless)
	star := issue(t, &between, "*.example.org", 30)
	lateBetween := issue(t, &root, "between", -1, authority)
	late := issue(t, &lateBetween, "mx.example.org", 30)
	notCA := issue(t, &leaf, "mx.example.org", 30)
	whole := chain(leaf, between, root)
	names := []string{"mx.example.org", "example.org"}
	unusable := From(root.Certificate, 0, SPKI, SHA256)

	for name, row := range map[string]struct {
		records []Record
		chain   []*x509.Certificate
		names   []string
		want    []int  // the records that match
		why     string // words in it
	}{
		"3 1 1":                         {[]Record{From(leaf.Certificate, EE, SPKI, SHA256)}, whole, names, []int{0}, ""},
		"3 0 1":                         {[]Record{From(leaf.Certificate, EE, Cert, SHA256)}, whole, names, []int{0}, ""},
		"3 1 2":                         {[]Record{From(leaf.Certificate, EE, SPKI, SHA512)}, whole, names, []int{0}, ""},
		"3 0 0":                         {[]Record{From(leaf.Certificate, EE, Cert, Full)}, whole, names, []int{0}, ""},
		"3 1 0":                         {[]Record{From(leaf.Certificate, EE, SPKI, Full)}, whole, names, []int{0}, ""},
		"3 1 1 of another key":          {[]Record{From(other.Certificate, EE, SPKI, SHA256)}, whole, names, nil, "3 1 1: the server's key is another"},
		"3 0 1 of another certificate":  {[]Record{From(other.Certificate, EE, Cert, SHA256)}, whole, names, nil, "3 0 1: the server's certificate is another"},
		"3 1 1 of the authority's key":  {[]Record{From(root.Certificate, EE, SPKI, SHA256)}, whole, names, nil, "is another"},
		"3 1 1, expired":                {[]Record{From(old.Certificate, EE, SPKI, SHA256)}, chain(old), names, []int{0}, ""},
		"3 1 1, self-signed":            {[]Record{From(other.Certificate, EE, SPKI, SHA256)}, chain(other), names, []int{0}, ""},
		"3 1 1, for another name":       {[]Record{From(leaf.Certificate, EE, SPKI, SHA256)}, whole, []string{"mail.example.net"}, []int{0}, ""},
		"rolled over, the second fits":  {[]Record{From(other.Certificate, EE, SPKI, SHA256), From(leaf.Certificate, EE, SPKI, SHA256)}, whole, names, []int{1}, ""},
		"3 1 1 wrong and 2 1 1 right":   {[]Record{From(other.Certificate, EE, SPKI, SHA256), From(root.Certificate, TA, SPKI, SHA256)}, whole, names, []int{1}, ""},
		"the stronger digest is wrong":  {[]Record{From(leaf.Certificate, EE, SPKI, SHA256), From(other.Certificate, EE, SPKI, SHA512)}, whole, names, nil, "3 1 2: the server's key is another"},
		"both digests are right":        {[]Record{From(leaf.Certificate, EE, SPKI, SHA256), From(leaf.Certificate, EE, SPKI, SHA512)}, whole, names, []int{1}, ""},
		"no digest beside a wrong one":  {[]Record{From(leaf.Certificate, EE, SPKI, Full), From(other.Certificate, EE, SPKI, SHA512)}, whole, names, []int{0}, ""},
		"an unusable record beside it":  {[]Record{unusable, From(leaf.Certificate, EE, SPKI, SHA256)}, whole, names, []int{1}, ""},
		"2 1 1 of the root":             {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, whole, names, []int{0}, ""},
		"2 0 1 of what is between":      {[]Record{From(between.Certificate, TA, Cert, SHA256)}, chain(leaf, between), names, []int{0}, ""},
		"2 0 2, the chain in disorder":  {[]Record{From(root.Certificate, TA, Cert, SHA512)}, chain(leaf, root, between), names, []int{0}, ""},
		"2 1 1, the root is not shown":  {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(leaf, between), names, nil, "2 1 1: the authority's certificate is not in the chain"},
		"2 0 0, the root is not shown":  {[]Record{From(root.Certificate, TA, Cert, Full)}, chain(leaf, between), names, []int{0}, ""},
		"2 1 0, the root is not shown":  {[]Record{From(root.Certificate, TA, SPKI, Full)}, chain(leaf, between), names, []int{0}, ""},
		"2 1 0 signs the server's own":  {[]Record{From(between.Certificate, TA, SPKI, Full)}, chain(leaf), names, []int{0}, ""},
		"2 1 0 signs nothing here":      {[]Record{From(other.Certificate, TA, SPKI, Full)}, whole, names, nil, "not in the chain"},
		"2 1 1 of the server's own":     {[]Record{From(other.Certificate, TA, SPKI, SHA256)}, chain(other), names, nil, "not in the chain"},
		"2 1 1, a link is missing":      {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(leaf, root), names, nil, "2 1 1: no way to the authority"},
		"2 1 1, expired":                {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(old, between, root), names, nil, "2 1 1: the certificate is valid from "},
		"2 1 1, expired in between":     {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(late, lateBetween, root), names, nil, "no way to the authority"},
		"2 1 1, signed by no authority": {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(notCA, leaf, between, root), names, nil, "no way to the authority"},
		"2 1 1, for another name":       {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, whole, []string{"mail.example.net"}, nil, "2 1 1: the certificate is for none of mail.example.net"},
		"2 1 1, for the mail domain":    {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, whole, []string{"mail.example.net", "mx.example.org"}, []int{0}, ""},
		"2 1 1, common name alone":      {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(common, between, root), names, []int{0}, ""},
		"2 1 1, a star":                 {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(star, between, root), names, []int{0}, ""},
		"2 1 1, a star is one label":    {[]Record{From(root.Certificate, TA, SPKI, SHA256)}, chain(star, between, root), []string{"a.mx.example.org"}, nil, "is for none of"},
	} {
		t.Run(name, func(t *testing.T) {
			want := Match{Verdict: Mismatched, Records: row.want}
			if row.want != nil {
				want.Verdict = Matched
			}
			got := Verify(row.records, row.chain, row.names, time.Now())
			if !strings.Contains(got.Why, row.why) || (got.Why == "") != (row.why == "") {
				t.Errorf("why is %q, want %q in it", got.Why, row.why)
			}
			if got.Records == nil {
				t.Error("a list that was made is not null")
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Match{}, "Why", "IP"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Nothing was compared, and nothing is said of the server.
func TestVerifyUnmeasured(t *testing.T) {
	leaf := issue(t, nil, "mx.example.org", 30)
	for why, got := range map[string]Match{
		"no certificate was seen": Verify([]Record{From(leaf.Certificate, EE, SPKI, SHA256)}, nil, nil, time.Now()),
		"no record can be used":   Verify([]Record{From(leaf.Certificate, 1, SPKI, SHA256)}, chain(leaf), nil, time.Now()),
	} {
		if diff := cmp.Diff(Match{Verdict: Unmeasured, Why: why}, got, cmpopts.IgnoreFields(Match{}, "IP")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestNames(t *testing.T) {
	facts := Facts{Host: "mx.example.org", Base: "mail.example.net"}
	want := []string{"mail.example.net", "example.org", "example.com"}
	if diff := cmp.Diff(want, facts.Names("Example.ORG.", "example.com", "example.org")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRollOverOf(t *testing.T) {
	today, next := issue(t, nil, "mx.example.org", 30), issue(t, nil, "mx.example.org", 60)
	of := func(c made, usage, selector, matching uint8) Record {
		return From(c.Certificate, usage, selector, matching)
	}
	for name, row := range map[string]struct {
		records []Record
		want    RollOver
	}{
		"no record":                    {nil, NoRoom},
		"one key":                      {[]Record{of(today, EE, SPKI, SHA256)}, NoRoom},
		"one key twice":                {[]Record{of(today, EE, SPKI, SHA256), of(today, EE, SPKI, SHA256)}, NoRoom},
		"one key in two ways":          {[]Record{of(today, EE, SPKI, SHA256), of(today, EE, SPKI, SHA512)}, NoRoom},
		"a second that cannot be used": {[]Record{of(today, EE, SPKI, SHA256), of(next, 1, SPKI, SHA256)}, NoRoom},
		"two keys":                     {[]Record{of(today, EE, SPKI, SHA256), of(next, EE, SPKI, SHA256)}, CurrentNext},
		"a key and its authority":      {[]Record{of(today, EE, SPKI, SHA256), of(next, TA, SPKI, SHA256)}, CurrentIssuer},
		"an authority":                 {[]Record{of(today, TA, SPKI, SHA256)}, Issuer},
		"two keys and their authority": {[]Record{of(today, EE, SPKI, SHA256), of(next, EE, SPKI, SHA256), of(next, TA, SPKI, SHA256)}, CurrentNext},
		"two authorities":              {[]Record{of(today, TA, SPKI, SHA256), of(next, TA, SPKI, SHA256)}, Issuer},
	} {
		if got := RollOverOf(row.records); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
