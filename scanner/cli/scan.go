package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
)

// scan is the command `mxvet scan`.
type scan struct {
	talk
	inputs
	output
}

func newScan(env *environment) *cobra.Command {
	s := new(scan)
	cmd := &cobra.Command{
		Use:   "scan [domain | host:port | ip[:port] ...] [-f domains.txt] [-o servers.csv]",
		Short: "What do these mail servers offer?",
		Long:  scanHelp,
		RunE:  func(cmd *cobra.Command, args []string) error { return s.run(cmd.Context(), env, args) },
	}
	s.inputs.flags(cmd, "domains and servers")
	s.output.flags(cmd)
	s.talk.flags(cmd)
	return cmd
}

func (s *scan) run(ctx context.Context, env *environment, args []string) error {
	args = s.inputs.take(args)
	if len(args) == 0 && len(s.inputs.files) == 0 {
		return usage("nothing to scan").hint("mxvet scan example.org, or mxvet scan -f domains.txt; - is standard input")
	}
	engine, dns, err := s.talk.scanner(ctx, env)
	if err != nil {
		return err
	}
	defer dns.Close()
	source, err := s.inputs.open(env, args, input.Targets)
	if err != nil {
		return err
	}
	defer source.Close()
	options := report.CSVOptions{Columns: source.Columns(), Asked: source.AddressColumn(), Kind: report.Servers}
	row, err := s.tell(ctx, env, engine.Watch, s.inputs.files, options, nil, func(sink scanner.Sink) (*scanner.RunRow, error) {
		return engine.Servers(ctx, source, sink)
	})
	return ended(row, err, nil)
}
