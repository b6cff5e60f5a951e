package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
)

// verify is the command `mxvet verify`.
type verify struct {
	talk
	inputs
	output
	standards
	keeping
	measured
	earlier
	budgets
	method    string
	plan      bool
	reluctant bool
	unordered bool
	failOn    []string
}

func newVerify(env *environment) *cobra.Command {
	v := new(verify)
	cmd := &cobra.Command{
		Use:   "verify [address ...] [-f list.csv] [-o verdicts.csv]",
		Short: "Will mail to these addresses arrive?",
		Long:  verifyHelp,
		RunE:  func(cmd *cobra.Command, args []string) error { return v.run(cmd.Context(), env, args) },
	}
	v.inputs.flags(cmd, "addresses")
	v.output.flags(cmd)
	v.output.splitFlag(cmd)
	under(cmd, howToAsk, func(f *pflag.FlagSet) {
		f.StringVar(&v.method, "method", "auto", "ask by `method`: auto or rcpt, vrfy, both, dns (no server is asked), syntax (nobody is asked)")
		f.BoolVar(&v.plan, "plan", false, "say whom the run would ask, how fast and for how long, and ask no mail server")
		f.BoolVar(&v.reluctant, "probe-reluctant", false, "ask providers that object to verifying without sending")
	})
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.BoolVar(&v.unordered, "unordered", false, "tell rows as they finish, not in the order of the list")
		f.StringSliceVar(&v.failOn, "fail-on", nil, "exit with 3 if a row has this `verdict` or reason, as undeliverable or catch_all")
	})
	choices(cmd, "method", "auto", "rcpt", "vrfy", "both", "dns", "syntax")
	v.standards.flags(cmd)
	v.talk.flags(cmd)
	v.keeping.flags(cmd)
	v.measured.flags(cmd)
	v.earlier.flags(cmd)
	v.budgets.flags(cmd)
	return cmd
}

func (v *verify) run(ctx context.Context, env *environment, args []string) error {
	args = v.inputs.take(args)
	if len(args) == 0 && len(v.inputs.files) == 0 {
		return usage("no addresses to verify").hint("mxvet verify ann@example.org, or mxvet verify -f list.csv; - is standard input")
	}
	s, closing, err := v.scanner(ctx, env)
	if err != nil {
		return err
	}
	defer closing()
	s.Unordered = v.unordered
	if err := v.standards.apply(s, len(v.inputs.files) > 0); err != nil {
		return err
	}
	forget, err := v.earlier.open(s, v.began(ctx))
	if err != nil {
		return err
	}
	defer forget()
	source, err := v.inputs.open(env, args, input.Addresses)
	if err != nil {
		return err
	}
	defer source.Close()
	if v.plan {
		return v.forecast(ctx, env, s, source)
	}
	served, err := v.measured.serve(ctx, s)
	if err != nil {
		return err
	}
	defer served.close()
	alarm := &alarm{words: v.failOn}
	var kept *kept
	row, err := v.tell(ctx, env, s.Watch, v.inputs.files, report.CSVOptions{Columns: source.Columns(), Asked: source.AddressColumn()}, alarm, func(sink scanner.Sink) (*scanner.RunRow, error) {
		if kept, err = v.keep(ctx, env, s, source, args); err != nil {
			return nil, err
		}
		return s.Run(ctx, source, served.counting(sink))
	})
	if unkept := kept.end(env, s, row, err, v.keepJob); unkept != nil && err == nil {
		return unkept
	}
	return ended(row, err, alarm)
}

// scanner is the scanner by the flags; where nobody is asked it needs no DNS.
func (v *verify) scanner(ctx context.Context, env *environment) (*scanner.Scanner, func(), error) {
	method, err := methodOf(v.method)
	if err != nil {
		return nil, nil, err
	}
	if err := cmp.Or(v.checkFailOn(), v.budgets.check()); err != nil {
		return nil, nil, err
	}
	if v.plan && (method == scanner.BySyntax || method == scanner.ByDNS) {
		return nil, nil, usage("--plan with --method %s: no mail server would be asked", method).hint("leave --plan out: such a run is over as soon as a plan for it")
	}
	if method == scanner.BySyntax {
		return &scanner.Scanner{Method: method, Policy: v.policy(), Versions: scanner.Versions{Tool: version()}, Watch: new(scanner.Counters)}, func() {}, nil
	}
	s, dns, err := v.talk.scanner(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	s.Method, s.ProbeReluctant = method, v.reluctant
	s.MaxDuration, s.MaxConversations = v.maxDuration, v.maxConversations
	return s, func() { dns.Close() }, nil
}

func methodOf(name string) (scanner.Method, error) {
	switch name {
	case "auto", "rcpt":
		return scanner.ByRCPT, nil
	case "vrfy", "both", "dns", "syntax":
		return scanner.Method(name), nil
	default:
		return "", usage("--method %s: there is no such method", name).hint("auto, rcpt, vrfy, both, dns or syntax")
	}
}

func (v *verify) checkFailOn() error {
	for _, word := range v.failOn {
		known := judge.Reason(word).Info().Reason != ""
		for _, verdict := range judge.Words {
			known = known || string(verdict) == word
		}
		if !known {
			return usage("--fail-on %s: no such verdict or reason", word).hint("deliverable, risky, undeliverable, unknown, or a reason such as mailbox_unknown")
		}
	}
	return nil
}

// alarm notes whether a row has what --fail-on names.
type alarm struct {
	words []string
	rang  bool
}

func (a *alarm) see(row scanner.Row) {
	verdict, ok := row.(*scanner.VerdictRow)
	if !ok {
		return
	}
	for _, word := range a.words {
		a.rang = a.rang || strings.EqualFold(word, string(verdict.Verdict)) || strings.EqualFold(word, string(verdict.Reason))
	}
}

// ended is how a command ends after its rows are written.
func ended(row *scanner.RunRow, err error, alarm *alarm) error {
	switch {
	case err != nil:
		var known *failure
		if errors.As(err, &known) {
			return err
		}
		if errors.Is(err, scanner.ErrNoWayOut) {
			return failed("%w", err).hint("port 25 is closed to most homes and clouds; mxvet doctor looks closer, --proxy goes out elsewhere")
		}
		return unreadable(err)
	case row.Interrupt && row.Budget == "":
		return errInterrupted
	case alarm != nil && alarm.rang:
		return errFound
	default:
		return nil
	}
}
