package cli

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/probe/smtp"
)

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
		f.StringSliceVar(&c.sourceIPs, "source-ip", nil, "local address to go out from, `ip[=name]` with its name in EHLO")
		f.StringArrayVar(&c.proxies, "proxy", nil, "SOCKS5 proxy `url` to go out through: socks5://[user:password@]host:port")
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
