package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx"
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
	for _, fact := range serverFacts(row) {
		if fact[1] != "" {
			labelled(&out, fact[0], cell(fact[1]), width)
		}
	}
	return out.String()
}

func serverFacts(row *scanner.ServerRow) [][2]string {
	s := &row.Server
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
		{"HELP", said(s.Help)},
		{"software", s.Software},
		{"TLS sweep", swept(s)},
		{"tried", trials(s.Conduct)},
		{"NTLM tells", ntlm(s.Conduct)},
		{"open relay", relays(s.Conduct)},
		{"PTR", reverse(row.Reverse)},
		{"blocklists", listings(row.Listed)},
		{"oddities", strings.Join(s.Oddities, ", ")},
		{"ended", ending(s)},
		{"mail for", several(row.Domains)},
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

// several are the first of many domains, and how many there are besides.
func several(domains []string) string {
	if len(domains) <= domainsMost {
		return strings.Join(domains, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(domains[:domainsMost], ", "), len(domains)-domainsMost)
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
func swept(s *probe.Server) string {
	if s.Sweep == nil {
		return ""
	}
	var words []string
	for _, one := range s.Sweep.Versions {
		words = append(words, fmt.Sprintf("%s (%s)", one.Version, plural(int64(len(one.Suites)), "suite", "suites")))
	}
	text := strings.Join(words, ", ")
	if len(s.Sweep.Groups) > 0 {
		text += "; groups " + strings.Join(s.Sweep.Groups, " ")
	}
	if s.Resumed != "" {
		text += "; resumption " + string(s.Resumed)
	}
	return because(text, s.Sweep.Why)
}

// trials is what came of trying what a server should not let pass.
func trials(conduct *probe.Conduct) string {
	if conduct == nil {
		return ""
	}
	var parts []string
	for _, one := range [...]struct {
		what, yes, no string
		probe.Trial
	}{
		{"mail in clear", "refused", "taken", conduct.Enforced},
		{"commands behind STARTTLS", "obeyed", "dropped", conduct.Injection},
		{"lines without CR", "obeyed", "not obeyed", conduct.BareLF},
		{"mail without login", "refused", "taken", conduct.SubmitAuth},
	} {
		switch one.Answer {
		case probe.Yes:
			parts = append(parts, one.what+": "+one.yes)
		case probe.No:
			parts = append(parts, one.what+": "+one.no)
		case probe.Inconclusive:
			parts = append(parts, one.what+": "+because(string(one.Answer), one.Why))
		}
	}
	return strings.Join(parts, "; ")
}

func ntlm(conduct *probe.Conduct) string {
	if conduct == nil || conduct.NTLM == nil {
		return ""
	}
	told := conduct.NTLM
	return joined(told.Target, told.Computer, told.Domain, told.DNSHost, told.DNSZone, told.Forest, told.Version)
}

func relays(conduct *probe.Conduct) string {
	if conduct == nil {
		return ""
	}
	return because(string(conduct.Relay.Answer), conduct.Relay.Why)
}

// reverse is what the address is called.
func reverse(name *mx.Reverse) string {
	switch {
	case name == nil:
		return ""
	case name.Confirmed != "":
		return name.Confirmed
	case len(name.Names) > 0:
		return because("not confirmed", name.Detail)
	}
	return "none: " + string(name.DNS)
}

func listings(lists []mx.Listing) string {
	words := make([]string, len(lists))
	for i, list := range lists {
		words[i] = because(list.Zone+" "+string(list.State), joined(list.Text, list.Detail))
	}
	return strings.Join(words, "; ")
}
