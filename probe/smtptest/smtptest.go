// Package smtptest answers: how does a program behave when a mail server says
// exactly this, or is of that character?
//
// It holds three doubles, none of which needs a socket, so that all work inside
// testing/synctest:
//
//   - Dialogue plays a script: the server's lines, the client's lines, waits,
//     a TLS handshake. The test reads as the conversation it is about.
//   - Pipe is a connection in memory with a socket's buffers.
//   - NewCertificate makes certificates in a fraction of a millisecond: valid,
//     expired, self-signed or signed by an authority made beside them.
//
// RFCs: 5321 (SMTP), 2920 (PIPELINING), 3207 (STARTTLS).
package smtptest
