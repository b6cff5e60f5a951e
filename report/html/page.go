package html

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// page is what the template shows.
type page struct {
	Policy, Title, When, Made string
	Interrupted               bool
	Figures                   []figure
	Charts                    []*chart
	Calendar                  *calendarView
	Audited                   bool // findings were looked for
	Groups                    []*group
	Severities                []scanner.Severity // of the findings, the worst first
	Accepted                  int
	Sheets                    []heading
}

// heading announces a table.
type heading struct{ Name, Title string }

func (w *writer) page() *page {
	p := &page{
		Policy: policy(), Title: report.Printable(w.title()), When: w.when(), Made: "Made by mxvet " + report.Printable(w.tool()),
		Interrupted: w.run != nil && w.run.Interrupt,
		Figures:     w.counts.figures(), Charts: w.counts.charts(), Calendar: w.counts.expiry.view(w.now()),
		Audited: w.counts.domains+w.counts.servers+w.findings.rows > 0, Groups: w.groups.sorted(),
	}
	for _, g := range p.Groups {
		p.Accepted += g.Accepted
		if !slices.Contains(p.Severities, g.Severity) {
			p.Severities = append(p.Severities, g.Severity)
		}
	}
	for _, s := range w.sheets() {
		if s.rows > 0 && s != w.findings {
			p.Sheets = append(p.Sheets, heading{s.name, titles()[s.name]})
		}
	}
	return p
}

func titles() map[string]string {
	return map[string]string{"domains": "Domains", "servers": "Servers", "verdicts": "Addresses"}
}

func (w *writer) title() string {
	switch {
	case w.options.Title != "":
		return w.options.Title
	case w.verdicts.rows > 0 && w.servers.rows+w.domains.rows == 0:
		return "Address verification"
	case w.verdicts.rows == 0:
		return "Mail server audit"
	}
	return "Mail report"
}

// now is when the facts were true.
func (w *writer) now() time.Time {
	if w.run != nil && !w.run.FinishedAt.IsZero() {
		return w.run.FinishedAt
	}
	if !w.counts.last.IsZero() {
		return w.counts.last
	}
	return w.options.Now
}

func (w *writer) when() string {
	if w.run == nil || w.run.FinishedAt.IsZero() {
		return w.now().UTC().Format("2 January 2006, 15:04")
	}
	took := w.run.FinishedAt.Sub(w.run.StartedAt).Round(time.Second)
	text := fmt.Sprintf("%s, in %s", w.run.FinishedAt.UTC().Format("2 January 2006, 15:04"), cmp.Or(took, time.Second))
	for _, cost := range [...]struct {
		n         int64
		one, many string
	}{{w.run.Counts.Conversations, "conversation", "conversations"}, {w.run.Counts.DNSQueries, "DNS query", "DNS queries"}} {
		if cost.n > 0 {
			text += fmt.Sprintf(", %s %s", grouped(int(cost.n)), plural(int(cost.n), cost.one, cost.many))
		}
	}
	return text
}

func (w *writer) tool() string {
	if w.run == nil {
		return ""
	}
	return w.run.Versions.Tool
}

// meta is what the script needs to know of the sheets.
type meta struct {
	Title   string              `json:"title"`
	Block   int                 `json:"block"` // rows in each
	Columns []string            `json:"columns"`
	Fields  map[string][]string `json:"fields"`
	Reasons map[string]string   `json:"reasons"` // in words
	Checks  map[string]string   `json:"checks"`  // what those that found something say of themselves
	Run     *scanner.RunRow     `json:"run"`
}

func (w *writer) write() error {
	out := bufio.NewWriterSize(w.w, 64<<10)
	templates, err := parsed()
	if err != nil {
		return err
	}
	p := w.page()
	if err := templates.ExecuteTemplate(out, "top", p); err != nil {
		return err
	}
	fmt.Fprintf(out, "<style>%s</style>\n", style())
	if err := templates.ExecuteTemplate(out, "body", p); err != nil {
		return err
	}
	if err := w.data(out, p.Title); err != nil {
		return err
	}
	fmt.Fprintf(out, "<script>%s</script>\n</body>\n</html>\n", script())
	return out.Flush()
}

// data writes the sheets.
func (w *writer) data(out io.Writer, title string) error {
	m := meta{Title: title, Block: blockRows, Columns: w.columns, Fields: map[string][]string{}, Reasons: reasons(), Checks: map[string]string{}, Run: w.run}
	for _, g := range w.groups.list {
		m.Checks[g.ID] = g.Explain
	}
	for _, s := range w.sheets() {
		m.Fields[s.name] = s.fields
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "<script type=\"application/json\" id=\"meta\">%s</script>\n", text); err != nil {
		return err
	}
	for _, s := range w.sheets() {
		if err := s.write(out); err != nil {
			return err
		}
	}
	return nil
}

func parsed() (*template.Template, error) {
	return template.New("page").Parse(strings.TrimSpace(pageTemplate))
}
