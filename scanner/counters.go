package scanner

import "sync/atomic"

// Counters are true figures of a run as it goes on, for a progress bar. They
// may be read at any time.
type Counters struct {
	Rows          atomic.Int64 // lines of input read
	Done          atomic.Int64 // rows written
	ReadAll       atomic.Bool  // Rows is final
	Domains       atomic.Int64 // domains whose route is known
	Open          atomic.Int64 // conversations open now
	Conversations atomic.Int64 // connections tried
	Commands      atomic.Int64 // SMTP commands sent
	Asked         atomic.Int64 // questions about mailboxes answered
}
