package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/report"
)

// sendSession is one session with one server.
type sendSession struct {
	*sendCommand
	mail       *parcel // nil where nothing is to be sent
	place      dropOff
	shown      notation
	row        sendRow
	client     *smtp.Client
	at         stop   // where we are connected to
	last       string // line of the server that was heard last
	unfinished string // recipients that broke off may have the message all the same
}

// connectTimeout is for one address.
const connectTimeout = 30 * time.Second

func (c *sendCommand) session(env *environment, mail *parcel, place dropOff) (*sendSession, error) {
	out := env.stdout
	if c.quiet || c.format == "json" {
		out = io.Discard
	}
	shown, err := notationOf(c.transcript, out)
	if err != nil {
		return nil, err
	}
	s := &sendSession{sendCommand: c, mail: mail, place: place, shown: shown}
	s.row = sendRow{Type: "send", At: time.Now(), From: c.sender.String(), Recipients: []sendRecipient{}, Unoffered: []string{}, Transcript: []sendLine{}}
	if mail != nil {
		s.row.MessageID, s.row.Size = mail.id, mail.size
		for _, recipient := range place.recipients {
			s.row.Recipients = append(s.row.Recipients, sendRecipient{Address: recipient.String()})
		}
	}
	return s, nil
}

// hold holds the session to its end, and returns what went wrong, each in one
// line.
func (s *sendSession) hold(ctx context.Context) []*failure {
	var problems []*failure
	for _, step := range []func(context.Context) *failure{s.connect, s.implicit, s.greet, s.introduce, s.startTLS, s.logIn} {
		if problem := step(ctx); problem != nil {
			problems = append(problems, problem)
			break
		}
	}
	if len(problems) == 0 && s.mail != nil {
		problems = s.send(ctx)
	}
	if s.client != nil && s.client.Err() == nil {
		_, _ = s.client.Quit(ctx) // all is said: how it says goodbye changes nothing
	}
	s.shown.over()
	s.conclude(problems)
	return problems
}

// conclude is the word for how it ended.
func (s *sendSession) conclude(problems []*failure) {
	accepted := slices.ContainsFunc(s.row.Recipients, func(one sendRecipient) bool { return one.Accepted })
	switch {
	case len(problems) == 0 && s.mail == nil:
		s.row.Result = resultLogin
	case len(problems) == 0:
		s.row.Result = resultSent
	case accepted:
		s.row.Result = resultPartly
	default:
		s.row.Result = resultOf(problems[0].status)
	}
	if len(problems) > 0 {
		s.row.Error = problems[0].text
	}
}

// connect goes to the first address that answers.
func (s *sendSession) connect(ctx context.Context) *failure {
	if s.place.problem != nil {
		return s.place.problem
	}
	var last error
	for _, at := range s.place.stops {
		limited, cancel := context.WithTimeout(ctx, connectTimeout)
		conn, err := s.dial(limited, "tcp", at.at.String())
		cancel()
		if err != nil {
			last = err
			s.remark(fmt.Sprintf("%s: %v", describeStop(at), plainly(err)))
			continue
		}
		ip := at.at.Addr()
		s.at, s.row.Host, s.row.IP, s.row.Port = at, at.host, &ip, at.at.Port()
		s.shown.connected(at.name(), at.at.Port())
		s.client = smtp.NewClient(conn, &smtp.Options{IOTimeout: s.replyTimeout, Trace: s.hear, LMTP: s.lmtp, LockStep: true, PlaintextAuth: s.plaintextAuth})
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return errInterrupted
	}
	s.row.Host, s.row.Port = s.place.stops[0].host, s.place.stops[0].at.Port()
	return failed("no connection to %s: %w", describeStop(s.place.stops[len(s.place.stops)-1]), plainly(last)).as(exitLost).hint("is the port open from here? mxvet doctor looks")
}

// plainly leaves out of a dialler's error what is said already.
func plainly(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// hear shows a line and keeps it.
func (s *sendSession) hear(entry smtp.Entry) {
	if entry.From == smtp.ServerSaid {
		s.last = entry.Text
	}
	if s.format == "json" {
		s.row.Transcript = append(s.row.Transcript, sendLine{entry.At.Seconds(), entry.From, strings.ToValidUTF8(entry.Text, "\uFFFD")})
	}
	s.shown.line(entry)
}

// remark says something of ours among the lines.
func (s *sendSession) remark(text string) {
	if s.format == "json" {
		s.row.Transcript = append(s.row.Transcript, sendLine{From: smtp.Noted, Text: text})
	}
	s.shown.remark(text)
}

func (s *sendSession) greet(ctx context.Context) *failure {
	reply, err := s.client.Greet(ctx)
	if err != nil {
		return s.broken(err)
	}
	s.row.Greeting = saidOf(reply)
	if reply.Class() != 2 {
		return s.refused("we are", reply)
	}
	return nil
}

// introduce says EHLO and shows what is offered, in clear or inside TLS.
func (s *sendSession) introduce(ctx context.Context) *failure {
	reply, err := s.client.Hello(ctx, s.hello)
	if err != nil {
		return s.broken(err)
	}
	if reply.Class() != 2 {
		return s.refused(fmt.Sprintf("our name %s is", s.hello), reply)
	}
	where, hello := "in clear", helloOf(s.client, reply)
	if _, encrypted := s.client.TLSState(); encrypted {
		where, s.row.Encrypted = "inside TLS", hello
	} else {
		s.row.Plain = hello
	}
	s.remark("has extension, " + where + ": " + hasExtensions(s.client.Extensions()))
	return nil
}

// hasExtensions answers for the extensions that sending makes use of.
func hasExtensions(offered smtp.Extensions) string {
	keywords := []smtp.Keyword{smtp.ExtStartTLS, smtp.ExtAuth, smtp.ExtPipelining, smtp.ExtSize, smtp.Ext8BitMIME, smtp.ExtSMTPUTF8, smtp.ExtDSN}
	answers := make([]string, len(keywords))
	for i, keyword := range keywords {
		answer := "no"
		if params, ok := offered.Params(keyword); ok {
			answer = strings.Join(append([]string{"yes"}, params...), " ")
		}
		answers[i] = fmt.Sprintf("%s %s", keyword, answer)
	}
	return strings.Join(answers, ", ")
}

// serverName is what the certificate is held against.
func (s *sendSession) serverName() string { return s.at.name() }

func (s *sendSession) tlsConfig() *tls.Config {
	config := tlsinfo.Config(s.serverName())
	if s.certificate != nil {
		config.Certificates = []tls.Certificate{*s.certificate}
	}
	return config
}

// implicit shakes hands before the greeting, on port 465 or where it is asked for.
func (s *sendSession) implicit(ctx context.Context) *failure {
	if !s.tls.implicit && (s.tls.off || s.at.at.Port() != 465) {
		return nil
	}
	if err := s.client.ImplicitTLS(ctx, s.tlsConfig()); err != nil {
		return s.broken(err)
	}
	return s.inspect()
}

// startTLS takes the offer of STARTTLS, and says EHLO again: what was said
// before may have been anybody's words (RFC 3207 s4.2).
func (s *sendSession) startTLS(ctx context.Context) *failure {
	if _, encrypted := s.client.TLSState(); encrypted {
		return nil
	}
	if why := s.noTLS(); why != "" {
		s.row.TLSWhy = why
		if s.tls.require {
			return failed("TLS failed: %s", why).as(exitTLS).hint("--tls=auto sends in clear where there is no TLS; port 465 speaks TLS at once")
		}
		return nil
	}
	reply, err := s.client.StartTLS(ctx, s.tlsConfig())
	switch {
	case err != nil:
		return s.broken(err)
	case reply.Code != 220 && (s.tls.require || reply.Code == 421):
		s.row.TLSWhy = "refused"
		return failed("TLS failed: the server offers STARTTLS and refuses it: %s", quote(reply)).as(exitTLS).hint("--tls=auto sends in clear where there is no TLS")
	case reply.Code != 220:
		s.row.TLSWhy = "refused"
		return nil
	}
	if problem := s.inspect(); problem != nil {
		return problem
	}
	return s.introduce(ctx)
}

// noTLS is why there will be no STARTTLS; empty where there will be.
func (s *sendSession) noTLS() string {
	switch {
	case s.tls.off:
		return "switched off"
	case !s.client.Extensions().Has(smtp.ExtStartTLS):
		return "the server does not offer STARTTLS"
	}
	return ""
}

// inspect describes the handshake, and refuses a bad certificate where it is
// told to.
func (s *sendSession) inspect() *failure {
	state, _ := s.client.TLSState()
	s.row.TLS = tlsinfo.Describe(state, s.serverName(), s.roots, time.Now())
	s.remark("certificate: " + describeCertificate(s.row.TLS))
	if s.tls.verify && s.row.TLS.PKIX.Status != tlsinfo.Valid {
		return failed("TLS failed: the certificate of %s is not valid: %s", describeStop(s.at), s.row.TLS.PKIX.Reason).as(exitTLS).
			hint("--tls=require encrypts without looking at the certificate; --ca-file FILE names who is to be trusted")
	}
	return nil
}

// describeCertificate is what a server's certificate is worth, and its own words.
func describeCertificate(facts *tlsinfo.Facts) string {
	worth := string(facts.PKIX.Status)
	if facts.PKIX.Reason != "" {
		worth = "not valid: " + facts.PKIX.Reason
	}
	if len(facts.Certificates) == 0 {
		return worth
	}
	leaf := facts.Certificates[0]
	names := leaf.Names
	if more := len(names) - namesShown; more > 0 {
		names = append(slices.Clone(names[:namesShown]), fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s; %s for %s, by %s, %s to %s, %s", worth, leaf.Subject, strings.Join(names, " "), leaf.Issuer,
		leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly), leaf.Key)
}

// namesShown is how many of a certificate's names are shown: shared ones have
// hundreds.
const namesShown = 5

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

// refused is a no of the server, in its words.
func (s *sendSession) refused(what string, reply smtp.Reply) *failure {
	words := "refused"
	if reply.Class() == 4 {
		words = "refused for now"
	}
	problem := failed("%s %s: %s", what, words, quote(reply)).as(exitRefused)
	if reply.Code == 421 { // which ends the conversation, whatever it answers
		problem = failed("connection lost: %s closes it: %s", describeStop(s.at), quote(reply)).as(exitLost)
	}
	return problem.hint("mxvet explain '%s' says what that means", strings.ReplaceAll(quote(reply), "'", `'\''`))
}

// broken is why the conversation did not go on.
func (s *sendSession) broken(err error) *failure {
	if notSent, ok := errors.AsType[*smtp.NotSentError](err); ok {
		if errors.Is(err, smtp.ErrNoUTF8) {
			return failed("not sent: %w", notSent.Err).as(exitRefused).hint("an address with a local part in ASCII, and a header without UTF-8, can be sent to every server")
		}
		return failed("not sent: %w", err)
	}
	end, ok := errors.AsType[*smtp.BrokenError](err)
	switch {
	case !ok:
		return failed("%w", err)
	case end.Cause == smtp.Cancelled:
		return errInterrupted
	case end.Cause == smtp.Unread:
		return failed("the message could not be read to its end: %w", end.Err)
	case end.Cause == smtp.TLSFailed || end.Stage == smtp.TLS:
		s.row.TLSWhy = end.Err.Error()
		return failed("TLS failed: %s: %w", describeStop(s.at), end.Err).as(exitTLS).hint("--tls=off sends in clear; mxvet scan %s looks closer", s.at.at)
	}
	heard := "nothing was heard before"
	if s.last != "" {
		heard = "heard last: " + report.Printable(s.last)
	}
	return failed("connection lost: %s at %s: %s; %s%s", describeStop(s.at), end.Stage, brokenOff(end), heard, s.unfinished).as(exitLost).
		hint("try again later: a message that no reply stands behind may come twice")
}

// brokenOff is how a conversation ended, for a person.
func brokenOff(end *smtp.BrokenError) string {
	switch end.Cause {
	case smtp.Hangup:
		return "the server hung up"
	case smtp.Reset:
		return "the connection was reset"
	}
	return end.Err.Error()
}

// tell writes what is left to be told when a session is over.
func (s *sendSession) tell(env *environment, problems []*failure) error {
	var err error
	if s.format == "json" {
		err = s.row.writeJSON(env.stdout)
	} else {
		err = s.summary(env.stdout)
	}
	if err != nil {
		return unwritable(standardOutput, err)
	}
	return nil
}

// summary lists those who were accepted; those who were not are told of on
// standard error.
func (s *sendSession) summary(w io.Writer) error {
	if s.row.Result == resultLogin {
		_, err := fmt.Fprintf(w, "logged in as %s with %s: %d %s\n", s.row.Login.User, s.row.Login.Mechanism, s.row.Login.Reply.Code, report.Printable(s.row.Login.Reply.Text))
		return err
	}
	for _, one := range s.row.Recipients {
		if !one.Accepted {
			continue
		}
		if _, err := fmt.Fprintf(w, "accepted for %s: %d %s\n", one.Address, one.Code, report.Printable(one.Text)); err != nil {
			return err
		}
	}
	return nil
}
