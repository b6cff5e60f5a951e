package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/lab"
	"github.com/mxvet/mxvet/scanner/pace"
)

func newDemo(env *environment) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Verify and audit the practice Internet, in this process",
		Long:  demoHelp,
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return demo(cmd.Context(), env, dir) },
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "`folder` for the results (default: a new one among the temporary files)")
	return cmd
}

// demo verifies the lab's list, then audits its domains and their servers.
func demo(ctx context.Context, env *environment, dir string) error {
	dir, err := folder(dir)
	if err != nil {
		return err
	}
	internet := lab.New(lab.Options{})
	defer internet.Close()
	s, router, err := labScanner(internet)
	if err != nil {
		return failed("%w", err)
	}
	show := &showing{env: env, scanner: s, router: router, dir: dir, to: standard(env.stdout),
		summary: report.NewSummary(env.stdout, report.SummaryOptions{Width: widthOf(env.stdout)})}
	verified, err := show.verify(ctx, internet)
	if err != nil {
		return err
	}
	scanned, err := show.scan(ctx, internet)
	if err != nil {
		return err
	}
	fmt.Fprintln(env.stdout)
	if err := show.summary.Close(); err != nil {
		return unwritable(standardOutput, err)
	}
	fmt.Fprintf(env.stdout, "\nResults are in %s: verdicts.csv, verdicts.jsonl, servers.csv, audit.html\n", dir)
	if verified.Interrupt || scanned.Interrupt {
		return errInterrupted
	}
	return nil
}

func folder(dir string) (string, error) {
	if dir == "" {
		dir, err := os.MkdirTemp("", "mxvet-demo-")
		if err != nil {
			return "", failed("no folder for the results: %w", err).hint("name one with -o")
		}
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", failed("no folder for the results: %w", err).hint("name another one with -o")
	}
	return dir, nil
}

// labScanner goes out into the practice Internet and nowhere else.
func labScanner(internet *lab.Internet) (*scanner.Scanner, *mx.Router, error) {
	zone, err := internet.Resolver()
	if err != nil {
		return nil, nil, err
	}
	_, roots, err := internet.Roots()
	if err != nil {
		return nil, nil, err
	}
	own := pace.Own()
	router := &mx.Router{Resolver: zone, AllowPrivate: true, Reaches: internet.Reachable}
	return &scanner.Scanner{
		Policy:   address.Policy{AllowPrivate: true},
		Router:   router,
		Egresses: []scanner.Egress{{Dial: internet.Dial, HelloName: lab.HelloName, Senders: []string{"", lab.Sender}}},
		Reaches:  internet.Reachable,
		Pace:     &own,
		Roots:    roots,
		Versions: scanner.Versions{Tool: version()},
		Queries:  func() int64 { return total(zone.Queries()) },
	}, router, nil
}

func total(counts map[string]int) (sum int64) {
	for _, n := range counts {
		sum += int64(n)
	}
	return sum
}

// showing is a demonstration as it goes on.
type showing struct {
	env     *environment
	scanner *scanner.Scanner
	router  *mx.Router
	dir     string
	to      *destination
	summary report.Writer // of all of it
}

func (d *showing) verify(ctx context.Context, internet *lab.Internet) (*scanner.RunRow, error) {
	source, err := input.NewReader("list.csv", strings.NewReader(internet.List()), input.Options{})
	if err != nil {
		return nil, unreadable(err)
	}
	options := report.CSVOptions{Columns: source.Columns()}
	return d.tell(ctx, map[string]string{"verdicts.csv": "csv", "verdicts.jsonl": "jsonl"}, options, func(sink scanner.Sink) (*scanner.RunRow, error) {
		return d.scanner.Run(ctx, source, sink)
	})
}

func (d *showing) scan(ctx context.Context, internet *lab.Internet) (*scanner.RunRow, error) {
	var domains []string
	for _, domain := range internet.Domains() {
		if !domain.Slow {
			domains = append(domains, domain.Name)
		}
	}
	domains = append(domains, "mx.plain.example:587", "mx.plain.example:465")
	d.scanner.Audit = scanner.Audit{Server: probe.Audit{Vrfy: true}, Promises: func(ctx context.Context, route *mx.Route) (mx.Promises, error) {
		return d.router.Promises(ctx, *route, mx.Everything())
	}}
	options := report.CSVOptions{Kind: report.Servers}
	return d.tell(ctx, map[string]string{"servers.csv": "csv", "audit.html": "html"}, options, func(sink scanner.Sink) (*scanner.RunRow, error) {
		return d.scanner.Servers(ctx, input.Arguments(domains), new(judging).over(sink, audit.Options{Now: time.Now()}))
	})
}

// tell shows rows as a table and writes them to files, whose formats stand
// beside their names.
func (d *showing) tell(ctx context.Context, files map[string]string, csv report.CSVOptions, run func(scanner.Sink) (*scanner.RunRow, error)) (*scanner.RunRow, error) {
	writers := []report.Writer{d.to.writer("table", csv)}
	var open []*destination
	for name, format := range files {
		file, err := (&output{file: filepath.Join(d.dir, name)}).open(nil, nil)
		if err != nil {
			return nil, err
		}
		defer file.close()
		open = append(open, file)
		writers = append(writers, file.writer(format, csv))
	}
	all := report.Multi(writers...)
	d.scanner.Watch = new(scanner.Counters)
	progress := startProgress(ctx, d.env.stderr, d.scanner.Watch, false, d.to.screenful())
	row, err := run(report.Multi(all, d.summary))
	progress.stop()
	if err == nil {
		err = all.Close()
	}
	if err != nil {
		return nil, unwritable(written(err), err)
	}
	for _, file := range open {
		err = errors.Join(err, file.keep())
	}
	return row, err
}

// written is the output that an error is about.
func written(err error) string {
	if file, ok := errors.AsType[*os.PathError](err); ok && file.Path != os.Stdout.Name() {
		return file.Path
	}
	return standardOutput
}
