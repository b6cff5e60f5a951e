package resolver

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestAuthorizations(t *testing.T) {
	for name, row := range map[string]struct {
		record string
		want   Authorization
	}{
		"one issuer":                    {`a.example. CAA 0 issue "ca.example; account=230123"`, Authorization{Tag: "issue", Value: "ca.example; account=230123"}},
		"nobody":                        {`a.example. CAA 0 issue ";"`, Authorization{Tag: "issue", Value: ";"}},
		"a tag in capitals":             {`a.example. CAA 0 IODEF "mailto:ca@a.example"`, Authorization{Tag: "iodef", Value: "mailto:ca@a.example"}},
		"a critical tag":                {`a.example. CAA 128 tbs "unknown"`, Authorization{Critical: true, Tag: "tbs", Value: "unknown"}},
		"an octet that is not a letter": {`a.example. CAA 0 issue "\"\007"`, Authorization{Tag: "issue", Value: "\"\a"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff([]Authorization{row.want}, Answer{Records: []dns.RR{overTheWire(t, row.record), &dns.A{}}}.Authorizations()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// overTheWire is a record as it looks when it comes out of a message.
func overTheWire(t *testing.T, text string) dns.RR {
	t.Helper()
	record, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	sent, came := &dns.Msg{Answer: []dns.RR{record}}, new(dns.Msg)
	wire, err := sent.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if err := came.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	return came.Answer[0]
}
