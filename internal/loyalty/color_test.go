package loyalty_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

func anyColor(t *rapid.T, label string) loyalty.Color {
	channel := rapid.Uint8()
	return loyalty.Color{R: channel.Draw(t, label+" red"), G: channel.Draw(t, label+" green"), B: channel.Draw(t, label+" blue")}
}

func TestParseColor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]loyalty.Color{
		"#000000": loyalty.Black, "#ffffff": loyalty.White, "#d6336c": {R: 0xd6, G: 0x33, B: 0x6c}, "#D6336C": {R: 0xd6, G: 0x33, B: 0x6c},
	} {
		if got, err := loyalty.ParseColor(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "#", "#fff", "d6336c", "#d6336", "#d6336c0", "#d6336g", "#+6336c", "#-6336c", "#0x336c", "#d6_36c", " #d6336", "red", "#ffffff "} {
		if got, err := loyalty.ParseColor(text); !errors.Is(err, loyalty.ErrNotAColor) {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// The figures are those of WCAG's own calculators.
func TestContrast(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#ffffff", "#ffffff", 1},
		{"#777777", "#ffffff", 4.48},
		{"#767676", "#ffffff", 4.54},
		{"#0000ff", "#ffffff", 8.59},
		{"#ff0000", "#ffffff", 4.00},
	} {
		a, errA := loyalty.ParseColor(tt.a)
		b, errB := loyalty.ParseColor(tt.b)
		if got := loyalty.Contrast(a, b); errA != nil || errB != nil || math.Abs(got-tt.want) > 0.005 || got != loyalty.Contrast(b, a) {
			t.Errorf("%s on %s: %.3f, want %.2f", tt.a, tt.b, got, tt.want)
		}
	}
}

// What is recommended instead of a colour holds, and colours chosen for a
// background hold on any.
func TestColorsInsteadHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		background := anyColor(t, "background")
		if err := loyalty.ColorsOn(background).Check(); err != nil {
			t.Fatalf("chosen: %v", err)
		}
		colors := loyalty.Colors{
			Background: background, Foreground: anyColor(t, "foreground"), Label: anyColor(t, "label"), Accent: anyColor(t, "accent"),
		}
		for range 3 { // each may have to be replaced
			var contrast *loyalty.ContrastError
			if !errors.As(colors.Check(), &contrast) {
				break
			}
			if contrast.Ratio >= contrast.Least || strings.Contains(contrast.Error(), "4.50 to 1, and needs 4.5") {
				t.Fatalf("refused in vain: %v", contrast)
			}
			switch contrast.Field {
			case "foreground":
				colors.Foreground = contrast.Instead
			case "label":
				colors.Label = contrast.Instead
			case "accent":
				colors.Accent = contrast.Instead
			}
		}
		if err := colors.Check(); err != nil {
			t.Fatalf("what was recommended is refused: %v", err)
		}
	})
}

func TestPlaceCheck(t *testing.T) {
	t.Parallel()
	for _, p := range []loyalty.Place{{}, {Latitude: 90_000_000, Longitude: -180_000_000}, {Latitude: -90_000_000, Longitude: 180_000_000}} {
		if err := p.Check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for field, p := range map[string]loyalty.Place{
		"place.latitude": {Latitude: 90_000_001}, "place.longitude": {Longitude: -180_000_001},
	} {
		var problem *loyalty.FieldError
		if err := p.Check(); !errors.As(err, &problem) || problem.Field != field {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
