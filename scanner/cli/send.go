package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
)

// sendCommand is the command `mxvet send`.
type sendCommand struct {
	talk
	from, subject, body string
	to, attach          []string
	message             string
	server              string
	lmtp                bool
	security            string
	user, passwordFile  string
	mechanism           string
	plaintextAuth       bool
	checkLogin          bool
	clientCert          string
	clientKey           string
	notify              []string
	returned, envelope  string
	replyTimeout        time.Duration
	format              string
	quiet               bool

	// What the flags come to.

	sender      address.Address // zero for the null sender
	recipients  []address.Address
	tls         sendTLS
	credentials smtp.Credentials
	certificate *tls.Certificate
	roots       *x509.CertPool
	events      []smtp.Notify
	dial        probe.DialFunc
	hello       string
}

func newSend(env *environment) *cobra.Command {
	c := new(sendCommand)
	cmd := &cobra.Command{
		Use:   "send --from address --to address ... [--server host[:port]]",
		Short: "Send one test message, and show every word of it",
		Long:  sendHelp,
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), env) },
	}
	c.flags(cmd)
	return cmd
}

func (c *sendCommand) run(ctx context.Context, env *environment) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := c.identify(env); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	router, closing, err := c.goOut(ctx)
	if err != nil {
		return err
	}
	defer closing()
	var mail *parcel
	if !c.checkLogin {
		if mail, err = c.parcel(env); err != nil {
			return err
		}
	}
	places, err := c.dropOffs(ctx, router)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	ended := exitDone
	for _, place := range places {
		s, err := c.session(env, mail, place)
		if err != nil {
			return err
		}
		problems := s.hold(ctx)
		if err := s.tell(env, problems); err != nil {
			return err
		}
		for _, problem := range problems {
			complain(env.stderr, problem)
			ended = cmp.Or(ended, problem.status)
		}
	}
	if ended == exitDone {
		return nil
	}
	return &failure{status: ended, err: errSilent}
}

// interruptedOr is the error of something that the user may have cut short.
func interruptedOr(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errInterrupted
	}
	return err
}

// goOut makes the way out: resolver, dialer, and the name we go by.
func (c *sendCommand) goOut(ctx context.Context) (*mx.Router, func(), error) {
	ways, err := c.ways()
	if err != nil {
		return nil, nil, err
	}
	if len(ways) > 1 {
		return nil, nil, usage("several ways out: one message goes one way").hint("give one --source-ip or one --proxy")
	}
	if err := ready(ctx, io.Discard, ways); err != nil {
		return nil, nil, err
	}
	if c.dial, err = ways[0].dialer(c.reaches()); err != nil {
		return nil, nil, err
	}
	dns, err := c.dns()
	if err != nil {
		return nil, nil, err
	}
	c.hello = whoAmI(ctx, &c.talk, ways[0], dns).Hello
	return &mx.Router{Resolver: dns, AllowPrivate: c.allowPrivate, Reaches: c.reaches()}, func() { dns.Close() }, nil
}
