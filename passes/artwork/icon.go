package artwork

import (
	"image"
	"unicode"

	"git.sr.ht/~sbinet/gg"
	"golang.org/x/image/draw"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"

	"stempel/internal/loyalty"
)

var bold = func() *sfnt.Font {
	font, err := opentype.Parse(gobold.TTF)
	if err != nil {
		panic("Go Bold: " + err.Error())
	}
	return font
}()

// initial is the first letter or digit of a name that can be drawn, as a capital;
// 0 where there is none.
func initial(name string) rune {
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		r = unicode.ToUpper(r)
		if glyph, err := bold.GlyphIndex(nil, r); err == nil && glyph != 0 {
			return r
		}
	}
	return 0
}

// drawLetter makes an icon for a brand that has none: its letter, or a star, on
// its accent.
func drawLetter(c loyalty.Colors, letter rune, size Size) image.Image {
	dc := gg.NewContext(size.Width, size.Height)
	dc.SetColor(paint(c.Background))
	dc.Clear()
	x, y, r := float64(size.Width)/2, float64(size.Height)/2, float64(min(size.Width, size.Height))*0.43
	dc.DrawCircle(x, y, r)
	dc.SetColor(paint(c.Accent))
	dc.Fill()
	dc.SetColor(paint(c.Background))
	face, err := opentype.NewFace(bold, &opentype.FaceOptions{Size: r * 1.25, DPI: 72})
	if letter == 0 || err != nil {
		drawStar(dc, x, y, r*0.62)
		return dc.Image()
	}
	defer face.Close()
	bounds, _, _ := face.GlyphBounds(letter)
	left, top := float64(bounds.Min.X)/64, float64(bounds.Min.Y)/64
	right, bottom := float64(bounds.Max.X)/64, float64(bounds.Max.Y)/64
	dc.SetFontFace(face)
	dc.DrawString(string(letter), x-(left+right)/2, y-(top+bottom)/2)
	return dc.Image()
}

// centred scales a picture into a size, with transparent margins where its
// proportions are others.
func centred(from image.Image, size Size) image.Image {
	b := from.Bounds()
	fit := fitted(b.Dx(), b.Dy(), size.Width, size.Height)
	to := image.NewNRGBA(image.Rect(0, 0, size.Width, size.Height))
	draw.CatmullRom.Scale(to, fit, from, b, draw.Src, nil)
	return to
}
