package judge

import (
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

func TestKindOf(t *testing.T) {
	zero := 0
	spf := func(nobody bool) *mx.SPF { return &mx.SPF{Presence: resolver.Present, Nobody: nobody, Lookups: &zero} }
	dmarc := func(policy string) *mx.DMARC { return &mx.DMARC{Presence: resolver.Present, Policy: policy} }
	var (
		silent   = &mx.SPF{Presence: resolver.Unproven}
		absent   = &mx.SPF{Presence: resolver.Absent}
		exchange = routed("mx.example.org")
		site     = routed("example.org")
		nowhere  = &mx.Route{Domain: "example.org", Source: mx.None, DNS: resolver.NoData}
		broken   = routed("localhost")
	)
	site.Source = mx.Implicit
	broken.Hosts = []mx.Host{{Name: "localhost", Faults: []mx.Fault{mx.Localhost}}}
	pending := &mx.Route{Domain: "example.org", Source: mx.FromMX, DNS: resolver.NoError, Hosts: []mx.Host{{Name: "mx.example.org", DNS: resolver.Timeout}}}
	for name, row := range map[string]struct {
		route    *mx.Route
		promises mx.Promises
		want     DomainKind
	}{
		"null MX":            {&mx.Route{Source: mx.Null, DNS: resolver.NoError}, mx.Promises{SPF: spf(false)}, NoMailKind},
		"no such domain":     {&mx.Route{Source: mx.None, DNS: resolver.NXDomain}, mx.Promises{}, NoMailKind},
		"a special-use name": {&mx.Route{Source: mx.None, Special: "RFC 6761"}, mx.Promises{}, NoMailKind},
		"SERVFAIL":           {&mx.Route{Source: mx.None, DNS: resolver.ServFail}, mx.Promises{SPF: spf(true)}, UnknownKind},
		"an exchanger whose address is not known":     {pending, mx.Promises{SPF: spf(true), DMARC: dmarc("reject")}, UnknownKind},
		"no route and -all":                           {nowhere, mx.Promises{SPF: spf(true)}, NoMailKind},
		"no route and no SPF":                         {nowhere, mx.Promises{SPF: absent}, NoMailKind},
		"no route and senders":                        {nowhere, mx.Promises{SPF: spf(false)}, MailKind},
		"no route and SPF not known":                  {nowhere, mx.Promises{SPF: silent}, UnknownKind},
		"MX localhost and -all":                       {broken, mx.Promises{SPF: spf(true)}, NoMailKind},
		"a web site and -all":                         {site, mx.Promises{SPF: spf(true)}, NoMailKind},
		"a web site and no SPF":                       {site, mx.Promises{SPF: absent}, MailKind},
		"exchangers, -all and reject":                 {exchange, mx.Promises{SPF: spf(true), DMARC: dmarc("reject")}, ReceiveOnlyKind},
		"exchangers, -all and quarantine":             {exchange, mx.Promises{SPF: spf(true), DMARC: dmarc("quarantine")}, MailKind},
		"exchangers, -all and reject on trial":        {exchange, mx.Promises{SPF: spf(true), DMARC: &mx.DMARC{Presence: resolver.Present, Policy: "reject", Testing: true}}, MailKind},
		"exchangers, -all and no DMARC":               {exchange, mx.Promises{SPF: spf(true), DMARC: &mx.DMARC{Presence: resolver.Absent}}, MailKind},
		"exchangers, -all and DMARC not known":        {exchange, mx.Promises{SPF: spf(true), DMARC: &mx.DMARC{Presence: resolver.Unproven}}, UnknownKind},
		"exchangers and senders, DMARC not asked for": {exchange, mx.Promises{SPF: spf(false)}, MailKind},
		"exchangers, two SPF records and reject":      {exchange, mx.Promises{SPF: &mx.SPF{Presence: resolver.Faulty}, DMARC: dmarc("reject")}, MailKind},
		"exchangers, includes not known, reject":      {exchange, mx.Promises{SPF: &mx.SPF{Presence: resolver.Present}, DMARC: dmarc("reject")}, UnknownKind},
		"exchangers, and nothing was looked up":       {exchange, mx.Promises{}, UnknownKind},
	} {
		t.Run(name, func(t *testing.T) {
			if got := KindOf(row.route, row.promises); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}
