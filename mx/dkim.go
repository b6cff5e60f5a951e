package mx

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// DKIM is one selector's key (RFC 6376 s3.6.1). Which selectors a domain uses
// stands in the mail it sends, and nowhere else: they cannot be listed.
type DKIM struct {
	Selector string            `json:"selector"`
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
	Key      string            `json:"key,omitempty"` // RSA 2048, Ed25519
	Revoked  bool              `json:"revoked,omitempty"`
	Testing  bool              `json:"testing,omitempty"` // t=y: verifiers treat signed mail like unsigned
	Strict   bool              `json:"strict,omitempty"`  // t=s: signatures of subdomains do not count
	Problems []string          `json:"problems,omitempty"`
}

// isKey reports what may be a key record: v= is optional, p= is not, and any
// other TXT record at the name is a wildcard's.
func isKey(text string) bool {
	list, _ := readTags(text)
	return list.has("p") && (!list.has("v") || list.value("v") == "DKIM1")
}

func dkim(ctx context.Context, dns Resolver, selector, domain string) (DKIM, error) {
	out := DKIM{Selector: selector}
	found, err := textsAt(ctx, dns, selector+"._domainkey."+domain, isKey, "dkim")
	if err != nil {
		return out, err
	}
	out.Presence, out.Why = found.presence, found.why
	switch {
	case len(found.records) > 1: // RFC 6376 s3.6.2.2
		out.Why = fmt.Sprintf("%d keys under one selector, where there may be one: which of them is used is chance", len(found.records))
	case len(found.records) == 0 && len(found.likely) > 0:
		out.Why = quote(found.likely[0]) + " has no key in p="
	case out.Presence == resolver.Present:
		out.read(found.records[0])
	}
	return out, nil
}

// read fills in what a key record says.
func (d *DKIM) read(text string) {
	list, problems := readTags(text)
	if list.has("v") && list[0].name != "v" {
		problems = append(problems, "v= is not the first tag, as it must be (RFC 6376 s3.6.1)")
	}
	flags := list.values("t")
	d.Testing, d.Strict = slices.Contains(flags, "y"), slices.Contains(flags, "s")
	if hashes := list.values("h"); len(hashes) > 0 && !slices.Contains(hashes, "sha256") {
		problems = append(problems, "h= does not allow sha256, the only hash that counts (RFC 8301 s3.1)")
	}
	if services := list.values("s"); len(services) > 0 && !slices.Contains(services, "*") && !slices.Contains(services, "email") {
		problems = append(problems, "s= does not allow email")
	}
	d.Problems = problems
	data := strings.Join(strings.Fields(list.value("p")), "")
	if data == "" {
		d.Revoked = true
		return
	}
	key, problem, err := readKey(list.value("k"), data)
	switch {
	case err != nil:
		d.Presence, d.Why = resolver.Faulty, err.Error()
	case problem != "":
		d.Problems = append(d.Problems, problem)
	}
	d.Key = key
}

// values are the parts of a list with colons between.
func (l tags) values(name string) []string {
	var out []string
	for part := range strings.SplitSeq(l.value(name), ":") {
		if part = strings.Trim(part, blanks); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// readKey names the key that p= holds in base64: what kind and how long. The
// problem is what verifiers may not take; the error is what none can read.
func readKey(kind, data string) (name, problem string, err error) {
	octets, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return "", "", errors.New("p= is no base64: it was cut short or mangled")
	}
	switch kind {
	case "", "rsa":
		return readRSA(octets)
	case "ed25519":
		return readEd25519(octets)
	}
	return "", "", fmt.Errorf("k=%s is a kind of key that nobody reads", quote(kind))
}

// readRSA takes both forms that are in use: RFC 6376 s3.6.1 calls for one and
// shows the other (erratum 3017).
func readRSA(octets []byte) (name, problem string, err error) {
	parsed, err := x509.ParsePKIXPublicKey(octets)
	if err != nil {
		parsed, err = x509.ParsePKCS1PublicKey(octets)
	}
	key, ok := parsed.(*rsa.PublicKey)
	if err != nil || !ok {
		return "", "", errors.New("p= holds no RSA key")
	}
	if bits := key.N.BitLen(); bits < 1024 {
		problem = fmt.Sprintf("%d bits: verifiers do not take RSA keys under 1024 (RFC 8301 s3.2)", bits)
	}
	return fmt.Sprintf("RSA %d", key.N.BitLen()), problem, nil
}

// readEd25519 wants the bare 32 octets (RFC 8463 s4.2), which tools that wrap
// all keys alike get wrong.
func readEd25519(octets []byte) (name, problem string, err error) {
	if len(octets) == ed25519.PublicKeySize {
		return "Ed25519", "", nil
	}
	if parsed, err := x509.ParsePKIXPublicKey(octets); err == nil {
		if _, ok := parsed.(ed25519.PublicKey); ok {
			return "", "", errors.New("p= holds an Ed25519 key in a wrapping: the bare 32 octets are wanted (RFC 8463 s4.2)")
		}
	}
	return "", "", errors.New("p= holds no Ed25519 key, which is 32 octets")
}
