package smtptest

import (
	"fmt"
	"strings"
	"time"
)

// greylistDelay is Postgrey's default.
const greylistDelay = 5 * time.Minute

// delivery returns the reply to RCPT for a path.
func (s *Server) delivery(path string) string {
	if s.Asked != nil {
		s.Asked(path)
	}
	if s.Domains == nil {
		return "250 2.1.5 Ok"
	}
	if s.Relay.takes(path) {
		return "250 2.1.5 Ok"
	}
	at := strings.LastIndexByte(path, '@')
	domain := s.Domains[strings.ToLower(path[at+1:])]
	if at < 0 || domain == nil {
		return "554 5.7.1 <" + path + ">: Relay access denied"
	}
	if domain.Greylist > 0 {
		if wait := s.greylist.wait(strings.ToLower(path), domain.Greylist); wait > 0 {
			return greylisted(path, wait)
		}
	}
	mailbox, known := domain.find(path[:at])
	switch {
	case mailbox.Reply != "":
		return mailbox.Reply
	case known && mailbox.State == Greylisted:
		if wait := s.greylist.wait(strings.ToLower(path), greylistDelay); wait > 0 {
			return greylisted(path, wait)
		}
		return "250 2.1.5 Ok"
	case !known && domain.CatchAll:
		return "250 2.1.5 Ok"
	case !known:
		mailbox.State = Unknown
	}
	return mailbox.reply(path)
}

// mailbox is what the server knows of a path.
func (s *Server) mailbox(path string) Mailbox {
	at := strings.LastIndexByte(path, '@')
	domain := s.Domains[strings.ToLower(path[at+1:])]
	if at < 0 || domain == nil {
		return Mailbox{}
	}
	mailbox, _ := domain.find(path[:at])
	return mailbox
}

// find looks a local part up, written plain or quoted, in any case.
func (d *Domain) find(local string) (Mailbox, bool) {
	local = strings.ToLower(unquote(local))
	mailbox, known := d.Mailboxes[local]
	if base, _, tagged := strings.Cut(local, "+"); !known && tagged && d.Rewrites {
		mailbox, known = d.Mailboxes[base]
	}
	return mailbox, known
}

func (m Mailbox) reply(path string) string {
	rejected := " <" + path + ">: Recipient address rejected: "
	switch m.State {
	case Forwarded:
		return "251 2.1.5 User not local; will forward to <" + m.Moved + ">"
	case Unknown:
		return "550 5.1.1" + rejected + "User unknown in virtual mailbox table"
	case Full:
		return "452 4.2.2" + rejected + "Mailbox is full"
	case OverQuota:
		return "552 5.2.2 <" + path + ">: Quota exceeded (mailbox for user is full)"
	case Disabled:
		return "550 5.2.1" + rejected + "Mailbox disabled, not accepting messages"
	case Moved:
		return "551 5.1.6 User not local; please try <" + m.Moved + ">"
	case SystemError:
		return "451 4.3.0 <" + path + ">: Temporary lookup failure"
	}
	return "250 2.1.5 Ok"
}

// greylisted is Postgrey's reply.
func greylisted(path string, wait time.Duration) string {
	_, domain, _ := strings.Cut(path, "@")
	return fmt.Sprintf("450 4.2.0 <%s>: Recipient address rejected: Greylisted, see https://postgrey.example/help/%s.html, try again in %d seconds",
		path, domain, int((wait+time.Second-1)/time.Second))
}

// unquote undoes a quoted local part (RFC 5321 s4.1.2).
func unquote(local string) string {
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return local
	}
	var out strings.Builder
	inner := local[1 : len(local)-1]
	for i := 0; i < len(inner); i++ {
		if inner[i] == '\\' && i+1 < len(inner) {
			i++
		}
		out.WriteByte(inner[i])
	}
	return out.String()
}
