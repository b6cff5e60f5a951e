// Package audit answers: what is wrong with these domains and servers, how bad
// is it, and which line mends it?
//
// A mail server tells most of what ails it to anybody who asks politely, and DNS
// tells the rest. What is hard is to say what follows from it. Opportunistic
// senders (RFC 7435) take any certificate, so that an expired one harms nobody,
// until the domain promises by MTA-STS (RFC 8461) or DANE (RFC 7672) that it
// will be a good one: then mail stops. A missing STARTTLS (RFC 3207) is read by
// whoever listens; a TLSA record that matches nothing loses mail only from the
// senders that look. An AUTH list in clear text hands passwords out. So a check
// here looks at facts of several kinds at once, and its severity is argued in
// one place (severity.go) by what happens to the mail.
//
// From facts to findings:
//
//  1. Rows of servers and domains are Put as they come out of a run, or of a
//     file that a run left, a domain's servers before the domain.
//  2. The checks of a server look at its row; what is found waits, for the
//     domains that it touches are not known yet. Of the row stays only what
//     domains will ask for.
//  3. The checks of a domain look at its row and at its servers. What is wrong in
//     its own zone comes out at once; what is wrong with an exchanger waits.
//  4. Close gives what waited: once for each exchanger or server, with the
//     domains it touches, and once for each provider of mx.ProviderOf, whose
//     servers its customers cannot mend.
//  5. A Policy gives severities of the user's own, leaves findings out, and adds
//     expectations; a Baseline marks what was known before as accepted.
//
// The same rows in the same order give the same findings, without network and
// without a clock: the time at which certificates and policies count is passed.
// A fact that was not measured (null, inconclusive, not_measured) never makes a
// finding, and neither does what this machine could not try: an IPv6 address
// where it has no IPv6. Domains that take no mail are asked only to say so fully.
//
// Left out: vulnerabilities guessed from version numbers, which distributions
// mend without changing them; web servers and everything else a domain may have
// beside mail; how findings are shown (package report).
package audit
