package mtasts

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

const recordZone = `
_mta-sts.good.test.       TXT "v=STSv1; id=20260301T000000Z;"
_mta-sts.bare.test.       TXT "v=STSv1;id=1"
_mta-sts.split.test.      TXT "v=STSv1; i" "d=20260301;"
_mta-sts.alias.test.      CNAME _mta-sts.good.test.
_mta-sts.wildcard.test.   TXT "v=spf1 -all"
_mta-sts.wildcard.test.   TXT "v=STSv1; id=7"
_mta-sts.extended.test.   TXT "v=STSv1; id=7; x-note.1=a,b:c; id=8"
_mta-sts.two.test.        TXT "v=STSv1; id=1;"
_mta-sts.two.test.        TXT "v=STSv1; id=2;"
_mta-sts.spf.test.        TXT "v=spf1 -all"
_mta-sts.lower.test.      TXT "v=stsv1; id=1;"
_mta-sts.space.test.      TXT "v=STSv1 ; id=1;"
_mta-sts.noid.test.       TXT "v=STSv1; x=1;"
_mta-sts.nofield.test.    TXT "v=STSv1;"
_mta-sts.dashed.test.     TXT "v=STSv1; id=2026-03-01;"
_mta-sts.long.test.       TXT "v=STSv1; id=012345678901234567890123456789012;"
_mta-sts.emptyid.test.    TXT "v=STSv1; id=;"
_mta-sts.nokey.test.      TXT "v=STSv1; id=1; hello;"
_mta-sts.doubled.test.    TXT "v=STSv1;; id=1;"
_mta-sts.nodata.test.     A 192.0.2.1
;!servfail _mta-sts.broken.test.
;!timeout _mta-sts.silent.test.
`

func TestLookup(t *testing.T) {
	zone := dnstest.New(t, recordZone)
	for domain, want := range map[string]Facts{
		"good.test":     {Presence: resolver.Present, ID: "20260301T000000Z"},
		"bare.test":     {Presence: resolver.Present, ID: "1"},
		"split.test":    {Presence: resolver.Present, ID: "20260301"},
		"alias.test":    {Presence: resolver.Present, ID: "20260301T000000Z"},
		"wildcard.test": {Presence: resolver.Present, ID: "7"},
		"extended.test": {Presence: resolver.Present, ID: "7"},
		"spf.test":      {Presence: resolver.Absent},
		"nodata.test":   {Presence: resolver.Absent},
		"nothing.test":  {Presence: resolver.Absent},
		"two.test":      {Presence: resolver.Faulty, Why: "2 records"},
		"lower.test":    {Presence: resolver.Faulty, Why: "does not begin with"},
		"space.test":    {Presence: resolver.Faulty, Why: "does not begin with"},
		"noid.test":     {Presence: resolver.Faulty, Why: "the id is missing"},
		"nofield.test":  {Presence: resolver.Faulty, Why: "the id is missing"},
		"dashed.test":   {Presence: resolver.Faulty, Why: `"2026-03-01"`},
		"long.test":     {Presence: resolver.Faulty, Why: "the id is not 1 to 32 letters and digits"},
		"emptyid.test":  {Presence: resolver.Faulty, Why: "is not a field"},
		"nokey.test":    {Presence: resolver.Faulty, Why: `" hello" is not a field`},
		"doubled.test":  {Presence: resolver.Faulty, Why: `"" is not a field`},
		"broken.test":   {Presence: resolver.Unproven, Why: "TXT look-up: SERVFAIL"},
		"silent.test":   {Presence: resolver.Unproven, Why: "no server answered in time"},
	} {
		t.Run(domain, func(t *testing.T) {
			got, err := Lookup(t.Context(), zone, domain)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Why, want.Why) || (got.Why == "") != (want.Why == "") {
				t.Errorf("why is %q, want %q in it", got.Why, want.Why)
			}
			if seen := got.Presence == resolver.Present || got.Presence == resolver.Faulty; seen != (len(got.Records) > 0) {
				t.Errorf("%s with the records %q", got.Presence, got.Records)
			}
			got.Why, want.Why, got.Records = "", "", nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A hostile zone can fill 64 KiB with records: few are kept, and little of each.
func TestLookupIsBounded(t *testing.T) {
	texts := []string{}
	for range 1000 {
		texts = append(texts, "v=STSv1; "+strings.Repeat("x", 1000))
	}
	got := readRecords(texts)
	if len(got.Records) != maxRecords || len(got.Records[0]) != maxRecord || len(got.Why) > 200 {
		t.Errorf("%d records of %d octets, why %q", len(got.Records), len(got.Records[0]), got.Why)
	}
}

func TestRecordReadsBack(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 30, 0, 0, time.FixedZone("east", 3600))
	got := readRecords([]string{Record(ID(at))})
	want := Facts{Presence: resolver.Present, ID: "20260301T113000Z", Records: []string{"v=STSv1; id=20260301T113000Z;"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
