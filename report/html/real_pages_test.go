package html_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestDomainPage has all of the domain: what it promises, its servers, and how
// mail fares.
func TestDomainPage(t *testing.T) {
	b := browse(t, shop(time.Now())...)
	b.script(`document.querySelector("#domains-table .tabulator-row a").focus()`)
	b.press("\r")
	b.until(`document.activeElement.tagName === "H1" && document.activeElement.textContent === "shop.example"`)
	b.until(`document.getElementById("overview").hidden && document.title.startsWith("shop.example")`)
	text := eval[string](b, `document.getElementById("page").textContent`)
	for _, said := range []string{
		"Ann Archer", "No TLSA record matches the certificate", "Passwords may be sent in clear", "No post-quantum key exchange", "deferred", "no TLSA record matches", "mode: testing", "v=STSv1; id=20260101T000000",
		"v=spf1 mx include:_spf.host.example -all", "4 of 10", "quarantine", "mailto:tls@shop.example", "mismatch", "shared by 3 domains", "mx2.shop.example ESMTP Postfix (Debian)", "PLAIN LOGIN SCRAM-SHA-256",
		"ECDSA P-256", "CN=Example CA", "RCPTMAX=1000",
	} {
		if !strings.Contains(text, said) {
			t.Errorf("the page does not say %q", said)
		}
	}
	cells := eval[[]string](b, `[...[...document.querySelectorAll("table.extensions tr")].find((row) => row.textContent.startsWith("REQUIRETLS")).children].map((cell) => cell.textContent)`)
	if strings.Join(cells, "|") != "REQUIRETLS|no|yes" {
		t.Errorf("before and after TLS: %q", cells)
	}

	b.script(`[...document.querySelectorAll("#page a")].find((a) => a.textContent === "Page of this server").click()`)
	b.until(`document.querySelector("#page h1").textContent === "mx1.shop.example"`)
	b.until(`document.getElementById("page").textContent.includes("Passwords may be sent in clear")`)
	b.script(`[...document.querySelectorAll("#page .crumbs a")][0].click()`)
	b.until(`document.getElementById("page").hidden && !document.getElementById("overview").hidden && document.activeElement.textContent === "shop.example"`)

	b.script(`location.hash = "#/domain/nobody.example"`)
	b.until(`document.querySelector("#page h1").textContent === "Not in this report"`)
}

// TestFindings: opened, copied, filtered, and the rest of a check brought.
func TestFindings(t *testing.T) {
	rows := shop(noon)
	b := browse(t, append(rows, repeated(30)...)...)
	group := `document.querySelector('#findings details[data-check=auth_in_clear]')`
	b.until(group + `.open === false`)
	b.script(group + `.querySelector("summary").focus()`)
	b.press(" ")
	b.until(group + `.open && ` + group + `.textContent.includes("250-AUTH PLAIN LOGIN")`)
	b.script(group + `.querySelector("button.copy").click()`)
	b.until(`["Copied", "The line is selected"].includes(document.getElementById("announce").textContent)`)

	count := `document.getElementById("findings-count").textContent`
	b.until(count + ` === "5 of 6 kinds of findings"`)
	b.script(`const f = document.getElementById("findings-controls"); f.elements.accepted.click()`)
	b.until(count + ` === "6 kinds of findings"`)
	b.script(`[...f.elements.severity].find((box) => box.value === "high").click()`)
	b.until(count + ` === "4 of 6 kinds of findings" && ` + group + `.hidden`)
	b.script(`[...f.elements.severity].find((box) => box.value === "high").click()`)
	b.do(chromedp.SendKeys(chromedp.CSS(`#findings-controls input[type=search]`), "mx29.example"))
	b.until(count + ` === "1 of 6 kinds of findings"`)

	more := `document.querySelector('#findings details[data-check=no_starttls]')`
	b.script(more + `.open = true; ` + more + `.querySelector("button.more").click()`)
	b.until(more + `.querySelectorAll("section.place").length === 30 && !` + more + `.querySelector("button.more")`)
	b.until(more + `.textContent.includes("mx29.example")`)
}

// TestHostileTextIsInert: whatever was said is text that is seen, on every page.
func TestHostileTextIsInert(t *testing.T) {
	b := browse(t, spiteful()...)
	look := func(where string) {
		t.Helper()
		if title := eval[string](b, `document.title`); strings.Contains(title, "owned") && !strings.Contains(title, "<") && !strings.Contains(title, "javascript:") {
			t.Errorf("%s: the title is %s", where, title)
		}
		for what, expression := range map[string]string{
			"elements of a stranger's":   `document.querySelectorAll("main img, main iframe, main script, main [onerror], main [onload], main [style*=url], dialog img, dialog script").length`,
			"links that lead out":        `[...document.querySelectorAll("a[href]")].filter((a) => !a.getAttribute("href").startsWith("#")).length`,
			"texts that are not visible": `[...document.querySelectorAll("main, dialog")].filter((e) => /[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b-\u001f\u2028]/.test(e.textContent)).length`,
			"lines without end":          `[...document.querySelectorAll("main pre, dialog pre, main code, main dd")].filter((e) => e.children.length === 0 && e.textContent.length > 6000).length`,
			"pages that are too wide":    `document.documentElement.scrollWidth > document.documentElement.clientWidth + 1 ? 1 : 0`,
		} {
			if n := eval[int](b, expression); n != 0 {
				t.Errorf("%s: %d %s", where, n, what)
			}
		}
	}
	look("summary")
	b.script(`for (const one of document.querySelectorAll("details")) one.open = true`)
	look("findings")
	for _, hash := range []string{"#/domain/shop.example", "#/server/mx1.shop.example/192.0.2.201/25", "#/row/0", "#/domain/" + "%3Cscript%3E", "#/domain/%E0%A4%A", "#/row/nobody"} {
		b.script(`location.hash = ` + quoted(hash))
		b.settle()
		look(hash)
	}
	b.until(`document.getElementById("panel").hidden === false`)
	if !eval[bool](b, `(location.hash = "#/server/mx1.shop.example/192.0.2.201/25", true)`) {
		t.Fatal("no way to the server")
	}
	b.until(`document.querySelector("#page h1")?.textContent === "mx1.shop.example"`)
	b.until(`["\\x1b]0;owned\\x07", "a\\x00b", "\\u202egnp.exe", "</script><script>"].every((said) => document.getElementById("page").textContent.includes(said))`)
}

// TestDarkAndPrint: the colours follow the reader's wish, and paper gets all
// that is closed on the screen.
func TestDarkAndPrint(t *testing.T) {
	b := browse(t, append(shop(noon), many(120)...)...)
	ground := func() string { return eval[string](b, `getComputedStyle(document.documentElement).backgroundColor`) }
	b.scheme("light")
	light := ground()
	b.scheme("dark")
	if dark := ground(); dark == light {
		t.Errorf("dark and light are both %s", dark)
	}
	b.shoot("dark")

	b.script(`addEventListener("beforeprint", () => setTimeout(() => 0)); addEventListener("beforeprint", () => { window.seen = [document.querySelectorAll("details:not([open])").length, document.querySelectorAll(".printed tbody tr").length] })`)
	if pdf := run(b, chromedp.PrintToPDF(chromedp.PDFPrintBackground())); !strings.HasPrefix(string(pdf), "%PDF-") || len(pdf) < 20_000 {
		t.Errorf("%d bytes of paper", len(pdf))
	}
	if seen := eval[[]int](b, `window.seen`); len(seen) != 2 || seen[0] != 0 || seen[1] != 1+2+120 {
		t.Errorf("on paper %v, want no closed part and 123 rows", seen)
	}
	b.until(`document.querySelectorAll(".printed").length === 0 && document.querySelectorAll("#findings details[open]").length === 0`)

	b.script(`dispatchEvent(new Event("beforeprint"))`)
	b.media("print")
	if white := ground(); white != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", white)
	}
	if n := eval[int](b, `[...document.querySelectorAll("button, input, select, nav, .table")].filter((e) => e.checkVisibility()).length`); n != 0 {
		t.Errorf("%d controls are printed", n)
	}
	b.size(794, 2400)
	b.shoot("print")
}

// TestWithoutScript: figures, charts and findings need none.
func TestWithoutScript(t *testing.T) {
	b := browse(t, shop(noon)...)
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}), chromedp.Reload())
	if eval[bool](b, `"ready" in document.documentElement.dataset`) {
		t.Fatal("the script ran")
	}
	text := eval[string](b, `document.body.innerText`)
	for _, said := range []string{"critical or high", "X25519", "No TLSA record matches the certificate", "need JavaScript"} {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(said)) {
			t.Errorf("the page does not say %q", said)
		}
	}
	if n := eval[int](b, `[...document.querySelectorAll("button, input, select, .sheet")].filter((e) => e.checkVisibility()).length`); n != 0 {
		t.Errorf("%d controls are shown that cannot work", n)
	}
	b.do(chromedp.Click(chromedp.CSS(`#findings summary`)))
	b.do(chromedp.WaitVisible(chromedp.CSS(`#findings details[open] .fix`)))
}
