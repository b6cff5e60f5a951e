package tlsinfo

import "time"

// Sweep is what a server agrees to, found out by hellos alone: no handshake is
// finished. A list that was not asked for, or not to its end, is null.
type Sweep struct {
	Versions    []Accepted `json:"versions"`               // from TLSv1.3 to SSLv3 those it takes, each with its suites
	Untold      []Untold   `json:"inconclusive,omitempty"` // versions of which it is not known whether it takes them
	Groups      []string   `json:"groups"`                 // key-exchange groups of TLS 1.3, and of ECDHE before it, by IANA's names
	Order       string     `json:"order"`                  // server or client: whose preference chooses the suite; empty where it was not told apart
	Connections int        `json:"connections"`            // what the sweep cost
	Why         string     `json:"why,omitempty"`          // it ended early, in one clause
	At          time.Time  `json:"at,omitzero"`
}

// Accepted is one protocol version and the suites a server takes in it, in the
// order it chose them.
type Accepted struct {
	Version string   `json:"version"`       // SSLv3, TLSv1.0 ... TLSv1.3
	Suites  []string `json:"suites"`        // IANA names
	Why     string   `json:"why,omitempty"` // there may be more of them: why it was not asked to the end
}

// Untold is a version that could not be asked for.
type Untold struct {
	Version string `json:"version"`
	Why     string `json:"why"` // in one clause
}
