package html_test

import (
	"html"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/report"
)

// TestScreenshots leaves pictures among the artifacts, made of what the lab's
// servers said: the table of a terminal, the summary, a domain's page, and
// their kin in the dark and on a narrow screen. To look at them:
//
//	mkdir shots; go test ./report/html -run Screenshots -artifacts -outputdir $PWD/shots
func TestScreenshots(t *testing.T) {
	rows := audited(t)
	b := browse(t, rows...)
	b.size(1280, 1100)
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		b.script(`scrollTo(0, 0)`)
		b.shoot("summary-" + scheme)
		b.script(`document.getElementById("findings").scrollIntoView()`)
		b.shoot("findings-" + scheme)
	}
	b.scheme("light")
	b.script(`document.getElementById("table-servers").scrollIntoView()`)
	b.shoot("servers")
	b.script(`location.hash = "#/domain/shop.example"`)
	b.until(`document.querySelector("#page h1")?.textContent === "shop.example"`)
	b.size(1280, 2200)
	b.shoot("domain")
	b.size(390, 1600)
	b.shoot("domain-narrow")
	b.script(`location.hash = "#/"`)
	b.until(`!document.getElementById("overview").hidden`)
	b.script(`scrollTo(0, 0)`)
	b.shoot("summary-narrow")

	terminal := browse(t)
	var table strings.Builder
	w := report.NewTable(&table, report.TableOptions{Width: 120})
	for _, row := range rows {
		if err := w.Put(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	page := `<pre style="margin:16px;font:13px/1.4 monospace;color:#ddd">$ mxvet scan -f domains.txt` + "\n" + html.EscapeString(table.String()) + `</pre>`
	terminal.blank(page)
	terminal.size(1040, 1000)
	terminal.shoot("terminal")
}

// TestScreenshotsOfAVerification does the same with the lab's own list.
func TestScreenshotsOfAVerification(t *testing.T) {
	b := browse(t, verified(t)...)
	b.size(1280, 900)
	b.shoot("verify")
	b.script(`document.getElementById("table-verdicts").scrollIntoView()`)
	b.shoot("verify-table")
	b.script(`document.querySelector("#verdicts-table .tabulator-row:nth-child(5) a").click()`)
	b.until(`document.getElementById("panel").open`)
	b.shoot("verify-panel")
	b.size(390, 900)
	b.shoot("verify-panel-narrow")
}
