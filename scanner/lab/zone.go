package lab

import (
	"fmt"
	"slices"
	"strings"
)

// HelloName and Sender are who asks: a name whose address and PTR agree, for
// servers that look, and an envelope sender under it that SPF allows.
const (
	HelloName = "probe.example"
	Sender    = "postmaster@probe.example"
)

const prober = `probe.example. A 198.51.100.1
probe.example. TXT "v=spf1 ip4:198.51.100.1 -all"
1.100.51.198.in-addr.arpa. PTR probe.example.
`

// zone writes the zone text of all sites.
func zone(sites []site) string {
	var text strings.Builder
	text.WriteString(prober)
	addresses := map[string]bool{}
	for _, site := range sites {
		for _, host := range site.hosts {
			if host.preference != "-" {
				fmt.Fprintf(&text, "%s. MX %s %s.\n", site.domain, orTen(host.preference), host.name)
			}
			if line := fmt.Sprintf("%s. A %s\n", host.name, host.ip); !addresses[line] {
				addresses[line] = true
				text.WriteString(line)
			}
		}
		if site.records != "" {
			text.WriteString(records(site) + "\n")
		}
	}
	return text.String()
}

func orTen(preference string) string {
	if preference == "" {
		return "10"
	}
	return preference
}

// records puts the domain's name where "@" stands for it: as the owner, at the
// owner's end, or behind a directive.
func records(site site) string {
	lines := strings.Split(strings.TrimSpace(site.records), "\n")
	for i, line := range lines {
		words := strings.SplitN(line, " ", 3)
		for at := range min(2, len(words)) {
			if words[at] == "@" || strings.HasSuffix(words[at], ".@") {
				words[at] = strings.TrimSuffix(words[at], "@") + site.domain + "."
				break
			}
		}
		lines[i] = strings.Join(words, " ")
	}
	return strings.Join(lines, "\n")
}

// hostNames returns the names that the shared certificate bears.
func hostNames(sites []site) []string {
	var names []string
	for _, site := range sites {
		for _, host := range site.hosts {
			if site.certificate == valid || site.certificate == expired || site.certificate == selfSigned {
				names = append(names, host.name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
