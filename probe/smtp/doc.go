// Package smtp answers: what does this server say, word for word, and is the
// conversation still whole?
//
// SMTP is a dialogue of lines. The server greets (220), the client names itself
// (EHLO, or HELO to servers older than 1993), the server lists its extensions,
// and from then on every command gets one reply: a code of three digits whose
// first is the verdict (2 yes, 3 go on, 4 not now, 5 no), and text over one or
// more lines. A server may hang up politely at any moment with 421, even
// before the command that it seems to answer.
//
// To a program that delivers mail a 550 is a failure. To one that asks
// questions it is the answer. So here a Reply is data whatever its code, and a
// method fails only where the conversation itself broke. A conversation goes:
//
//  1. NewClient on a connection, ImplicitTLS on port 465
//  2. Greet: a server that finds the client speaking first drops it
//  3. Hello: EHLO always, HELO only where EHLO is not understood
//  4. StartTLS, then Hello again, for all that was learned is forgotten
//  5. Mail, Rcpt, Vrfy, Rset ...: one at a time, or many in a Group, which
//     is one round trip where the server offers PIPELINING
//  6. Auth, then Send: a whole message; or Mail, Rcpt and Data by hand
//  7. Quit, or Close where the server should not hear of it
//
// # Errors
//
// Three types, asked for with errors.AsType:
//
//   - *NotSentError: the command never left, the conversation is whole.
//   - *AuthError: a login that the client broke off, the conversation is whole.
//   - *BrokenError: the conversation is over. Stage says where, Cause how
//     (timeout, cancelled, hangup, reset, closing, protocol, tls, closed,
//     unread, network). Every later call fails at once with the same error. Inside it
//     may stand a *TimeoutError, *ClosingError, *ProtocolError or *TLSError.
//
// # Bounds
//
// What a server sends is not trusted: 4 KiB of a line are kept and 64 KiB read,
// a reply has 128 lines, a conversation 64 KiB before its first MAIL, VRFY or
// EXPN, and each command or group after it 64 KiB, with 512 octets more for
// each further command of a group. A command waits for its reply for
// Options.IOTimeout, and the context bounds the whole.
//
// # Secrets
//
// What a login says, and the challenges it answers, stand in transcript and
// trace as "[redacted]"; where a server repeats what it was told, that is taken
// out of its replies too.
//
// RFCs: 5321 (SMTP), 2920 (PIPELINING), 3207 (STARTTLS), 8314 (implicit TLS),
// 1870 (SIZE), 4954 (AUTH), 4422 and 4616 (SASL, PLAIN), 2195 (CRAM-MD5), 5802
// and 7677 (SCRAM), 5929 and 9266 (channel bindings), 7628 (OAUTHBEARER), 6152
// (8BITMIME), 6531 (SMTPUTF8), 3461 (DSN), 9422 (LIMITS), 2034 and 3463
// (enhanced codes), 2033 (LMTP); and for reading what is offered, 2852
// (DELIVERBY), 3865 (NO-SOLICITING), 4468 (BURL), 4865 (FUTURERELEASE) and 6710
// (MT-PRIORITY).
//
// Left out: BDAT (RFC 3030), with which nothing is sent that DATA could not;
// ORCPT; DIGEST-MD5, NTLM and GSSAPI; SASL security layers; composing messages;
// dialling; and any opinion on what a reply means.
package smtp
