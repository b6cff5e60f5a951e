package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// type2 makes a challenge: its target, pairs of kind and text, and version 10.0.17763.
func type2(target string, pairs ...any) []byte {
	wide := func(text string) (out []byte) {
		for _, unit := range utf16.Encode([]rune(text)) {
			out = binary.LittleEndian.AppendUint16(out, unit)
		}
		return out
	}
	var info []byte
	for i := 0; i+1 < len(pairs); i += 2 {
		text := wide(pairs[i+1].(string))
		info = binary.LittleEndian.AppendUint16(info, uint16(pairs[i].(int)))
		info = append(binary.LittleEndian.AppendUint16(info, uint16(len(text))), text...)
	}
	info = append(info, 0, 0, 0, 0)
	pointer := func(out []byte, size, offset int) []byte {
		out = binary.LittleEndian.AppendUint16(out, uint16(size))
		out = binary.LittleEndian.AppendUint16(out, uint16(size))
		return binary.LittleEndian.AppendUint32(out, uint32(offset))
	}
	name := wide(target)
	message := append([]byte("NTLMSSP\x00"), 2, 0, 0, 0)
	message = pointer(message, len(name), 56)
	message = binary.LittleEndian.AppendUint32(message, 0x02800001)
	message = append(message, make([]byte, 16)...)
	message = pointer(message, len(info), 56+len(name))
	message = append(message, 10, 0, 0x63, 0x45, 0, 0, 0, 15)
	return append(append(message, name...), info...)
}

func whole() []byte {
	return type2("EXAMPLE", 2, "EXAMPLE", 1, "MX1", 4, "corp.example", 3, "mx1.corp.example", 5, "corp.example", 7, "later")
}

func TestParseNTLM(t *testing.T) {
	told := &NTLM{Target: "EXAMPLE", Computer: "MX1", Domain: "EXAMPLE", DNSHost: "mx1.corp.example", DNSZone: "corp.example", Forest: "corp.example", Version: "10.0.17763"}
	changed := func(change func(message []byte)) []byte {
		message := whole()
		change(message)
		return message
	}
	for _, test := range []struct {
		name    string
		message []byte
		want    *NTLM
	}{
		{"all of it", whole(), told},
		{"a stand-alone server, in its own code page", append([]byte("NTLMSSP\x00\x02\x00\x00\x00\x04\x00\x04\x00\x30\x00\x00\x00\x02\x02\x00\x00"), append(make([]byte, 24), "MX\xe91"...)...), &NTLM{Target: "MX\uFFFD1"}},
		{"a pointer to outside", changed(func(m []byte) { m[16], m[44] = 0xff, 0xff }), &NTLM{Version: "10.0.17763"}},
		{"a pointer that wraps round", changed(func(m []byte) { copy(m[16:], "\xff\xff\xff\xff"); copy(m[44:], "\xff\xff\xff\xff") }), &NTLM{Version: "10.0.17763"}},
		{"a pair that is longer than all of them", changed(func(m []byte) { m[56+14+2] = 0xff }), &NTLM{Target: "EXAMPLE", Version: "10.0.17763"}},
		{"a type 1 message", changed(func(m []byte) { m[8] = 1 }), nil},
		{"cut off", whole()[:40], nil},
		{"nothing", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, parseNTLM(test.message)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if got := parseNTLM(type2("A", 1, string(make([]rune, 400)))); len(got.Computer) != 255 {
		t.Errorf("a name of %d octets is kept", len(got.Computer))
	}
}

func FuzzParseNTLM(f *testing.F) {
	f.Add(whole())
	f.Fuzz(func(t *testing.T, message []byte) {
		if told := parseNTLM(message); told != nil && *told == (NTLM{}) {
			t.Error("it tells nothing, and says so at length")
		}
	})
}

func TestNTLMOverTheWire(t *testing.T) {
	for _, test := range []struct {
		name      string
		character smtptest.Character
		want      string // computer; empty for nothing told
	}{
		{"inside TLS", smtptest.Character{AuthTLS: []string{"PLAIN", "NTLM"}, NTLM: whole()}, "MX1"},
		{"in clear, where there is no TLS", smtptest.Character{StartTLS: smtptest.TLSNone, Auth: []string{"NTLM"}, NTLM: whole()}, "MX1"},
		{"not offered", smtptest.Character{AuthTLS: []string{"PLAIN"}, NTLM: whole()}, ""},
		{"refused", smtptest.Character{AuthTLS: []string{"NTLM"}, Replies: map[string]string{"AUTH": "504 5.7.4 Unrecognized authentication type"}}, ""},
		{"a challenge that is none", smtptest.Character{AuthTLS: []string{"NTLM"}, NTLM: []byte("what?")}, ""},
		{"not so far", smtptest.Character{Greeting: "554 no"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &smtptest.Server{Character: test.character}
			ended := make(chan struct{})
			plan := Plan{Addr: netip.MustParseAddrPort("192.0.2.1:25"), Host: "mx.example", HelloName: "me.example", Dial: func(context.Context, string, string) (net.Conn, error) {
				near, far := smtptest.Pipe(nil, nil)
				go func() {
					defer close(ended)
					s.Serve(far)
				}()
				return near, nil
			}}
			got, err := Try(t.Context(), plan, Options{NTLM: true})
			<-ended
			if err != nil || (got.NTLM == nil) != (test.want == "") || got.NTLM != nil && got.NTLM.Computer != test.want {
				t.Errorf("got %+v, %v", got.NTLM, err)
			}
		})
	}
}

func TestAServerThatPassesOverTheInitialResponse(t *testing.T) {
	asked := &challenged{}
	first, err := asked.Start(smtp.ServerInfo{})
	if err != nil || !bytes.HasPrefix(first, []byte("NTLMSSP\x00\x01\x00\x00\x00")) {
		t.Fatalf("the first message is %q, %v", first, err)
	}
	again, err := asked.Next(nil)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("asked for it once more, it says %q, %v", again, err)
	}
	if _, err := asked.Next(whole()); err != errHeard || parseNTLM(asked.message) == nil {
		t.Errorf("the challenge is not kept, or the login goes on: %v", err)
	}
	silent := &challenged{again: true}
	if _, err := silent.Next(nil); err != errHeard {
		t.Errorf("an empty challenge twice: %v", err)
	}
}
