// Package dane answers: which certificates does an exchanger promise by DNS, and
// is the one that it shows among them?
//
// A sender that finds STARTTLS missing cannot tell an old server from somebody
// on the line, and a certificate of a public authority proves a name that came
// out of DNS, which is no proof where DNS was forged. DANE for SMTP (RFC 7672,
// on RFC 6698 and RFC 7671) puts the promise where the MX record is, and DNSSEC
// under both:
//
//	_25._tcp.mx.example.org. IN TLSA 3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
//
// The first number is the usage, the second what of the certificate is meant
// (0 all of it, 1 its public key), the third how it is written (0 as it is, 1
// its SHA-256, 2 its SHA-512). Two usages are for mail:
//
//   - 3, DANE-EE: this very certificate or key. Names and dates in it mean nothing,
//     for the record itself says whose it is and until when (RFC 7672 s3.1.1,
//     s3.2.1): expired and self-signed ones are right.
//   - 2, DANE-TA: whatever this authority vouches for. The authority's certificate
//     has to be in the chain that the server shows, the dates have to be right,
//     and so has the name (s3.1.2, s3.2.2).
//
// Usages 0 and 1 lean on public authorities, which mail has no list of: records
// of these are unusable (s3.1.3), and where all are, mail is encrypted to
// whoever is there.
//
// How [Lookup] finds the records, and every way in which there are none for a
// sender:
//
//  1. The MX answer must be validated, or the exchanger's name proves nothing
//     (s2.2.1). Records are looked for all the same, to be shown.
//  2. So must the address answer. Where it is not, TLSA records are not even asked
//     for: name servers of unsigned zones are known to fail on types they do
//     not know, and mail would wait for nothing (s2.2.2).
//  3. Behind a CNAME, the chain's end is the first name looked under and the
//     exchanger's own the second, if the chain is validated to its end; if only
//     the exchanger's own CNAME is, that name alone (s2.2.2, s2.2.3).
//  4. A look-up that fails, bogus answers among them, means that somebody may hide
//     the records: mail waits until it succeeds (s2.1.1, s2.1.2). This is the way
//     in which a broken zone stops mail that a server without DANE would get.
//
// All this rests on the word of a resolver, which counts only from the same machine
// or over a safe path (s2.1.3): else the Status is Untrusted. A resolver that is
// trusted and does not validate makes all zones look unsigned.
//
// A server's chain is held against the records by [Verify]. [From] makes the
// record that would be right, [Line] the line for the zone file, and
// [RollOverOf] says whether the records leave room for the next key.
//
// Left out: validation of our own, ports other than the one asked for, and
// usages 0 and 1.
package dane
