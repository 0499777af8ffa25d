package loyalty

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Color is an opaque sRGB colour. As text it is #rrggbb in lower case.
type Color struct{ R, G, B uint8 }

// The ends of the scale, of which one contrasts with every colour by at least 4.5.
var (
	Black = Color{}
	White = Color{255, 255, 255}
)

// ErrNotAColor is what ParseColor answers to any text that is not #rrggbb.
var ErrNotAColor = errors.New("not a colour: want # and six hexadecimal digits")

// ParseColor reads #rrggbb, in lower or upper case. Errors: ErrNotAColor.
func ParseColor(text string) (Color, error) {
	if len(text) != 7 || text[0] != '#' || text[1] == '+' {
		return Color{}, ErrNotAColor
	}
	rgb, err := strconv.ParseUint(text[1:], 16, 24)
	if err != nil {
		return Color{}, ErrNotAColor
	}
	return Color{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb)}, nil
}

func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// MarshalText gives the colour's text form.
func (c Color) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads as ParseColor does.
func (c *Color) UnmarshalText(text []byte) (err error) {
	*c, err = ParseColor(string(text))
	return err
}

// Contrast is the contrast ratio of two colours, from 1 to 21 (WCAG 2.2,
// "contrast ratio").
func Contrast(a, b Color) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// luminance is the relative luminance, from 0 for black to 1 for white (WCAG
// 2.2, "relative luminance").
func (c Color) luminance() float64 {
	return 0.2126*linear[c.R] + 0.7152*linear[c.G] + 0.0722*linear[c.B]
}

// linear undoes the gamma of one sRGB channel.
var linear = func() (values [256]float64) {
	for i := range values {
		if c := float64(i) / 255; c <= 0.04045 {
			values[i] = c / 12.92
		} else {
			values[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return values
}()

// Mix is c with a part of another colour, from 0 for none of it to 255 for
// nothing else.
func (c Color) Mix(other Color, part uint8) Color {
	mix := func(a, b uint8) uint8 {
		return uint8((int(a)*(255-int(part)) + int(b)*int(part) + 127) / 255)
	}
	return Color{mix(c.R, other.R), mix(c.G, other.G), mix(c.B, other.B)}
}

// Readable is the colour nearest to c, on its way to black or to white, whose
// contrast with the background is at least ratio; the farther end of the scale
// where no colour's is.
func (c Color) Readable(background Color, ratio float64) Color {
	for part := range 256 {
		for _, end := range []Color{Black, White} {
			if mixed := c.Mix(end, uint8(part)); Contrast(mixed, background) >= ratio {
				return mixed
			}
		}
	}
	if Contrast(Black, background) > Contrast(White, background) {
		return Black
	}
	return White
}
