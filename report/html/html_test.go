package html_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	report "github.com/mxvet/mxvet/report/html"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// TestPolicy: the digests in the policy are those of the only style and the
// only script that runs, so that nothing else can.
func TestPolicy(t *testing.T) {
	page := told(t, shop(noon)...)
	policy := html.UnescapeString(only(t, page, `http-equiv="Content-Security-Policy" content="([^"]*)"`))
	want := fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		digest(only(t, page, `(?s)<style>(.*?)</style>`)), digest(only(t, page, `(?s)<script>(.*?)</script>`)))
	if policy != want {
		t.Errorf("policy is %s\nwant      %s", policy, want)
	}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// only is what an expression's group matches, in the one place it does.
func only(t *testing.T, text, expression string) string {
	t.Helper()
	found := regexp.MustCompile(expression).FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("%s is there %d times, want once", expression, len(found))
	}
	return found[0][1]
}

// TestNothingIsFetched: no element or style that a browser would fetch something for.
func TestNothingIsFetched(t *testing.T) {
	page := told(t, append(shop(noon), many(3)...)...)
	markup := regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>`).ReplaceAllString(page, "")
	for _, forbidden := range []string{"<link", "<img", "<iframe", "<object", "<embed", "<base", " src=", " srcset=", " action=", " style=", " ping=", "http-equiv=\"refresh\""} {
		if strings.Contains(markup, forbidden) {
			t.Errorf("there is %s", forbidden)
		}
	}
	for _, href := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(markup, -1) {
		if !strings.HasPrefix(href[1], "#") {
			t.Errorf("a link leads out: %s", href[1])
		}
	}
	style := only(t, page, `(?s)<style>(.*?)</style>`)
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") || strings.Contains(page, "sourceMappingURL") {
		t.Error("the style or script names a file")
	}
}

// hostile are texts that servers have said, or could.
var hostile = []string{
	"<script>document.title='owned'</script>", "</script><script>document.title='owned'</script>", "<!-- <script> --!>", "]]><img src=x onerror=\"document.title='owned'\">",
	"javascript:document.title='owned'", "\x1b]0;owned\x07\x1b[2J", "a\x00b", "\u202egnp.exe\u2066", "\u2028\u2029", "'\"><svg/onload=document.title='owned'>", "{{.}}", "\xff\xfe",
}

// spiteful are rows all of whose text is hostile.
func spiteful() []scanner.Row {
	text := strings.Join(hostile, "\n") + strings.Repeat("long ", 20_000)
	server := shopServer(1, "mx1.shop.example", noon)
	server.Greeting.Text, server.Plain.Hello, server.Why, server.Software = text, text, text, text
	server.Plain.Auth = hostile
	server.Plain.Extensions = append(server.Plain.Extensions, smtp.Extension{Keyword: smtp.Keyword(hostile[1]), Params: hostile})
	server.TLS.Certificates[0].Subject, server.TLS.Certificates[0].Names = hostile[1], hostile
	server.TLS.Version, server.TLS.Group = hostile[0], hostile[1]
	server.Domains = append(server.Domains, hostile...)
	domain := shopDomain()
	domain.SPF.Records, domain.MTASTS.Fetch.Text, domain.Route.Hosts[1].Name = hostile, text, hostile[1]
	domain.Columns = scanner.Columns{{Name: hostile[1], Value: hostile[0]}}
	rows := []scanner.Row{server, domain}
	for i, one := range hostile {
		name := fmt.Sprintf("h%d.example", i)
		other := shopDomain()
		other.Row, other.Input, other.Domain, other.Unicode = int64(i+2), name, name, one
		rows = append(rows, other, &scanner.FindingRow{ID: one, Severity: scanner.High, Title: one, Domain: "shop.example", Host: one, Evidence: text, Reference: one, Fix: text, Where: one})
	}
	v := many(1)[0].(*scanner.VerdictRow)
	v.Input, v.Address, v.Evidence.Text, v.Attempts = text, &hostile[1], text, []probe.Outcome{{Kind: probe.AddressKind, Stage: smtp.Rcpt, Code: 550, Text: text}}
	v.Columns = scanner.Columns{{Name: hostile[3], Value: hostile[3]}}
	return append(rows, v)
}

// TestHostileTextIsData: nothing that was said opens or ends an element, and
// what is in the data is what was said.
func TestHostileTextIsData(t *testing.T) {
	page := told(t, spiteful()...)
	sound := told(t, append(shop(noon), many(1)...)...)
	for _, tag := range []string{"<script", "</script", "<style", "<!--", "<img", "onerror=\"", "<svg/"} {
		got, want := strings.Count(page, tag), strings.Count(sound, tag)
		if got != want {
			t.Errorf("%s is there %d times, and %d times where nobody is hostile", tag, got, want)
		}
	}
	markup := regexp.MustCompile(`(?s)<script type="application/json".*?</script>`).ReplaceAllString(page, "")
	if i := strings.IndexAny(markup, "\x00\x1b\x07\u202e\u2066\u2028"); i >= 0 {
		t.Errorf("a control is written as it is: %q", markup[max(0, i-40):i+10])
	}
	var servers []scanner.ServerRow
	data(t, page, "servers-0", &servers)
	if got, want := servers[0].Greeting.Text, strings.ToValidUTF8(strings.Join(hostile, "\n")+strings.Repeat("long ", 20_000), "\uFFFD\uFFFD"); got != want {
		t.Errorf("the greeting is not what was said: %d bytes, want %d", len(got), len(want))
	}
}

// data reads an element of the report's data.
func data(t *testing.T, page, id string, into any) {
	t.Helper()
	text := only(t, page, `(?s)<script type="application/json" id="data-`+regexp.QuoteMeta(id)+`">(.*?)</script>`)
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func TestFiguresOfAVerification(t *testing.T) {
	got := figures(told(t, many(9)...))
	want := []string{"9 addresses", "3 deliverable 33 %", "2 risky 22 %", "2 undeliverable 22 %", "2 unknown 22 %"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFiguresOfAnAudit(t *testing.T) {
	notls := shopServer(3, "mx.notls.example", noon)
	notls.StartTLS, notls.TLS, notls.Encrypted = probe.No, nil, nil
	notls.Plain.Extensions = notls.Plain.Extensions[:len(notls.Plain.Extensions)-1] // STARTTLS
	dead := &scanner.ServerRow{Server: probe.Server{Host: "mx.dead.example", Port: 25, Reachable: probe.Inconclusive, At: noon}}
	failing, mute := shopServer(4, "mx.failing.example", noon), shopServer(5, "mx.mute.example", noon)
	failing.StartTLS, failing.TLS, failing.Encrypted, failing.Failure = probe.Inconclusive, nil, nil, &probe.Outcome{Stage: smtp.TLS}
	mute.StartTLS, mute.TLS, mute.Encrypted, mute.Plain, mute.Failure = probe.Inconclusive, nil, nil, nil, &probe.Outcome{Stage: smtp.Greeting}
	page := told(t, append(shop(noon), notls, dead, failing, mute)...)
	for _, row := range []string{`<th scope="row">STARTTLS</th><td>3</td><td>75 %</td>`, `<th scope="row">handshake fails</th><td>1</td><td>20 %</td>`, `<th scope="row">not measured</th><td>1</td><td>20 %</td>`} {
		if !strings.Contains(page, row) {
			t.Errorf("no row %s", row)
		}
	}
	got := figures(page)
	want := []string{"1 domain 1 take mail", "6 servers 5 answered", "75 % offer TLS 3 of 4 that answered EHLO", "100 % valid certificate 2 of 2 with TLS", "0 % post-quantum 0 of 2 with TLS", "2 critical or high of 4 findings"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// figures are the summary's numbers with their words.
func figures(page string) (list []string) {
	for _, found := range regexp.MustCompile(`<dt>([^<]*)</dt><dd class="value">([^<]*)</dd>(?:<dd class="note">([^<]*)</dd>)?`).FindAllStringSubmatch(page, -1) {
		list = append(list, strings.TrimSpace(found[2]+" "+found[1]+" "+found[3]))
	}
	return list
}

// TestChartsHaveTables: what is drawn is also written, for those who do not see it.
func TestChartsHaveTables(t *testing.T) {
	page := told(t, append(shop(noon), many(8)...)...)
	for _, row := range []string{
		`<th scope="row">deliverable</th><td>2</td><td>25 %</td>`, `<th scope="row">mailbox_unknown</th><td>2</td><td>25 %</td>`, `<th scope="row">TLSv1.3</th><td>2</td><td>100 %</td>`,
		`<th scope="row">x25519</th><td>2</td><td>100 %</td>`, `<th scope="row">REQUIRETLS</th><td>2</td><td>100 %</td>`, `<th scope="row">STARTTLS</th><td>2</td><td>100 %</td>`, `<th scope="row">MTA-STS enforced</th><td>0</td><td>0 %</td>`,
		`<th scope="row">example-host</th>`, `<th scope="row">2026-04-02</th><td>1</td>`,
	} {
		if !strings.Contains(page, row) {
			t.Errorf("no row %s", row)
		}
	}
	drawn, titled := strings.Count(page, `role="img"`), len(regexp.MustCompile(`aria-labelledby="(chart-\w+)-t chart-\w+-d"`).FindAllString(page, -1))
	if drawn == 0 || drawn != titled {
		t.Errorf("%d drawings, of which %d have title and description", drawn, titled)
	}
}

// TestFindingsBySeverity: the worst first, those of one check together, and
// only so many in the page itself.
func TestFindingsBySeverity(t *testing.T) {
	page := told(t, append(shop(noon), repeated(30)...)...)
	var got []string
	for _, found := range regexp.MustCompile(`<details class="finding" data-severity="(\w+)" data-check="(\w+)"`).FindAllStringSubmatch(page, -1) {
		got = append(got, found[1]+" "+found[2])
	}
	want := []string{"critical tlsa_mismatch", "high no_starttls", "high auth_in_clear", "medium mta_sts_testing", "low no_post_quantum", "info no_bimi"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := strings.Count(page, `<section class="place">`); n != 20+4 || !strings.Contains(page, "and 10 more.") {
		t.Errorf("%d places are in the page, want 20 of one check and 4 others, and word of 10 more", n)
	}
	for _, want := range []string{"smtpd_tls_auth_only = yes", "in: main.cf", "shared by 3 of your domains", "RFC 4954 s4", `href="#/domain/shop.example"`} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %q", want)
		}
	}
}

// TestMemoryIsBounded: what is told of many rows waits in files, not in memory.
func TestMemoryIsBounded(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := report.New(&strings.Builder{}, report.Options{})
	before := heap()
	const n = 40_000
	row := many(1)[0].(*scanner.VerdictRow)
	row.Evidence.Text = strings.Repeat("said ", 200)
	for i := range n {
		row.Row = int64(i + 1)
		if err := w.Put(row); err != nil {
			t.Fatal(err)
		}
	}
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("%d rows take %d KiB of memory", n, grown>>10)
	}
	runtime.KeepAlive(w)
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("files with names are left behind by a run that is killed: %v %v", left, err)
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// TestWhatDoesNotFitMemoryIsWholeAllTheSame: index and blocks leave memory for
// files, and come back in order.
func TestWhatDoesNotFitMemoryIsWholeAllTheSame(t *testing.T) {
	const n = 9_001
	page := told(t, many(n)...)
	var index [][]any
	data(t, page, "verdicts", &index)
	if len(index) != n || index[n-1][1] != "person09000@d00.example" {
		t.Fatalf("%d rows in the index, want %d; the last is %v", len(index), n, index[len(index)-1])
	}
	for _, at := range []int{0, 199, 200, 4321, n - 1} {
		var block []scanner.VerdictRow
		data(t, page, fmt.Sprintf("verdicts-%d", at/200), &block)
		if got := block[at%200].Row; got != int64(at+1) {
			t.Errorf("row %d of the blocks is %d", at+1, got)
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAWriterThatFails(t *testing.T) {
	w := report.New(full{}, report.Options{})
	for _, row := range many(3) {
		if err := w.Put(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Errorf("got %v, want the writer's own error", err)
	}
}

func TestNoRows(t *testing.T) {
	if page := told(t); !strings.Contains(page, "There were no rows to tell of") || !strings.HasSuffix(page, "</html>\n") {
		t.Error("an empty run has no whole page that says so")
	}
}

func TestInterrupted(t *testing.T) {
	page := told(t, append(many(1), &scanner.RunRow{Rows: 1, Interrupt: true, FinishedAt: noon, StartedAt: noon})...)
	if !strings.Contains(page, "The run was cut short") {
		t.Error("nothing is said of it")
	}
}

// TestReasonsAreExplained: the script tells a reason in the judge's words.
func TestReasonsAreExplained(t *testing.T) {
	text := only(t, told(t, many(1)...), `id="meta">(.*?)</script>`)
	var meta struct{ Reasons map[string]string }
	if err := json.Unmarshal([]byte(text), &meta); err != nil {
		t.Fatal(err)
	}
	if got := meta.Reasons["greylisted"]; got != judge.Greylisted.Info().Meaning {
		t.Errorf("greylisted is told as %q", got)
	}
}

// TestNotMeasuredIsNoNo: a server that took the offer of TLS back, and a domain
// whose promises nobody looked up, count neither for nor against.
func TestNotMeasuredIsNoNo(t *testing.T) {
	broken := shopServer(3, "mx.broken.example", noon)
	broken.StartTLS, broken.TLS, broken.Encrypted = probe.Inconclusive, nil, nil
	quiet := &scanner.DomainRow{Row: 2, Domain: "quiet.example", Input: "quiet.example"}
	page := told(t, append(shop(noon), broken, quiet)...)
	for _, want := range []string{
		`<dt>offer TLS</dt><dd class="value">100 %</dd><dd class="note">3 of 3 that answered EHLO</dd>`, `<th scope="row">not measured</th><td>1</td><td>33 %</td>`,
		`What domains promise, of 1 domains looked up`, `<th scope="row">TLS-RPT</th><td>1</td><td>100 %</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if strings.Contains(page, ">no TLS<") {
		t.Error("an offer is told as no TLS")
	}
}
