// Package probe answers: what does one mail server say?
//
// A Session is one connection to one server. It gives facts only: what was
// offered before and after TLS, what each question was answered, and, where it
// ended early, at which stage and how. What the facts mean for an address is
// the judge's business, what to try next the scanner's.
//
// A conversation goes like this, each line of it bounded in time and size:
//
//  1. dial one IP address and port; on port 465, shake hands
//  2. wait for the greeting, to the last line of it
//  3. EHLO, and HELO where EHLO is not known
//  4. STARTTLS where it is offered, then EHLO again: what was learned before
//     the handshake is kept as a fact and used no more
//  5. MAIL with the null sender, RCPT for each mailbox; where the sender is
//     refused, RSET and once more with the plan's next sender
//  6. QUIT
//
// What needs another connection is another Plan: the next address, clear text
// after a failed handshake, no name in the handshake after one that was refused
// for ours, a later time. A Session never dials again and never sends a message:
// it has no DATA.
//
// An audit asks more, each part for itself:
//
//   - Plan.Audit: VRFY, EXPN and HELP, in the one conversation there is anyway
//   - Sweep: what else the server would agree to in TLS, by hellos alone
//   - Try: whether it insists on STARTTLS, keeps commands over the handshake, bears
//     a bare LF, names itself by NTLM, relays; one connection each
//   - Software: what it runs, by a table of what servers say
//
// RFCs: 5321 (SMTP), 2920 (PIPELINING), 3207 (STARTTLS), 6531 (SMTPUTF8),
// 8314 (implicit TLS), 6409 (submission).
package probe
