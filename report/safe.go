package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	printableMost = 1024     // bytes of input that Printable shows
	ellipsis      = "\u2026" // one column wide
	marksMost     = 4        // combining marks on one letter: more climb over the lines above
)

// Printable makes text of strangers fit for a terminal: what could move the
// cursor, turn the reading order around (U+202A to U+202E, U+2066 to U+2069),
// hide (zero-width characters) or is no UTF-8 is shown as an escape, \x1b or
// \u202e. Text beyond 1024 bytes is cut off with an ellipsis.
func Printable(text string) string {
	cut := len(text) > printableMost
	if cut {
		text = text[:runeStart(text, printableMost)]
	}
	text = Escaped(text)
	if cut {
		text += ellipsis
	}
	return text
}

// runeStart is the last place at or before at where no character is cut in two.
func runeStart(text string, at int) int {
	for back := range utf8.UTFMax {
		if utf8.RuneStart(text[at-back]) {
			return at - back
		}
	}
	return at
}

// Escaped is Printable without its limit: for text that is bounded already.
func Escaped(text string) string {
	if plain(text) {
		return text
	}
	var out strings.Builder
	out.Grow(len(text) + 16)
	marks := marksMost // a mark needs a letter to stand on, or it stands on the cell before
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.Is(unicode.M, r):
			marks++
		case unicode.Is(unicode.Zs, r) || hidden(r):
			marks = marksMost
		default:
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, text[i])
		case hidden(r) || marks > marksMost:
			out.WriteString(escape(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}

// plain reports whether text is printable ASCII throughout, as nearly all is.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// hidden reports whether a character has no glyph of its own: controls, format
// characters, unassigned ones, and those that Unicode lets a font ignore
// (UAX 44, Default_Ignorable_Code_Point), which are letters or marks by category.
func hidden(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// oneLine joins the lines of a reply by " / ".
func oneLine(text string) string {
	if !strings.ContainsAny(text, "\r\n") {
		return text
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", " / ")
}

// cell is hostile text for a place on one line of a terminal. Blanks of all
// widths become the usual one.
func cell(text string) string {
	text = Printable(oneLine(text))
	if plain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, text)
}

// unformula makes hostile text fit for a cell of CSV. Spreadsheets take a cell
// for a formula by its first character, quoted or not: = + - @, their
// full-width forms, and TAB and CR, which some drop before they look. An
// apostrophe in front makes it text. Blanks do not shield what follows them.
func unformula(text string) string {
	if text == "" {
		return ""
	}
	clean := Escaped(oneLine(text))
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \n\u00a0\u3000"))
	if strings.ContainsRune("=+-@\t\r\uff1d\uff0b\uff0d\uff20", first) && first != utf8.RuneError {
		return "'" + clean
	}
	return clean
}
