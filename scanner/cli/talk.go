package cli

import (
	"context"
	"crypto/x509"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/pace"
)

// lookups is how many DNS questions may be open at a time. A resolver's socket
// holds some 270 small ones by Linux's default before it drops the rest, and
// each one dropped costs a time-out.
const lookups = 200

// talk is the flags of all commands that talk to servers.
type talk struct {
	waysOut
	resolvers    []string
	trustAD      bool
	helo         string
	mailFrom     string
	ports        []uint
	timeout      time.Duration
	ioTimeout    time.Duration
	concurrency  int
	perIP        int
	pace         string
	exclude      string
	ipv4, ipv6   bool
	allowPrivate bool
	caFile       string
	verbose      bool
	transcript   string
	answers      int // of DNS that are remembered; the resolver's own number where 0
}

func (t *talk) flags(cmd *cobra.Command) {
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.StringVar(&t.exclude, "exclude", "", "`file` of addresses, domains, exchangers and networks that are never asked")
	})
	under(cmd, howToAsk, func(f *pflag.FlagSet) {
		f.UintSliceVar(&t.ports, "ports", []uint{25}, "ask at these `ports`; 465 speaks TLS at once")
		f.StringVar(&t.pace, "pace", "gentle", "go at `pace`: gentle for servers of strangers; brisk for those who expect you; own for servers you run, as fast as they go")
		f.IntVar(&t.concurrency, "concurrency", 100, "at most `n` conversations at a time")
		f.IntVar(&t.perIP, "per-ip", 2, "at most `n` conversations at a time with one IP address")
		f.DurationVar(&t.timeout, "timeout", 2*time.Minute, "longest `time` for one address or server, dialling included")
		f.DurationVar(&t.ioTimeout, "io-timeout", 45*time.Second, "longest `time` for one reply")
		f.BoolVar(&t.ipv4, "ipv4", false, "IPv4 only")
		f.BoolVar(&t.ipv6, "ipv6", false, "IPv6 only")
		f.BoolVar(&t.allowPrivate, "allow-private", false, "ask private addresses and names such as .test too")
	})
	under(cmd, whoAsks, func(f *pflag.FlagSet) {
		f.StringVar(&t.mailFrom, "mail-from", "", "envelope sender `address` to ask with (default: the null sender <>)")
		f.StringVar(&t.helo, "helo", "", "our `name` in EHLO (default: this machine's confirmed PTR name, else its address)")
		t.waysOut.flags(f)
	})
	under(cmd, whomToTrust, func(f *pflag.FlagSet) {
		f.StringSliceVar(&t.resolvers, "resolver", nil, "DNS server `ip[:port]`, repeatable (default: the system's)")
		f.BoolVar(&t.trustAD, "trust-ad", false, "believe the AD bit of a resolver that is not on this machine")
		f.StringVar(&t.caFile, "ca-file", "", "`file` of PEM certificates to trust instead of the system's")
	})
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.BoolVarP(&t.verbose, "verbose", "v", false, "show the conversations on standard error")
		f.StringVar(&t.transcript, "transcript", "smtp", "`notation` of -v: smtp or python, one conversation with an address at a time")
	})
	choices(cmd, "transcript", "smtp", "python")
	choices(cmd, "pace", "gentle", "brisk", "own")
}

// scanner makes a Scanner by the flags. The resolver is to be closed.
func (t *talk) scanner(ctx context.Context, env *environment) (*scanner.Scanner, *resolver.Resolver, error) {
	profile, ok := pace.ByName(t.pace)
	if !ok {
		return nil, nil, usage("--pace %s: there is no such pace", t.pace).hint("--pace gentle, brisk or own")
	}
	profile.Conversations = max(t.perIP, 1)
	if t.verbose && t.transcript == "python" {
		profile.Conversations = 1 // its lines do not say whose they are
	}
	s := &scanner.Scanner{
		Policy:      t.policy(),
		Pace:        &profile,
		Concurrency: t.concurrency,
		Timeout:     t.timeout,
		IOTimeout:   t.ioTimeout,
		Reaches:     t.reaches(),
		Versions:    scanner.Versions{Tool: version()},
		Watch:       new(scanner.Counters),
	}
	if err := t.check(s); err != nil {
		return nil, nil, err
	}
	ways, err := t.ways()
	if err != nil {
		return nil, nil, err
	}
	if s.NoIPv4, s.NoIPv6, err = t.families(ways); err != nil {
		return nil, nil, err
	}
	dns, err := t.dns()
	if err != nil {
		return nil, nil, err
	}
	s.Router = &mx.Router{Resolver: dns, AllowPrivate: t.allowPrivate, Reaches: t.reaches()}
	s.Queries = dns.Queries
	if err := t.goOut(ctx, env, s, ways, dns); err != nil {
		dns.Close()
		return nil, nil, err
	}
	if t.verbose {
		s.Trace = traceTo(env.stderr, t.transcript)
	}
	return s, dns, nil
}

// policy is what counts as an address.
func (t *talk) policy() address.Policy { return address.Policy{AllowPrivate: t.allowPrivate} }

func (t *talk) reaches() func(netip.Addr) bool {
	if t.allowPrivate {
		return func(netip.Addr) bool { return true }
	}
	return mx.Global
}

// check reads the flags that can be wrong.
func (t *talk) check(s *scanner.Scanner) error {
	if t.ipv4 && t.ipv6 {
		return usage("--ipv4 and --ipv6 exclude each other").hint("without either, both are used where this machine has them")
	}
	if _, err := notationOf(t.transcript, io.Discard); err != nil {
		return err
	}
	if t.timeout <= 0 || t.ioTimeout <= 0 || t.concurrency <= 0 || t.perIP <= 0 {
		return usage("--timeout, --io-timeout, --concurrency and --per-ip take values above 0").hint("leave a flag out for its default")
	}
	for _, port := range t.ports {
		if port == 0 || port > 65535 {
			return usage("--ports %d: not a port", port).hint("numbers from 1 to 65535, as 25 or 25,587")
		}
		s.Ports = append(s.Ports, uint16(port))
	}
	if t.mailFrom != "" {
		if _, err := address.Parse(t.mailFrom); err != nil {
			return usage("--mail-from %s: %v", t.mailFrom, err).hint("give an address of yours that takes mail")
		}
	}
	if t.helo != "" && !isHello(t.helo) {
		return usage("--helo %s: neither a name nor an address literal", t.helo).hint("the name of this machine, as mail.your.domain")
	}
	return t.readFiles(s)
}

// isHello says whether a server could read this after EHLO: a domain, or an IP
// address in brackets (RFC 5321 s4.1.1.1, s4.1.3).
func isHello(name string) bool {
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		text, six := strings.CutPrefix(inner, "IPv6:")
		ip, err := netip.ParseAddr(text)
		return err == nil && closed && six == ip.Is6()
	}
	_, _, err := address.ParseDomain(name)
	return err == nil
}

func (t *talk) readFiles(s *scanner.Scanner) error {
	if t.exclude != "" {
		file, err := os.Open(t.exclude)
		if err != nil {
			return failed("--exclude %s: %w", t.exclude, cause(err)).hint("look at the name, and at the folder you are in")
		}
		defer file.Close()
		if s.Exclude, err = scanner.ReadExclude(file); err != nil {
			return failed("--exclude %s: %w", t.exclude, err).hint("one address, domain, exchanger or network a line")
		}
	}
	if t.caFile != "" {
		pem, err := os.ReadFile(t.caFile)
		if err != nil {
			return failed("--ca-file %s: %w", t.caFile, cause(err)).hint("look at the name, and at the folder you are in")
		}
		if s.Roots = x509.NewCertPool(); !s.Roots.AppendCertsFromPEM(pem) {
			return failed("--ca-file %s: no certificate in it", t.caFile).hint("the file holds certificates in PEM form: -----BEGIN CERTIFICATE-----")
		}
	}
	return nil
}

func (t *talk) dns() (*resolver.Resolver, error) {
	config := resolver.Config{TrustAD: t.trustAD, Concurrency: lookups, CacheEntries: t.answers}
	for _, text := range t.resolvers {
		server, err := resolver.ParseServer(text)
		if err != nil {
			return nil, explained(exitUsage, "--resolver", err)
		}
		config.Servers = append(config.Servers, server)
	}
	if len(config.Servers) == 0 {
		servers, err := resolver.System()
		if err != nil {
			return nil, explained(exitFailed, "", err)
		}
		config.Servers = servers
	}
	dns, err := resolver.New(config)
	if err != nil {
		return nil, explained(exitFailed, "", err)
	}
	return dns, nil
}

// explained takes an error whose text ends in a hint: line apart.
func explained(status int, flag string, err error) *failure {
	text, advice, _ := strings.Cut(err.Error(), "\nhint: ")
	if flag != "" {
		text = flag + ": " + text
	}
	return &failure{status: status, text: text, advice: advice, err: err}
}
