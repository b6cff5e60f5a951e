package main

import (
	"encoding/json"
	"fmt"
	"regexp"
)

// role of a source in weigh.
type use string

const (
	curated   use = "curated"   // disposable, kept with an allow-list of its own: believed
	hearsay   use = "hearsay"   // disposable, gathered by machine: believed where another source says the same
	provider  use = "provider"  // free providers, with disposable ones among them: believed where another says the same
	localPart use = "localPart" // role-based local parts
)

// source is one npm package and where its data lies.
type source struct {
	name, version string
	file          string
	read          func([]byte) ([]string, error)
	use           use
}

// sources are the packages whose licence allows passing their data on. Not here: disposable-email-domains, whose tarball
// has no licence text (disposable-domains continues it, with one).
func sources() []source {
	return []source{
		{"disposable-email-domains-js", "1.26.0", "dist/dict/disposable_email_blocklist.json", jsonArray, curated},
		{"disposable-domains", "2.0.1", "index.json", jsonArray, hearsay},
		{"mailchecker", "6.0.21", "platform/node/index.js", setLiteral, hearsay},
		{"free-email-domains", "1.12.6", "domains.json", jsonArray, provider},
		{"email-providers", "2.26.0", "all.json", jsonArray, provider},
		{"role-based-email-addresses", "3.1.0", "src/index.js", quotedLines, localPart},
	}
}

func sourceNamed(name string) (source, error) {
	for _, s := range sources() {
		if s.name == name {
			return s, nil
		}
	}
	return source{}, fmt.Errorf("package %q is not among the sources", name)
}

func jsonArray(text []byte) ([]string, error) {
	var entries []string
	err := json.Unmarshal(text, &entries)
	return entries, err
}

// setLiteral reads the strings of `new Set([...])` in a script.
func setLiteral(text []byte) ([]string, error) {
	inner := regexp.MustCompile(`(?s)new Set\((\[.*?\])\)`).FindSubmatch(text)
	if inner == nil {
		return nil, fmt.Errorf("there is no new Set([...]) in it")
	}
	return jsonArray(inner[1])
}

// quotedLines reads the lines that are one string in single quotes and a comma.
func quotedLines(text []byte) ([]string, error) {
	var entries []string
	for _, m := range regexp.MustCompile(`(?m)^\s*'([^']*)',?\s*$`).FindAllSubmatch(text, -1) {
		entries = append(entries, string(m[1]))
	}
	if entries == nil {
		return nil, fmt.Errorf("there are no quoted lines in it")
	}
	return entries, nil
}
