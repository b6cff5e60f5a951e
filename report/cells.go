package report

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// citation is an outcome in one clause: "rcpt 550 5.1.1: No such user". The
// enhanced code is told once, though servers repeat it on every line.
func citation(o probe.Outcome) string {
	text := o.Text
	if o.Enhanced != "" {
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(strings.TrimPrefix(lines[i], o.Enhanced), " ")
		}
		text = strings.Join(lines, "\n")
	}
	var head []string
	for _, word := range [...]string{string(o.Stage), number(o.Code), o.Enhanced} {
		if word != "" {
			head = append(head, word)
		}
	}
	return because(strings.Join(head, " "), text)
}

// shortCitation is the evidence of a row that shows the address already: most
// servers begin with it.
func shortCitation(row *scanner.VerdictRow) string {
	words := citation(row.Evidence)
	if row.Address != nil {
		words = strings.Replace(words, ": <"+*row.Address+">: ", ": ", 1)
	}
	return words
}

// because joins a word and its reason, where there is one.
func because(word, why string) string {
	switch {
	case why == "":
		return word
	case word == "":
		return why
	}
	return word + ": " + why
}

// number is empty for 0, which stands for no code and no port.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// endpoint is ip:port.
func endpoint(s *probe.Server) string {
	if !s.IP.IsValid() {
		return number(int(s.Port))
	}
	return s.Key().Addr.String()
}

// said is a reply on one line: "220 mx.example.org ESMTP".
func said(reply *probe.Said) string {
	if reply == nil {
		return ""
	}
	return strings.TrimSpace(number(reply.Code) + " " + reply.Text)
}

// encryption is the TLS that was spoken, or why there was none.
func encryption(s *probe.Server) string {
	switch {
	case s.TLS != nil:
		return joined(s.TLS.Version, s.TLS.Group)
	case s.Failure != nil && s.Failure.Cause == probe.NotAllowed:
		return because("not asked", s.Why)
	case s.Reachable != probe.Yes:
		return because("unreachable", s.Why)
	default:
		return because(string(s.StartTLS), s.TLSWhy)
	}
}

// certificate is what is wrong with it, or that it is valid.
func certificate(s *probe.Server) string {
	if s.TLS == nil {
		return ""
	}
	return cmp.Or(s.TLS.PKIX.Reason, string(s.TLS.PKIX.Status))
}

func mechanisms(hello *probe.Hello) string {
	if hello == nil {
		return ""
	}
	return strings.Join(hello.Auth, " ")
}

// orNone says of a measured nothing that it is one.
func orNone(hello *probe.Hello, words string) string {
	if hello != nil && words == "" {
		return "none"
	}
	return words
}

// offered writes extensions as SIZE=10240000 AUTH=PLAIN+LOGIN 8BITMIME.
func offered(hello *probe.Hello) string {
	if hello == nil {
		return ""
	}
	words := make([]string, len(hello.Extensions))
	for i, one := range hello.Extensions {
		words[i] = extension(one)
	}
	return strings.Join(words, " ")
}

func extension(one smtp.Extension) string {
	if len(one.Params) == 0 {
		return string(one.Keyword)
	}
	return string(one.Keyword) + "=" + strings.Join(one.Params, "+")
}

// joined puts the words that are there behind one another.
func joined(words ...string) string {
	var there []string
	for _, word := range words {
		if word != "" {
			there = append(there, word)
		}
	}
	return strings.Join(there, " ")
}

// Nowhere tells why no server can be asked for a domain, in the judge's words,
// and whether that is so.
func Nowhere(row *scanner.DomainRow) (why string, ok bool) {
	if row.Error != "" {
		return because("cannot be read", row.Error), true
	}
	route := row.Route
	if route.Source == "" && route.DNS == "" && route.Special == "" {
		return because(string(judge.NotChecked), judge.NotChecked.Info().Meaning), true
	}
	verdict := judge.Judge(judge.Facts{Route: &mx.Route{
		Domain: row.Domain, Source: route.Source, DNS: route.DNS, Secure: route.Secure,
		Aliases: route.Aliases, Hosts: route.Hosts, Detail: route.Detail, Special: route.Special,
	}})
	if verdict.Reason == judge.NotChecked { // the route leads to a server that is to be asked
		return "", false
	}
	return because(string(verdict.Reason), verdict.Evidence.Text), true
}

// named is what a person calls the domain of a row.
func named(row *scanner.DomainRow) string {
	switch {
	case row.Unicode != "":
		return row.Unicode
	case row.Domain != "":
		return row.Domain
	}
	return row.Input
}

func text(pointer *string) string {
	if pointer == nil {
		return ""
	}
	return *pointer
}
