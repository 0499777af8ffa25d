package artwork

import (
	"git.sr.ht/~sbinet/gg"
)

// The bar's measures in points of the design.
const (
	barHeight = 24.0
	barEnd    = 64.0 // diameter of the reward at its end
	barMark   = 34.0 // of the smaller ones on the way
)

// drawBar draws a bar over a whole picture of barEnd's height: how far it is
// filled, the rewards on the way, and the one at the end.
func drawBar(dc *gg.Context, p *picture, ink *inks) {
	scale := scaleOf(p.size)
	end := barEnd * scale
	left, right := 2*sideMargin*scale, float64(p.size.Width)-1.5*sideMargin*scale-end/2
	middle, height := end/2, barHeight*scale
	at := func(part int) float64 { return left + (right-left)*float64(part)/1000 }

	dc.DrawRoundedRectangle(left, middle-height/2, right-left, height, height/2)
	dc.SetColor(paint(ink.rim))
	dc.Fill()
	line := max(scale*1.5, 1)
	dc.DrawRoundedRectangle(left+line, middle-height/2+line, right-left-2*line, height-2*line, height/2-line)
	dc.SetColor(paint(ink.well))
	dc.Fill()
	if p.filled > 0 {
		width := max(at(p.filled)-left, height) // never less than a round beginning
		dc.DrawRoundedRectangle(left, middle-height/2, width, height, height/2)
		dc.SetColor(paint(ink.accent))
		dc.Fill()
	}
	disc := func(s stamp, x, diameter float64) {
		dc.DrawCircle(x, middle, diameter/2+2.5*scale) // sets it off from the bar
		dc.SetColor(paint(ink.band))
		dc.Fill()
		dc.Push()
		dc.Translate(0, middle-diameter/2)
		drawStamp(dc, s, ink, nil, x-diameter/2, diameter)
		dc.Pop()
	}
	for _, mark := range p.marks {
		if mark > 0 && at(int(mark)) < right-end/2-barMark*scale/2 {
			disc(stamp{filled: int(mark) <= p.filled, glyph: star}, at(int(mark)), barMark*scale)
		}
	}
	disc(stamp{filled: p.lit, glyph: gift}, right, end)
}
