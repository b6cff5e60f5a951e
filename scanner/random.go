package scanner

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// randomLocal is the local part of a mailbox that nobody has: two words with
// a dot, as people are called, of 35 and 45 random bits.
func (r *run) randomLocal() string {
	if r.Random != nil {
		return r.Random()
	}
	return word(7) + "." + word(9)
}

// unlike is a second name for a domain that took the first: one word of
// another length and without a dot, in case the first fitted some pattern. It
// follows from the first, so that a greylisting server that puts it off hears
// of it again, and not of another stranger.
func unlike(first string) string {
	sum := sha256.Sum256([]byte(first))
	return "q" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:len(first)/2+3]
}

// word is n letters and digits (rand.Text is Base32: five bits each) that
// begin with a letter.
func word(n int) string {
	return "q" + strings.ToLower(rand.Text()[:n-1])
}
