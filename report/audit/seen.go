package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
)

// seen is what stays of a server's row for the domains that come after it. There
// may be a hundred thousand of them: strings that many have in common are one.
type seen struct {
	host      string
	ip        netip.Addr
	port      uint16
	reachable probe.Answer
	startTLS  probe.Answer
	handshake *handshake   // nil where none was reached
	noTLS     string       // why no sender reaches one, where that is certain
	offers    string       // extensions with their parameters, as one text to compare; empty where not seen
	requires  probe.Answer // REQUIRETLS is offered inside TLS; empty where not seen
	columns   scanner.Columns

	held    []held  // what its own row showed
	domains []int32 // that route mail here, by number, each once
	claimed []int32 // that its row names, for files without the domains' rows
	spared  bool    // a domain that takes no mail leads here
	vouched bool    // DANE matched its certificate
}

// handshake is the part of tlsinfo.Facts that domains ask for; servers with the
// same certificate and choices share one.
type handshake struct {
	version, group  string
	pkix            tlsinfo.PKIX
	key             string    // of the leaf: RSA 2048
	leaf            string    // SHA-256 of the leaf
	spki            string    // of the leaf
	notAfter        time.Time // of the leaf
	subject, issuer string
}

// held is a fault that waits for its domains.
type held struct {
	check *check
	words
}

func (s *seen) String() string {
	name := fmt.Sprintf("[%s]:%d", s.ip, s.port)
	if s.host != "" {
		name = s.host + name
	}
	return name
}

// trim keeps what domains will ask for.
func (a *Auditor) trim(row *scanner.ServerRow) *seen {
	s := &seen{
		host: a.share(row.Host), ip: row.IP, port: row.Port,
		reachable: row.Reachable, startTLS: row.StartTLS, handshake: a.shake(row.TLS),
	}
	hello := row.Encrypted
	if hello == nil {
		hello = row.Plain
	}
	if hello != nil {
		s.offers = a.share(offers(hello.Extensions))
	}
	s.noTLS = withoutTLS(row)
	if row.Encrypted != nil {
		s.requires = probe.No
		if row.Encrypted.Extensions.Has(smtp.ExtRequireTLS) {
			s.requires = probe.Yes
		}
	}
	if len(row.Domains) == 0 && len(row.Targets) == 1 {
		s.columns = row.Targets[0].Columns
	}
	return s
}

// withoutTLS says why nobody has TLS with a server: it answered EHLO and does not
// offer it, or the handshake itself went wrong. It is empty where TLS was
// reached, and where a conversation that ended for another reason tells nothing.
func withoutTLS(row *scanner.ServerRow) string {
	switch f := row.Failure; {
	case row.TLS != nil || row.Reachable != probe.Yes:
		return ""
	case row.StartTLS == probe.No && row.Plain != nil:
		return "no STARTTLS"
	case f != nil && f.Stage == smtp.TLS && f.Cause == smtp.TLSFailed:
		return "the TLS handshake fails"
	}
	return ""
}

func (a *Auditor) shake(facts *tlsinfo.Facts) *handshake {
	if facts == nil {
		return nil
	}
	h := handshake{version: facts.Version, group: facts.Group, pkix: facts.PKIX}
	if len(facts.Certificates) > 0 {
		leaf := facts.Certificates[0]
		h.key, h.leaf, h.spki, h.notAfter, h.subject, h.issuer = leaf.Key, leaf.SHA256, leaf.SPKI, leaf.NotAfter.UTC(), leaf.Subject, leaf.Issuer
	}
	if one := a.shakes[h]; one != nil {
		return one
	}
	a.shakes[h] = &h
	return &h
}

// offers writes extensions in one order.
func offers(extensions smtp.Extensions) string {
	var words []string
	for _, one := range extensions {
		params := slices.Clone(one.Params)
		slices.Sort(params)
		words = append(words, strings.Join(append([]string{string(one.Keyword)}, params...), " "))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

const maxShared = 1 << 13 // what many servers have in common is seen early

// share gives one copy of equal strings, where they are not all different, and
// never keeps a longer one alive that the text is a part of.
func (a *Auditor) share(text string) string {
	if one, ok := a.strings[text]; ok {
		return one
	}
	text = strings.Clone(text)
	if len(a.strings) < maxShared {
		a.strings[text] = text
	}
	return text
}

func itoa(n int) string { return strconv.Itoa(n) }
