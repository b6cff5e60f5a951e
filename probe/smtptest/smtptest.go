// Package smtptest answers: how does a program behave when a mail server says
// exactly this, or is of that character?
//
// It holds doubles, none of which needs a socket, so that all work inside
// testing/synctest, and over sockets just as well:
//
//   - Dialogue plays a script: the server's lines, the client's lines, waits,
//     a TLS handshake. The test reads as the conversation it is about.
//   - Server reacts: a mail server of a given Character, from greylisting and
//     tarpits to a STARTTLS that lies, with its mailboxes, counting what it hears.
//   - Pipe is a connection in memory with a socket's buffers.
//   - NewCertificate makes certificates in a fraction of a millisecond: valid,
//     expired, self-signed or signed by an authority made beside them.
//
// RFCs: 5321 (SMTP), 1870 (SIZE), 2034 (ENHANCEDSTATUSCODES), 2920 (PIPELINING),
// 3030 (CHUNKING), 3207 (STARTTLS), 3461 (DSN), 4954 (AUTH: PLAIN, LOGIN,
// CRAM-MD5, SCRAM and its -PLUS forms, OAUTHBEARER, XOAUTH2, EXTERNAL), 2033
// (LMTP), 6531 (SMTPUTF8). Left out: BINARYMIME, queues, NTLM beyond its challenge, and ETRN,
// which is offered as Postfix does but answers 500.
package smtptest
