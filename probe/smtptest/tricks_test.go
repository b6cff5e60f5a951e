package smtptest

import (
	"bufio"
	"crypto/tls"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is what a server answers to octets as they stand, after its greeting.
func said(t *testing.T, character Character, octets string) string {
	t.Helper()
	client, far := Pipe(nil, nil)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		(&Server{Character: character}).Serve(far)
	}()
	defer func() { <-ended }()
	defer client.Close()
	reader := bufio.NewReader(client)
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	io.WriteString(client, octets)
	got, _ := io.ReadAll(reader)
	return string(got)
}

func TestLineEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		end  LineEnd
		want string
	}{
		{"LF ends a line", LFEnds, "250 2.0.0 Ok\r\n500 5.5.2 Error: command not recognized\r\n221 2.0.0 Bye\r\n"},
		{"LF is part of the line", LFIgnored, "500 5.5.2 Error: command not recognized\r\n221 2.0.0 Bye\r\n"},
		{"LF is refused", LFRefused, "521 5.5.2 mx.example Error: bare <LF> received\r\n"},
	} {
		if got := said(t, Character{LineEnd: test.end}, "NOOP\n\r\nQUIT\r\n"); got != test.want {
			t.Errorf("%s: got %q", test.name, got)
		}
	}
}

func TestRelays(t *testing.T) {
	forms := []string{"x@else.example", "x%else.example@a.example", "@a.example:x@else.example", "else.example!x@a.example"}
	for _, test := range []struct {
		relay Relay
		want  []bool // of the forms
	}{
		{RelayNone, []bool{false, false, false, false}},
		{RelayOpen, []bool{true, true, true, true}},
		{RelayPercent, []bool{false, true, false, false}},
		{RelayRoute, []bool{false, false, true, false}},
		{RelayBang, []bool{false, false, false, true}},
	} {
		server := &Server{Character: Character{Domains: map[string]*Domain{"a.example": {}}, Relay: test.relay}}
		var got []bool
		for _, form := range forms {
			got = append(got, server.delivery(form)[0] == '2')
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: %v, -want +got:\n%s", test.relay, forms, diff)
		}
	}
}

func TestInjectable(t *testing.T) {
	for _, test := range []struct {
		name       string
		injectable bool
		want       string
	}{
		{"kept over the handshake", true, "250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n"},
		{"dropped", false, "221 2.0.0 Bye\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, far := Pipe(nil, nil)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				(&Server{Character: Character{Injectable: test.injectable}}).Serve(far)
			}()
			defer func() { <-ended }()
			defer client.Close()
			io.WriteString(client, "EHLO me.example\r\nSTARTTLS\r\nNOOP\r\n")
			for line := ""; line != "220 2.0.0 Ready to start TLS\r\n"; {
				line = lineOf(t, client)
			}
			conn := tls.Client(client, &tls.Config{InsecureSkipVerify: true})
			io.WriteString(conn, "QUIT\r\n")
			if got, _ := io.ReadAll(conn); string(got) != test.want {
				t.Errorf("inside it says %q, want %q", got, test.want)
			}
		})
	}
}

// lineOf reads a line octet by octet, for what follows it is a handshake.
func lineOf(t *testing.T, from io.Reader) string {
	t.Helper()
	var line []byte
	for one := make([]byte, 1); len(line) == 0 || line[len(line)-1] != '\n'; {
		if _, err := from.Read(one); err != nil {
			t.Fatal(err)
		}
		line = append(line, one[0])
	}
	return string(line)
}
