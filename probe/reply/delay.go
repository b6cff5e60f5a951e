package reply

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// longestDelay bounds what a server may ask: RFC 5321 s4.5.4.1 lets senders
// give up after four or five days.
const longestDelay = 5 * 24 * time.Hour

// Delay reads how long a reply asks to wait: "try again in 5 minutes",
// "Greylisted for 300 seconds", "retry after 00:05:00", "retry in PT5M". ok is
// false where it names no time, or one of no use (nothing, or above five days).
func Delay(text string) (delay time.Duration, ok bool) {
	text = strings.ToLower(text)
	for _, form := range delayForms() {
		if found := form.pattern.FindStringSubmatch(text); found != nil {
			delay = form.read(found[1:])
			return delay, delay > 0 && delay <= longestDelay
		}
	}
	return 0, false
}

type delayForm struct {
	pattern *regexp.Regexp
	read    func(parts []string) time.Duration
}

// delayForms are tried in order. The clock form comes before the counted one,
// which would read "00:05:00 hours" as nothing.
var delayForms = sync.OnceValue(func() []delayForm {
	const unit = `(s|sec|secs|seconds?|sekunden?|secondes?|segundos?|m|min|mins|minutes?|minuten?|minutos?|minuti|h|hrs?|hours?|stunden?|heures?|horas?|ore|d|days?)`
	return []delayForm{
		{regexp.MustCompile(`\bpt(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?\b`), clock},
		{regexp.MustCompile(`\b(\d{1,3}):(\d{2}):(\d{2})\b`), clock},
		{regexp.MustCompile(`\b(\d{1,2})m(?:in)? ?(\d{1,2})s(?:ec)?\b`), func(p []string) time.Duration { return clock(append([]string{""}, p...)) }},
		{regexp.MustCompile(`\b(\d{1,6})(?:\.\d+)? ?-?` + unit + `\b`), counted},
	}
})

// clock reads hours, minutes and seconds.
func clock(parts []string) (sum time.Duration) {
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(parts[i])
		sum += time.Duration(n) * unit
	}
	return sum
}

// counted reads a number and a unit by its first letter, which the languages
// of the pattern share but for German hours.
func counted(parts []string) time.Duration {
	n, _ := strconv.Atoi(parts[0])
	switch word := parts[1]; {
	case strings.HasPrefix(word, "st"), word[0] == 'h', word[0] == 'o':
		return time.Duration(n) * time.Hour
	case word[0] == 's':
		return time.Duration(n) * time.Second
	case word[0] == 'd':
		return time.Duration(n) * 24 * time.Hour
	default:
		return time.Duration(n) * time.Minute
	}
}
