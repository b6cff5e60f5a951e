package resolver

import (
	"bytes"
	"encoding/binary"

	"github.com/miekg/dns"
)

// matches reports whether message replies to the question that was sent under
// id (RFC 5452 s9.1). It reads the octets as they came, so that a stray costs
// next to nothing.
//
// Replies that refuse or fail may come without the question (public resolvers
// and old servers send the bare header): they can make us pass their server
// over, never tell us anything about the name.
func matches(message []byte, id uint16, wire []byte) bool {
	if len(message) < headerLen || identifier(message) != id || !isReply(message) {
		return false
	}
	if binary.BigEndian.Uint16(message[4:]) == 0 {
		return saysNothing(int(message[3] & 0xF))
	}
	if binary.BigEndian.Uint16(message[4:]) != 1 || len(message) < headerLen+len(wire) {
		return false
	}
	name, asked := message[headerLen:][:len(wire)-4], wire[:len(wire)-4]
	return equalFold(name, asked) &&
		bytes.Equal(message[headerLen+len(name):][:4], wire[len(asked):])
}

func identifier(message []byte) uint16 { return binary.BigEndian.Uint16(message) }

// isReply: the QR bit is set and the opcode is 0, a standard query.
func isReply(message []byte) bool { return message[2]&0x80 != 0 && message[2]&0x78 == 0 }

// truncated: the TC bit is set.
func truncated(message []byte) bool { return message[2]&0x02 != 0 }

// saysNothing reports response codes that are about the server, not the name.
func saysNothing(rcode int) bool {
	switch rcode {
	case dns.RcodeFormatError, dns.RcodeServerFailure, dns.RcodeNotImplemented, dns.RcodeRefused:
		return true
	}
	return false
}

// equalFold compares names in wire form without regard to ASCII case. The
// octets that hold the length of a label are below the letters, so they need
// no care of their own.
func equalFold(a, b []byte) bool {
	for i := range a {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
