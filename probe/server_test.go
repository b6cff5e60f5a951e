package probe_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
)

func TestServerAsJSON(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"in clear, a little slow", `
			W: 1500ms
			S: 220 mx.example ESMTP
			C: EHLO me.example
			W: 20ms
			S: 250-mx.example at your service
			S: 250-SIZE 10240000
			S: 250-AUTH PLAIN
			S: 250 AUTH=LOGIN`, `{
  "host": "mx.example",
  "ip": "192.0.2.1",
  "port": 25,
  "tls_name": "mx.example",
  "reachable": "yes",
  "greeting": {
    "code": 220,
    "text": "mx.example ESMTP"
  },
  "greeting_ms": 1500,
  "plain": {
    "verb": "EHLO",
    "hello": "mx.example at your service",
    "extensions": {
      "SIZE": [
        "10240000"
      ],
      "AUTH": [
        "PLAIN"
      ],
      "AUTH=": [
        "LOGIN"
      ]
    },
    "auth": [
      "PLAIN",
      "LOGIN"
    ]
  },
  "starttls": "no",
  "starttls_why": "not offered",
  "tls": null,
  "encrypted": null,
  "vrfy": null,
  "expn": null,
  "help": null,
  "timings": {
    "connect_ms": 0,
    "greeting_ms": 1500,
    "hello_ms": 20,
    "starttls_ms": null
  },
  "failure": null,
  "at": "2000-01-01T00:00:00Z"
}`},
		{"closed at the door", "X:", `{
  "host": "mx.example",
  "ip": "192.0.2.1",
  "port": 25,
  "tls_name": "mx.example",
  "reachable": "yes",
  "greeting": null,
  "greeting_ms": null,
  "plain": null,
  "starttls": "inconclusive",
  "starttls_why": "the conversation ended before: unexpected EOF",
  "tls": null,
  "encrypted": null,
  "vrfy": null,
  "expn": null,
  "help": null,
  "timings": {
    "connect_ms": 0,
    "greeting_ms": null,
    "hello_ms": null,
    "starttls_ms": null
  },
  "failure": {
    "at": "2000-01-01T00:00:00Z",
    "stage": "greeting",
    "host": "mx.example",
    "ip": "192.0.2.1",
    "port": 25,
    "tls": false,
    "code": null,
    "enhanced": null,
    "text": "unexpected EOF",
    "meaning": "network_error",
    "rule": "session/hangup",
    "cause": "hangup"
  },
  "at": "2000-01-01T00:00:00Z"
}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session, err := probe.Open(t.Context(), script(t, test.script))
				var facts probe.Server
				if err != nil {
					facts = failure(t, err).Server
				} else {
					facts = session.Server()
				}
				facts.At = facts.At.UTC()
				if facts.Failure != nil {
					facts.Failure.At = facts.Failure.At.UTC()
				}
				got, err := json.MarshalIndent(facts, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, string(got)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestServersAreToldApartByAddressPortAndTLSName(t *testing.T) {
	base := probe.Server{Host: "mx.example", IP: netip.MustParseAddr("192.0.2.1"), Port: 25, TLSName: "mx.example"}
	for _, test := range []struct {
		name   string
		change func(*probe.Server)
		same   bool
	}{
		{"another name for it", func(s *probe.Server) { s.Host = "mail.example" }, true},
		{"another address", func(s *probe.Server) { s.IP = netip.MustParseAddr("192.0.2.2") }, false},
		{"another port", func(s *probe.Server) { s.Port = 587 }, false},
		{"another TLS name", func(s *probe.Server) { s.TLSName = "mail.example" }, false},
	} {
		other := base
		test.change(&other)
		if same := base.Key() == other.Key(); same != test.same {
			t.Errorf("%s: same %v, want %v", test.name, same, test.same)
		}
	}
}
