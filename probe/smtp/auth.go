package smtp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// maxAuthLine is the longest line of a login, with CRLF (RFC 4954 s4).
const maxAuthLine = 12288

// ErrPlaintext is why a *NotSentError kept a password back.
var ErrPlaintext = errors.New("the mechanism would show the secret in clear text, and there is no TLS")

// ErrUnproven is why an *AuthError does not believe a 235.
var ErrUnproven = errors.New("the server took the login without proving that it knows the password")

// AuthError says that the client broke a login off. The conversation is whole.
type AuthError struct {
	Mechanism string
	Err       error // what was wrong with the challenge, or ErrUnproven
}

func (e *AuthError) Error() string { return fmt.Sprintf("smtp: login with %s: %v", e.Mechanism, e.Err) }
func (e *AuthError) Unwrap() error { return e.Err }

// Auth logs in (RFC 4954 s4). The reply is the last: 235 is success, 535 wrong
// credentials, 504 an unknown mechanism, 538 one that needs TLS: all are data.
// The server may offer other extensions afterwards; Hello asks for them.
//
// Errors beside *BrokenError: a *NotSentError with ErrPlaintext where a
// plaintext mechanism meets clear text and Options.PlaintextAuth is not set, or
// with the mechanism's own error where it could not start (SCRAM-...-PLUS
// without TLS); an *AuthError where it could not answer a challenge, or where a
// server said 235 without proving itself: then the reply is that 235, and the
// server is not to be trusted with mail.
func (c *Client) Auth(ctx context.Context, mechanism Mechanism) (Reply, error) {
	line := "AUTH " + mechanism.Name()
	if err := c.ready(ctx, line, c.greeted && !c.message); err != nil {
		return Reply{}, err
	}
	if c.tls == nil && !c.options.PlaintextAuth && Plaintext(mechanism.Name()) {
		return Reply{}, c.notSent(line, ErrPlaintext)
	}
	initial, err := mechanism.Start(c.serverInfo())
	if err != nil {
		return Reply{}, c.notSent(line, err)
	}
	c.reader.keep = maxAuthLine
	defer func() { c.reader.keep = maxLine }()
	login := &login{client: c, mechanism: mechanism}
	reply, err := login.open(ctx, line, initial)
	for err == nil && reply.Code == 334 {
		reply, err = login.answer(ctx, reply)
	}
	if err != nil || reply.Code != 235 {
		return reply, err
	}
	return reply, login.proven()
}

func (c *Client) serverInfo() ServerInfo {
	info := ServerInfo{Offered: c.extensions.Auth()}
	if state, ok := c.TLSState(); ok {
		info.TLS = &state
	}
	return info
}

// login is one exchange.
type login struct {
	client    *Client
	mechanism Mechanism
	waiting   []byte // an initial response too long for the AUTH line
}

// open says AUTH, with the initial response where the line may hold it: it is
// a command and has a command's length; what follows it has not (RFC 4954 s4).
func (l *login) open(ctx context.Context, line string, initial []byte) (Reply, error) {
	if initial != nil {
		text := base64.StdEncoding.EncodeToString(initial)
		if text == "" {
			text = "=" // there is one, and it is empty
		}
		if len(line)+1+len(text)+2 <= maxCommand {
			l.client.reader.hide(text)
			line += " " + text
		} else {
			l.waiting = initial
		}
	}
	command := Command{Stage: Auth, Line: line}
	if err := command.check(true); err != nil {
		return Reply{}, l.client.notSent(line, err)
	}
	return l.client.one(ctx, command)
}

// answer responds to a challenge.
func (l *login) answer(ctx context.Context, reply Reply) (Reply, error) {
	response, err := l.respond(reply)
	if err != nil {
		return l.cancel(ctx, err)
	}
	text := base64.StdEncoding.EncodeToString(response)
	if len(text)+2 > maxAuthLine {
		return l.cancel(ctx, ErrLong)
	}
	l.client.reader.hide(text)
	return l.client.one(ctx, Command{Stage: Auth, Line: text, answer: true})
}

func (l *login) respond(reply Reply) ([]byte, error) {
	if waiting := l.waiting; waiting != nil {
		l.waiting = nil
		return waiting, nil
	}
	if reply.Oddities.Has(CutLine) {
		return nil, fmt.Errorf("a challenge of more than %d octets", maxAuthLine)
	}
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(reply.Lines[0]))
	if err != nil {
		return nil, errors.New("the challenge is not base64")
	}
	return l.mechanism.Next(challenge)
}

// cancel ends the exchange with "*", which the server answers with 501.
func (l *login) cancel(ctx context.Context, why error) (Reply, error) {
	reply, err := l.client.one(ctx, Command{Stage: Auth, Line: "*", answer: true})
	if err == nil {
		err = &AuthError{Mechanism: l.mechanism.Name(), Err: why}
	}
	return reply, err
}

func (l *login) proven() error {
	sceptic, ok := l.mechanism.(interface{ Proven() error })
	if !ok {
		return nil
	}
	if err := sceptic.Proven(); err != nil {
		return &AuthError{Mechanism: l.mechanism.Name(), Err: err}
	}
	return nil
}
