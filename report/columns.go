package report

import (
	"cmp"

	"github.com/mxvet/mxvet/scanner"
)

// verdictColumn is the place of VERDICT in verdictColumns.
const verdictColumn = 1

func verdictColumns() []column {
	return []column{
		{"ADDRESS", 0, 14, 64, then},
		{"VERDICT", 0, 13, 13, last},
		{"REASON", 0, 9, 20, last},
		{"BLAME", 90, 9, 9, last},
		{"PROVIDER", 110, 8, 16, last},
		{"MX", 140, 16, 48, then},
		{"EVIDENCE", 80, 18, 240, then},
	}
}

func verdictCells(row *scanner.VerdictRow) []string {
	return []string{
		cmp.Or(text(row.Address), row.Input), string(row.Verdict), string(row.Reason), string(row.Blame),
		text(row.Provider), bestHost(row), shortCitation(row),
	}
}

// bestHost is the first exchanger of the route.
func bestHost(row *scanner.VerdictRow) string {
	if row.Route == nil || len(row.Route.Hosts) == 0 {
		return ""
	}
	return row.Route.Hosts[0].Name
}

func serverColumns() []column {
	return []column{
		{"HOST", 0, 12, 48, then},
		{"IP:PORT", 0, 13, 27, last},
		{"TLS", 0, 11, 40, then},
		{"CERTIFICATE", 60, 13, 32, then},
		{"AUTH CLEAR", 90, 10, 20, then},
		{"AUTH TLS", 110, 10, 20, then},
		{"SOFTWARE", 100, 10, 30, first},
		{"GREETING", 130, 16, 120, first},
	}
}

func serverCells(row *scanner.ServerRow) []string {
	s := &row.Server
	return []string{
		cmp.Or(s.Host, s.TLSName), endpoint(s), encryption(s), certificate(s),
		orNone(s.Plain, mechanisms(s.Plain)), orNone(s.Encrypted, mechanisms(s.Encrypted)),
		s.Software, said(s.Greeting),
	}
}

func domainColumns() []column {
	return []column{{"DOMAIN", 0, 14, 64, then}, {"WHY", 0, 20, 240, then}}
}
