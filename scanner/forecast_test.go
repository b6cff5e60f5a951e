package scanner_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/lab"
)

// forecaster is a scanner that has DNS and no way out.
func forecaster(t *testing.T, zone string) *scanner.Scanner {
	anywhere := func(netip.Addr) bool { return true }
	return &scanner.Scanner{Router: &mx.Router{Resolver: dnstest.New(t, zone), Reaches: anywhere}, Reaches: anywhere}
}

func forecast(t *testing.T, s *scanner.Scanner, addresses ...string) *scanner.Forecast {
	t.Helper()
	f, err := s.Forecast(t.Context(), input.Arguments(addresses))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestForecastHours(t *testing.T) {
	zone := strings.Join([]string{
		"one.org MX 10 mx.one.org", "mx.one.org A 198.51.100.1",
		"van.org MX 10 mx.van.org", "mx.van.org A 198.51.100.9",
		"ity.org MX 10 mx.ity.org", "mx.ity.org A 198.51.100.9",
		"goo.org MX 10 aspmx.l.google.com", "aspmx.l.google.com A 198.51.100.2",
		"yah.org MX 10 mta5.am0.yahoodns.net", "mta5.am0.yahoodns.net A 198.51.100.3",
	}, "\n")
	for name, test := range map[string]struct {
		addresses []string
		method    scanner.Method
		want      float64
	}{
		"no unknown mailbox is waited for but the random one":          {people(20, "one.org"), "", 0},
		"500 unknown ones at four in ten minutes":                      {people(10000, "one.org"), "", 501.0 / 4 / 6},
		"RCPT and VRFY each say no":                                    {people(10000, "one.org"), scanner.ByBoth, 1002.0 / 4 / 6},
		"two names of one server share its patience":                   {slices.Concat(people(5000, "van.org"), people(5000, "ity.org")), "", 502.0 / 4 / 6},
		"Google hears of forty":                                        {people(10000, "goo.org"), "", 501.0 / 40 / 6},
		"who accepts everything is only bounded by mailboxes a second": {people(10000, "yah.org"), "", 10000.0 / 40 / 3600},
	} {
		t.Run(name, func(t *testing.T) {
			s := forecaster(t, zone)
			s.Method = test.method
			f := forecast(t, s, test.addresses...)
			if f.Hours < test.want-0.2 || f.Hours > test.want+0.2 || f.Asked != int64(len(test.addresses)) {
				t.Errorf("%d rows take %v hours, want %.2f", f.Asked, f.Hours, test.want)
			}
		})
	}
}

// TestAForecastIsKept: what a gentle run takes is near what was foretold.
func TestAForecastIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{RTT: 100 * time.Millisecond})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Pace.Recipients, s.Pace.Conversations = 5, 1
		addresses := people(3000, "catchall.example")
		f := forecast(t, s, addresses...)
		if n := internet.Stats().Dials; n != 0 || len(f.Parties) != 1 {
			t.Fatalf("%d connections, %d parties", n, len(f.Parties))
		}
		began := time.Now()
		verify(t, t.Context(), s, addresses...)
		if took := time.Since(began).Hours(); took < f.Hours*0.9 || took > f.Hours*1.2 {
			t.Errorf("took %.3f hours, %.3f were foretold", took, f.Hours)
		}
	})
}

func TestAForecastThatIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, err := forecaster(t, "").Forecast(ctx, input.Arguments(people(3, "one.org")))
	if f != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", f, err)
	}
}
