package tlsinfo_test

import (
	"encoding/binary"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// museum is a server that crypto/tls cannot be: of any version, with any suites.
// It answers a hello, and nothing that comes after.
type museum struct {
	suites   map[uint16][]uint16 // by version
	groups   []uint16            // of TLS 1.3, and the curves before it
	clients  bool                // the client's order counts
	alert    byte                // for what it does not take; handshake_failure where 0
	warnings int                 // alerts that it sends first, as unrecognized_name from who goes on all the same
	keys     bool                // a hello of TLS 1.3 without keys gets illegal_parameter
	certs    int                 // octets of its certificates
	wrong    uint16              // a suite that it chooses whether it was offered or not
}

// offer is what stands in a ClientHello.
type offer struct {
	version        uint16
	suites, groups []uint16
	keys           bool
	name           string
	size           int // of the handshake message
}

func readHello(conn net.Conn) (offer, bool) {
	var head [5]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil || head[0] != 22 {
		return offer{}, false
	}
	body := make([]byte, binary.BigEndian.Uint16(head[3:]))
	if _, err := io.ReadFull(conn, body); err != nil {
		return offer{}, false
	}
	o := offer{version: binary.BigEndian.Uint16(body[4:]), size: len(body)}
	rest := body[38:]
	rest = rest[1+int(rest[0]):]
	size := int(binary.BigEndian.Uint16(rest))
	o.suites, rest = numbers(rest[2:2+size]), rest[2+size+2:]
	for rest = rest[min(2, len(rest)):]; len(rest) >= 4; {
		kind, size := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		data := rest[4 : 4+size]
		switch kind {
		case 0:
			o.name = string(data[5:])
		case 10:
			o.groups = numbers(data[2:])
		case 43:
			o.version = binary.BigEndian.Uint16(data[1:])
		case 51:
			o.keys = size > 2
		}
		rest = rest[4+size:]
	}
	return o, true
}

func numbers(octets []byte) (out []uint16) {
	for i := 0; i+1 < len(octets); i += 2 {
		out = append(out, binary.BigEndian.Uint16(octets[i:]))
	}
	return out
}

// choose is the first of mine that is among theirs, or the other way round.
func (m *museum) choose(mine, theirs []uint16) uint16 {
	if m.clients {
		mine, theirs = theirs, mine
	}
	for _, one := range mine {
		if slices.Contains(theirs, one) {
			return one
		}
	}
	return 0
}

func (m *museum) serve(conn net.Conn) {
	o, ok := readHello(conn)
	if !ok {
		return
	}
	for range m.warnings {
		conn.Write([]byte{21, 3, 1, 0, 2, 1, 112})
	}
	version := o.version
	for version > 0x0300 && m.suites[version] == nil {
		version--
	}
	suite, group := m.choose(m.suites[version], o.suites), m.choose(m.groups, o.groups)
	if m.wrong != 0 {
		suite = m.wrong
	}
	switch {
	case o.version == 0x0304 && m.suites[0x0304] != nil && m.keys && !o.keys:
		conn.Write([]byte{21, 3, 3, 0, 2, 2, 47})
	case suite == 0 || o.version == 0x0304 && (version != 0x0304 || group == 0) || curved(suite) && group == 0:
		conn.Write([]byte{21, 3, 1, 0, 2, 2, max(m.alert, 40)})
	default:
		conn.Write(m.hello(version, suite, group))
	}
	io.Copy(io.Discard, conn)
}

func curved(suite uint16) bool { return suite>>8 == 0xc0 }

// hello is a ServerHello, with the certificates, the key exchange and the end of
// the flight behind it before TLS 1.3. It comes in records of 1,000 octets.
func (m *museum) hello(version, suite, group uint16) []byte {
	body := binary.BigEndian.AppendUint16(nil, min(version, 0x0303))
	body = append(append(body, make([]byte, 32)...), 0)
	body = append(binary.BigEndian.AppendUint16(body, suite), 0)
	if version == 0x0304 {
		body = append(body, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, byte(group>>8), byte(group))
	}
	flight := handshakeMessage(2, body)
	if version < 0x0304 {
		flight = append(flight, handshakeMessage(11, make([]byte, m.certs))...)
		if curved(suite) {
			flight = append(flight, handshakeMessage(12, []byte{3, byte(group >> 8), byte(group), 1, 4})...)
		}
		flight = append(flight, handshakeMessage(14, nil)...)
	}
	var out []byte
	for part := range slices.Chunk(flight, 1000) {
		out = append(append(out, 22, 3, byte(min(version, 0x0303)), byte(len(part)>>8), byte(len(part))), part...)
	}
	return out
}

func handshakeMessage(kind byte, body []byte) []byte {
	return append([]byte{kind, 0, byte(len(body) >> 8), byte(len(body))}, body...)
}

func accepted(version string, suites ...string) tlsinfo.Accepted {
	return tlsinfo.Accepted{Version: version, Suites: suites}
}

func TestSweepOfWhatNobodyShouldRun(t *testing.T) {
	for _, test := range []struct {
		name   string
		server museum
		want   tlsinfo.Sweep
	}{
		{"SSLv3 with export, anonymous and NULL suites", museum{suites: map[uint16][]uint16{0x0300: {0x0005, 0x0004, 0x000a, 0x0009, 0x0003, 0x0008, 0x0018, 0x0017, 0x0002, 0x0062}}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{accepted("SSLv3", "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_DES_CBC_SHA",
				"TLS_RSA_EXPORT_WITH_RC4_40_MD5", "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", "TLS_DH_anon_WITH_RC4_128_MD5",
				"TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", "TLS_RSA_WITH_NULL_SHA", "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA")}, Groups: []string{}, Order: "server"}},
		{"SSLv3 to TLS 1.1, the client's order counts", museum{clients: true, suites: map[uint16][]uint16{0x0300: {0x000a, 0x0005}, 0x0301: {0x000a, 0x002f}, 0x0302: {0x002f, 0xc014}}, groups: []uint16{23, 19}, certs: 5000},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{accepted("TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
				accepted("TLSv1.0", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
				accepted("SSLv3", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_RC4_128_SHA")}, Groups: []string{"secp256r1", "secp192r1"}, Order: "client"}},
		{"everything there is in TLS 1.2 that is anonymous", museum{suites: map[uint16][]uint16{0x0303: {0x00a6, 0xc018, 0x0034, 0x006c}}, groups: []uint16{1, 24}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{accepted("TLSv1.2", "TLS_DH_anon_WITH_AES_128_GCM_SHA256", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA256")},
				Groups: []string{"sect163k1", "secp384r1"}, Order: "server"}},
		{"hybrids by their drafts, and what nobody else has", museum{suites: map[uint16][]uint16{0x0304: {0x1306, 0xc103, 0x00c6}}, groups: []uint16{25497, 4590, 513, 38}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{accepted("TLSv1.3", "TLS_AEGIS_256_SHA512", "TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_L", "TLS_SM4_GCM_SM3")},
				Groups: []string{"X25519Kyber768Draft00", "curveSM2MLKEM768", "MLKEM768", "GC512A"}, Order: "server"}},
		{"warnings before the hello", museum{warnings: 3, suites: map[uint16][]uint16{0x0303: {0x002f}}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{accepted("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA")}, Groups: []string{}}},
		{"a hello without keys is too much for it: its groups stay unknown", museum{keys: true, suites: map[uint16][]uint16{0x0304: {0x1301, 0x1302}}, groups: []uint16{29}},
			tlsinfo.Sweep{Versions: []tlsinfo.Accepted{accepted("TLSv1.3", "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")}, Order: "server"}},
		{"it chooses what was not offered", museum{wrong: 0x1111, suites: map[uint16][]uint16{0x0303: {0x002f}}}, tlsinfo.Sweep{Versions: []tlsinfo.Accepted{}, Groups: []string{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := sweeper(t, test.server.serve).Sweep(t.Context())
			for i, one := range test.want.Versions {
				if i < len(got.Versions) && !slices.Equal(one.Suites, got.Versions[i].Suites) {
					t.Errorf("%s: the order is %v, want %v", one.Version, got.Versions[i].Suites, one.Suites)
				}
			}
			wantSweep(t, got, test.want)
		})
	}
}

// A refusal by protocol_version saves the lists that are left.
func TestAVersionThatIsRefusedByNameCostsOneConnection(t *testing.T) {
	server := museum{alert: 70, suites: map[uint16][]uint16{0x0303: {0x002f}}}
	got := sweeper(t, server.serve).Sweep(t.Context())
	if want := 1 + 1 + 6 + 1 + 1 + 1; got.Connections != want || len(got.Versions) != 1 {
		t.Errorf("%d connections for %v, want %d", got.Connections, got.Versions, want)
	}
}

func TestHellosThatAreSaid(t *testing.T) {
	var seen []offer
	s := sweeper(t, func(conn net.Conn) {
		o, _ := readHello(conn)
		seen = append(seen, o)
		conn.Write([]byte{21, 3, 1, 0, 2, 2, 40})
		io.Copy(io.Discard, conn)
	})
	s.Sweep(t.Context())
	offered := map[uint16]map[uint16]bool{}
	for _, o := range seen {
		if len(o.suites) > 64 || len(o.suites) == 0 {
			t.Errorf("%d suites in one hello", len(o.suites))
		}
		if o.version > 0x0300 && o.name != "mx.example" || o.version == 0x0300 && o.name != "" {
			t.Errorf("version %#04x sends the name %q", o.version, o.name)
		}
		if o.size >= 256 && o.size <= 511 {
			t.Errorf("a hello of %d octets, at which load balancers hang", o.size)
		}
		if offered[o.version] == nil {
			offered[o.version] = map[uint16]bool{}
		}
		for _, suite := range o.suites {
			offered[o.version][suite] = true
		}
	}
	for version, want := range map[uint16]int{0x0304: 15, 0x0303: 341, 0x0302: 164, 0x0301: 164, 0x0300: 126} {
		if len(offered[version]) != want {
			t.Errorf("%#04x: %d suites offered, want %d", version, len(offered[version]), want)
		}
	}
}
