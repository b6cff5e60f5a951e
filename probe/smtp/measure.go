package smtp

import "io"

// Measure reads a message to its end. Size counts its octets with CRLF line ends
// and without doubled dots, as SIZE wants it (RFC 1870 s5). Body is EightBitMIME
// where an octet is above 127. The error is the reader's.
func Measure(message io.Reader) (size int64, body Body, err error) {
	scale := &scale{body: SevenBit}
	dot := newDotter(scale)
	if _, err = io.Copy(dot, message); err != nil {
		return 0, "", err
	}
	dot.line()
	return scale.size - dot.dots, scale.body, nil
}

// scale counts octets.
type scale struct {
	size int64
	body Body
}

func (s *scale) Write(octets []byte) (int, error) {
	s.size += int64(len(octets))
	for _, c := range octets {
		if c >= 0x80 {
			s.body = EightBitMIME
			break
		}
	}
	return len(octets), nil
}
