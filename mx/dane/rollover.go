package dane

// RollOver is the room that records leave for the next key: caches hold the old
// records while the server already has the new certificate (RFC 7671 s8).
type RollOver string

const (
	NoRoom        RollOver = "none"           // one usable record of one key: mail waits while it is replaced
	CurrentNext   RollOver = "current_next"   // two of usage 3 with the same parameters: today's key and the next (s8.1)
	CurrentIssuer RollOver = "current_issuer" // usage 3 beside usage 2: whatever is next, the authority vouches for it
	Issuer        RollOver = "issuer"         // usage 2 alone: the authority vouches for any key
)

// RollOverOf looks at usable records alone. Records with other parameters may
// be of the same key, and are no room for another.
func RollOverOf(records []Record) RollOver {
	issuer, current, next := false, false, false
	for _, r := range records {
		if !r.Usable {
			continue
		}
		issuer, current = issuer || r.Usage == TA, current || r.Usage == EE
		for _, other := range records {
			next = next || other.Usable && r.Usage == EE && other.parameters() == r.parameters() && other.Data != r.Data
		}
	}
	switch {
	case next:
		return CurrentNext
	case issuer && current:
		return CurrentIssuer
	case issuer:
		return Issuer
	}
	return NoRoom
}
