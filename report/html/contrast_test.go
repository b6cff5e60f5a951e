package html_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContrast: colours by role, held against WCAG 2.2: 4.5 to 1 for text
// (1.4.3), 3 to 1 for marks and edges of controls (1.4.11).
func TestContrast(t *testing.T) {
	style := only(t, told(t), `(?s)<style>(.*?)</style>`)
	themes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(style, -1)
	if len(themes) != 3 {
		t.Fatalf("%d themes, want light, dark and print", len(themes))
	}
	for i, name := range []string{"light", "dark", "print"} {
		colours := map[string]string{}
		for _, one := range regexp.MustCompile(`--(\w+): (#[0-9a-f]{6})`).FindAllStringSubmatch(themes[i][1], -1) {
			colours[one[1]] = one[2]
		}
		for _, ground := range []string{"ground", "card", "soft"} {
			for _, text := range []string{"text", "mute", "link", "good", "warn", "bad"} {
				held(t, name, colours, text, ground, 4.5)
			}
		}
		for _, mark := range []string{"fill", "edge", "focus", "good", "warn", "bad"} {
			held(t, name, colours, mark, "card", 3)
		}
	}
}

func held(t *testing.T, theme string, colours map[string]string, over, ground string, least float64) {
	t.Helper()
	a, b := luminance(t, colours[over]), luminance(t, colours[ground])
	if ratio := (math.Max(a, b) + .05) / (math.Min(a, b) + .05); ratio < least {
		t.Errorf("%s: %s on %s is %.2f to 1, want %.1f", theme, over, ground, ratio, least)
	}
}

// luminance is the relative luminance of sRGB (WCAG 2.2, "relative luminance").
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	bits, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatalf("no colour %q", colour)
	}
	sum := 0.0
	for shift, weight := range map[int]float64{16: .2126, 8: .7152, 0: .0722} {
		c := float64(bits>>shift&0xff) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
