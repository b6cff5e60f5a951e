package html_test

import "testing"

// TestScreenshots leaves pictures of the report among the artifacts:
// go test ./report/html -run Screenshots -artifacts -outputdir DIR.
func TestScreenshots(t *testing.T) {
	b := browse(t, audited(t)...)
	b.size(1280, 900)
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		b.shoot("summary-" + scheme)
		b.script(`document.getElementById("findings").scrollIntoView({behavior: "instant"})`)
		b.shoot("findings-" + scheme)
		b.script(`document.getElementById("table-servers").scrollIntoView({behavior: "instant"})`)
		b.shoot("servers-" + scheme)
		b.script(`location.hash = "#/domain/shop.example"`)
		b.until(`document.querySelector("#page h1")?.textContent === "shop.example"`)
		b.size(1280, 2600)
		b.shoot("domain-" + scheme)
		b.size(1280, 900)
		b.script(`location.hash = "#/"`)
		b.until(`!document.getElementById("overview").hidden`)
		b.script(`scrollTo({top: 0, behavior: "instant"})`)
	}
	b.size(390, 1800)
	b.shoot("summary-narrow")
	b.script(`document.getElementById("findings").scrollIntoView()`)
	b.shoot("findings-narrow")
	b.script(`location.hash = "#/domain/shop.example"`)
	b.until(`document.querySelector("#page h1")?.textContent === "shop.example"`)
	b.shoot("domain-narrow")
}

func TestVerifyShots(t *testing.T) {
	b := browse(t, verified(t)...)
	b.shoot("verify")
	b.script(`document.getElementById("table-verdicts").scrollIntoView()`)
	b.shoot("verify-table")
	b.script(`document.querySelector("#verdicts-table .tabulator-row:nth-child(3) a").click()`)
	b.until(`document.getElementById("panel").open`)
	b.shoot("verify-panel")
	b.size(390, 900)
	b.shoot("verify-panel-narrow")
}
