package cli

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
)

// scan is the command `mxvet scan`.
type scan struct {
	talk
	inputs
	output
	asks
	judging
	checks bool
}

// scanAnswers is how many answers of DNS a scan remembers: most are about one
// domain, and are wanted once.
const scanAnswers = 50_000

func newScan(env *environment) *cobra.Command {
	s := new(scan)
	cmd := &cobra.Command{
		Use:   "scan [domain | host:port | ip[:port] ...] [-f domains.txt] [-o audit.html]",
		Short: "What do these mail servers offer, promise and get wrong?",
		Long:  scanHelp,
		RunE:  func(cmd *cobra.Command, args []string) error { return s.run(cmd.Context(), env, args) },
	}
	s.inputs.flags(cmd, "domains and servers")
	s.output.flags(cmd, auditForms[:]...)
	s.output.groupFlag(cmd)
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.BoolVar(&s.checks, "checks", false, "list what may be found, and ask nobody")
	})
	s.asks.flags(cmd)
	s.judging.flags(cmd)
	s.judging.failOnSeverity(cmd)
	s.talk.flags(cmd)
	return cmd
}

func (s *scan) run(ctx context.Context, env *environment, args []string) error {
	if s.checks {
		return listChecks(env.stdout, s.format)
	}
	args = s.inputs.take(args)
	if len(args) == 0 && len(s.inputs.files) == 0 {
		return usage("nothing to scan").hint("mxvet scan example.org, or mxvet scan -f domains.txt; - is standard input")
	}
	options, err := s.judging.options(time.Now())
	if err := cmp.Or(err, s.asks.check()); err != nil {
		return err
	}
	s.talk.answers = scanAnswers
	engine, dns, err := s.talk.scanner(ctx, env)
	if err != nil {
		return err
	}
	defer dns.Close()
	router := &mx.Router{Resolver: dns, AllowPrivate: s.allowPrivate, Reaches: s.reaches()}
	engine.Audit = s.asks.audit(engine, router, dns)
	source, err := s.inputs.open(env, args, input.Targets)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := s.output.checkGroup(source.Columns()); err != nil {
		return err
	}
	saveForScan(s.inputs.files)
	csv := report.CSVOptions{Columns: source.Columns(), Asked: source.AddressColumn(), Kind: report.Servers}
	var judged *audited
	row, err := s.tell(ctx, env, engine.Watch, s.inputs.files, csv, nil, func(sink scanner.Sink) (*scanner.RunRow, error) {
		judged = s.judging.over(sink, options)
		return engine.Servers(ctx, source, judged)
	})
	if err := ended(row, err, nil); err != nil {
		return err
	}
	return judged.end()
}
