package probe

import (
	"crypto/tls"
	"errors"
	"net"
)

// unrecognizedName is the alert of a server that does not know the name in the
// handshake, and holds that against the client (RFC 6066 s3).
const unrecognizedName tls.AlertError = 112

// SNIRefused reports whether the handshake failed because of the server name
// that was sent. The same plan with NoSNI, on a connection of its own, may come
// through.
func (f *Failure) SNIRefused() bool {
	op, ok := errors.AsType[*net.OpError](f.Err)
	// What the far side's alert was, crypto/tls tells by its words alone.
	return ok && op.Op == "remote error" && op.Err.Error() == unrecognizedName.Error()
}
