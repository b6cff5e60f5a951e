package cli

import (
	"context"
	"net/netip"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/doctor"
)

// doctorCommand is the command `mxvet doctor`.
type doctorCommand struct {
	talk
	output
	to       []string
	publicIP []string
	dnsbl    []string
}

func newDoctor(env *environment) *cobra.Command {
	d := new(doctorCommand)
	cmd := &cobra.Command{
		Use:   "doctor [--to host[:port] ...]",
		Short: "Can this machine verify at all?",
		Long:  doctorHelp,
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return d.run(cmd.Context(), env) },
	}
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.StringSliceVar(&d.to, "to", nil, "server or domain to connect to, `host[:port]`, repeatable (default: a few large ones)")
		f.StringSliceVar(&d.dnsbl, "dnsbl", nil, "blocklist `zone` to ask beside the usual ones, repeatable")
	})
	under(cmd, whoAsks, func(f *pflag.FlagSet) {
		f.StringSliceVar(&d.publicIP, "public-ip", nil, "this machine's public `address` where a router or proxy hides it; one of each family")
	})
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVarP(&d.output.file, "output", "o", "", "write to `file`, whole or not at all (default: standard output)")
		f.StringVar(&d.output.format, "format", "", "`form`: table or jsonl (default: by the name of -o, else table)")
	})
	choices(cmd, "format", "table", "jsonl")
	d.talk.flags(cmd)
	return cmd
}

func (d *doctorCommand) run(ctx context.Context, env *environment) error {
	format, err := d.formatName()
	if err != nil {
		return err
	}
	dr, closing, err := d.doctor(ctx, env)
	if err != nil {
		return err
	}
	defer closing()
	to, err := d.output.open(env, nil)
	if err != nil {
		return err
	}
	defer to.close()
	limited, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	findings := dr.Examine(limited)
	if format == "jsonl" {
		err = writeFindings(to, findings)
	} else {
		err = showFindings(to, findings, to.width)
	}
	if err != nil {
		return unwritable(d.output.name(), err)
	}
	if err := to.keep(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case !doctor.CanVerify(findings):
		return errFound
	}
	return nil
}

func (d *doctorCommand) formatName() (string, error) {
	format, ending := d.output.format, strings.ToLower(filepath.Ext(d.output.file))
	if format == "" && slices.Contains([]string{".jsonl", ".ndjson", ".json"}, ending) {
		return "jsonl", nil
	}
	switch format {
	case "", "table":
		return "table", nil
	case "jsonl":
		return "jsonl", nil
	}
	return "", usage("--format %s: there is no such format", format).hint("table or jsonl")
}

// doctor is made by the flags as a run would be.
func (d *doctorCommand) doctor(ctx context.Context, env *environment) (*doctor.Doctor, func(), error) {
	asked := new(scanner.Scanner)
	if err := d.talk.check(asked); err != nil {
		return nil, nil, err
	}
	out := &doctor.Doctor{
		Sender:  d.mailFrom,
		TrustAD: d.trustAD,
		Proxied: len(d.proxies) > 0,
		NoIPv4:  d.ipv6,
		NoIPv6:  d.ipv4,
		Built:   built(),
		IO:      d.ioTimeout,
		Port:    inClear(asked.Ports),
		Excluded: func(name string, ip netip.Addr) bool {
			return asked.Exclude.Host(name) || asked.Exclude.IP(ip)
		},
	}
	if err := d.read(out); err != nil {
		return nil, nil, err
	}
	ways, err := d.ways()
	if err != nil {
		return nil, nil, err
	}
	if len(ways) > 1 {
		return nil, nil, usage("several ways out: the doctor looks at one at a time").hint("call it once for each --source-ip or --proxy")
	}
	if ways[0].proxy == nil { // whether a proxy answers is a finding
		if err := ready(ctx, env.stderr, ways); err != nil {
			return nil, nil, err
		}
	}
	if out.Dial, err = ways[0].dialer(d.reaches()); err != nil {
		return nil, nil, err
	}
	dns, err := d.dns()
	if err != nil {
		return nil, nil, err
	}
	out.Router = &mx.Router{Resolver: dns, AllowPrivate: d.allowPrivate, Reaches: d.reaches()}
	out.Self = whoAmI(ctx, &d.talk, ways[0], dns)
	if d.verbose {
		out.Trace = traceTo(env.stderr, d.transcript)
	}
	return out, func() { dns.Close() }, nil
}

// inClear is the first port at which a server greets without TLS.
func inClear(ports []uint16) uint16 {
	for _, port := range ports {
		if port != 465 {
			return port
		}
	}
	return 25
}

// read reads the flags that are the doctor's own.
func (d *doctorCommand) read(out *doctor.Doctor) error {
	for _, text := range d.to {
		target, err := doctor.ParseTarget(text)
		if err != nil {
			return usage("--to %s: %v", text, err).hint("write mx.example.org, mx.example.org:2525, 192.0.2.25 or [2001:db8::25]:25")
		}
		out.To = append(out.To, target)
	}
	for _, text := range d.publicIP {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return usage("--public-ip %s: not an IP address", text).hint("write it like 203.0.113.5 or 2001:db8::5")
		}
		out.Public = append(out.Public, ip.Unmap())
	}
	out.Lists = mx.DNSBLs()
	for _, text := range d.dnsbl {
		zone, _, err := address.ParseDomain(text)
		if err != nil {
			return usage("--dnsbl %s: %v", text, err).hint("name the zone of a list, such as bl.example.org")
		}
		out.Lists = append(out.Lists, mx.DNSBL{Zone: zone, IPv6: true})
	}
	return nil
}

// built is the time of the commit that this program was built from; zero where
// the build did not record it.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.time" {
			at, _ := time.Parse(time.RFC3339, setting.Value)
			return at
		}
	}
	return time.Time{}
}
