package tlsinfo

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
)

// The versions as they stand on the wire.
const (
	ssl3  uint16 = 0x0300
	tls10 uint16 = 0x0301
	tls12 uint16 = 0x0303
	tls13 uint16 = 0x0304
)

// hello is a ClientHello that crypto/tls would not send: the version it ends at,
// and what it offers.
type hello struct {
	version uint16
	suites  []uint16
	groups  []uint16
	name    string // for SNI; empty for none
	shares  bool   // TLS 1.3: with keys of x25519 and secp256r1; without any the server names the group it wants (RFC 8446 s4.2.8)
}

// record is the hello as one record (RFC 8446 s4.1.2, s5.1; RFC 6101 s5.6.1.2 for
// SSLv3, which has no extensions).
func (h *hello) record() []byte {
	body := binary.BigEndian.AppendUint16(nil, min(h.version, tls12))
	body = append(body, random(32)...)
	if h.version == tls13 {
		body = vector8(body, random(32)) // for the middleboxes (RFC 8446 appendix D.4)
	} else {
		body = vector8(body, nil)
	}
	body = vector16(body, words(h.suites))
	body = vector8(body, []byte{0}) // no compression
	if h.version > ssl3 {
		body = vector16(body, h.padded(h.extensions(), len(body)))
	}
	message := append([]byte{1, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	return vector16(binary.BigEndian.AppendUint16([]byte{22}, min(h.version, tls10)), message)
}

func (h *hello) extensions() []byte {
	var all []byte
	add := func(kind uint16, data []byte) {
		all = vector16(binary.BigEndian.AppendUint16(all, kind), data)
	}
	if h.name != "" {
		add(0, vector16(nil, vector16([]byte{0}, []byte(h.name)))) // server_name (RFC 6066 s3)
	}
	add(10, vector16(nil, words(h.groups))) // supported_groups
	add(13, vector16(nil, words(signatures())))
	if h.version < tls13 {
		add(11, []byte{1, 0})  // ec_point_formats: uncompressed (RFC 8422 s5.1.2)
		add(23, nil)           // extended_master_secret, which some insist on (RFC 7627)
		add(0xff01, []byte{0}) // renegotiation_info, the same (RFC 5746 s3.2)
		return all
	}
	add(43, []byte{2, byte(tls13 >> 8), byte(tls13 & 0xff)}) // supported_versions
	add(51, vector16(nil, h.keys()))                         // key_share
	return all
}

// keys are key shares that nobody will use.
func (h *hello) keys() []byte {
	var all []byte
	if !h.shares {
		return nil
	}
	for id, curve := range map[uint16]ecdh.Curve{29: ecdh.X25519(), 23: ecdh.P256()} {
		if key, err := curve.GenerateKey(rand.Reader); err == nil {
			all = vector16(binary.BigEndian.AppendUint16(all, id), key.PublicKey().Bytes())
		}
	}
	return all
}

// padded fills up a hello of 256 to 511 octets, at which load balancers of the
// 2010s hang (RFC 7685 s4). before is what stands in front of the extensions.
func (h *hello) padded(extensions []byte, before int) []byte {
	whole := 4 + before + 2 + len(extensions)
	if whole < 256 || whole > 511 {
		return extensions
	}
	fill := max(0, 512-whole-4)
	return vector16(binary.BigEndian.AppendUint16(extensions, 21), make([]byte, fill))
}

// signatures is every scheme that a server might want to sign with (IANA, TLS
// SignatureScheme), the dead ones last.
func signatures() []uint16 {
	return []uint16{
		0x0403, 0x0503, 0x0603, 0x0807, 0x0808, // ECDSA, Ed25519, Ed448
		0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601, // RSA
		0x0904, 0x0905, 0x0906, // ML-DSA
		0x081a, 0x081b, 0x081c, 0x0708, 0x0709, 0x070a, 0x070b, 0x070c, 0x070d, 0x070e, 0x070f, // brainpool, SM2, GOST
		0x0402, 0x0502, 0x0602, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101, // DSA, SHA-224, SHA-1, MD5
	}
}

func random(size int) []byte {
	out := make([]byte, size)
	rand.Read(out) // cannot fail
	return out
}

func words(values []uint16) []byte {
	var out []byte
	for _, value := range values {
		out = binary.BigEndian.AppendUint16(out, value)
	}
	return out
}

func vector8(out, data []byte) []byte { return append(append(out, byte(len(data))), data...) }

func vector16(out, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(out, uint16(len(data))), data...)
}
