package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
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

// sendTLS is what --tls comes to.
type sendTLS struct {
	off, require, verify, implicit bool
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

func (c *sendCommand) flags(cmd *cobra.Command) {
	under(cmd, whatToSend, func(f *pflag.FlagSet) {
		f.StringVar(&c.from, "from", "", "`address` it comes from; <> is the null sender")
		f.StringArrayVar(&c.to, "to", nil, "`address` it goes to, repeatable")
		f.StringVar(&c.subject, "subject", "", "the `words` of its subject")
		f.StringVar(&c.body, "body", "", "its `text`")
		f.StringArrayVar(&c.attach, "attach", nil, "`file` to go with it, repeatable")
		f.StringVar(&c.message, "message", "", "`file` that holds it ready, sent as it is; - is standard input")
		f.StringSliceVar(&c.notify, "notify", nil, "`events` to be told of, where the server can: never, success, failure, delay")
		f.StringVar(&c.returned, "return", "", "`part` to come back with a failure, where the server can: full or headers")
		f.StringVar(&c.envelope, "envid", "", "`name` of ours in those reports")
	})
	under(cmd, howToSend, func(f *pflag.FlagSet) {
		f.StringVar(&c.server, "server", "", "server to send to, `host[:port]` (default: each recipient's MX)")
		f.BoolVar(&c.lmtp, "lmtp", false, "speak LMTP, as to a mail store")
		f.StringVar(&c.security, "tls", "auto", "`use` of TLS: auto, require, verify (and a good certificate), off, implicit, or implicit,verify; port 465 is implicit")
		f.DurationVar(&c.timeout, "timeout", 15*time.Minute, "longest `time` for everything")
		f.DurationVar(&c.replyTimeout, "io-timeout", 0, "longest `time` for one reply (default 45s, and those of RFC 5321 for the message)")
		f.BoolVar(&c.ipv4, "ipv4", false, "IPv4 only")
		f.BoolVar(&c.ipv6, "ipv6", false, "IPv6 only")
		f.BoolVar(&c.allowPrivate, "allow-private", false, "send to private addresses and names such as .test too")
	})
	under(cmd, whoAsks, func(f *pflag.FlagSet) {
		f.StringVar(&c.helo, "helo", "", "our `name` in EHLO (default: this machine's confirmed PTR name, else its address)")
		f.StringVar(&c.user, "user", "", "log in as this `user`; the password is MXVET_PASSWORD or VRFY_PASSWORD in the environment, or is asked for")
		f.StringVar(&c.passwordFile, "password-file", "", "`file` with the password, or an access token, in its first line; - is standard input")
		f.StringVar(&c.mechanism, "auth", "", "log in with this `mechanism` (default: the strongest that both sides know; tokens want XOAUTH2 or OAUTHBEARER here)")
		f.BoolVar(&c.plaintextAuth, "allow-plaintext-auth", false, "show the password to everybody on the way where there is no TLS")
		f.BoolVar(&c.checkLogin, "check-login", false, "stop after the login: nothing is sent")
		f.StringVar(&c.clientCert, "client-cert", "", "`file` with our certificate and its chain in PEM form, for AUTH EXTERNAL")
		f.StringVar(&c.clientKey, "client-key", "", "`file` with its key (default: it is in the same file)")
		f.StringVar(&c.proxy, "proxy", "", "SOCKS5 proxy `url` to go out through: socks5://[user:password@]host:port")
	})
	under(cmd, whomToTrust, func(f *pflag.FlagSet) {
		f.StringSliceVar(&c.resolvers, "resolver", nil, "DNS server `ip[:port]`, repeatable (default: the system's)")
		f.BoolVar(&c.trustAD, "trust-ad", false, "believe the AD bit of a resolver that is not on this machine")
		f.StringVar(&c.caFile, "ca-file", "", "`file` of PEM certificates to trust instead of the system's")
	})
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVar(&c.transcript, "transcript", "smtp", "`notation` of the conversation: smtp or python")
		f.StringVar(&c.format, "format", "text", "`form`: text, or json for one object a session when it is over")
		f.BoolVarP(&c.quiet, "quiet", "q", false, "no transcript")
	})
	choices(cmd, "transcript", "smtp", "python")
	choices(cmd, "format", "text", "json")
	choices(cmd, "tls", "auto", "require", "verify", "off", "implicit")
	choices(cmd, "auth", smtp.Mechanisms()...)
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
	var err error
	if c.dial, err = c.dialer(); err != nil {
		return nil, nil, err
	}
	if err := c.proxyAnswers(ctx); err != nil {
		return nil, nil, err
	}
	dns, err := c.dns()
	if err != nil {
		return nil, nil, err
	}
	c.hello = whoAmI(ctx, &c.talk, dns).Hello
	return &mx.Router{Resolver: dns, AllowPrivate: c.allowPrivate, Reaches: c.reaches()}, func() { dns.Close() }, nil
}

// check reads the flags that can be wrong.
func (c *sendCommand) check() error {
	c.concurrency, c.perIP, c.ioTimeout = 1, 1, cmp.Or(c.replyTimeout, time.Second)
	var engine scanner.Scanner
	if err := c.talk.check(&engine); err != nil {
		return err
	}
	c.roots = engine.Roots
	for _, check := range []func() error{c.checkAddresses, c.checkTLS, c.checkLetter, c.checkReports} {
		if err := check(); err != nil {
			return err
		}
	}
	if c.format == "jsonl" { // one object a line is what it is
		c.format = "json"
	}
	if c.format != "text" && c.format != "json" {
		return usage("--format %s: there is no such format", c.format).hint("text or json")
	}
	return nil
}

func (c *sendCommand) checkAddresses() error {
	switch {
	case c.checkLogin && c.server == "" && len(c.to) == 0:
		return usage("no server to log in to").hint("name it: --server mail.example.org")
	case !c.checkLogin && c.from == "":
		return usage("nobody to send from").hint("mxvet send --from you@your.domain --to ann@example.org; <> is the null sender")
	case !c.checkLogin && len(c.to) == 0:
		return usage("nobody to send to").hint("mxvet send --from you@your.domain --to ann@example.org")
	}
	if c.from != "" && c.from != "<>" {
		sender, err := address.Parse(c.from)
		if err != nil {
			return usage("--from %s: %v", c.from, err).hint("give an address of yours that takes mail")
		}
		c.sender = sender
	}
	for _, text := range c.to {
		recipient, err := address.Parse(text)
		if err != nil {
			return usage("--to %s: %v", text, err).hint("one address for each --to")
		}
		c.recipients = append(c.recipients, recipient)
	}
	return nil
}

func (c *sendCommand) checkTLS() error {
	for word := range strings.SplitSeq(c.security, ",") {
		switch word {
		case "auto":
		case "require":
			c.tls.require = true
		case "verify":
			c.tls.require, c.tls.verify = true, true
		case "off":
			c.tls.off = true
		case "implicit":
			c.tls.implicit = true
		default:
			return usage("--tls %s: there is no such use of TLS", word).hint("auto, require, verify, off, implicit, or implicit,verify")
		}
	}
	if c.tls.off && c.security != "off" {
		return usage("--tls %s: off and the rest exclude each other", c.security).hint("auto, require, verify, off, implicit, or implicit,verify")
	}
	if c.lmtp && c.server == "" {
		return usage("--lmtp: the MX of a domain does not speak LMTP").hint("name the mail store: --server host:port")
	}
	return nil
}

func (c *sendCommand) checkLetter() error {
	ready := c.message != ""
	if ready && (c.subject != "" || c.body != "" || len(c.attach) > 0) {
		return usage("--message is sent as it is: --subject, --body and --attach do not go with it").hint("leave --message out, and the message is made of the others")
	}
	if c.message == "-" && c.passwordFile == "-" {
		return usage("standard input cannot be both the message and the password").hint("put the password into a file, or into MXVET_PASSWORD")
	}
	return nil
}

func (c *sendCommand) checkReports() error {
	known := map[string]smtp.Notify{"never": smtp.Never, "success": smtp.OnSuccess, "failure": smtp.OnFailure, "delay": smtp.OnDelay}
	for _, word := range c.notify {
		event, ok := known[word]
		if !ok || word == "never" && len(c.notify) > 1 {
			return usage("--notify %s: not something to be told of", strings.Join(c.notify, ",")).hint("never, or any of success, failure and delay")
		}
		c.events = append(c.events, event)
	}
	switch c.returned {
	case "", "full", "headers":
		return nil
	}
	return usage("--return %s: there is no such part", c.returned).hint("full or headers")
}

// identify reads what we prove ourselves with.
func (c *sendCommand) identify(env *environment) error {
	if c.clientCert != "" {
		pair, err := tls.LoadX509KeyPair(c.clientCert, cmp.Or(c.clientKey, c.clientCert))
		if err != nil {
			return failed("--client-cert %s: %w", c.clientCert, err).hint("the files hold the certificate and its key in PEM form; --client-key names that of the key")
		}
		c.certificate = &pair
	}
	c.credentials = smtp.Credentials{User: c.user, External: c.certificate != nil}
	external := strings.EqualFold(c.mechanism, "EXTERNAL")
	switch {
	case external && c.certificate == nil:
		return usage("--auth EXTERNAL: nothing to show").hint("--client-cert FILE, the certificate by which the server knows you")
	case external || c.user == "" && c.certificate != nil:
		return nil
	case c.user == "" && (c.checkLogin || c.mechanism != "" || c.passwordFile != ""):
		return usage("nobody to log in as").hint("--user NAME; the password is in MXVET_PASSWORD, in --password-file FILE, or is asked for")
	case c.user == "":
		return nil
	}
	password, err := secret(env, c.user, c.passwordFile)
	if err != nil {
		return err
	}
	if name := strings.ToUpper(c.mechanism); name == "XOAUTH2" || name == "OAUTHBEARER" {
		c.credentials.Token = password
	} else {
		c.credentials.Password = password
	}
	if c.mechanism != "" && smtp.NewMechanism(c.mechanism, c.credentials) == nil {
		return usage("--auth %s: there is no such mechanism", c.mechanism).hint("%s", strings.Join(smtp.Mechanisms(), ", "))
	}
	return nil
}

// logsIn says whether a login is wanted.
func (c *sendCommand) logsIn() bool { return c.user != "" || c.credentials.External }

// attached reads the files of --attach.
func (c *sendCommand) attached() ([]attachment, error) {
	var out []attachment
	for _, path := range c.attach {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, failed("--attach %s: %w", path, cause(err)).hint("look at the name, and at the folder you are in")
		}
		out = append(out, attachment{filepath.Base(path), data})
	}
	return out, nil
}

// ready reads the message of --message.
func (c *sendCommand) ready(env *environment) ([]byte, error) {
	if c.message == "-" {
		message, err := io.ReadAll(env.stdin)
		if err != nil {
			return nil, failed("--message -: %w", err)
		}
		return message, nil
	}
	message, err := os.ReadFile(c.message)
	if err != nil {
		return nil, failed("--message %s: %w", c.message, cause(err)).hint("look at the name, and at the folder you are in")
	}
	return message, nil
}

// describeStop is a server for a person: its name and where it is.
func describeStop(s stop) string {
	if s.host == "" {
		return s.at.String()
	}
	return fmt.Sprintf("%s (%s)", s.host, s.at)
}
