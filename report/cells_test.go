package report

import (
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
)

func TestCitation(t *testing.T) {
	for name, c := range map[string]struct {
		outcome probe.Outcome
		want    string
	}{
		"a reply":                        {probe.Outcome{Stage: smtp.Rcpt, Code: 550, Enhanced: "5.1.1", Text: "5.1.1 no\n5.1.1 such user"}, "rcpt 550 5.1.1: no\nsuch user"},
		"without enhanced code":          {probe.Outcome{Stage: smtp.Mail, Code: 451, Text: "later"}, "mail 451: later"},
		"no text":                        {probe.Outcome{Stage: smtp.Rcpt, Code: 250}, "rcpt 250"},
		"no reply":                       {probe.Outcome{Stage: smtp.Connect, Text: "no answer within 30s"}, "connect: no answer within 30s"},
		"what is no server's":            {probe.Outcome{Text: "there is no @"}, "there is no @"},
		"the enhanced code in the words": {probe.Outcome{Stage: smtp.Rcpt, Code: 550, Enhanced: "5.1.1", Text: "see 5.1.1"}, "rcpt 550 5.1.1: see 5.1.1"},
	} {
		if got := citation(c.outcome); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestNowhere(t *testing.T) {
	host := mx.Host{Name: "mx.example.org", DNS: resolver.NoData, Faults: []mx.Fault{mx.NoAddress}}
	for name, c := range map[string]struct {
		row  scanner.DomainRow
		want string // how it begins; empty: it goes somewhere
	}{
		"has a server":              {*routed(), ""},
		"null MX":                   {*nullMX(), "no_mail: "},
		"does not exist":            {*nxdomain(), "no_domain: gone.example.net does not exist"},
		"special-use name":          {scanner.DomainRow{Domain: "x.test", Route: scanner.RouteFacts{Source: mx.None, Special: "RFC 6761", Detail: "x.test is reserved"}}, "no_domain: x.test is reserved"},
		"exchangers without server": {scanner.DomainRow{Domain: "example.org", Route: scanner.RouteFacts{Source: mx.FromMX, DNS: resolver.NoError, Hosts: []mx.Host{host}}}, "bad_mx: mx.example.org: no_address"},
		"DNS was silent":            {scanner.DomainRow{Domain: "example.org", Route: scanner.RouteFacts{Source: mx.None, DNS: resolver.Timeout}}, "dns_error: "},
		"never looked up":           {scanner.DomainRow{Domain: "example.org"}, "not_checked: never asked"},
		"the row was no domain":     {*unreadable(), "cannot be read: list.csv"},
	} {
		why, ok := Nowhere(&c.row)
		if ok != (c.want != "") || !strings.HasPrefix(why, c.want) {
			t.Errorf("%s: got %q, %v, want %q", name, why, ok, c.want)
		}
	}
}

func TestEncryption(t *testing.T) {
	for name, c := range map[string]struct {
		server probe.Server
		want   string
	}{
		"spoken":               {server().Server, "TLSv1.3 X25519MLKEM768"},
		"not reached":          {silent().Server, "unreachable: no answer within 30s"},
		"not offered":          {probe.Server{Reachable: probe.Yes, StartTLS: probe.No, TLSWhy: "not offered"}, "no: not offered"},
		"the handshake failed": {probe.Server{Reachable: probe.Yes, StartTLS: probe.Inconclusive, TLSWhy: "alert 40"}, "inconclusive: alert 40"},
	} {
		if got := encryption(&c.server); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
