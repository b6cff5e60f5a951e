// Package mtasts answers: does a domain promise by MTA-STS (RFC 8461) that its
// exchangers speak TLS, and can senders read the promise?
//
// SMTP begins in clear text, and STARTTLS is an offer that whoever sits on the
// line can strike out. Nothing in SMTP itself tells a server without TLS from
// one whose offer was removed, and nothing in plain DNS tells the domain's
// exchangers from somebody else's. MTA-STS lets a domain say both over HTTPS,
// with the web's certificate authorities to vouch for it, where its zone is not
// signed and DANE (package dane) cannot be had.
//
// The promise has two parts:
//
//	_mta-sts.example.org. IN TXT "v=STSv1; id=20260301T000000Z;"
//
// says that there is a policy and, by a new id, that it has changed. The policy
// itself is a text file at https://mta-sts.example.org/.well-known/mta-sts.txt:
//
//	version: STSv1
//	mode: enforce
//	mx: mx.example.org
//	mx: *.mail.example.net
//	max_age: 604800
//
// A sender that holds it delivers only to exchangers whose names fit one of the
// patterns, over TLS, with a certificate from a public authority for that name;
// in mode testing it delivers anyway and reports (RFC 8460). It keeps the
// policy for max_age seconds, so what is seen here today may not be what a
// sender goes by.
//
// How [Client.Facts] looks:
//
//  1. The TXT records are looked up, a CNAME followed. Those that do not begin with
//     "v=STSv1;" do not count; of those that do there must be one (s3.1).
//  2. The policy host's addresses are looked up by the same resolver, not the
//     system's, and those that may not be gone to are dropped.
//  3. One GET, over TLS with a certificate for the policy host. No proxy of the
//     environment, no redirect, no status but 200, at most 64 KiB, at most a minute
//     (s3.3).
//  4. The text is read by the letter of s3.2. What a strict sender may stumble over
//     and a lenient one does not is among Faults.
//
// Each part is present, absent, invalid or inconclusive: a web server that is
// down today has not taken the promise back.
//
// Left out: keeping policies (s5.1), revocation of the web server's certificate,
// and whether the exchangers keep what is promised, which [Policy.Matches] and
// the certificates of package probe/tlsinfo tell together.
package mtasts
