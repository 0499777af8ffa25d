package poster

import (
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/passes"
)

func TestPromise(t *testing.T) {
	t.Parallel()
	tests := []struct {
		language passes.Language
		kind     loyalty.ProgramKind
		at       int64
		want     string
	}{
		{passes.English, loyalty.Stamps, 1, "1 stamp: X"},
		{passes.English, loyalty.Points, 250, "250 points: X"},
		{passes.Polish, loyalty.Stamps, 10, "10 pieczątek: X"},
		{passes.Polish, loyalty.Stamps, 12, "12 pieczątek: X"},
		{passes.Polish, loyalty.Stamps, 22, "22 pieczątki: X"},
		{passes.Polish, loyalty.Points, 1_000_000, "1000000 punktów: X"},
		{passes.Romanian, loyalty.Stamps, 10, "10 ștampile: X"},
		{passes.Romanian, loyalty.Stamps, 20, "20 de ștampile: X"},
		{passes.Romanian, loyalty.Points, 101, "101 puncte: X"},
	}
	for _, tt := range tests {
		f := passes.Face{Kind: tt.kind, Progress: passes.Progress{Next: passes.Next{Name: "X", At: tt.at}}}
		if got := Promise(&f, tt.language); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.language, got, tt.want)
		}
	}
	if got := Promise(&passes.Face{}, passes.English); got != "" {
		t.Errorf("without a reward it promises %q", got)
	}
}

// The font draws every letter of what posters say, and of the languages they say it
// in.
func TestLettersAreWhole(t *testing.T) {
	t.Parallel()
	text := "ĄĆĘŁŃÓŚŹŻąćęłńóśźżĂÂÎȘȚăâîșțŞŢşţ0123456789–’„”&%€.,:-/"
	for _, l := range passes.Languages() {
		words := wordings[l]
		text += words.scan + strings.Join(words.steps[:], "")
		if words.scan == "" || words.steps[2] == "" {
			t.Errorf("%s says nothing", l)
		}
	}
	for _, l := range []*letters{plain(), bold()} {
		for _, r := range text {
			if r != ' ' && len(l.set(string(r))) == 0 {
				t.Errorf("%s has no %c", l.name, r)
			}
		}
	}
	if got := len(plain().set(" Lody 🍦  na patyku 🍭")); got != len("Lody na patyku") {
		t.Errorf("what cannot be drawn leaves %d letters", got)
	}
}

// Romanian's ș is an s with a comma below its middle, and as wide as an s.
func TestCommaBelow(t *testing.T) {
	t.Parallel()
	for below, base := range commaBelow {
		glyphs := bold().set(string(below))
		if len(glyphs) != 2 || glyphs[0].letter != base || glyphs[1].letter != ',' || glyphs[1].y <= 0 || glyphs[1].x >= 0 {
			t.Errorf("%c is %+v", below, glyphs)
		}
		if bold().width(string(below)) != bold().width(string(base)) {
			t.Errorf("%c has another width than %c", below, base)
		}
	}
}

// Whatever is written fits its lines, as large as it may.
func TestFit(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"short", "some words that go on for longer than one line can be", strings.Repeat("w", 300), strings.Repeat("a ", 100), "🍦", ""} {
		lines, size := fit(bold(), text, 100, 2, 10)
		if len(lines) > 2 || size > 10 || strings.Join(lines, " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q becomes %q", text, lines)
		}
		for _, line := range lines {
			if bold().width(line)*size > 100 {
				t.Errorf("%q is wider than its place", line)
			}
		}
	}
	if _, size := fit(bold(), "short", 100, 1, 10); size != 10 {
		t.Errorf("a short text is drawn in %v", size)
	}
}
