package artwork

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"

	"git.sr.ht/~sbinet/gg"
)

// encoder compresses fast: hardest costs ten times as much, for a little less.
var encoder = png.Encoder{CompressionLevel: png.BestSpeed}

// draw draws a picture as a paletted PNG. Each look that a stamp has is drawn
// once, and its pixels copied to where it stands. icon may be nil.
func (p *picture) draw(icon image.Image) ([]byte, error) {
	ink := inksOf(p)
	var out *image.Paletted
	if p.grid {
		out = p.drawGrid(&ink, icon)
	} else {
		out = p.drawWholeBar(&ink)
	}
	var encoded bytes.Buffer
	if err := encoder.Encode(&encoded, out); err != nil {
		return nil, fmt.Errorf("encode strip: %w", err)
	}
	return encoded.Bytes(), nil
}

func (p *picture) drawGrid(ink *inks, icon image.Image) *image.Paletted {
	grid := gridOf(p.of, p.size)
	var looks []stamp
	for n := 1; n <= p.of; n++ {
		if look := p.stampAt(n); !slices.Contains(looks, look) {
			looks = append(looks, look)
		}
	}
	tile := grid.diameter + 2
	sheet := newSheet(tile*len(looks), tile, ink)
	for i, look := range looks {
		sheet.Push()
		sheet.Translate(0, 1)
		drawStamp(sheet, look, ink, icon, float64(i*tile+1), float64(grid.diameter))
		sheet.Pop()
	}
	tiles := paletted(sheet.Image().(*image.RGBA))
	out := blank(p.size, tiles)
	for i, center := range grid.centers {
		look := slices.Index(looks, p.stampAt(i+1))
		from := image.Rect(look*tile, 0, (look+1)*tile, tile)
		copyTile(out, center.x-tile/2, center.y-tile/2, tiles, from)
	}
	return out
}

func (p *picture) drawWholeBar(ink *inks) *image.Paletted {
	height := int(barEnd*scaleOf(p.size)) + 1
	sheet := newSheet(p.size.Width, height, ink)
	drawBar(sheet, p, ink)
	bar := paletted(sheet.Image().(*image.RGBA))
	out := blank(p.size, bar)
	copyTile(out, 0, (p.size.Height-height)/2, bar, bar.Bounds())
	return out
}

// newSheet is paper of the band's colour.
func newSheet(width, height int, ink *inks) *gg.Context {
	sheet := gg.NewContext(width, height)
	sheet.SetColor(paint(ink.band))
	sheet.Clear()
	return sheet
}

// blank is a picture full of the colour in a sheet's corner.
func blank(size Size, sheet *image.Paletted) *image.Paletted {
	out := image.NewPaletted(image.Rect(0, 0, size.Width, size.Height), sheet.Palette)
	ground := sheet.Pix[0]
	for i := range out.Pix {
		out.Pix[i] = ground
	}
	return out
}

// copyTile copies a part of a sheet with its upper left corner to (left, top).
// Both have the same palette, and the part fits.
func copyTile(to *image.Paletted, left, top int, sheet *image.Paletted, part image.Rectangle) {
	for y := range part.Dy() {
		from := sheet.Pix[sheet.PixOffset(part.Min.X, part.Min.Y+y):]
		copy(to.Pix[to.PixOffset(left, top+y):], from[:part.Dx()])
	}
}
