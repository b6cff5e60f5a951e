package smtp

// Python retells a conversation in the notation of Python's smtplib, which
// administrators know from its debug level:
//
//	send: 'EHLO me.example\r\n'
//	reply: '250-mx.example\r\n'
//	reply: '250 PIPELINING\r\n'
//	reply: retcode (250); Msg: mx.example\nPIPELINING
//
// The zero value is ready; one serves one conversation, whose lines come in
// order. It works on a Transcript's entries as well as on a Trace.
type Python struct {
}

// Lines returns what an entry reads as: one line, and behind the last line of a
// reply a second with its code and all of its text. All is escaped.
func (p *Python) Lines(entry Entry) []string { return nil }

// Python is the reply as smtplib's methods return it:
// (550, '5.1.1 <notthere>... User unknown').
func (r Reply) Python() string { return "" }
