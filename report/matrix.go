package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
)

// The marks of the capability matrix.
const (
	offeredBoth  = "yes"
	offeredTLS   = "tls"   // inside TLS only
	offeredClear = "clear" // before TLS only
	notOffered   = "-"
	notKnown     = "?" // no EHLO was answered
)

// capable are the extensions that have a column of their own, with the heading
// they have room for: what a sender asks first. The others share the last.
var capable = [...]struct {
	keyword smtp.Keyword
	heading string
	from    int // narrowest terminal that shows it
}{
	{"PIPELINING", "PIPE", 0}, {"8BITMIME", "8BIT", 0}, {"SMTPUTF8", "UTF8", 0}, {"SIZE", "SIZE", 0}, {"DSN", "DSN", 80},
	{"CHUNKING", "CHUNK", 80}, {"ENHANCEDSTATUSCODES", "CODES", 90}, {"REQUIRETLS", "REQTLS", 90}, {"VRFY", "VRFY", 100},
	{"LIMITS", "LIMITS", 110}, {"AUTH", "AUTH", 100},
}

// matrixColumns are those of hosts by extensions.
func matrixColumns() []column {
	columns := []column{{"HOST", 0, 12, 48, then}, {"IP", 60, 9, 27, last}}
	for _, one := range capable {
		columns = append(columns, column{one.heading, one.from, max(4, len(one.heading)), 10, last})
	}
	return append(columns, column{"OTHERS", 100, 10, 100, first})
}

func matrixCells(row *scanner.ServerRow) []string {
	s := &row.Server
	at := ip(s.IP)
	if s.Port != 25 {
		at = endpoint(s)
	}
	cells := []string{cmp.Or(s.Host, s.TLSName), at}
	for _, one := range capable {
		cells = append(cells, mark(s, one.keyword))
	}
	return append(cells, others(s))
}

// mark says where an extension is offered; of SIZE also how much.
func mark(s *probe.Server, keyword smtp.Keyword) string {
	before, after := s.Plain != nil && s.Plain.Extensions.Has(keyword), s.Encrypted != nil && s.Encrypted.Extensions.Has(keyword)
	switch {
	case s.Plain == nil && s.Encrypted == nil:
		return notKnown
	case !before && !after:
		return notOffered
	case keyword == smtp.ExtSize:
		return octets(s)
	case before && (after || s.Encrypted == nil), after && s.Plain == nil:
		return offeredBoth
	case after:
		return offeredTLS
	default:
		return offeredClear
	}
}

// octets is what SIZE allows, inside TLS where that was reached, in the units
// that mail servers are configured in.
func octets(s *probe.Server) string {
	hello := cmp.Or(s.Encrypted, s.Plain)
	if !hello.Extensions.Has(smtp.ExtSize) {
		hello = s.Plain
	}
	size, fixed := hello.Extensions.Size()
	switch {
	case !fixed || size == 0:
		return offeredBoth // no fixed limit (RFC 1870 s4)
	case size >= 1<<20:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(size)/(1<<20)), ".0") + "M"
	case size >= 1<<10:
		return number(int(size>>10)) + "K"
	default:
		return number(int(size))
	}
}

// others are the extensions without a column.
func others(s *probe.Server) string {
	var words []string
	for _, hello := range [...]*probe.Hello{s.Plain, s.Encrypted} {
		if hello == nil {
			continue
		}
		for _, one := range hello.Extensions {
			word := string(one.Keyword)
			if one.Keyword != smtp.ExtStartTLS && !hasColumn(one.Keyword) && !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return strings.Join(words, " ")
}

func hasColumn(keyword smtp.Keyword) bool {
	for _, one := range capable {
		if one.keyword == keyword {
			return true
		}
	}
	return false
}
