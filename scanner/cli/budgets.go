package cli

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// budgets is the flags of verify that bound what a run may cost.
type budgets struct {
	maxDuration      time.Duration
	maxConversations int64
}

func (b *budgets) flags(cmd *cobra.Command) {
	under(cmd, howToAsk, func(f *pflag.FlagSet) {
		f.DurationVar(&b.maxDuration, "max-duration", 0, "end the run after this `time`; what was not reached is not_checked")
		f.Int64Var(&b.maxConversations, "max-conversations", 0, "end the run after `n` conversations; what was not reached is not_checked")
	})
}

func (b *budgets) check() error {
	if b.maxDuration < 0 || b.maxConversations < 0 {
		return usage("--max-duration and --max-conversations take values above 0").hint("leave a flag out for a run without that bound")
	}
	return nil
}
