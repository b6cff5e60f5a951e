package resolver

// Presence says what looking for a record of one kind came to. A record that
// could not be looked for is neither there nor absent.
type Presence string

const (
	Present  Presence = "present"      // exactly what the RFC wants is there
	Absent   Presence = "absent"       // DNS, or the server asked, says that nothing of the kind is there
	Faulty   Presence = "invalid"      // something is there that senders must ignore, or cannot read
	Unproven Presence = "inconclusive" // DNS, or the server asked, gave no final answer
)
