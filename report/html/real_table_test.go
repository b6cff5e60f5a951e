package html_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

const lines = `[...document.querySelectorAll("#verdicts-table .tabulator-row")]`

// first is the address in the first line of the table of addresses.
const first = `document.querySelector("#verdicts-table .tabulator-row a").textContent`

func counted(text string) string {
	return fmt.Sprintf(`document.getElementById("verdicts-count").textContent.replaceAll("\u202f", "") === %q`, text)
}

// TestTenThousandRows: only those in view are in the page, and all of them are
// sorted, filtered and reached.
func TestTenThousandRows(t *testing.T) {
	b := browse(t, many(10_000)...)
	b.until(counted("10000 rows"))
	if n := eval[int](b, lines+".length"); n < 5 || n > 100 {
		t.Errorf("%d lines are in the page, want those in view", n)
	}
	if got := eval[string](b, `document.querySelector("#verdicts-table").getAttribute("aria-rowcount")`); got != "10001" {
		t.Errorf("aria-rowcount is %s, want 10000 rows and the heading", got)
	}

	t.Run("sort", func(t *testing.T) {
		heading := `document.querySelector('#verdicts-table .tabulator-col[tabulator-field=address]')`
		for _, step := range []struct{ sorted, first string }{{"ascending", "person00000@d00.example"}, {"descending", "person09999@d39.example"}, {"none", "person00000@d00.example"}} {
			b.script(heading + `.querySelector("button").click()`)
			b.until(heading + fmt.Sprintf(`.getAttribute("aria-sort") === %q`, step.sorted))
			b.until(fmt.Sprintf("%s === %q", first, step.first))
		}
	})
	t.Run("menus and search", func(t *testing.T) {
		b.script(`const f = document.getElementById("verdicts-controls"); f.elements.verdict.value = "unknown"; f.dispatchEvent(new Event("input"))`)
		b.until(counted("2500 of 10000 rows"))
		b.until(lines + `.every((line) => line.querySelector(".verdict").textContent === "unknown")`)
		b.script(`[...document.querySelectorAll("#verdicts-controls select")].find((s) => [...s.options].some((o) => o.value === "Cleo")).value = "Cleo"; f.dispatchEvent(new Event("input"))`)
		b.until(counted("833 of 10000 rows"))
		b.do(chromedp.SendKeys(chromedp.CSS(`#verdicts-controls input[name=text]`), "PERSON0917"))
		b.until(counted("1 of 10000 rows"))
		b.until(first + `.startsWith("person0917")`)
		b.do(chromedp.SendKeys(chromedp.CSS(`#verdicts-controls input[name=text]`), "nobody"))
		b.until(counted("0 of 10000 rows"))
		b.until(`document.querySelector("#verdicts-table .tabulator-placeholder").textContent === "No row is like this."`)
		b.script(`f.querySelector("button[type=reset]").click()`)
		b.until(counted("10000 rows"))
	})
	t.Run("scroll", func(t *testing.T) {
		b.script(`document.querySelector("#verdicts-table .tabulator-tableholder").scrollTop = 1e9`)
		b.until(lines + `.some((line) => line.textContent.includes("person09999@"))`)
		b.until(lines + `.some((line) => line.getAttribute("aria-rowindex") === "10001")`)
		if n := eval[int](b, lines+".length"); n > 100 {
			t.Errorf("%d lines are in the page after scrolling", n)
		}
	})
}

// TestPanelOfAnAddress: all that was said, by a click, and back.
func TestPanelOfAnAddress(t *testing.T) {
	b := browse(t, many(300)...)
	b.script(`document.querySelector("#verdicts-table .tabulator-row:nth-child(2) a").focus()`)
	b.press("\r")
	b.until(`document.getElementById("panel").open`)
	b.until(`document.activeElement.id === "panel-h" && document.activeElement.textContent === "person00001@d01.example"`)
	b.until(`["unknown", "greylisted", "4.2.0 Greylisted, come back in five minutes", "mx.d01.example", "generic/specimen", "Bob", "Support"].every((said) => document.getElementById("panel").textContent.includes(said))`)
	b.press("\u001b")
	b.until(`!document.getElementById("panel").open && location.hash === "#/"`)
	b.until(`document.activeElement.textContent === "person00001@d01.example"`)

	b.script(`location.hash = "#/row/250"`) // of the second block
	b.until(`document.getElementById("panel-h")?.textContent === "person00250@d10.example"`)
}
