//go:build unix

package realtest

import (
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Trust is how a zone stands in DNSSEC.
type Trust string

const (
	Signed   Trust = "signed"   // Knot signs it, and Unbound has its key
	Insecure Trust = "insecure" // not signed: its delegation has no DS record
	Bogus    Trust = "bogus"    // not signed, though its delegation says that it is
)

// Zone is one zone of a small world.
type Zone struct {
	Name    string // without the final dot
	Trust   Trust
	Records string // lines of a zone file with absolute names; SOA and NS are added
}

const knotSettings = `
server:
  rundir: "DIR"
  listen: ADDRESS
database:
  storage: "DIR"
log:
  - target: stderr
    any: notice
policy:
  - id: short
    algorithm: ecdsap256sha256
`

const validating = `
server:
  interface: ADDRESS
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  do-not-query-localhost: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "DIR"
  pidfile: ""
  module-config: "validator iterator"
  ede: yes
  local-zone: "test." nodefault
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.53.99@9
`

// SignedDNS serves zones with Knot and validates them with Unbound, whose
// address it returns. Zones that are Signed are roots of trust, each by itself;
// the others are delegated from those that they are below. Names outside of all
// zones are asked of nobody.
func SignedDNS(t *testing.T, zones ...Zone) netip.AddrPort {
	t.Helper()
	dir, knot := Dir(t), Port(t, "127.0.53.54")
	anchors := serveSigned(t, dir, knot, zones)
	addr := Port(t, "127.0.53.53")
	settings := strings.NewReplacer("DIR", dir, "ADDRESS", at(addr)).Replace(validating)
	for _, zone := range zones {
		anchors += fmt.Sprintf("  local-zone: \"%s.\" nodefault\n", zone.Name) // Unbound has answers of its own for 127.in-addr.arpa
		settings += fmt.Sprintf("stub-zone:\n  name: \"%s.\"\n  stub-addr: %s\n", zone.Name, at(knot))
	}
	settings = strings.Replace(settings, "server:\n", "server:\n"+anchors, 1)
	Start(t, Program(t, "unbound"), "-d", "-p", "-c", File(t, filepath.Join(dir, "unbound.conf"), settings))
	Open(t, addr)
	return addr
}

// at is an address as Knot and Unbound write it.
func at(addr netip.AddrPort) string { return fmt.Sprintf("%s@%d", addr.Addr(), addr.Port()) }

// serveSigned starts Knot, and returns Unbound's lines on the keys that it made.
func serveSigned(t *testing.T, dir string, addr netip.AddrPort, zones []Zone) string {
	t.Helper()
	settings := strings.NewReplacer("DIR", dir, "ADDRESS", at(addr)).Replace(knotSettings) + "zone:\n"
	for _, zone := range zones {
		file := File(t, filepath.Join(dir, zone.Name+".zone"), zone.text(addr.Addr(), zones))
		settings += fmt.Sprintf("  - domain: %s.\n    file: %q\n    zonefile-sync: -1\n", zone.Name, file)
		if zone.Trust == Signed {
			settings += "    dnssec-signing: on\n    dnssec-policy: short\n"
		}
	}
	config, keymgr := File(t, filepath.Join(dir, "knot.conf"), settings), Program(t, "keymgr")
	Start(t, Program(t, "knotd"), "-c", config)
	Open(t, addr)
	anchors := ""
	for _, zone := range zones {
		if zone.Trust == Signed {
			var key []byte
			Within(t, 20*time.Second, "the key of "+zone.Name, func() bool {
				said, err := exec.Command(keymgr, "-c", config, zone.Name+".", "dnskey").Output()
				key = said
				return err == nil && len(said) > 0
			})
			anchors += fmt.Sprintf("  trust-anchor: %q\n", strings.TrimSpace(string(key)))
		}
	}
	return anchors
}

// text is the zone's file, with the delegations of the zones below it. The DS
// record of one that is bogus is of a key that nobody has.
func (z Zone) text(server netip.Addr, zones []Zone) string {
	out := fmt.Sprintf("$TTL 300\n%[1]s. SOA ns.%[1]s. hostmaster.%[1]s. 1 3600 600 86400 60\n%[1]s. NS ns.%[1]s.\nns.%[1]s. A %[2]s\n%[3]s\n", z.Name, server, z.Records)
	for _, below := range zones {
		if z.Trust != Signed || below.Trust == Signed || !strings.HasSuffix(below.Name, "."+z.Name) {
			continue
		}
		out += fmt.Sprintf("%[1]s. NS ns.%[1]s.\nns.%[1]s. A %[2]s\n", below.Name, server)
		if below.Trust == Bogus {
			out += fmt.Sprintf("%s. DS 4711 13 2 %064x\n", below.Name, 4711)
		}
	}
	return out
}
