package report

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/mxvet/mxvet/scanner"
)

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	encoded, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	schema := new(jsonschema.Schema)
	if err := json.Unmarshal(encoded, schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestRowsHoldToTheSchema(t *testing.T) {
	schema, err := schemaOf(t).Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := append(everything(), &scanner.VerdictRow{Verdict: "unknown", Reason: "not_checked", Blame: "us", CatchAll: "not_run"}, &scanner.ServerRow{}, &scanner.DomainRow{}, &scanner.RunRow{})
	for line := range strings.Lines(jsonlOf(t, rows...)) {
		var row any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(row); err != nil {
			t.Errorf("%v: %s", err, line)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema, err := schemaOf(t).Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	good := jsonlOf(t, unknownMailbox())
	for name, change := range map[string][2]string{
		"no such verdict":        {`"verdict":"undeliverable"`, `"verdict":"maybe"`},
		"no such type":           {`"type":"verdict"`, `"type":"finding"`},
		"no such meaning":        {`"meaning":"user_unknown"`, `"meaning":"nobody"`},
		"no such fault":          {`"faults":["cname"]`, `"faults":["odd"]`},
		"a key that is not ours": {`"row":1`, `"row":1,"score":7`},
		"a key is missing":       {`"catch_all":"no",`, ``},
		"a no for a null":        {`"disposable":null`, `"disposable":"no"`},
		"columns of numbers":     {`"name":"Ann`, `"n":1,"name":"Ann`},
	} {
		line := strings.ReplaceAll(good, change[0], change[1])
		if line == good {
			t.Fatalf("%s: %s is not in %s", name, change[0], good)
		}
		var row any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(row); err == nil {
			t.Errorf("%s: holds to the schema", name)
		}
	}
}

// keys walks a type as encoding/json does and calls for each key with its path.
func keys(of reflect.Type, path string, call func(path string)) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of.PkgPath() == "time" || of.PkgPath() == "net/netip" {
		return
	}
	for field := range of.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			keys(field.Type, path, call)
		case name != "" && name != "-":
			call(path + "." + name)
			if field.Type.Name() != "Columns" && field.Type.Name() != "Extensions" { // objects by their MarshalJSON
				keys(field.Type, path+"."+name, call)
			}
		}
	}
}

// find follows a path of keys through a schema, arrays included; nil where it does not lead on.
func find(schema *jsonschema.Schema, path string) *jsonschema.Schema {
	for key := range strings.SplitSeq(strings.TrimPrefix(path, "."), ".") {
		for schema != nil && schema.Items != nil {
			schema = schema.Items
		}
		if schema == nil {
			return nil
		}
		schema = schema.Properties[key]
	}
	return schema
}

func TestSchemaHasEveryKey(t *testing.T) {
	schema := schemaOf(t)
	count := 0
	for name, of := range map[string]reflect.Type{
		"verdict": reflect.TypeFor[scanner.VerdictRow](), "server": reflect.TypeFor[scanner.ServerRow](),
		"domain": reflect.TypeFor[scanner.DomainRow](), "finding": reflect.TypeFor[scanner.FindingRow](), "run": reflect.TypeFor[scanner.RunRow](),
	} {
		keys(of, "", func(path string) {
			count++
			if find(schema.Defs[name], path) == nil {
				t.Errorf("%s: no %s", name, path)
			}
		})
	}
	if count < 150 {
		t.Errorf("only %d keys walked", count)
	}
}

// The specimens of this package have something in every field: else a field
// could be lost on the way and no test would tell.
func TestSpecimensLeaveNothingOut(t *testing.T) {
	told := jsonlOf(t, append(everything(), &scanner.VerdictRow{Fate: "excluded", Route: &scanner.RouteFacts{Aliases: []string{"x"}, Detail: "x", Special: "x"}})...)
	for _, of := range []reflect.Type{reflect.TypeFor[scanner.VerdictRow](), reflect.TypeFor[scanner.ServerRow](), reflect.TypeFor[scanner.DomainRow](), reflect.TypeFor[scanner.FindingRow](), reflect.TypeFor[scanner.RunRow]()} {
		keys(of, "", func(path string) {
			key := path[strings.LastIndexByte(path, '.')+1:]
			if !strings.Contains(told, `"`+key+`":`) {
				t.Errorf("no specimen has %s", path)
			}
		})
	}
}

// columnPaths says which JSON key a CSV heading is. Headings that are not here are made from more than one.
var verdictPaths = map[string]string{
	"address": "address", "verdict": "verdict", "reason": "reason", "blame": "blame", "catch_all": "catch_all",
	"role": "traits.role", "free": "traits.free", "disposable": "traits.disposable", "relay": "traits.relay", "tagged": "traits.tagged",
	"canonical": "canonical", "suggestion": "suggestion", "domain": "domain", "provider": "provider", "stage": "evidence.stage", "code": "evidence.code", "enhanced": "evidence.enhanced",
	"text": "evidence.text", "host": "evidence.host", "ip": "evidence.ip", "port": "evidence.port", "tls": "evidence.tls",
	"meaning": "evidence.meaning", "rule": "evidence.rule", "retry_at": "retry_at", "checked_at": "checked_at",
}

var serverPaths = map[string]string{
	"host": "host", "ip": "ip", "port": "port", "tls_name": "tls_name", "reachable": "reachable", "why": "why", "greeting_ms": "greeting_ms", "software": "software",
	"ehlo_plain": "plain.verb", "starttls": "starttls", "starttls_why": "starttls_why", "tls_version": "tls.version", "tls_cipher": "tls.cipher", "tls_group": "tls.group",
	"cert_subject": "tls.certificates.subject", "cert_issuer": "tls.certificates.issuer", "cert_not_after": "tls.certificates.not_after", "cert_key": "tls.certificates.key",
	"pkix": "tls.pkix.status", "pkix_reason": "tls.pkix.reason", "connect_ms": "timings.connect_ms", "hello_ms": "timings.hello_ms", "starttls_ms": "timings.starttls_ms",
	"failure_stage": "failure.stage", "failure_code": "failure.code", "failure_text": "failure.text",
}

var findingPaths = map[string]string{
	"severity": "severity", "id": "id", "title": "title", "domain": "domain", "host": "host", "ip": "ip", "port": "port", "provider": "provider",
	"evidence": "evidence", "reference": "reference", "fix": "fix", "where": "where", "accepted": "accepted",
}

// mended has no text that a cell writes otherwise.
func mended() *scanner.FindingRow {
	f := finding()
	f.Evidence = "since 2026-02-01"
	return f
}

func TestHeadingsAreJSONKeys(t *testing.T) {
	schema := schemaOf(t)
	withFailure := server()
	withFailure.Failure = silent().Failure
	withFailure.Failure.Code, withFailure.Why, withFailure.TLSWhy = 421, "why", "why not"
	plain := unknownMailbox()
	plain.Evidence.Text = "5.1.1 no"
	for _, c := range []struct {
		kind     CSVKind
		of       string
		row      scanner.Row
		paths    map[string]string
		composed []string // of a code and a text, or of a list
	}{
		{Verdicts, "verdict", plain, verdictPaths, []string{"input", "mx"}},
		{Findings, "finding", mended(), findingPaths, []string{"input", "domains"}},
		{Servers, "server", withFailure, serverPaths, []string{"input", "greeting", "ptr", "vrfy", "extensions_plain", "auth_plain", "extensions_tls", "auth_tls", "cert_names", "domains"}},
	} {
		var told map[string]any
		if err := json.Unmarshal([]byte(jsonlOf(t, c.row)), &told); err != nil {
			t.Fatal(err)
		}
		for heading, got := range byHeading(t, csvOf(t, CSVOptions{Kind: c.kind}, c.row))[0] {
			path, one := c.paths[heading]
			if one == slices.Contains(c.composed, heading) {
				t.Errorf("%s: say which key it is", heading)
			}
			if !one {
				continue
			}
			if key := path[strings.LastIndexByte(path, '.')+1:]; !strings.HasSuffix(heading, key) && heading != "ehlo_plain" && heading != "pkix" {
				t.Errorf("%s is called %s in JSON", heading, key)
			}
			if find(schema.Defs[c.of], path) == nil {
				t.Errorf("%s: no key %s", heading, path)
			}
			if want := valueAt(told, path); got != want {
				t.Errorf("%s: got %q, JSON has %q", heading, got, want)
			}
		}
	}
}

// valueAt gives the text of a value, of a list's first; empty for null.
func valueAt(value any, path string) string {
	for key := range strings.SplitSeq(path, ".") {
		if many, ok := value.([]any); ok {
			value = many[0]
		}
		value = value.(map[string]any)[key]
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// The closed lists in the schema are those of the code: every constant of such
// a type, wherever it is declared.
func TestVocabulariesAreWhole(t *testing.T) {
	declared := constants(t, "../mx", "../mx/resolver", "../mx/mtasts", "../mx/dane", "../scanner", "../probe", "../probe/reply", "../probe/smtp", "../probe/tlsinfo", "../scanner/judge")
	for of, words := range vocabularies() {
		var got []string
		for _, word := range words {
			if word != "" {
				got = append(got, word.(string))
			}
		}
		want := slices.DeleteFunc(declared[of.String()], func(word string) bool { return word == "" })
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
			t.Errorf("%s (-declared +schema):\n%s", of, diff)
		}
	}
}

// constants gives the string constants of folders by their type, as pkg.Type.
func constants(t *testing.T, folders ...string) map[string][]string {
	t.Helper()
	out := make(map[string][]string)
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", folder, err)
		}
		for _, name := range files {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(node ast.Node) bool {
				if spec, ok := node.(*ast.ValueSpec); ok {
					addConstants(out, filepath.Base(folder), spec)
				}
				return true
			})
		}
	}
	return out
}

func addConstants(out map[string][]string, pkg string, spec *ast.ValueSpec) {
	of := ""
	switch named := spec.Type.(type) {
	case *ast.Ident:
		of = pkg + "." + named.Name
	case *ast.SelectorExpr:
		of = fmt.Sprint(named.X) + "." + named.Sel.Name
	}
	for _, value := range spec.Values {
		if literal, ok := value.(*ast.BasicLit); ok && of != "" && literal.Kind == token.STRING {
			if word, err := strconv.Unquote(literal.Value); err == nil {
				out[of] = append(out[of], word)
			}
		}
	}
}
