package artwork

import (
	"image"

	"git.sr.ht/~sbinet/gg"
	"golang.org/x/image/draw"

	"stempel/internal/loyalty"
)

// stamp is one of the looks that a place of the grid can have.
type stamp struct {
	filled bool
	glyph  glyph
}

type glyph uint8

const (
	plain glyph = iota
	tick
	star // a smaller reward
	gift // the reward of a full card
)

// stampAt is the look of a place, counted from 1.
func (p *picture) stampAt(n int) stamp {
	s := stamp{filled: n <= p.filled}
	switch {
	case n == p.of:
		s.glyph = gift
	case p.marked(n):
		s.glyph = star
	case s.filled:
		s.glyph = tick
	}
	return s
}

// drawStamp draws a stamp that fills the square at (left, 0).
func drawStamp(dc *gg.Context, s stamp, ink *inks, icon image.Image, left, diameter float64) {
	r := diameter / 2
	x, y := left+r, r
	if s.filled {
		dc.DrawCircle(x, y, r)
		dc.SetColor(paint(ink.accent))
		dc.Fill()
		if s.glyph == tick && icon != nil {
			drawIcon(dc, icon, x, y, r)
			return
		}
		drawGlyph(dc, s.glyph, ink.mark, x, y, r)
		return
	}
	width, rim := max(r*0.075, 1), ink.rim
	if s.glyph != plain {
		width, rim = max(r*0.1, 1.2), ink.hint
	}
	dc.DrawCircle(x, y, r)
	dc.SetColor(paint(rim))
	dc.Fill()
	dc.DrawCircle(x, y, r-width)
	dc.SetColor(paint(ink.well))
	dc.Fill()
	drawGlyph(dc, s.glyph, ink.hint, x, y, r)
}

// drawIcon puts the merchant's icon into a filled stamp: one that is cut free
// stands on the disc, one with a ground of its own fills it, but for the rim.
func drawIcon(dc *gg.Context, icon image.Image, x, y, r float64) {
	b := icon.Bounds()
	_, _, _, corner := icon.At(b.Min.X, b.Min.Y).RGBA()
	part := 0.88
	if corner < 0x8000 {
		part = 0.62
	}
	side := int(2 * r * part)
	scaled := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(scaled, fitted(b.Dx(), b.Dy(), side, side), icon, b, draw.Over, nil)
	if part > 0.62 {
		dc.DrawCircle(x, y, r*part)
		dc.Clip()
		defer dc.ResetClip()
	}
	dc.DrawImageAnchored(scaled, int(x+0.5), int(y+0.5), 0.5, 0.5)
}

func drawGlyph(dc *gg.Context, g glyph, c loyalty.Color, x, y, r float64) {
	dc.SetColor(paint(c))
	switch g {
	case tick:
		drawTick(dc, x, y, r)
	case star:
		drawStar(dc, x, y, r*0.62)
	case gift:
		drawGift(dc, x, y, r)
	}
}
