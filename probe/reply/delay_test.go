package reply

import (
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"4.2.0 <ann@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html": 0,
		"4.7.1 Greylisting in action, please come back in 00:04:51":                                                                4*time.Minute + 51*time.Second,
		"4.7.1 Greylisted for 5 minutes":                                    5 * time.Minute,
		"Greylisted, please try again in 300 seconds":                       300 * time.Second,
		"try again in 180s":                                                 180 * time.Second,
		"retry in PT5M":                                                     5 * time.Minute,
		"retry after PT1H30M":                                               90 * time.Minute,
		"Please wait 1m30s and try again":                                   90 * time.Second,
		"bitte in 10 Minuten erneut versuchen":                              10 * time.Minute,
		"bitte in 2 Stunden erneut versuchen":                               2 * time.Hour,
		"veuillez patienter 120 secondes":                                   120 * time.Second,
		"4.3.0 Temporary lookup failure":                                    0,
		"come back in 99999 hours":                                          0,
		"try again in 0 seconds":                                            0,
		"[192.0.2.1] blocked, see error 450 4.7.1":                          0,
		"Host 192.0.2.5: 5 messages per connection; try again in 2 minutes": 2 * time.Minute,
	} {
		got, ok := Delay(text)
		if ok != (want != 0) || ok && got != want {
			t.Errorf("%q: got %v %v, want %v", text, got, ok, want)
		}
	}
}
