package poster

import (
	"image"
	"strconv"

	"github.com/skip2/go-qrcode"

	"stempel/internal/loyalty"
)

// canvas is paper with something to draw on it. Lengths are mm from the upper left
// corner. Each mark is told what it stands on, for those who mix colours at its
// edge.
type canvas interface {
	box(r rect, radius float64, in, on loyalty.Color)
	line(l *letters, text string, left, baseline, size float64, in, on loyalty.Color)
	code(modules [][]bool, r rect)
	picture(p image.Image, r rect)
}

// rect is a rectangle by its upper left corner and its size.
type rect struct{ x, y, w, h float64 }

// pen draws in the measures of A4 on a sheet of any size, in its middle.
type pen struct {
	canvas
	scale, left, top float64
}

func newPen(on canvas, paper Paper) *pen {
	scale := min(paper.Width/A4.Width, paper.Height/A4.Height)
	return &pen{on, scale, (paper.Width - scale*A4.Width) / 2, (paper.Height - scale*A4.Height) / 2}
}

func (p *pen) at(r rect) rect {
	return rect{p.left + p.scale*r.x, p.top + p.scale*r.y, p.scale * r.w, p.scale * r.h}
}

func (p *pen) fill(r rect, radius float64, in, on loyalty.Color) {
	p.box(p.at(r), p.scale*radius, in, on)
}

// paragraph sets a text around x, each line leading sizes below the one before,
// around y in the middle.
func (p *pen) paragraph(l *letters, text string, x, y, width float64, most int, size float64, in, on loyalty.Color) {
	const leading, capitals = 1.2, 0.72 // of a size: from line to line, and how high an H is
	lines, size := fit(l, text, width, most, size)
	baseline := y - float64(len(lines)-1)*leading*size/2 + capitals*size/2
	for _, text := range lines {
		left := x - l.width(text)*size/2
		p.line(l, text, p.left+p.scale*left, p.top+p.scale*baseline, p.scale*size, in, on)
		baseline += leading * size
	}
}

// The parts of the sheet, from top to bottom, in mm of A4.
const (
	middle      = 105.0
	textWidth   = 174.0
	headY       = 32.0 // middle of the logo or the name
	titleY      = 63.0
	ribbonY     = 84.0
	ribbonH     = 24.0
	panelY      = 118.0
	panelW      = 112.0
	panelH      = 125.0
	codeW       = 92.0
	scanY       = 234.0 // beyond the quiet zone of 4 modules
	stepY       = 255.0
	stepWidth   = 51.0
	stepApart   = 60.0
	addressY    = 287.5
	addressSize = 3.4
)

var logoBox = rect{middle - 45, headY - 14, 90, 28}

// draw puts the sheet on paper, whose ground is in the brand's colour already.
// Errors: a logo that is no PNG, an address too long for a QR code.
func (s *Sheet) draw(on canvas, paper Paper) error {
	p, c := newPen(on, paper), s.Colors
	logo, err := s.logo()
	if err != nil {
		return err
	}
	code, err := qrcode.New(s.URL, qrcode.Medium)
	if err != nil {
		return err
	}
	code.DisableBorder = true // the panel is wider than the quiet zone

	if logo != nil {
		p.picture(logo, p.at(within(logo.Bounds(), logoBox)))
	} else {
		p.paragraph(plain(), s.Brand, middle, headY, textWidth, 1, 12, c.Label, c.Background)
	}
	p.paragraph(bold(), s.Title, middle, titleY, textWidth, 2, 17, c.Foreground, c.Background)

	ink := loyalty.ColorsOn(c.Accent).Foreground
	if s.Promise != "" {
		p.fill(rect{18, ribbonY, textWidth, ribbonH}, ribbonH/2, c.Accent, c.Background)
		p.paragraph(bold(), s.Promise, middle, ribbonY+ribbonH/2, textWidth-20, 2, 9.5, ink, c.Accent)
	}
	p.fill(rect{middle - panelW/2, panelY, panelW, panelH}, 7, loyalty.White, c.Background)
	p.code(code.Bitmap(), p.at(rect{middle - codeW/2, panelY + (panelW-codeW)/2, codeW, codeW}))
	words := wordings[s.Language]
	p.paragraph(bold(), words.scan, middle, scanY, codeW, 1, 7.2, loyalty.Black, loyalty.White)

	for i, step := range words.steps {
		x := middle + float64(i-1)*stepApart
		p.fill(rect{x - 5, stepY - 5, 10, 10}, 5, c.Accent, c.Background)
		p.paragraph(bold(), strconv.Itoa(i+1), x, stepY, 10, 1, 6, ink, c.Accent)
		p.paragraph(plain(), step, x, stepY+13, stepWidth, 2, 4.8, c.Foreground, c.Background)
	}
	p.paragraph(plain(), s.URL, middle, addressY, textWidth, 1, addressSize, c.Label, c.Background)
	return nil
}

// within is the largest rectangle of a picture's proportions in a box, in its
// middle.
func within(picture image.Rectangle, box rect) rect {
	w, h := float64(picture.Dx()), float64(picture.Dy())
	scale := min(box.w/w, box.h/h)
	return rect{box.x + (box.w-scale*w)/2, box.y + (box.h-scale*h)/2, scale * w, scale * h}
}
