package artwork

import (
	"math"

	"git.sr.ht/~sbinet/gg"
)

// The signs inside stamps, drawn around (x, y) in the colour that is set; r is
// the radius of the stamp.

func drawTick(dc *gg.Context, x, y, r float64) {
	dc.SetLineWidth(r * 0.2)
	dc.SetLineCapRound()
	dc.SetLineJoinRound()
	dc.MoveTo(x-r*0.40, y+r*0.04)
	dc.LineTo(x-r*0.11, y+r*0.33)
	dc.LineTo(x+r*0.42, y-r*0.30)
	dc.Stroke()
}

// drawStar draws a star of five, with its points a little round.
func drawStar(dc *gg.Context, x, y, r float64) {
	const points = 5
	for i := range 2 * points {
		far := r
		if i%2 == 1 {
			far = r * 0.48
		}
		angle := float64(i)*math.Pi/points - math.Pi/2
		// The centre of gravity of a star stands a little above the middle of its box.
		dc.LineTo(x+far*math.Cos(angle), y+r*0.04+far*math.Sin(angle))
	}
	dc.ClosePath()
	dc.SetLineJoinRound()
	dc.SetLineWidth(r * 0.16)
	dc.FillPreserve()
	dc.Stroke()
}

// drawGift draws a parcel: a box and a lid, parted by the ribbon, and a bow.
func drawGift(dc *gg.Context, x, y, r float64) {
	half, ribbon := r*0.46, r*0.075
	corner := r * 0.06
	for _, side := range []float64{-1, 1} {
		outer, inner := x+side*half, x+side*ribbon
		left, width := min(outer, inner), math.Abs(outer-inner)
		dc.DrawRoundedRectangle(left, y+r*0.08, width, r*0.43, corner)
		lid := r * 0.05 // beyond the box
		dc.DrawRoundedRectangle(left+min(side, 0)*lid, y-r*0.16, width+lid, r*0.19, corner)
	}
	dc.Fill()
	dc.SetLineWidth(r * 0.1)
	dc.SetLineCapRound()
	dc.SetLineJoinRound()
	for _, side := range []float64{-1, 1} {
		dc.MoveTo(x, y-r*0.2)
		dc.CubicTo(x+side*r*0.10, y-r*0.50, x+side*r*0.42, y-r*0.60, x+side*r*0.36, y-r*0.36)
		dc.CubicTo(x+side*r*0.32, y-r*0.24, x+side*r*0.16, y-r*0.20, x, y-r*0.2)
		dc.Stroke()
	}
}
