package probe

import (
	"net/netip"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// Answer is a fact that was measured or was not: a failed measurement is
// never a no.
type Answer string

const (
	Yes          Answer = "yes"
	No           Answer = "no"
	Inconclusive Answer = "inconclusive" // the question could not be put, or not be answered: see why
)

// Server is what one IP address, port and TLS name said. A field that was not
// measured is null.
type Server struct {
	Host       string         `json:"host"` // name it was found by; empty where only an IP was given
	IP         netip.Addr     `json:"ip"`
	Port       uint16         `json:"port"`
	TLSName    string         `json:"tls_name"` // name the certificate is held against, and sent as SNI
	Reachable  Answer         `json:"reachable"`
	Why        string         `json:"why,omitempty"` // of Reachable, where it is not yes
	Greeting   *Said          `json:"greeting"`
	GreetingMS *int64         `json:"greeting_ms"` // from connected to the end of the greeting, in milliseconds
	Plain      *Hello         `json:"plain"`       // before TLS; null on an implicit TLS port
	StartTLS   Answer         `json:"starttls"`
	TLSWhy     string         `json:"starttls_why,omitempty"` // of StartTLS, where it is not yes, or the handshake's failure
	TLS        *tlsinfo.Facts `json:"tls"`
	Encrypted  *Hello         `json:"encrypted"`          // after STARTTLS, or on an implicit TLS port
	Injected   string         `json:"injected,omitempty"` // bytes found behind the 220 to STARTTLS (CVE-2011-0411)
	Vrfy       *Said          `json:"vrfy"`               // of postmaster, this and the next
	Expn       *Said          `json:"expn"`
	Help       *Said          `json:"help"`
	Software   string         `json:"software,omitempty"`    // what it runs, by its own words; empty where no rule knows them
	SNIRefused bool           `json:"sni_refused,omitempty"` // the handshake failed with the name sent and succeeded without it
	Resumed    Answer         `json:"resumption,omitempty"`  // a TLS session was taken up again; asked for only with the sweep
	Sweep      *tlsinfo.Sweep `json:"sweep,omitempty"`       // asked for only with --tls-sweep
	Conduct    *Conduct       `json:"conduct,omitempty"`     // asked for only with --intrusive or --relay-test
	Timings    Timings        `json:"timings"`
	Oddities   []string       `json:"oddities,omitempty"` // departures from RFC 5321 seen on the way
	Failure    *Outcome       `json:"failure"`            // what ended the conversation early
	At         time.Time      `json:"at,omitzero"`
}

// Said is one reply as a fact of its own.
type Said struct {
	Code int    `json:"code"`
	Text string `json:"text"`
}

// Hello is what the server offered to one EHLO or HELO.
type Hello struct {
	Verb       string          `json:"verb"`  // EHLO or HELO
	Hello      string          `json:"hello"` // the reply's first line: the server's name and its words
	Extensions smtp.Extensions `json:"extensions"`
	Auth       []string        `json:"auth"` // SASL mechanisms, the AUTH= form merged in
}

// Timings are the stages of one conversation in milliseconds; null where the
// stage was not reached.
type Timings struct {
	Connect  *int64 `json:"connect_ms"`
	Greeting *int64 `json:"greeting_ms"`
	Hello    *int64 `json:"hello_ms"`
	StartTLS *int64 `json:"starttls_ms"` // from the command to the end of the handshake
}

// Key tells servers apart: IP, port and TLS name.
type Key struct {
	Addr    netip.AddrPort
	TLSName string
}

// Key is the server's identity.
func (s *Server) Key() Key {
	return Key{Addr: netip.AddrPortFrom(s.IP, s.Port), TLSName: s.TLSName}
}
