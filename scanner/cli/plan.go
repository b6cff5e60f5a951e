package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
)

// shownParties is how many parties a table names; the other forms have all.
const shownParties = 20

// forecast tells what the run would do, instead of running.
func (v *verify) forecast(ctx context.Context, env *environment, s *scanner.Scanner, source *input.Source) error {
	format, err := v.formatName()
	if err != nil {
		return err
	}
	to, err := v.output.open(env, v.inputs.files)
	if err != nil {
		return err
	}
	defer to.close()
	progress := startProgress(ctx, env.stderr, s.Watch, v.quiet, 0)
	forecast, err := s.Forecast(ctx, source)
	progress.stop()
	if err != nil {
		return ended(&scanner.RunRow{Interrupt: true}, interruptedOr(ctx, unreadable(err)), nil)
	}
	write := map[string]func(io.Writer, *scanner.Forecast) error{"table": showForecast, "csv": writeForecastCSV, "jsonl": writeForecastJSONL}[format]
	if write == nil {
		return usage("--plan is written as a table, as CSV or as JSON lines").hint("--format table, csv or jsonl")
	}
	if err := write(to, forecast); err != nil {
		return unwritable(v.output.name(), err)
	}
	return to.keep()
}

// showForecast writes a table of those who take longest, and the whole below it.
func showForecast(w io.Writer, forecast *scanner.Forecast) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "rows\tdomains\tat a time\tnew/s\tmailboxes/s\tunknown/10 min\thours\tcannot verify\t  provider or host")
	for _, party := range forecast.Parties[:min(len(forecast.Parties), shownParties)] {
		fmt.Fprintf(table, "%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t  %s\n", party.Rows, party.Domains, party.Conversations, limitOf(party.Connections), limitOf(party.Recipients),
			limitOf(party.Refusals), hours(party.Hours), share(party.CannotVerify, party.Rows), report.Printable(party.Provider+party.Host))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if others := len(forecast.Parties) - shownParties; others > 0 {
		fmt.Fprintf(w, "and %s more, which take no longer: --format csv has them all\n", count(int64(others), "host"))
	}
	_, err := fmt.Fprintf(w, "\n%s", wholeForecast(forecast))
	return err
}

func wholeForecast(f *scanner.Forecast) string {
	text := fmt.Sprintf("%s (repeats are counted as often as they stand there) of %s: %d to ask about", count(f.Rows, "row"), count(f.Domains, "domain"), f.Asked)
	for _, part := range []struct {
		rows int64
		what string
	}{{f.BadSyntax, "no address"}, {f.Excluded, "excluded"}, {f.Nowhere, "with no server to ask"}, {f.NoAnswer, "whose domain DNS does not tell of"}} {
		if part.rows > 0 {
			text += fmt.Sprintf(", %d %s", part.rows, part.what)
		}
	}
	return text + fmt.Sprintf("\nAbout %s hours; %s will end cannot_verify.\nTaken for granted: %.0f%% of mailboxes unknown, %v round trips, servers that do not push back.\n",
		hours(f.Hours), share(f.CannotVerify, f.Rows), 100*scanner.ForecastUnknown, scanner.ForecastRoundTrip)
}

func limitOf[N int | float64](limit *N) string {
	if limit == nil {
		return "-"
	}
	return strconv.FormatFloat(float64(*limit), 'f', -1, 64)
}

// hours is a time for people: tenths, or less than a minute.
func hours(n float64) string {
	if n*float64(time.Hour) < float64(time.Minute) {
		return "<0.1"
	}
	return strconv.FormatFloat(max(n, 0.1), 'f', 1, 64)
}

func share(part, whole int64) string {
	if whole == 0 {
		return "0%"
	}
	return fmt.Sprintf("%.0f%%", 100*float64(part)/float64(whole))
}

func writeForecastCSV(w io.Writer, forecast *scanner.Forecast) error {
	out := csv.NewWriter(w)
	out.Write([]string{"provider", "host", "rows", "domains", "conversations", "connections_second", "recipients_second", "unknown_ten_minutes", "hours", "cannot_verify"})
	for _, party := range forecast.Parties {
		out.Write([]string{party.Provider, party.Host, fmt.Sprint(party.Rows), fmt.Sprint(party.Domains), fmt.Sprint(party.Conversations),
			unlimited(party.Connections), unlimited(party.Recipients), unlimited(party.Refusals), fmt.Sprint(party.Hours), fmt.Sprint(party.CannotVerify)})
	}
	out.Flush()
	return out.Error()
}

// unlimited leaves a cell empty where there is no limit.
func unlimited[N int | float64](limit *N) string {
	if limit == nil {
		return ""
	}
	return limitOf(limit)
}

// writeForecastJSONL writes an object for each party, and the whole last.
func writeForecastJSONL(w io.Writer, forecast *scanner.Forecast) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, party := range forecast.Parties {
		if err := encoder.Encode(party); err != nil {
			return err
		}
	}
	return encoder.Encode(forecast)
}
