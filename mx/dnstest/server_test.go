package dnstest

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mxvet/mxvet/mx/resolver"
)

func over(t *testing.T, network string, s *Server, query *dns.Msg) *dns.Msg {
	t.Helper()
	client := dns.Client{Net: network, Timeout: 5 * time.Second}
	reply, _, err := client.Exchange(query, s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestServerSpeaksBoth(t *testing.T) {
	s := Start(t, wild)
	for _, network := range []string{"udp", "tcp"} {
		query := ask("alias.test.", "MX")
		if diff := cmp.Diff(s.Exchange(query).String(), over(t, network, s, query).String()); diff != "" {
			t.Errorf("%s differs from Exchange (-want +got):\n%s", network, diff)
		}
	}
	if diff := cmp.Diff(map[string]int{"alias.test. MX": 2}, s.Queries()); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	if got := s.Count("Alias.test", resolver.MX); got != 2 {
		t.Errorf("Count %d, want 2", got)
	}
}

func TestServerTruncates(t *testing.T) {
	var zone strings.Builder
	zone.WriteString("told.test. MX 10 mx.test.\n;!truncate told.test.\n")
	for i := range 60 {
		fmt.Fprintf(&zone, "big.test. MX 10 mx%d.big.test.\n", i)
	}
	s := Start(t, zone.String())
	for name, want := range map[string]int{"told.test.": 1, "big.test.": 60} {
		udp, tcp := over(t, "udp", s, ask(name, "MX")), over(t, "tcp", s, ask(name, "MX"))
		if !udp.Truncated || len(udp.Answer) >= want {
			t.Errorf("%s over UDP: TC %v, %d records", name, udp.Truncated, len(udp.Answer))
		}
		if tcp.Truncated || len(tcp.Answer) != want {
			t.Errorf("%s over TCP: TC %v, %d records", name, tcp.Truncated, len(tcp.Answer))
		}
	}
	roomy := ask("big.test.", "MX")
	roomy.SetEdns0(4096, false)
	if reply := over(t, "udp", s, roomy); reply.Truncated || len(reply.Answer) != 60 {
		t.Errorf("with EDNS0: TC %v, %d records", reply.Truncated, len(reply.Answer))
	}
}

// TestServerClosesAmidDelay would hang for an hour if Close waited for delays.
func TestServerClosesAmidDelay(t *testing.T) {
	s := Start(t, "slow.test. A 192.0.2.1\n;!delay slow.test. 1h")
	connection, err := dns.DialTimeout("tcp", s.Addr().String(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.WriteMsg(ask("slow.test.", "A")); err != nil {
		t.Fatal(err)
	}
	for s.Count("slow.test", resolver.A) == 0 {
		runtime.Gosched() // the query is on its way: Close must find it waiting
	}
	s.Close()
	if _, err := connection.ReadMsg(); err == nil {
		t.Error("answered after Close")
	}
	if _, err := net.Dial("tcp", s.Addr().String()); err == nil {
		t.Error("still listening after Close")
	}
}

func TestListenRefusesBadZones(t *testing.T) {
	_, err := Listen("a.test. MX")
	if _, ok := errors.AsType[*dns.ParseError](err); !ok {
		t.Errorf("error %v, want a parse error", err)
	}
}
