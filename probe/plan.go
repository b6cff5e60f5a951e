package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// Security says how a session uses TLS.
type Security string

const (
	Opportunistic Security = "opportunistic" // STARTTLS where it is offered; the default
	Clear         Security = "clear"         // never, as after a failed handshake
	Implicit      Security = "implicit"      // TLS from the first octet (RFC 8314 s3.3)
)

// Audit is what a session asks of the server itself once it is as safe as it
// gets. None of it costs a connection, each costs one command.
type Audit struct {
	Vrfy bool // VRFY of postmaster, which every server has to have (RFC 5321 s4.5.1), where VRFY is offered
	Help bool // HELP, offered or not
	Expn bool // EXPN of postmaster, offered or not: it counts as harvesting with some
}

// DialFunc makes a connection; net.Dialer.DialContext is one.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Plan is all a session needs to know before it dials: one server, one way.
// Another address, clear text after a failed handshake, a later time: each is
// a new Plan. Dial, Addr and HelloName must be set.
type Plan struct {
	Dial      DialFunc
	Addr      netip.AddrPort // what is dialled
	Host      string         // exchanger's name, kept as evidence; may be empty
	TLSName   string         // name for SNI and for the certificate; Host where empty
	NoSNI     bool           // send no name in the handshake: the server has refused ours, see Failure.SNIRefused
	Provider  string         // key in the provider table, for reading replies
	HelloName string         // our name in EHLO: a FQDN or an address literal
	Egress    string         // name of the way out, kept as evidence; may be empty
	Senders   []string       // envelope senders in the order they are tried; none means the null sender
	Security  Security       // Opportunistic where empty
	LockStep  bool           // one command at a time even where PIPELINING is offered
	Audit     Audit          // what is asked of the server itself, before any mailbox; nothing where zero
	Roots     *x509.CertPool // trusted roots; nil is the system's
	Known     *tlsinfo.Known // certificate chains met before; nil remembers none

	Sessions tls.ClientSessionCache // TLS sessions of earlier connections, taken up again where the server likes; nil for none

	ConnectTimeout time.Duration // 15 s where 0
	IOTimeout      time.Duration // one command; 45 s where 0
	QuitTimeout    time.Duration // wait for the answer to QUIT; 2 s where 0

	Trace func(smtp.Entry) // sees every line as it passes; may be nil
}
