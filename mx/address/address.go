package address

// Address is a mailbox as it can be asked for over SMTP.
type Address struct {
	Local   string // local part as typed, unquoted, NFC: what the mailbox is called
	Quoted  bool   // the local part needs quoting on the wire (RFC 5321 s4.1.2)
	Domain  string // A-labels, lower case, no final dot; empty where Literal is set
	Unicode string // the domain's Unicode form; equal to Domain for plain ASCII
	Literal string // the address literal with brackets, as it goes on the wire: [192.0.2.1], [IPv6:2001:db8::1]
}

// Error says why what was typed is not an address, in words for a person.
type Error struct {
	Input  string // what was typed, whole
	Offset int    // octets into Input where the trouble stands; -1 for the whole
	Char   string // the character there, printable or as U+XXXX; empty where none is to blame
	Rule   string // short key: no_at, empty_local, local_too_long, bad_character, bad_label ...
	Reason string // one clause, no final stop: `"(" at position 5 may not stand in a local part`
}

func (e *Error) Error() string { return e.Reason }
