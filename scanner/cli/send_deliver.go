package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/report"
)

// envelope is that of the message for this server. A header in UTF-8 that the
// user wrote is sent to servers without SMTPUTF8 too, as most programs do, and
// against RFC 6531 s3.1: what becomes of it there is what the user asks.
func (s *sendSession) envelope() smtp.Envelope {
	out := s.envelopeOf(s.mail, s.place.recipients)
	if s.mail.utf8 && !out.UTF8 {
		if out.UTF8 = s.client.Extensions().Has(smtp.ExtSMTPUTF8); !out.UTF8 {
			s.remark("the header has UTF-8, and the server does not offer SMTPUTF8")
		}
	}
	return out
}

// send sends the message, and returns a problem for each recipient who was
// refused.
func (s *sendSession) send(ctx context.Context) []*failure {
	delivery, err := s.client.Send(ctx, s.envelope(), bytes.NewReader(s.mail.message))
	for i, one := range delivery.Recipients {
		s.row.Recipients[i] = recipientOf(one)
	}
	if delivery.Unoffered != nil {
		s.row.Unoffered = delivery.Unoffered
		s.remark("not said, for the server does not offer it: " + strings.Join(delivery.Unoffered, " "))
	}
	if err != nil {
		if delivery.Sent {
			s.unfinished = "; the whole message had been sent, and may be delivered all the same"
		}
		return []*failure{s.broken(err)}
	}
	return s.refusals(delivery)
}

// refusals tells the recipients apart, but for those who hear the same: of a
// sender or a message that is refused there is one problem.
func (s *sendSession) refusals(delivery smtp.Delivery) []*failure {
	if delivery.Mail.Class() != 2 {
		return []*failure{s.refused(fmt.Sprintf("the sender <%s> is", s.row.From), delivery.Mail)}
	}
	var problems []*failure
	told := false
	for _, one := range delivery.Recipients {
		switch {
		case one.Accepted(), told && one.Stage == smtp.Data:
		case one.Stage == smtp.Data && !s.lmtp:
			told = true
			problems = append(problems, s.refused("the message is", one.Reply))
		default:
			problems = append(problems, s.refused(fmt.Sprintf("the recipient <%s> is", report.Printable(one.Address)), one.Reply))
		}
	}
	return problems
}
