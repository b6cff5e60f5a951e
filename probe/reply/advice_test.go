package reply

import (
	"strings"
	"testing"
)

func TestEveryMeaningHasItsOwnWords(t *testing.T) {
	sentences, advice := map[string]Meaning{}, map[string]Meaning{}
	for _, m := range Meanings {
		s, a := m.Sentence(), m.Advice()
		if !strings.HasSuffix(s, ".") || !strings.HasSuffix(a, ".") || strings.Contains(s+a, "\n") {
			t.Errorf("%s: want one line that ends in a full stop: %q, %q", m, s, a)
		}
		if sentences[s] != "" || advice[a] != "" {
			t.Errorf("%s says what another meaning says: %q, %q", m, s, a)
		}
		sentences[s], advice[a] = m, m
	}
}

func TestOnlyWordsAboutTheRecipientAdviseToStop(t *testing.T) {
	for _, m := range Meanings {
		if stop := strings.Contains(m.Advice(), "top sending") || strings.Contains(m.Advice(), "off the list"); stop && !dead(m) {
			t.Errorf("%s costs an address: %s", m, m.Advice())
		}
	}
}
