package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode/utf16"

	"github.com/mxvet/mxvet/probe/smtp"
)

// ntlm begins a login by NTLM and breaks it off at the server's challenge, in
// which a Windows server names itself and its domain. It is nil where NTLM is not
// offered or the challenge tells nothing.
func (t *trier) ntlm(ctx context.Context) *NTLM {
	session, _ := t.open(ctx, "")
	if session == nil {
		return nil
	}
	defer session.Close()
	if !slices.Contains(session.client.Extensions().Auth(), "NTLM") {
		return nil
	}
	asked := &challenged{}
	session.client.Auth(ctx, asked)
	return parseNTLM(asked.message)
}

// challenged is a mechanism that wants to hear the challenge and nothing else.
type challenged struct {
	message []byte
	again   bool
}

var errHeard = errors.New("that was all we wanted to hear")

func (c *challenged) Name() string { return "NTLM" }

// Start is a type 1 message ([MS-NLMP] 2.2.1.1): Unicode, the target's name and
// what is known of it, NTLM, always signed, extended session security, version.
func (c *challenged) Start(smtp.ServerInfo) ([]byte, error) {
	const flags = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00080000 | 0x00800000 | 0x02000000
	message := append([]byte("NTLMSSP\x00"), 1, 0, 0, 0)
	message = binary.LittleEndian.AppendUint32(message, flags)
	message = append(message, make([]byte, 16)...) // neither domain nor workstation
	return append(message, 10, 0, 0x63, 0x45, 0, 0, 0, 15), nil
}

// Next says the first message again to a server that has passed over it in the
// AUTH line.
func (c *challenged) Next(challenge []byte) ([]byte, error) {
	if len(challenge) == 0 && !c.again {
		c.again = true
		return c.Start(smtp.ServerInfo{})
	}
	c.message = challenge
	return nil, errHeard
}

// parseNTLM reads a type 2 message ([MS-NLMP] 2.2.1.2); nil where it is none, or
// tells nothing. Offsets and lengths are the server's, and not believed.
func parseNTLM(message []byte) *NTLM {
	if len(message) < 48 || !bytes.HasPrefix(message, []byte("NTLMSSP\x00\x02\x00\x00\x00")) {
		return nil
	}
	flags := binary.LittleEndian.Uint32(message[20:])
	told := &NTLM{Target: ntlmText(field(message, 12), flags&1 != 0)}
	if flags&0x02000000 != 0 && len(message) >= 56 {
		told.Version = fmt.Sprintf("%d.%d.%d", message[48], message[49], binary.LittleEndian.Uint16(message[50:]))
	}
	for kind, value := range ntlmPairs(field(message, 40)) {
		switch text := ntlmText(value, true); kind {
		case 1:
			told.Computer = text
		case 2:
			told.Domain = text
		case 3:
			told.DNSHost = text
		case 4:
			told.DNSZone = text
		case 5:
			told.Forest = text
		}
	}
	if *told == (NTLM{}) {
		return nil
	}
	return told
}

// field is what a length and an offset point at; nil where they point outside.
func field(message []byte, at int) []byte {
	size, offset := uint64(binary.LittleEndian.Uint16(message[at:])), uint64(binary.LittleEndian.Uint32(message[at+4:]))
	if offset+size > uint64(len(message)) {
		return nil
	}
	return message[offset : offset+size]
}

// ntlmPairs are the AV_PAIRs of a target's information ([MS-NLMP] 2.2.2.1).
func ntlmPairs(info []byte) func(func(uint16, []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(info) >= 4 {
			kind, size := binary.LittleEndian.Uint16(info), int(binary.LittleEndian.Uint16(info[2:]))
			if kind == 0 || len(info) < 4+size || !yield(kind, info[4:4+size]) {
				return
			}
			info = info[4+size:]
		}
	}
}

// ntlmText is a name of at most 255 units, in UTF-16 or in the server's own code page.
func ntlmText(octets []byte, unicode bool) string {
	if !unicode {
		return evidence(string(octets[:min(len(octets), 255)]))
	}
	var units []uint16
	for i := 0; i+1 < len(octets) && len(units) < 255; i += 2 {
		units = append(units, binary.LittleEndian.Uint16(octets[i:]))
	}
	return evidence(string(utf16.Decode(units)))
}
