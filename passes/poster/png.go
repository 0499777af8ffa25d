package poster

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"

	"stempel/internal/loyalty"
	"stempel/passes/artwork"
)

// Pixels of a PNG.
const (
	perInch  = 300
	perMM    = perInch / 25.4
	perMetre = 11811 // rounded, as PNG's pHYs wants it
)

// raster is a canvas of pixels that have at most 256 colours: with four bytes to a
// pixel, a sheet would take 35 MB.
type raster struct {
	paper  *image.Paletted
	colors map[loyalty.Color]uint8
}

// drawing has room for one sheet: the one that is being drawn.
var drawing = make(chan struct{}, 1)

func (s *Sheet) png(paper Paper) ([]byte, error) {
	drawing <- struct{}{}
	defer func() { <-drawing }()
	on := &raster{colors: map[loyalty.Color]uint8{}}
	on.paper = image.NewPaletted(image.Rect(0, 0, pixels(paper.Width), pixels(paper.Height)), nil)
	on.index(s.Colors.Background) // the first is what empty paper shows
	if err := s.draw(on, paper); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, on.paper)
	return withResolution(out.Bytes()), err
}

func pixels(mm float64) int { return int(math.Round(mm * perMM)) }

// index is a colour's place in the palette.
func (r *raster) index(c loyalty.Color) uint8 {
	i, ok := r.colors[c]
	if !ok {
		i = uint8(len(r.paper.Palette))
		r.paper.Palette = append(r.paper.Palette, color.RGBA{c.R, c.G, c.B, 255})
		r.colors[c] = i
	}
	return i
}

// shadesOf are the shades of an edge between two colours. The sheet has six such
// pairs and the rest of the palette is the logo's.
const (
	shadesOf   = 8
	logoColors = 180
)

func (r *raster) box(b rect, radius float64, in, on loyalty.Color) {
	x, y, right, bottom, c := b.x, b.y, b.x+b.w, b.y+b.h, radius*(1-round)
	r.paint(b, in, on, func(path *pathTo) {
		path.moveTo(x+radius, y)
		path.lineTo(right-radius, y)
		path.cubeTo(right-c, y, right, y+c, right, y+radius)
		path.lineTo(right, bottom-radius)
		path.cubeTo(right, bottom-c, right-c, bottom, right-radius, bottom)
		path.lineTo(x+radius, bottom)
		path.cubeTo(x+c, bottom, x, bottom-c, x, bottom-radius)
		path.lineTo(x, y+radius)
		path.cubeTo(x, y+c, x+c, y, x+radius, y)
	})
}

// round is where the handles of a quarter of a circle lie, of its radius.
const round = 0.5523

func (r *raster) line(l *letters, text string, left, baseline, size float64, in, on loyalty.Color) {
	field := rect{left - size, baseline - 1.2*size, (l.width(text) + 2) * size, 1.6 * size}
	r.paint(field, in, on, func(path *pathTo) {
		x := left
		for _, g := range l.set(text) {
			for _, s := range l.outline(g.index) {
				for i, p := range s.points {
					s.points[i] = point{x + (g.x+p.x*g.scale)*size, baseline + (g.y+p.y*g.scale)*size}
				}
				p := s.points
				switch s.op {
				case sfnt.SegmentOpMoveTo:
					path.moveTo(p[0].x, p[0].y)
				case sfnt.SegmentOpLineTo:
					path.lineTo(p[0].x, p[0].y)
				case sfnt.SegmentOpQuadTo:
					path.quadTo(p[0].x, p[0].y, p[1].x, p[1].y)
				case sfnt.SegmentOpCubeTo:
					path.cubeTo(p[0].x, p[0].y, p[1].x, p[1].y, p[2].x, p[2].y)
				}
			}
			x += g.advance * size
		}
	})
}

// paint fills what trace draws, within a field, with smooth edges.
func (r *raster) paint(field rect, in, on loyalty.Color, trace func(*pathTo)) {
	bounds := image.Rect(int(field.x*perMM)-1, int(field.y*perMM)-1, pixels(field.x+field.w)+1, pixels(field.y+field.h)+1)
	path := &pathTo{vector.NewRasterizer(bounds.Dx(), bounds.Dy()), float64(bounds.Min.X), float64(bounds.Min.Y)}
	trace(path)
	path.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	path.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	var shades [shadesOf + 1]uint8
	for i := range shades {
		shades[i] = r.index(on.Mix(in, uint8(i*255/shadesOf)))
	}
	visible := bounds.Intersect(r.paper.Bounds())
	for y := visible.Min.Y; y < visible.Max.Y; y++ {
		from, to := mask.Pix[(y-bounds.Min.Y)*mask.Stride:], r.paper.Pix[y*r.paper.Stride:]
		for x := visible.Min.X; x < visible.Max.X; x++ {
			if shade := (int(from[x-bounds.Min.X])*shadesOf + 127) / 255; shade > 0 {
				to[x] = shades[shade]
			}
		}
	}
}

// pathTo takes a path in mm of the paper.
type pathTo struct {
	*vector.Rasterizer
	left, top float64 // pixels
}

func (p *pathTo) x(mm float64) float32 { return float32(mm*perMM - p.left) }
func (p *pathTo) y(mm float64) float32 { return float32(mm*perMM - p.top) }

func (p *pathTo) moveTo(x, y float64) {
	p.ClosePath()
	p.MoveTo(p.x(x), p.y(y))
}
func (p *pathTo) lineTo(x, y float64)         { p.LineTo(p.x(x), p.y(y)) }
func (p *pathTo) quadTo(bx, by, x, y float64) { p.QuadTo(p.x(bx), p.y(by), p.x(x), p.y(y)) }
func (p *pathTo) cubeTo(bx, by, cx, cy, x, y float64) {
	p.CubeTo(p.x(bx), p.y(by), p.x(cx), p.y(cy), p.x(x), p.y(y))
}

// code draws modules of whole pixels, all of the same size, in the middle of a
// rectangle.
func (r *raster) code(modules [][]bool, at rect) {
	module := pixels(at.w) / len(modules)
	left := pixels(at.x+at.w/2) - module*len(modules)/2
	top := pixels(at.y+at.h/2) - module*len(modules)/2
	black := r.index(loyalty.Black)
	for run := range runs(modules) {
		for y := top + run.y*module; y < top+(run.y+1)*module; y++ {
			row := r.paper.Pix[y*r.paper.Stride:]
			for x := left + run.x*module; x < left+(run.x+run.length)*module; x++ {
				row[x] = black
			}
		}
	}
}

func (r *raster) picture(p image.Image, at rect) {
	left, top := pixels(at.x), pixels(at.y)
	size := image.Rect(0, 0, pixels(at.w), pixels(at.h))
	mixed := image.NewRGBA(size)
	draw.Copy(mixed, image.Point{}, image.NewUniform(r.paper.Palette[0]), size, draw.Src, nil)
	draw.CatmullRom.Scale(mixed, size, p, p.Bounds(), draw.Over, nil)
	reduced := artwork.Reduce(mixed, logoColors)
	var indexes [logoColors]uint8
	for i, c := range reduced.Palette {
		flat := c.(color.RGBA)
		indexes[i] = r.index(loyalty.Color{R: flat.R, G: flat.G, B: flat.B})
	}
	for y := range size.Dy() {
		to := r.paper.Pix[(top+y)*r.paper.Stride+left:]
		for x, i := range reduced.Pix[y*reduced.Stride:][:size.Dx()] {
			to[x] = indexes[i]
		}
	}
}

// withResolution says in a PNG how large it is to be printed (PNG, "pHYs Physical
// pixel dimensions"), right after its first chunk.
func withResolution(file []byte) []byte {
	const first = 8 + 4 + 4 + 13 + 4 // signature and IHDR
	chunk := binary.BigEndian.AppendUint32(nil, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // to the metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return bytes.Join([][]byte{file[:first], chunk, file[first:]}, nil)
}
