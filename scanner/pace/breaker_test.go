package pace

import (
	"net/netip"
	"testing"
)

func at(provider, ip string) Host { return Host{Provider: provider, IP: netip.MustParseAddr(ip)} }

func TestBreaker(t *testing.T) {
	type event struct {
		what string
		host Host
	}
	big1, big2, big3 := at("big", "192.0.2.1"), at("big", "192.0.2.2"), at("big", "192.0.2.3")
	own := at("", "192.0.2.9")
	for name, specimen := range map[string]struct {
		events []event
		ask    Host
		want   bool
	}{
		"nothing heard":                              {nil, own, false},
		"one refusal of an unknown host":             {[]event{{"refused", own}}, own, false},
		"two refusals of an unknown host":            {[]event{{"refused", own}, {"refused", own}}, own, true},
		"two refusals, another host":                 {[]event{{"refused", own}, {"refused", own}}, at("", "192.0.2.8"), false},
		"a refusal, then silence":                    {[]event{{"refused", own}, {"silent", own}}, own, true},
		"silence alone":                              {[]event{{"silent", own}, {"silent", own}, {"silent", own}}, own, false},
		"a welcome between two refusals":             {[]event{{"refused", own}, {"welcomed", own}, {"refused", own}}, own, false},
		"two hosts of a provider":                    {[]event{{"refused", big1}, {"refused", big2}}, big3, false},
		"the same host of a provider three times":    {[]event{{"refused", big1}, {"refused", big1}, {"refused", big1}}, big1, false},
		"three hosts of a provider stop all of it":   {[]event{{"refused", big1}, {"refused", big2}, {"refused", big3}}, at("big", "192.0.2.4"), true},
		"a provider's breaker leaves others alone":   {[]event{{"refused", big1}, {"refused", big2}, {"refused", big3}}, own, false},
		"tripped before our time":                    {[]event{{"tripped", big1}}, big2, true},
		"tripped, and refused once more":             {[]event{{"tripped", big1}, {"refused", big2}}, big3, true},
		"a late welcome does not mend a tripped one": {[]event{{"refused", own}, {"refused", own}, {"welcomed", own}}, own, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBreaker[string]()
			for _, e := range specimen.events {
				switch e.what {
				case "refused":
					b.Refused(e.host, "550 5.7.1 go away")
				case "tripped":
					b.Trip(e.host, "550 5.7.1 go away")
				case "silent":
					b.Silent(e.host)
				case "welcomed":
					b.Welcomed(e.host)
				}
			}
			refusal, got := b.Tripped(specimen.ask)
			if got != specimen.want || got && refusal != "550 5.7.1 go away" {
				t.Errorf("got %v with %q, want %v", got, refusal, specimen.want)
			}
		})
	}
}
