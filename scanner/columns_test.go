package scanner

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestColumnsAsJSON(t *testing.T) {
	for _, test := range []struct {
		name    string
		columns Columns
		want    string
	}{
		{"none", nil, `{}`},
		{"the order is the user's", Columns{{"name", "Ann"}, {"email", "ann@example.org"}, {"age", "30"}}, `{"name":"Ann","email":"ann@example.org","age":"30"}`},
		{"a heading that occurs thrice", Columns{{"tag", "a"}, {"tag", "b"}, {"tag", "c"}}, `{"tag":"a","tag_2":"b","tag_3":"c"}`},
		{"a heading that looks like the number of another", Columns{{"tag", "a"}, {"tag", "b"}, {"tag_2", "c"}}, `{"tag":"a","tag_2":"b","tag_2_2":"c"}`},
		{"a number that is taken already", Columns{{"tag_2", "a"}, {"tag", "b"}, {"tag", "c"}}, `{"tag_2":"a","tag":"b","tag_3":"c"}`},
		{"cells without headings", Columns{{"", "a"}, {"", "b"}}, `{"":"a","_2":"b"}`},
		{"quotes and line ends", Columns{{`a "b"`, "c\r\nd"}}, `{"a \"b\"":"c\r\nd"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := json.Marshal(test.columns)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
		})
	}
}

// TestColumnsComeBack: every cell, in its order, each under a key of its own.
func TestColumnsComeBack(t *testing.T) {
	heading := rapid.OneOf(rapid.SampledFrom([]string{"", "a", "a_2", "a_3", "a_2_2", "_2"}), rapid.String())
	column := rapid.Custom(func(t *rapid.T) Column {
		return Column{Name: heading.Draw(t, "name"), Value: rapid.String().Draw(t, "value")}
	})
	rapid.Check(t, func(t *rapid.T) {
		columns := Columns(rapid.SliceOfN(column, 0, 8).Draw(t, "columns"))
		text, err := json.Marshal(columns)
		if err != nil {
			t.Fatal(err)
		}
		var back, again Columns
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(columns, back, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Column{}, "Name")); diff != "" {
			t.Fatalf("cells (-want +got):\n%s", diff)
		}
		keys := make(map[string]string)
		if err := json.Unmarshal(text, &keys); err != nil || len(keys) != len(columns) {
			t.Fatalf("%d keys for %d columns: %s, %v", len(keys), len(columns), text, err)
		}
		second, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(second, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(back, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("written twice (-first +second):\n%s", diff)
		}
	})
}

func TestColumnsFromJSON(t *testing.T) {
	old := Columns{{"old", "cell"}}
	for text, want := range map[string]Columns{
		`null`:                   nil,
		`{}`:                     {},
		` { "b" : "1", "a":"" }`: {{"b", "1"}, {"a", ""}},
		`{"a":"1","a":"2"}`:      {{"a", "1"}, {"a", "2"}},
	} {
		got := old
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{`[]`, `"a"`, `1`, `{"a":1}`, `{"a":{}}`, `{"a":["1"]}`} {
		var got Columns
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}
