package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/scanner/judge"
)

var (
	//go:embed assets/page.tmpl
	pageTemplate string
	//go:embed assets/style.css
	ownStyle string
	//go:embed assets/base.js
	baseScript string
	//go:embed assets/facts.js
	factsScript string
	//go:embed assets/pages.js
	pagesScript string
	//go:embed assets/table.js
	tableScript string
	//go:embed assets/app.js
	appScript string

	// tabulator-tables of the npm registry, as it is there. vendor/SHA256SUMS and
	// vendor/package-lock.json say what that is.
	//
	//go:embed vendor/tabulator.min.js
	tabulatorScript string
	//go:embed vendor/tabulator_simple.min.css
	tabulatorStyle string
	//go:embed vendor/LICENSE
	tabulatorLicence string
)

// style and script are the contents of the two elements that the policy lets in.
func style() string { return unmapped(tabulatorStyle) + "\n" + ownStyle }

func script() string {
	own := strings.Join([]string{baseScript, factsScript, pagesScript, tableScript, appScript}, "\n")
	return "/*! tabulator-tables\n" + tabulatorLicence + "*/\n" + unmapped(tabulatorScript) + "\n(function () {\n\"use strict\";\n" + own + "\n})();\n"
}

// unmapped is a file without the comment that sends developer tools to look for
// its source map, which is not here.
func unmapped(text string) string {
	for _, mark := range [...]string{"//# sourceMappingURL=", "/*# sourceMappingURL="} {
		if at := strings.LastIndex(text, mark); at >= 0 {
			text = text[:at]
		}
	}
	return text
}

// policy forbids all requests, and all styles and scripts but ours, whose
// digests it has (CSP Level 3, "hash-source").
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(style()), digest(script()))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func reasons() map[string]string {
	list := map[string]string{}
	for _, info := range judge.Reasons() {
		list[string(info.Reason)] = info.Meaning
	}
	return list
}
