package address

import "testing"

func TestProperty(t *testing.T) {
	tests := []struct {
		name string
		r    rune
		want class
	}{
		{"small letter", 'a', valid},
		{"digit", '7', valid},
		{"hyphen", '-', valid},
		{"underscore", '_', disallowed},
		{"capital letter", 'A', disallowed},
		{"sharp s, an exception", 'ß', valid},
		{"final sigma, an exception", 'ς', valid},
		{"ideographic zero, an exception", '〇', valid},
		{"Arabic tatweel, an exception", 'ـ', disallowed},
		{"middle dot", '·', contextual},
		{"zero-width joiner", '\u200d', contextual},
		{"Arabic-Indic digit", '٣', contextual},
		{"extended Arabic-Indic digit", '۳', contextual},
		{"Devanagari digit", '३', valid},
		{"Devanagari sign virama", '\u094d', valid},
		{"Han", '中', valid},
		{"Hangul syllable", '가', valid},
		{"Hangul letter", '\u1100', disallowed},
		{"fullwidth letter", 'ａ', disallowed},
		{"ligature", 'ﬁ', disallowed},
		{"superscript two", '²', disallowed},
		{"roman numeral, a letter number", 'ⅷ', disallowed},
		{"snowman", '☃', disallowed},
		{"emoji", '😀', disallowed},
		{"variation selector", '\ufe0f', disallowed},
		{"combining grapheme joiner", '\u034f', disallowed},
		{"Hangul filler", '\u3164', disallowed},
		{"mark for symbols", '\u20dd', disallowed},
		{"soft hyphen", '\u00ad', disallowed},
		{"private use", '\ue000', disallowed},
		{"unassigned", '\u0378', disallowed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := property(tt.r); got != tt.want {
				t.Errorf("property(%U) = %s, want %s", tt.r, got, tt.want)
			}
		})
	}
}

func TestContext(t *testing.T) {
	tests := []struct {
		name, label, rule string
	}{
		{"A.3 between two l", "col·legi", ""},
		{"A.3 elsewhere", "l·a", RuleContext},
		{"A.3 at the end", "l·", RuleContext},
		{"A.4 before Greek", "͵α", ""},
		{"A.4 before Latin", "͵a", RuleContext},
		{"A.5 behind Hebrew", "א׳", ""},
		{"A.5 first", "׳א", RuleContext},
		{"A.6 behind Hebrew", "א״ב", ""},
		{"A.6 behind Latin", "a״", RuleContext},
		{"A.7 in Katakana", "ア・イ", ""},
		{"A.7 in Hiragana", "あ・", ""},
		{"A.7 in Latin", "a・b", RuleContext},
		{"A.8 alone", "ا١٢", ""},
		{"A.8 with A.9", "ا١۲", RuleContext},
		{"A.9 alone", "ا۱۲", ""},
		{"symbol", "a☃", RuleBadCharacter},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r, rule := forbidden(tt.label); rule != tt.rule {
				t.Errorf("forbidden(%q) = %U, %q; want rule %q", tt.label, r, rule, tt.rule)
			}
		})
	}
}
