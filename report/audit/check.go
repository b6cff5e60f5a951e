package audit

import (
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// Check is one thing that may be wrong.
type Check struct {
	ID        string           `json:"id"` // stable: baselines and policies name it
	Title     string           `json:"title"`
	Severity  scanner.Severity `json:"severity"`
	Because   string           `json:"because"`   // why it is as bad as that
	Reference string           `json:"reference"` // RFC section, CVE or draft
	Scope     Scope            `json:"scope"`
	Explain   string           `json:"explain"`         // what it is and what comes of it, in two sentences
	Needs     string           `json:"needs,omitempty"` // the flag without which its facts are not measured
}

// Scope is what a finding is about.
type Scope string

const (
	ScopeDomain    Scope = "domain"    // what stands in the domain's own zone
	ScopeExchanger Scope = "exchanger" // one host name that mail is routed to, whoever's domain
	ScopeServer    Scope = "server"    // one IP address and port of a host
)

// The flags that some facts are asked for by.
const (
	needsSweep     = "--tls-sweep"
	needsIntrusive = "--intrusive"
	needsRelay     = "--relay-test"
	needsDKIM      = "--dkim-selectors"
	needsLists     = "--dnsbl"
	needsPolicy    = "--expect"
)

// check is a Check and how to make it. Exactly one of the functions is set.
type check struct {
	id, title, reference, explain, needs string

	scope  Scope
	server func(*server) faults
	domain func(*domain) faults         // of scope domain; of the others where it takes more than one server to see it
	expect func(*domain, Expect) faults // what a policy wants
	asks   func(*domain) bool           // which domains it is asked of; nil is those that take mail
	vouch  bool                         // of no account where DANE vouches for the server (RFC 7672 s3.1.1)
}

// fault is one thing found: a finding without its check.
type fault struct {
	words
	host string // of an exchanger's, found by way of a domain
	on   *seen  // of a server's, found by way of a domain
}

// words are what a finding says that its check does not.
type words struct {
	evidence string
	fix      string // the line that mends it
	where    string // where the line belongs
}

type faults []fault

// found is a fault with the words that show it.
func found(format string, args ...any) faults {
	return faults{{words: words{evidence: fmt.Sprintf(format, args...)}}}
}

// mend gives the last fault the line that mends it; without a line it stays as
// it is.
func (f faults) mend(where string, lines ...string) faults {
	if len(f) > 0 && len(lines) > 0 {
		f[len(f)-1].where, f[len(f)-1].fix = where, strings.Join(lines, "\n")
	}
	return f
}

// at says which exchanger the last fault is about.
func (f faults) at(host string) faults {
	f[len(f)-1].host = host
	return f
}

// on says which server the last fault is about.
func (f faults) on(s *seen) faults {
	f[len(f)-1].on = s
	return f
}

// Checks lists all checks, those of servers first.
func Checks() []Check {
	graded := grades()
	var out []Check
	for _, c := range checks() {
		out = append(out, Check{
			ID: c.id, Title: c.title, Severity: graded[c.id].severity, Because: graded[c.id].because,
			Reference: c.reference, Scope: c.scope, Explain: c.explain, Needs: c.needs,
		})
	}
	return out
}

// checks is every check in the order of the documentation, which also orders
// findings of one severity.
func checks() []*check {
	var all []*check
	for _, group := range [...][]check{
		reachChecks(), greetingChecks(), startTLSChecks(), tlsChecks(), sweepChecks(), certificateChecks(),
		authChecks(), submissionChecks(), extensionChecks(), conductChecks(), nameChecks(),
		routeChecks(), ipv6Checks(), poolChecks(), dnssecChecks(), daneChecks(),
		mtaSTSChecks(), tlsRPTChecks(), deliveryChecks(), spfChecks(), dmarcChecks(), dkimChecks(),
		bimiChecks(), caaChecks(), noMailChecks(), expectChecks(),
	} {
		for i := range group {
			all = append(all, &group[i])
		}
	}
	return all
}
