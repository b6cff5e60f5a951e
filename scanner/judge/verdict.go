package judge

import (
	"time"

	"github.com/mxvet/mxvet/probe"
)

// Word is the verdict itself: will mail to this address arrive?
type Word string

const (
	Deliverable   Word = "deliverable"   // the server said it takes mail for it
	Undeliverable Word = "undeliverable" // mail would come back
	Risky         Word = "risky"         // mail may be taken and still not arrive
	Unknown       Word = "unknown"       // nothing that was said tells
)

// Words lists the verdicts, best first.
var Words = [...]Word{Deliverable, Risky, Undeliverable, Unknown}

// Blame says who would have to change something for the answer to change.
type Blame string

const (
	Recipient Blame = "recipient"
	Domain    Blame = "domain"
	TheServer Blame = "server"
	Us        Blame = "us"
	Network   Blame = "network"
)

// CatchAllState says whether the domain takes mail for mailboxes that do not exist.
type CatchAllState string

const (
	CatchAllYes          CatchAllState = "yes"
	CatchAllNo           CatchAllState = "no"
	CatchAllInconclusive CatchAllState = "inconclusive" // asked, and not told
	CatchAllNotRun       CatchAllState = "not_run"
)

// Evidence is the citation a verdict stands on: a server's reply, or, with an
// empty Stage, what the grammar, DNS or our own rules said in Text and Rule.
type Evidence = probe.Outcome

// Verdict is what the facts about one address amount to.
type Verdict struct {
	Word     Word
	Reason   Reason
	Blame    Blame
	CatchAll CatchAllState
	Evidence Evidence
	RetryAt  time.Time // when asking again could tell more; zero where it could not
}
