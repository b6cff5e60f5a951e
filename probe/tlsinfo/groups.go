package tlsinfo

import (
	"fmt"
	"slices"
)

// namedGroup is one entry of IANA's registry of TLS supported groups.
type namedGroup struct {
	id   uint16
	name string
}

// namedGroups is the registry, and the drafts that browsers used before ML-KEM
// had its number, in the order in which they are offered.
func namedGroups() []namedGroup {
	return []namedGroup{
		{4588, "X25519MLKEM768"}, {4587, "SecP256r1MLKEM768"}, {4589, "SecP384r1MLKEM1024"}, {4590, "curveSM2MLKEM768"},
		{512, "MLKEM512"}, {513, "MLKEM768"}, {514, "MLKEM1024"},
		{25497, "X25519Kyber768Draft00"}, {25498, "SecP256r1Kyber768Draft00"},
		{29, "x25519"}, {23, "secp256r1"}, {24, "secp384r1"}, {25, "secp521r1"}, {30, "x448"},
		{31, "brainpoolP256r1tls13"}, {32, "brainpoolP384r1tls13"}, {33, "brainpoolP512r1tls13"},
		{256, "ffdhe2048"}, {257, "ffdhe3072"}, {258, "ffdhe4096"}, {259, "ffdhe6144"}, {260, "ffdhe8192"},
		{34, "GC256A"}, {35, "GC256B"}, {36, "GC256C"}, {37, "GC256D"}, {38, "GC512A"}, {39, "GC512B"}, {40, "GC512C"}, {41, "curveSM2"},
		{26, "brainpoolP256r1"}, {27, "brainpoolP384r1"}, {28, "brainpoolP512r1"},
		{22, "secp256k1"}, {21, "secp224r1"}, {20, "secp224k1"}, {19, "secp192r1"}, {18, "secp192k1"},
		{17, "secp160r2"}, {16, "secp160r1"}, {15, "secp160k1"},
		{14, "sect571r1"}, {13, "sect571k1"}, {12, "sect409r1"}, {11, "sect409k1"}, {10, "sect283r1"}, {9, "sect283k1"},
		{8, "sect239k1"}, {7, "sect233r1"}, {6, "sect233k1"}, {5, "sect193r2"}, {4, "sect193r1"}, {3, "sect163r2"}, {2, "sect163r1"}, {1, "sect163k1"},
	}
}

// groupName is IANA's name, or the number of a group that is not in the table.
func groupName(id uint16) string {
	known := namedGroups()
	at := slices.IndexFunc(known, func(group namedGroup) bool { return group.id == id })
	if at < 0 {
		return fmt.Sprintf("0x%04X", id)
	}
	return known[at].name
}

// groupsFor lists what is worth offering: the curves up to 28 are gone from TLS
// 1.3, key encapsulation came with it (RFC 8446 s4.2.7), and the GOST curves are
// in both.
func groupsFor(version uint16) []uint16 {
	var ids []uint16
	for _, group := range namedGroups() {
		old, new := group.id < 23 || group.id >= 26 && group.id <= 28, group.id >= 512 || group.id >= 31 && group.id <= 33
		if version == tls13 && !old || version != tls13 && !new {
			ids = append(ids, group.id)
		}
	}
	return ids
}
