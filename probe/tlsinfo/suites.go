package tlsinfo

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed suites.txt
var suitesText string

// suites is the embedded table, read once.
var suites = sync.OnceValues(func() (suiteTable, error) { return parseSuites(suitesText) })

// suiteTable is the cipher suites in the order in which they are offered.
type suiteTable struct {
	ids   []uint16
	names map[uint16]string
}

// suiteName is IANA's name, or the number of a suite that is not in the table.
func suiteName(id uint16) string {
	table, _ := suites() // a fault in the embedded table is a failing test, not a run-time event
	if name, ok := table.names[id]; ok {
		return name
	}
	return fmt.Sprintf("0x%04X", id)
}

// suitesFor lists what is worth offering in a version.
func suitesFor(version uint16) []uint16 {
	table, _ := suites()
	return slices.DeleteFunc(slices.Clone(table.ids), func(id uint16) bool { return !fits(version, id, table.names[id]) })
}

// fits reports whether a suite can be agreed on in a version. TLS 1.3 has suites
// of its own; authenticated ciphers and MACs of SHA-2 came with TLS 1.2
// (RFC 5246 s1.2), but for those of PSK (RFC 5487 s3.1); curves need extensions,
// which SSLv3 has not.
func fits(version, id uint16, name string) bool {
	if version == tls13 || of13(id) {
		return version == tls13 && of13(id)
	}
	switch {
	case version == tls12:
		return true
	case version == ssl3 && strings.Contains(name, "ECDH"):
		return false
	}
	return !aead(name) && (!sha2(name) || strings.Contains(name, "PSK"))
}

func of13(id uint16) bool {
	switch id {
	case 0x00c6, 0x00c7, 0xc0b4, 0xc0b5, 0xc103, 0xc104, 0xc105, 0xc106: // SM4, integrity alone, GOST
		return true
	}
	return id>>8 == 0x13
}

func aead(name string) bool {
	return strings.Contains(name, "_GCM") || strings.Contains(name, "_CCM") || strings.Contains(name, "_CHACHA20") || strings.Contains(name, "_GOST")
}

func sha2(name string) bool {
	return strings.HasSuffix(name, "_SHA256") || strings.HasSuffix(name, "_SHA384")
}

func parseSuites(text string) (suiteTable, error) {
	table := suiteTable{names: map[uint16]string{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		code, name, _ := strings.Cut(line, " ")
		octets, err := hex.DecodeString(code)
		if err != nil || len(octets) != 2 || name == "" {
			return suiteTable{}, fmt.Errorf("suites line %d: %q is not four hexadecimal digits and a name", number, line)
		}
		id := uint16(octets[0])<<8 | uint16(octets[1])
		if table.names[id] != "" {
			return suiteTable{}, fmt.Errorf("suites line %d: %04x is there twice", number, id)
		}
		table.ids = append(table.ids, id)
		table.names[id] = name
	}
	return table, nil
}
