package artwork

import (
	"image/color"

	"stempel/internal/loyalty"
)

// inks are the paints of one strip, mixed from the brand's colours.
type inks struct {
	band   loyalty.Color // behind everything: a shade beside the card's background
	accent loyalty.Color // of what is collected
	mark   loyalty.Color // on the accent
	well   loyalty.Color // inside of what is still empty
	rim    loyalty.Color // around it
	hint   loyalty.Color // of rewards that wait
}

func inksOf(p *picture) inks {
	c := p.colors
	i := inks{band: band(c), accent: c.Accent}
	if p.asleep {
		i.accent = c.Accent.Mix(i.band, 140)
	}
	i.mark = i.band
	i.well = i.band.Mix(i.accent, 34)
	i.rim = i.band.Mix(i.accent, 110)
	i.hint = i.band.Mix(i.accent, 215)
	return i
}

// band sets the strip off from the card a little, away from the accent, so that
// their contrast only grows.
func band(c loyalty.Colors) loyalty.Color {
	if loyalty.Contrast(c.Accent, loyalty.White) < loyalty.Contrast(c.Background, loyalty.White) {
		return c.Background.Mix(loyalty.Black, 38)
	}
	return c.Background.Mix(loyalty.White, 110)
}

func paint(c loyalty.Color) color.RGBA { return color.RGBA{c.R, c.G, c.B, 255} }
