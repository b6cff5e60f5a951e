package resolver

import (
	"strings"

	"github.com/miekg/dns"
)

// Texts returns the TXT records in the order of the answer, the strings of each
// joined without a space between (RFC 7208 s3.3), octets as they came.
func (a Answer) Texts() []string {
	var out []string
	for _, record := range a.Records {
		if txt, ok := record.(*dns.TXT); ok {
			out = append(out, unescape(strings.Join(txt.Txt, "")))
		}
	}
	return out
}

// unescape undoes what the parser did to strings: \" and \\ for these two, \DDD
// for octets that are not printable.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '\\' || i+1 == len(text):
			out.WriteByte(text[i])
		case i+3 < len(text) && digits(text[i+1:i+4]):
			out.WriteByte((text[i+1]-'0')*100 + (text[i+2]-'0')*10 + text[i+3] - '0')
			i += 3
		default:
			i++
			out.WriteByte(text[i])
		}
	}
	return out.String()
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }
