// Package scanner answers: how do millions get done, politely, once, and after
// a crash?
//
// Asking one mail server about one mailbox is package probe's business. Asking
// all of them about millions is a matter of order: a domain looked up once, one
// conversation for many mailboxes of many domains, no more of them than a server
// bears, and nothing asked again that was answered. A line of input becomes a
// row like this:
//
//  1. input.Source reads it, and package address makes it a mailbox or says why
//     not. A mailbox that stood there before is not asked about again.
//  2. Router looks its domain up, once. Work of all domains with one set of
//     exchangers waits in one queue of the Store, and a mailbox that cannot exist
//     joins it, once a domain that is asked.
//  3. Store.Claim hands out work of the longest queue. It becomes one session
//     (probe.Open): as many questions as fit go together, up to 100 a message, one
//     domain in each; package pace says how many, how fast, and when to stop.
//  4. Each answer is stored as a fact. A pure function decides by the facts so
//     far whether to ask again, whom, how and when; then the work goes back to
//     the Store (Keeper.Defer) and comes round as new work. Greylisting, limits,
//     hang-ups, the next exchanger, a broken handshake and a killed process are
//     all met in this one way.
//  5. Store.Results yields what is settled, in the order of input; package judge
//     makes facts into a verdict, and the row goes to the Sink.
//
// Scanner.Run does this for a list. Scanner.Forecast says beforehand what it would
// come to, Scanner.Servers looks at servers and domains instead of mailboxes, and
// the Rejudge of a row does step 5 alone, with facts of another day.
//
// RFC 5321 says in which order exchangers are tried (s5.1), how many recipients
// a message has (s4.5.3.1.8) and how long to wait for whom (s4.5.3.2); RFC 9422
// how servers tell their limits, RFC 6647 what greylisting is.
//
// Left out: where work is kept over a crash (package job; Memory is for what may
// be lost), and how rows are written (package report).
package scanner
