package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
)

const (
	zoneHeading   = "; zone of example.org, once the policy below is served\n_mta-sts.example.org. IN TXT \"v=STSv1; id=20260601T120000\"\n\n"
	policyHeading = "# https://mta-sts.example.org/.well-known/mta-sts.txt\n"
)

func policyText(mode string) string {
	return "version: STSv1\nmode: " + mode + "\nmx: mx1.example.org\nmx: mx2.example.org\nmax_age: 1209600"
}

// A block for two places says which part belongs where.
func TestPlacesOfMTASTSLines(t *testing.T) {
	long := func(f *mtasts.Facts) { f.Fetch.Mode = mtasts.Testing }
	for name, row := range map[string]struct {
		id     string
		change func(*mtasts.Facts)
		want   string
	}{
		"no record": {"mta_sts_absent", func(f *mtasts.Facts) { *f = mtasts.Facts{Presence: resolver.Absent} },
			zoneHeading + policyHeading + policyText("testing")},
		"no record, where one is wanted": {"expectation_mta_sts", func(f *mtasts.Facts) { *f = mtasts.Facts{Presence: resolver.Absent} },
			zoneHeading + policyHeading + policyText("enforce")},
		"an exchanger left out": {"mta_sts_mx_unlisted", func(f *mtasts.Facts) { f.Fetch.MX = []string{"mx1.example.org"} },
			zoneHeading + policyHeading + policyText("enforce")},
		"testing for long": {"mta_sts_testing_long", long, zoneHeading + policyHeading + policyText("enforce")},
		"a record and nothing served": {"mta_sts_policy_missing", func(f *mtasts.Facts) {
			*f.Fetch = mtasts.Fetch{URL: f.Fetch.URL, Presence: resolver.Absent, Why: "HTTP 404", HTTPStatus: 404}
		}, policyText("testing")},
		"a record and no web server": {"mta_sts_policy_missing", func(f *mtasts.Facts) {
			*f.Fetch = mtasts.Fetch{URL: f.Fetch.URL, Presence: resolver.Absent, Why: "mta-sts.example.org has no address"}
		}, "; zone of example.org\nmta-sts.example.org. IN A IPV4-OF-THE-WEB-SERVER\nmta-sts.example.org. IN AAAA IPV6-OF-THE-WEB-SERVER\n\n" + policyHeading + policyText("testing")},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound()
			w.policy = "[expect]\nmta_sts = \"enforce\"\n"
			row.change(w.domain.MTASTS)
			if diff := cmp.Diff([]string{row.want}, fixes(t, w, row.id)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}
