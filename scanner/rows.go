package scanner

import (
	"net/netip"
	"slices"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/judge"
)

// The rows below are what comes out: JSON Lines as they stand, and the source
// of CSV headings and of the JSON Schema. A null was not measured.

// VerdictRow answers one line of input. Type is "verdict".
type VerdictRow struct {
	Type       string              `json:"type"`
	Row        int64               `json:"row"`     // number of the data row, from 1
	Input      string              `json:"input"`   // what was typed, untouched
	Address    *string             `json:"address"` // as it goes on the wire; null where the syntax is bad
	Canonical  *string             `json:"canonical"`
	Domain     *string             `json:"domain"` // A-label form
	Verdict    judge.Word          `json:"verdict"`
	Reason     judge.Reason        `json:"reason"`
	Blame      judge.Blame         `json:"blame"`
	CatchAll   judge.CatchAllState `json:"catch_all"`
	Traits     address.Traits      `json:"traits"`
	Suggestion *string             `json:"suggestion"`
	Provider   *string             `json:"provider"`
	Route      *RouteFacts         `json:"route"`
	Evidence   judge.Evidence      `json:"evidence"`
	Attempts   []probe.Outcome     `json:"attempts"`       // all of them in order, the random mailbox's and VRFY's among them
	Fate       judge.Fate          `json:"fate,omitempty"` // what was decided instead of asking
	RetryAt    *time.Time          `json:"retry_at"`
	CheckedAt  time.Time           `json:"checked_at"`
	Columns    Columns             `json:"columns,omitempty"` // the user's own
}

// RouteFacts is the part of a Route that a verdict row carries.
type RouteFacts struct {
	Source  mx.Source       `json:"source"`
	DNS     resolver.Status `json:"dns"`
	Secure  bool            `json:"secure"`
	Hosts   []mx.Host       `json:"hosts"`
	Aliases []string        `json:"aliases,omitempty"`
	Detail  string          `json:"detail,omitempty"`
	Special string          `json:"special,omitempty"`
}

// ServerRow is one server, probed once however many domains use it. Type is "server".
type ServerRow struct {
	Type string `json:"type"`
	probe.Server
	Reverse *mx.Reverse  `json:"ptr"`               // what the address is called
	Listed  []mx.Listing `json:"dnsbl"`             // what blocklists say of it; null where none was asked
	Domains []string     `json:"domains"`           // of the input, that route mail here
	Targets []Target     `json:"targets,omitempty"` // the lines of input that named it
}

// DomainRow is where one domain's mail goes, and what it promises. Type is
// "domain". It comes after the rows of its servers.
type DomainRow struct {
	Type    string           `json:"type"`
	Row     int64            `json:"row"`
	Input   string           `json:"input"`
	Domain  string           `json:"domain"`
	Unicode string           `json:"unicode,omitempty"`
	Kind    judge.DomainKind `json:"kind"`
	Route   RouteFacts       `json:"route"`
	mx.Promises
	Deliveries []judge.Delivery `json:"outcomes"`        // one an exchanger
	Error      string           `json:"error,omitempty"` // what was wrong with the input row
	Columns    Columns          `json:"columns,omitempty"`
}

// Target points from a server back to the line of input that asked for it.
type Target struct {
	Row     int64   `json:"row"`
	Input   string  `json:"input"`
	Domain  string  `json:"domain,omitempty"` // that the line names; empty where it names a server
	Columns Columns `json:"columns,omitempty"`
}

// FindingRow is one fault in a domain or a server. Type is "finding". The
// checks of report/audit make it from the rows above.
type FindingRow struct {
	Type      string     `json:"type"`
	ID        string     `json:"id"` // of the check
	Severity  Severity   `json:"severity"`
	Title     string     `json:"title"`
	Domain    string     `json:"domain,omitempty"` // where it is a domain's
	Host      string     `json:"host,omitempty"`   // where it is a server's
	IP        netip.Addr `json:"ip,omitzero"`
	Port      uint16     `json:"port,omitempty"`
	Provider  string     `json:"provider,omitempty"` // where it is one of all its servers
	Domains   []string   `json:"domains,omitempty"`  // of the input, that a server's or provider's finding touches
	Evidence  string     `json:"evidence"`           // the facts it rests on, in the server's or DNS's own words where there are any
	Reference string     `json:"reference"`          // RFC section or CVE
	Fix       string     `json:"fix,omitempty"`      // the line that mends it
	Where     string     `json:"where,omitempty"`    // where the line belongs: a zone, a server's configuration, a policy file
	Accepted  bool       `json:"accepted,omitempty"` // a baseline knows it
	Columns   Columns    `json:"columns,omitempty"`  // of the domain's line
}

// Severity is how bad a finding is.
type Severity string

const (
	Info     Severity = "info"     // worth knowing
	Low      Severity = "low"      // against good practice
	Medium   Severity = "medium"   // some mail, or its privacy, is at risk
	High     Severity = "high"     // mail is lost, delayed or readable under conditions that occur
	Critical Severity = "critical" // mail is lost or readable now
)

// Severities from the least to the worst.
var Severities = [...]Severity{Info, Low, Medium, High, Critical}

// Rank is a severity's place in Severities; -1 for another word.
func (s Severity) Rank() int { return slices.Index(Severities[:], s) }

// RunRow is the last line of a run. Type is "run".
type RunRow struct {
	Type       string         `json:"type"`
	Rows       int64          `json:"rows"`
	Verdicts   map[string]int `json:"verdicts,omitempty"`  // rows by verdict
	Reasons    map[string]int `json:"reasons,omitempty"`   // rows by reason
	Providers  map[string]int `json:"providers,omitempty"` // rows by provider
	Servers    int            `json:"servers,omitempty"`
	Findings   map[string]int `json:"findings,omitempty"`
	Harvested  map[string]int `json:"harvest_guard,omitempty"` // rows left unasked by domain that the harvest guard stopped
	Interrupt  bool           `json:"interrupted"`             // the run was cut short; what is here is whole
	Budget     Budget         `json:"budget,omitempty"`        // the bound that cut it short
	StartedAt  time.Time      `json:"started_at"`
	FinishedAt time.Time      `json:"finished_at"`
	Versions   Versions       `json:"versions"`
	Flags      []string       `json:"flags,omitempty"` // as given, secrets struck out
	Counts     Counts         `json:"counts"`
}

// Versions say by which rules a run was judged.
type Versions struct {
	Tool  string `json:"tool"`
	Rules string `json:"rules"`
	Lists string `json:"lists"`
}

// Counts are what a run cost the servers it asked.
type Counts struct {
	Conversations int64 `json:"conversations"`
	Commands      int64 `json:"commands"`
	DNSQueries    int64 `json:"dns_queries"`
	Asked         int64 `json:"asked"`           // addresses put to a server, repeats and random mailboxes included
	Known         int64 `json:"known,omitempty"` // rows taken over from an earlier run
}

// Row is any of VerdictRow, ServerRow, DomainRow, FindingRow and RunRow, by pointer.
type Row interface{ rowType() string }

func (r *VerdictRow) rowType() string { return "verdict" }
func (r *ServerRow) rowType() string  { return "server" }
func (r *DomainRow) rowType() string  { return "domain" }
func (r *FindingRow) rowType() string { return "finding" }
func (r *RunRow) rowType() string     { return "run" }
