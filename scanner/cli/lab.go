package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/mxvet/mxvet/scanner/lab"
)

func newLab(env *environment) *cobra.Command {
	var listen string
	var options lab.Options
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Serve the practice Internet until Ctrl-C",
		Long:  labHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if options.RTT < 0 {
				return usage("--rtt %v: less than nothing", options.RTT).hint("a time such as 200ms")
			}
			return serveLab(cmd.Context(), env.stdout, listen, options)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "`ip:port` of the SOCKS5 proxy (default: a free port of 127.0.0.1)")
	cmd.Flags().DurationVar(&options.RTT, "rtt", 0, "round-trip `time` to every server")
	return cmd
}

func serveLab(ctx context.Context, w io.Writer, listen string, options lab.Options) error {
	internet := lab.New(options)
	defer internet.Close()
	err := internet.Serve(ctx, listen, func(fronts lab.Fronts) {
		listDomains(w, internet)
		fmt.Fprintf(w, "\nServing until Ctrl-C. Reach it with\n\n  mxvet verify --resolver %s --proxy socks5://%s --allow-private ann.archer@plain.example\n\n", fronts.DNS, fronts.SOCKS)
		fmt.Fprintf(w, "--resolver %s --proxy socks5://%s --allow-private\n", fronts.DNS, fronts.SOCKS)
	})
	if err != nil {
		return failed("the lab cannot be served: %w", err).hint("--listen takes an ip:port of this machine that is free")
	}
	return nil
}

func listDomains(w io.Writer, internet *lab.Internet) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, domain := range internet.Domains() {
		fmt.Fprintf(table, "%s\t%s\n", domain.Name, domain.About)
	}
	table.Flush()
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no arguments", cmd.CommandPath()).hint("%s --help", cmd.CommandPath())
	}
	return nil
}
