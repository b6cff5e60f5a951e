package scanner

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/mxvet/mxvet/mx/address"
)

// Exclude is a list of what is never asked: addresses, domains with all that
// is under them, exchanger names likewise, and networks. A nil *Exclude
// excludes nothing.
type Exclude struct {
	addresses map[string]bool
	names     map[string]bool
	networks  []netip.Prefix
}

// ReadExclude reads one entry a line: ann@example.org, example.org (domains
// and exchangers at or under it), 192.0.2.7 or 192.0.2.0/24. Blank lines and
// lines that begin with # are passed over. The error names the line.
func ReadExclude(r io.Reader) (*Exclude, error) {
	e := &Exclude{addresses: make(map[string]bool), names: make(map[string]bool)}
	lines := bufio.NewScanner(r)
	n := 1
	for ; lines.Scan(); n++ {
		entry := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if entry == "" || strings.HasPrefix(entry, "#") {
			continue
		}
		if err := e.add(entry); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n, err)
	}
	return e, nil
}

func (e *Exclude) add(entry string) error {
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		if ip := prefix.Addr(); ip.Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(ip.Unmap(), prefix.Bits()-96)
		}
		e.networks = append(e.networks, prefix.Masked())
		return nil
	}
	if ip, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		ip = ip.Unmap()
		e.networks = append(e.networks, netip.PrefixFrom(ip, ip.BitLen()))
		return nil
	}
	if strings.Contains(entry, "@") && !strings.HasPrefix(entry, "@") {
		mailbox, err := address.Parse(entry)
		if err != nil {
			return fmt.Errorf("%q is no address, domain or network: %w", entry, err)
		}
		e.addresses[strings.ToLower(mailbox.Key())] = true
		return nil
	}
	domain, _, err := address.ParseDomain(strings.TrimLeft(entry, "@*."))
	if err != nil {
		return fmt.Errorf("%q is no address, domain or network: %w", entry, err)
	}
	e.names[domain] = true
	return nil
}

// Address reports whether a mailbox or its domain is on the list.
func (e *Exclude) Address(mailbox address.Address) bool {
	if e == nil {
		return false
	}
	return e.addresses[strings.ToLower(mailbox.Key())] || e.Host(mailbox.Domain)
}

// Host reports whether a name, or one above it, is on the list.
func (e *Exclude) Host(name string) bool {
	if e == nil || len(e.names) == 0 {
		return false
	}
	for name != "" {
		if e.names[name] {
			return true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return false
}

// IP reports whether an address is in a network on the list.
func (e *Exclude) IP(ip netip.Addr) bool {
	if e == nil {
		return false
	}
	for _, network := range e.networks {
		if network.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}
