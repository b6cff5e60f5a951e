//go:build unix

package scanner_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx/dane"
)

// realSaid runs a program that looks at a server and returns all that it said. Its
// exit status is for the caller to read from that.
func realSaid(t *testing.T, program string, args ...string) string {
	t.Helper()
	look := exec.CommandContext(t.Context(), realProgram(t, program), args...)
	look.Stdin = strings.NewReader("QUIT\r\n")
	said, err := look.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatalf("%s: %v", program, err)
	}
	return string(said)
}

// openSSL is what OpenSSL's client saw of a handshake after STARTTLS.
type openSSL struct {
	version, suite string // as OpenSSL names them
	group          string
	verify         int // X509_V_ERR_..., 0 for none
	certificate    string
}

var (
	sslSuite  = regexp.MustCompile(`(?m)^New, (\S+), Cipher is (\S+)$`)
	sslGroup  = regexp.MustCompile(`(?m)^Server Temp Key: (?:ECDH, )?([\w-]+),`)
	sslVerify = regexp.MustCompile(`(?m)^\s*Verif(?:y return code|ication error)?: (\d+) `)
	sslLeaf   = regexp.MustCompile(`(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----`)
	sslProto  = regexp.MustCompile(`(?m)^\s+Protocol\s*: (\S+)$`)
)

// openSSLSees has OpenSSL shake hands with a server. Flags say by what it goes.
func openSSLSees(t *testing.T, at netip.AddrPort, name string, flags ...string) (seen openSSL, ok bool) {
	t.Helper()
	said := realSaid(t, "openssl", append([]string{"s_client", "-starttls", "smtp", "-connect", at.String(), "-servername", name}, flags...)...)
	match := sslSuite.FindStringSubmatch(said)
	if match == nil || match[2] == "(NONE)" {
		return seen, false
	}
	seen.version, seen.suite = match[1], match[2]
	if match := sslProto.FindStringSubmatch(said); match != nil {
		seen.version = match[1] // the line above has the oldest version that knows the suite
	}
	if match := sslGroup.FindStringSubmatch(said); match != nil {
		seen.group = match[1]
	}
	if match := sslVerify.FindAllStringSubmatch(said, -1); match != nil {
		seen.verify, _ = strconv.Atoi(match[len(match)-1][1])
	}
	seen.certificate = sslLeaf.FindString(said)
	return seen, true
}

// daneByOpenSSL is OpenSSL's word on a server's certificate and TLSA records.
func daneByOpenSSL(t *testing.T, at netip.AddrPort, name string, records []string) dane.Verdict {
	t.Helper()
	flags := []string{"-dane_tlsa_domain", name, "-dane_ee_no_namechecks"}
	for _, record := range records {
		flags = append(flags, "-dane_tlsa_rrdata", record)
	}
	switch seen, ok := openSSLSees(t, at, name, flags...); {
	case !ok:
		return dane.Unmeasured
	case seen.verify == 0:
		return dane.Matched
	default:
		return dane.Mismatched
	}
}

// kdigAnswer is what Knot's client hears from a resolver.
type kdigAnswer struct {
	status  string // NOERROR, SERVFAIL ...
	secure  bool   // AD
	records []string
}

var kdigHeader = regexp.MustCompile(`status: (\w+);`)

func kdig(t *testing.T, dns netip.AddrPort, name, kind string) kdigAnswer {
	t.Helper()
	said := realSaid(t, "kdig", "@"+dns.Addr().String(), "-p", fmt.Sprint(dns.Port()), "+adflag", "+dnssec", "+timeout=10", name, kind)
	status := kdigHeader.FindStringSubmatch(said)
	if status == nil {
		t.Fatalf("kdig %s %s:\n%s", name, kind, said)
	}
	answer := kdigAnswer{status: status[1]}
	for line := range strings.Lines(said) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, ";; Flags:"):
			flags, _, _ := strings.Cut(strings.TrimPrefix(line, ";; Flags:"), ";")
			answer.secure = strings.Contains(flags+" ", " ad ")
		case len(fields) > 4 && !strings.HasPrefix(line, ";") && fields[3] == kind:
			answer.records = append(answer.records, strings.Join(fields[4:], " "))
		}
	}
	return answer
}

// openSSLGroup is OpenSSL's name of a key-exchange group.
func openSSLGroup(name string) string {
	known := map[string]string{"x25519": "X25519", "x448": "X448", "secp256r1": "prime256v1", "secp384r1": "secp384r1", "secp521r1": "secp521r1"}
	return known[name]
}

// postTLS is what posttls-finger makes of a server: the word with which Postfix's
// client would log the connection, at level secure.
type postTLS struct {
	word        string // Verified, or Untrusted whatever is wrong
	version     string
	fingerprint string // SHA-256 of the certificate
	key         string // of its public key
}

var (
	fingerWord  = regexp.MustCompile(`: (\w+) TLS connection established to .*: (TLSv[\d.]+) with cipher`)
	fingerPrint = regexp.MustCompile(`fingerprint=([0-9A-F:]+), pkey_fingerprint=([0-9A-F:]+)`)
)

func (p *realPostfix) finger(t *testing.T, at netip.AddrPort, name, roots string) postTLS {
	t.Helper()
	said := realSaid(t, "env", "MAIL_CONFIG="+p.dir, realProgram(t, "posttls-finger"), "-c", "-d", "sha256", "-l", "secure", "-L", "certmatch,summary", "-F", roots,
		fmt.Sprintf("[%s]:%d", at.Addr(), at.Port()), name)
	word, print := fingerWord.FindStringSubmatch(said), fingerPrint.FindStringSubmatch(said)
	if word == nil || print == nil {
		t.Fatalf("posttls-finger:\n%s", said)
	}
	digits := strings.NewReplacer(":", "")
	return postTLS{word[1], strings.Replace(word[2], "TLSv1 ", "TLSv1.0", 1), strings.ToLower(digits.Replace(print[1])), strings.ToLower(digits.Replace(print[2]))}
}
