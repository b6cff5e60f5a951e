package reply

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mxvet/mxvet/probe/smtp"
)

func TestEmbeddedTableIsSound(t *testing.T) {
	tab, err := rules()
	if err != nil {
		t.Fatal(err)
	}
	phrases := 0
	for _, r := range tab.rules {
		phrases += len(r.phrases)
	}
	t.Logf("%d rules, %d phrase lines", len(tab.rules), phrases)
	if len(tab.rules) == 0 || phrases == 0 {
		t.Error("an empty table")
	}
}

func TestTableFaultsAreNamedWithTheirLine(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"too few columns":               {"a/b | * | 5xx | * | other", "line 1: 5 columns"},
		"unknown meaning":               {"a/b | * | 5xx | * | * | maybe", `no such meaning "maybe"`},
		"unknown stage":                 {"a/b | dinner | 5xx | * | * | other", `no such stage "dinner"`},
		"unknown code":                  {"a/b | * | 5yy | * | * | other", `no such code "5yy"`},
		"unknown enhanced code":         {"a/b | * | 5xx | 5.1 | * | other", `no such enhanced code "5.1"`},
		"empty column":                  {"a/b | * |  | * | * | other", "an empty column"},
		"same name twice":               {"a/b | * | * | * | * | other\na/b | * | * | * | * | other", "line 2: rule a/b stands twice"},
		"group without a name above":    {"a/b | * | * | * | * | other\n  ! &nowhere", "no group &nowhere"},
		"phrase without a rule":         {"  user unknown", "line 1: a phrase before the first rule"},
		"bracket not closed":            {"a/b | * | * | * | * | other\n  (no such user", "bracket not closed"},
		"bracket never opened":          {"a/b | * | * | * | * | other\n  no such) user", "closes or divides nothing"},
		"phrase of gaps":                {"a/b | * | * | * | * | other\n  * user", "needs a word"},
		"recipient meaning before RCPT": {"a/b | mail | 5xx | * | * | user_unknown", "cannot be said before RCPT"},
		"recipient meaning by any code": {"a/b | late | * | * | * | mailbox_disabled", "needs the codes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseTable(row.text)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want one that says %q", err, row.want)
			}
		})
	}
}

func TestColumnsDecideBeforeText(t *testing.T) {
	tab, err := parseTable(`
# for one provider only
quirk | late | 550-559 | 5.7.1-3 | acme | user_unknown
    go (far |)away
    ! not today
plain | * | 5xx | x.7.* | * | policy_other
rest | * | * | * | * | other
`)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(stage smtp.Stage, provider string, code int, text string) string {
		_, rule := tab.classify(stage, provider, smtp.Reply{Code: code, Lines: []string{text}})
		return string(rule)
	}
	got := map[string]string{
		"all fits":         ask(smtp.Rcpt, "acme", 550, "5.7.1 Go far away!"),
		"optional word":    ask(smtp.Rcpt, "acme", 559, "5.7.3 go away"),
		"other provider":   ask(smtp.Rcpt, "other", 550, "5.7.1 go away"),
		"other stage":      ask(smtp.Mail, "acme", 550, "5.7.1 go away"),
		"other code":       ask(smtp.Rcpt, "acme", 540, "5.7.1 go away"),
		"other detail":     ask(smtp.Rcpt, "acme", 550, "5.7.4 go away"),
		"no enhanced code": ask(smtp.Rcpt, "acme", 550, "go away"),
		"exception":        ask(smtp.Rcpt, "acme", 550, "5.7.1 go away, not today"),
	}
	want := map[string]string{
		"all fits": "quirk", "optional word": "quirk", "other provider": "plain", "other stage": "plain",
		"other code": "plain", "other detail": "plain", "no enhanced code": "rest", "exception": "plain",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if tab.rules[0].comment != "for one provider only" {
		t.Errorf("comment %q", tab.rules[0].comment)
	}
}

func TestProvidersStandInTheProviderTable(t *testing.T) {
	known, err := os.ReadFile(filepath.Join("..", "..", "mx", "providers.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tab, err := rules()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range tab.rules {
		for _, p := range r.providers {
			if !strings.Contains(string(known), "\n"+p+" ") {
				t.Errorf("rule %s is for %q, a provider that nobody can be", r.name, p)
			}
		}
	}
}
