//go:build unix

package scanner_test

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// realHelloName is what the plain socket and the scanner call themselves.
const realHelloName = "client.probe.test"

// realPlain is a conversation without any of our own packages in it.
type realPlain struct {
	t    *testing.T
	conn net.Conn
	text *textproto.Conn
}

func realDial(t *testing.T, addr netip.AddrPort, implicit bool) *realPlain {
	t.Helper()
	return realDialFrom(t, "", addr, implicit)
}

// realDialFrom is realDial from an address of this machine; empty for any.
func realDialFrom(t *testing.T, from string, addr netip.AddrPort, implicit bool) *realPlain {
	t.Helper()
	conn, err := realFrom(from)(t.Context(), "tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	p := &realPlain{t: t, conn: conn, text: textproto.NewConn(conn)}
	if implicit {
		p.encrypt()
	}
	return p
}

func (p *realPlain) read() realReply {
	p.t.Helper()
	code, text, err := p.text.ReadResponse(0)
	if err != nil && code == 0 {
		p.t.Fatal(err)
	}
	return realReply{code, text}
}

func (p *realPlain) say(line string) realReply {
	p.t.Helper()
	if err := p.text.PrintfLine("%s", line); err != nil {
		p.t.Fatal(err)
	}
	return p.read()
}

func (p *realPlain) encrypt() {
	p.t.Helper()
	conn := tls.Client(p.conn, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
	if err := conn.Handshake(); err != nil {
		p.t.Fatal(err)
	}
	p.conn, p.text = conn, textproto.NewConn(conn)
}

// realReply is a reply, its lines joined by line feeds.
type realReply struct {
	Code int
	Text string
}

// realOffer is what was said to EHLO: the lines behind the first, one keyword
// each, as they came.
type realOffer struct {
	First string
	Lines []string
	Auth  []string // the mechanisms of all AUTH lines
}

func (p *realPlain) hello() *realOffer {
	p.t.Helper()
	reply := p.say("EHLO " + realHelloName)
	if reply.Code != 250 {
		p.t.Fatalf("EHLO: %v", reply)
	}
	lines := strings.Split(reply.Text, "\n")
	offer := &realOffer{First: lines[0], Lines: lines[1:]}
	for _, line := range offer.Lines {
		if mechanisms, ok := strings.CutPrefix(line, "AUTH "); ok {
			offer.Auth = append(offer.Auth, strings.Fields(mechanisms)...)
		}
	}
	return offer
}

func (o *realOffer) has(keyword string) bool {
	for _, line := range o.Lines {
		if line == keyword {
			return true
		}
	}
	return false
}

// realSight is all that can be seen of a server from outside.
type realSight struct {
	Greeting         realReply
	Plain, Encrypted *realOffer
	StartTLS         bool
	TLS              string // version and the fingerprint of the certificate
}

// realLook sees a server with a plain socket and crypto/tls.
func realLook(t *testing.T, addr netip.AddrPort, implicit bool) realSight {
	t.Helper()
	return realSee(realDial(t, addr, implicit), implicit)
}

// realLookFrom is realLook from an address of this machine.
func realLookFrom(t *testing.T, from string, addr netip.AddrPort) realSight {
	t.Helper()
	return realSee(realDialFrom(t, from, addr, false), false)
}

func realSee(p *realPlain, implicit bool) realSight {
	t := p.t
	t.Helper()
	var sight realSight
	sight.Greeting = p.read()
	if !implicit {
		sight.Plain = p.hello()
		sight.StartTLS = sight.Plain.has("STARTTLS")
	}
	if sight.StartTLS {
		if reply := p.say("STARTTLS"); reply.Code != 220 {
			t.Fatalf("STARTTLS: %v", reply)
		}
		p.encrypt()
	}
	if conn, ok := p.conn.(*tls.Conn); ok {
		sight.Encrypted = p.hello()
		state := conn.ConnectionState()
		digest := sha256.Sum256(state.PeerCertificates[0].Raw)
		sight.TLS = realTLS(strings.Replace(tls.VersionName(state.Version), "TLS ", "TLSv", 1), hex.EncodeToString(digest[:]))
	}
	p.say("QUIT")
	return sight
}

func realTLS(version, fingerprint string) string { return version + " " + fingerprint }

// realSeen is the same of what the scanner says it saw.
func realSeen(row *scanner.ServerRow) realSight {
	sight := realSight{Plain: realOffered(row.Plain), Encrypted: realOffered(row.Encrypted), StartTLS: row.StartTLS == probe.Yes}
	if row.Greeting != nil {
		sight.Greeting = realReply{row.Greeting.Code, row.Greeting.Text}
	}
	if row.TLS != nil {
		sight.TLS = realTLS(row.TLS.Version, row.TLS.Certificates[0].SHA256)
	}
	return sight
}

func realOffered(hello *probe.Hello) *realOffer {
	if hello == nil {
		return nil
	}
	offer := &realOffer{First: hello.Hello, Auth: hello.Auth}
	for _, extension := range hello.Extensions {
		words := append([]string{string(extension.Keyword)}, extension.Params...)
		line := strings.Join(words, " ")
		if extension.Keyword == "AUTH=" && len(extension.Params) > 0 {
			line = "AUTH=" + strings.Join(extension.Params, " ")
		}
		offer.Lines = append(offer.Lines, line)
	}
	return offer
}

// realAnswers asks for mailboxes in one transaction of the null sender, in
// clear, and returns what was said to each.
func realAnswers(t *testing.T, addr netip.AddrPort, mailboxes []string) map[string]realReply {
	t.Helper()
	p := realDial(t, addr, false)
	p.read()
	p.hello()
	if reply := p.say("MAIL FROM:<>"); reply.Code != 250 {
		t.Fatalf("MAIL: %v", reply)
	}
	answers := make(map[string]realReply, len(mailboxes))
	for _, mailbox := range mailboxes {
		answers[mailbox] = p.say(fmt.Sprintf("RCPT TO:<%s>", mailbox))
	}
	p.say("QUIT")
	return answers
}
