package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
)

// detail shows one server whole, a fact a line, for a person who asked about
// that one.
func detail(row *scanner.ServerRow, width int) string {
	s := &row.Server
	var out strings.Builder
	title := joined(s.Host, endpoint(s))
	if s.Host == "" {
		title = endpoint(s)
	}
	fmt.Fprintf(&out, "%s\n", fit(cell(title), width))
	for _, fact := range serverFacts(s, row.Domains) {
		if fact[1] != "" {
			labelled(&out, fact[0], cell(fact[1]), width)
		}
	}
	return out.String()
}

func serverFacts(s *probe.Server, domains []string) [][2]string {
	return [][2]string{
		{"not reached", unreached(s)},
		{"greeting", timed(said(s.Greeting), s.GreetingMS)},
		{"before TLS", spoken(s.Plain)},
		{"STARTTLS", startTLS(s)},
		{"TLS", handshake(s)},
		{"certificate", presented(s.TLS)},
		{"after TLS", spoken(s.Encrypted)},
		{"AUTH", logins(s)},
		{"VRFY", said(s.Vrfy)},
		{"EXPN", said(s.Expn)},
		{"software", s.Software},
		{"TLS sweep", swept(s.Sweep)},
		{"open relay", relays(s.Conduct)},
		{"oddities", strings.Join(s.Oddities, ", ")},
		{"ended", ending(s)},
		{"mail for", strings.Join(domains, ", ")},
	}
}

// labelled writes a fact behind its name, broken between words.
func labelled(out *strings.Builder, label, text string, width int) {
	const indent = 15
	fmt.Fprintf(out, "  %-*s", indent-2, label)
	used := indent
	for i, word := range strings.Fields(text) {
		word = fit(word, max(width-indent, 1))
		size := textWidth(word)
		if i > 0 && used+1+size > width {
			fmt.Fprintf(out, "\n%*s", indent, "")
			used = indent
		} else if i > 0 {
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += size
	}
	out.WriteByte('\n')
}

func unreached(s *probe.Server) string {
	if s.Reachable == probe.Yes {
		return ""
	}
	return because(string(s.Reachable), s.Why)
}

func timed(text string, ms *int64) string {
	if text == "" || ms == nil || *ms == 0 {
		return text
	}
	return fmt.Sprintf("%s (after %v)", text, time.Duration(*ms)*time.Millisecond)
}

// spoken is a greeting by EHLO or HELO with all that was offered.
func spoken(hello *probe.Hello) string {
	if hello == nil {
		return ""
	}
	words := make([]string, len(hello.Extensions))
	for i, one := range hello.Extensions {
		words[i] = strings.TrimSpace(string(one.Keyword) + " " + strings.Join(one.Params, " "))
	}
	return because(hello.Verb, cmp.Or(strings.Join(words, ", "), "no extensions"))
}

func startTLS(s *probe.Server) string {
	if s.Reachable != probe.Yes || s.Plain == nil {
		return ""
	}
	return because(string(s.StartTLS), s.TLSWhy)
}

func handshake(s *probe.Server) string {
	if s.TLS == nil {
		return ""
	}
	return timed(joined(s.TLS.Version, s.TLS.Cipher, s.TLS.Group), s.Timings.StartTLS)
}

func presented(facts *tlsinfo.Facts) string {
	if facts == nil || len(facts.Certificates) == 0 {
		return ""
	}
	leaf := facts.Certificates[0]
	return fmt.Sprintf("%s; for %s; %s, signed with %s; until %s; issued by %s",
		because(string(facts.PKIX.Status), facts.PKIX.Reason), cmp.Or(some(leaf.Names, 5), leaf.Subject),
		leaf.Key, leaf.Signature, leaf.NotAfter.UTC().Format(time.DateOnly), leaf.Issuer)
}

// some is the first of many names, and how many there are besides.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], " "), len(names)-most)
}

// logins sets the mechanisms before and after TLS beside each other: those in
// clear are the ones to worry about.
func logins(s *probe.Server) string {
	var parts []string
	if s.Plain != nil {
		parts = append(parts, "in clear "+orNone(s.Plain, mechanisms(s.Plain)))
	}
	if s.Encrypted != nil {
		parts = append(parts, "inside TLS "+orNone(s.Encrypted, mechanisms(s.Encrypted)))
	}
	return strings.Join(parts, "; ")
}

func ending(s *probe.Server) string {
	if s.Failure == nil || s.Failure.Stage == smtp.Connect {
		return ""
	}
	return citation(*s.Failure)
}

// swept is the versions and groups that a server takes.
func swept(sweep *tlsinfo.Sweep) string {
	if sweep == nil {
		return ""
	}
	var words []string
	for _, one := range sweep.Versions {
		words = append(words, fmt.Sprintf("%s (%d suites)", one.Version, len(one.Suites)))
	}
	text := strings.Join(words, ", ")
	if len(sweep.Groups) > 0 {
		text += "; groups " + strings.Join(sweep.Groups, " ")
	}
	return because(text, sweep.Why)
}

func relays(conduct *probe.Conduct) string {
	if conduct == nil {
		return ""
	}
	return because(string(conduct.Relay.Answer), conduct.Relay.Why)
}
