package report

import (
	"cmp"

	"github.com/mxvet/mxvet/scanner"
)

// verdictColumn is the place of VERDICT in verdictColumns.
const verdictColumn = 1

func verdictColumns() []column {
	return []column{
		{"ADDRESS", 0, 14, 64, false},
		{"VERDICT", 0, 13, 13, true},
		{"REASON", 0, 9, 20, true},
		{"BLAME", 90, 9, 9, true},
		{"PROVIDER", 110, 8, 16, true},
		{"MX", 140, 16, 48, false},
		{"EVIDENCE", 80, 18, 240, false},
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
		{"HOST", 0, 12, 48, false},
		{"IP:PORT", 0, 13, 27, true},
		{"TLS", 0, 11, 40, false},
		{"CERTIFICATE", 60, 13, 32, false},
		{"AUTH CLEAR", 90, 10, 32, false},
		{"AUTH TLS", 110, 10, 32, false},
		{"EXTENSIONS", 120, 16, 160, false},
		{"GREETING", 150, 16, 120, false},
	}
}

func serverCells(row *scanner.ServerRow) []string {
	s := &row.Server
	hello := s.Encrypted
	if hello == nil {
		hello = s.Plain
	}
	return []string{
		cmp.Or(s.Host, s.TLSName), endpoint(s), encryption(s), certificate(s),
		orNone(s.Plain, mechanisms(s.Plain)), orNone(s.Encrypted, mechanisms(s.Encrypted)),
		orNone(hello, offered(hello)), said(s.Greeting),
	}
}

func domainColumns() []column {
	return []column{{"DOMAIN", 0, 14, 64, false}, {"WHY", 0, 20, 240, false}}
}
