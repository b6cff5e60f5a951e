package smtp

import (
	"context"
	"errors"
	"fmt"
)

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
//
// Errors beside *BrokenError: a *NotSentError with ErrPlaintext where a
// plaintext mechanism meets clear text and Options.PlaintextAuth is not set, or
// with the mechanism's own error where it could not start (SCRAM-...-PLUS
// without TLS); an *AuthError where it could not answer a challenge, or where a
// server said 235 without proving itself: then the reply is that 235, and the
// server is not to be trusted with mail.
func (c *Client) Auth(ctx context.Context, mechanism Mechanism) (Reply, error) {
	return Reply{}, errors.ErrUnsupported
}
