package loyalty

import (
	"fmt"
	"time"
)

// Brand is how a merchant's cards look.
type Brand struct {
	Name    string    // on the card; empty: the merchant's
	Colors  Colors    // zero: those of the program's template
	Logo    Hash      // of its PNG; zero: none
	Icon    Hash      // of its PNG; zero: none
	Changed time.Time // zero: never

	PrivacyURL string `json:"-"` // of the merchant's privacy notice, https; empty: none. Pages link to it, and no pass changes with it.
}

// Colors are what a card is painted with.
type Colors struct {
	Background Color
	Foreground Color // of values and sentences
	Label      Color // of the small words above them
	Accent     Color // of stamps and bars
}

// The lowest contrast with the background (WCAG 2.2, success criteria 1.4.3 and
// 1.4.11).
const (
	TextContrast  = 4.5
	StampContrast = 3.0
)

// IsZero reports whether no colours were chosen. Black on black is no choice.
func (c Colors) IsZero() bool { return c == Colors{} }

// ColorsOn are colours that can be read on a background: black or white text, and
// small words and stamps of the same, a little softer.
func ColorsOn(background Color) Colors {
	text := Black
	if Contrast(White, background) > Contrast(Black, background) {
		text = White
	}
	soft := text.Mix(background, 60).Readable(background, TextContrast)
	return Colors{Background: background, Foreground: text, Label: soft, Accent: soft}
}

// Check holds that everything can be read on the background. Errors: a
// *ContrastError for the first colour that cannot.
func (c Colors) Check() error {
	for _, on := range []struct {
		field string
		color Color
		least float64
	}{
		{"foreground", c.Foreground, TextContrast},
		{"label", c.Label, TextContrast},
		{"accent", c.Accent, StampContrast},
	} {
		if ratio := Contrast(on.color, c.Background); ratio < on.least {
			return &ContrastError{
				Field: on.field, Color: on.color, Background: c.Background, Ratio: ratio, Least: on.least,
				Instead: on.color.Readable(c.Background, on.least),
			}
		}
	}
	return nil
}

// ContrastError says that a colour cannot be read on the background, and which
// one like it could.
type ContrastError struct {
	Field             string
	Color, Background Color
	Ratio, Least      float64
	Instead           Color
}

func (e *ContrastError) Error() string {
	// Cut, not rounded: a ratio below the least must not read as the least.
	ratio := float64(int(e.Ratio*100)) / 100
	return fmt.Sprintf("%s %s on %s has a contrast of %.2f to 1, and needs %g to 1", e.Field, e.Color, e.Background, ratio, e.Least)
}

// Image is a picture of a merchant's, decoded and encoded anew by us.
type Image struct {
	Merchant      MerchantID
	Hash          Hash // SHA-256 of PNG
	Width, Height int  // pixels
	PNG           []byte
	Added         time.Time
}
