package tlsinfo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	maxRecord = 1<<14 + 2048 // octets of a record (RFC 5246 s6.2.3)
	maxAnswer = 128 << 10    // octets read of one server's flight, its certificates among them
	maxAlerts = 4            // warnings that are passed over
)

// Alerts that say more than no (RFC 8446 s6.2).
const (
	handshakeFailure     = 40
	insufficientSecurity = 71
	protocolVersion      = 70
	unrecognizedName     = 112
)

// answer is what came back for a hello: a ServerHello, or an alert.
type answer struct {
	alert   int // -1 for none
	version uint16
	suite   uint16
	group   uint16 // 0 where none was told
}

func (a *answer) refused() bool { return a.alert >= 0 }

var errNotTLS = errors.New("what came back is not TLS")

// flight reads handshake messages off records.
type flight struct {
	from   *bufio.Reader
	left   int
	alerts int
	buffer bytes.Buffer
}

// readAnswer reads a ServerHello, and where further is set goes on to the
// ServerKeyExchange of TLS 1.2 and before, which names the curve.
func readAnswer(from io.Reader, further bool) (answer, error) {
	f := &flight{from: bufio.NewReader(from), left: maxAnswer}
	got := answer{alert: -1}
	for {
		kind, body, alert, err := f.message()
		switch {
		case err != nil:
			return got, err
		case alert >= 0 && got.version == 0:
			return answer{alert: alert}, nil
		case alert >= 0:
			return got, nil
		}
		switch kind {
		case 2: // ServerHello, or HelloRetryRequest in its clothes
			if got, err = serverHello(body); err != nil || !further || got.version == tls13 {
				return got, err
			}
		case 12: // ServerKeyExchange (RFC 8422 s5.4): 3 is a named curve
			if len(body) >= 3 && body[0] == 3 {
				got.group = binary.BigEndian.Uint16(body[1:])
			}
			return got, nil
		case 14: // ServerHelloDone
			return got, nil
		}
	}
}

// message reads the next handshake message, or the number of a fatal alert.
func (f *flight) message() (kind byte, body []byte, alert int, err error) {
	for {
		if head := f.buffer.Bytes(); len(head) >= 4 {
			size := int(head[1])<<16 | int(head[2])<<8 | int(head[3])
			if len(head) >= 4+size {
				whole := f.buffer.Next(4 + size)
				return whole[0], whole[4:], -1, nil
			}
		}
		if alert, err = f.fill(); alert >= 0 || err != nil {
			return 0, nil, alert, err
		}
	}
}

// fill adds a record to the buffer.
func (f *flight) fill() (alert int, err error) {
	var head [5]byte
	if _, err := io.ReadFull(f.from, head[:]); err != nil {
		return -1, err
	}
	size := int(binary.BigEndian.Uint16(head[3:]))
	if head[0] < 20 || head[0] > 23 || head[1] != 3 {
		return -1, errNotTLS
	}
	if f.left -= size + len(head); size > maxRecord || f.left < 0 {
		return -1, fmt.Errorf("more than %d octets for a hello", maxAnswer)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(f.from, body); err != nil {
		return -1, err
	}
	switch {
	case head[0] == 22:
		f.buffer.Write(body)
	case head[0] == 21 && size >= 2 && body[0] == 1 && body[1] != 0 && f.alerts < maxAlerts:
		f.alerts++ // a warning, such as unrecognized_name from servers that go on all the same
	case head[0] == 21 && size >= 2:
		return int(body[1]), nil
	default:
		return -1, errNotTLS
	}
	return -1, nil
}

// serverHello takes a ServerHello apart (RFC 8446 s4.1.3): version, random,
// session, suite, compression, extensions.
func serverHello(body []byte) (answer, error) {
	got := answer{alert: -1}
	if len(body) < 35 {
		return got, errNotTLS
	}
	got.version = binary.BigEndian.Uint16(body)
	rest := body[35:]
	if session := int(body[34]); len(rest) < session+3 {
		return got, errNotTLS
	} else {
		rest = rest[session:]
	}
	got.suite = binary.BigEndian.Uint16(rest)
	if rest = rest[3:]; len(rest) < 2 {
		return got, nil
	}
	for rest = rest[2:]; len(rest) >= 4; {
		kind, size := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		if rest = rest[4:]; len(rest) < size {
			return got, errNotTLS
		}
		switch data := rest[:size]; {
		case kind == 43 && size == 2: // supported_versions: what was really chosen
			got.version = binary.BigEndian.Uint16(data)
		case kind == 51 && size >= 2: // key_share begins with the group, in a retry it is nothing else
			got.group = binary.BigEndian.Uint16(data)
		}
		rest = rest[size:]
	}
	return got, nil
}
