package html_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboardAlone walks through the whole report without a mouse: each stop
// is seen, has a name, and opens what it says.
func TestKeyboardAlone(t *testing.T) {
	b := browse(t, append(shop(noon), many(200)...)...)
	type stop struct {
		Tag, Name string
		Outline   bool
	}
	look := `(() => { const e = document.activeElement, s = getComputedStyle(e);
		return { Tag: e.tagName, Name: (e.ariaLabel || (e.labels && e.labels.length ? e.labels[0].textContent : "") || e.textContent).trim().slice(0, 60), Outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 } })()`
	var stops []string
	for range 80 {
		b.press(kb.Tab)
		at := eval[stop](b, look)
		if at.Tag == "BODY" {
			break
		}
		if !at.Outline || at.Name == "" {
			t.Errorf("stop %d: %+v, want a name and a visible outline", len(stops)+1, at)
		}
		stops = append(stops, at.Tag+" "+at.Name)
	}
	for _, want := range []string{"A Skip to the report", "A Findings", "INPUT critical", "INPUT Search findings", "SUMMARY critical No TLSA record matches the certificate 1 finding", "INPUT Search", "SELECT owner", "BUTTON Domain", "A shop.example", "BUTTON Verdict", "A person00000@d00.example"} {
		if !slices.ContainsFunc(stops, func(at string) bool { return strings.HasPrefix(strings.Join(strings.Fields(at), " "), want) }) {
			t.Errorf("no stop at %q; the way was %s", want, strings.Join(stops, " | "))
		}
	}
	if len(stops) > 0 && stops[0] != "A Skip to the report" {
		t.Errorf("the first stop is %s", stops[0])
	}

	b.script(`document.querySelector('#verdicts-table .tabulator-col[tabulator-field=verdict] button').focus()`)
	b.press(" ")
	b.until(`document.querySelector('#verdicts-table .tabulator-col[tabulator-field=verdict]').getAttribute("aria-sort") === "ascending"`)
	b.script(`document.querySelector("#verdicts-table .tabulator-row a").focus()`)
	b.press(kb.ArrowDown, kb.ArrowDown)
	b.until(`document.activeElement.textContent === "person00008@d08.example"`)
	b.press(kb.End)
	b.until(`document.activeElement.textContent === "person00197@d37.example"`)
	b.press(kb.Enter)
	b.until(`document.getElementById("panel").open`)
	b.press(kb.Escape)
	b.until(`!document.getElementById("panel").open && document.activeElement.textContent === "person00197@d37.example"`)
}

// TestLandmarks: what a screen reader finds its way by.
func TestLandmarks(t *testing.T) {
	b := browse(t, append(shop(noon), many(20)...)...)
	for what, expression := range map[string]string{
		"one main, header, footer":       `["main", "body > header", "body > footer", "h1"].every((one) => document.querySelectorAll(one).length === 1)`,
		"sections have headings":         `[...document.querySelectorAll("main section[aria-labelledby]")].every((s) => document.getElementById(s.getAttribute("aria-labelledby")).textContent !== "")`,
		"no id twice":                    `new Set([...document.querySelectorAll("[id]")].map((e) => e.id)).size === document.querySelectorAll("[id]").length`,
		"headings skip no level":         `[...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1])).every((n, i, all) => i === 0 || n - all[i - 1] <= 1)`,
		"counts are told":                `document.querySelectorAll("[aria-live=polite]").length >= 4`,
		"fields have labels":             `[...document.querySelectorAll("input, select")].every((e) => e.labels.length === 1)`,
		"tables are grids with headings": `[...document.querySelectorAll(".tabulator")].every((e) => e.getAttribute("role") === "grid" && e.ariaLabel && e.querySelectorAll("[role=columnheader][aria-sort]").length > 2)`,
		"the language is told":           `document.documentElement.lang === "en"`,
	} {
		if !eval[bool](b, expression) {
			t.Errorf("not so: %s", what)
		}
	}
	b.do(chromedp.Click(chromedp.CSS(`#findings summary`)))
	b.until(`document.querySelector("#findings details").open`)
}
