package poster

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// Sheet is what a poster says.
type Sheet struct {
	Language passes.Language
	Colors   loyalty.Colors
	Brand    string // its name
	Title    string // of the program
	Promise  string // what one gets, as a sentence; empty: nothing is promised
	Logo     []byte // PNG; none: the name stands for it
	URL      string // of the page where people join
}

// Of is the sheet of a program, by the face of a card that is still empty. The
// logo is the brand's as a PNG, or nil. Everybody reads it, so it promises nothing that
// is not for everybody: whom the program is for, and what they get, says its page.
func Of(f *passes.Face, l passes.Language, logo []byte, url string) *Sheet {
	sheet := &Sheet{Language: l, Colors: f.Brand.Colors, Brand: f.Brand.Name, Title: f.Title, Logo: logo, URL: url}
	if !f.Chosen {
		sheet.Promise = Promise(f, l)
	}
	return sheet
}

// LogoWidth and LogoHeight are the pixels of the box that a logo fits, at 300 to
// the inch.
const (
	LogoWidth  = 1063
	LogoHeight = 330
)

// Paper is the size of a sheet.
type Paper struct{ Width, Height float64 } // mm

// The papers of ISO 216: the one for walls and doors, and the one for tables.
var (
	A4 = Paper{210, 297}
	A6 = Paper{105, 148}
)

// ParsePaper reads "a4" or "a6".
func ParsePaper(name string) (Paper, bool) {
	paper, ok := map[string]Paper{"a4": A4, "a6": A6}[name]
	return paper, ok
}

// Format is the kind of file that a poster is.
type Format string

// The formats of posters.
const (
	PDF Format = "pdf"
	PNG Format = "png"
	SVG Format = "svg"
)

// MediaType is the format's, or empty for one that does not exist.
func (f Format) MediaType() string {
	return map[Format]string{PDF: "application/pdf", PNG: "image/png", SVG: "image/svg+xml"}[f]
}

// Draw makes the file. Errors: a logo that is no PNG, an address too long for a QR
// code, a format that does not exist.
func (s *Sheet) Draw(f Format, paper Paper) ([]byte, error) {
	switch f {
	case PDF:
		return s.pdf(paper)
	case PNG:
		return s.png(paper)
	case SVG:
		return s.svg(paper)
	}
	return nil, fmt.Errorf("there are no posters as %q", f)
}

// logo is the picture; nil for none.
func (s *Sheet) logo() (image.Image, error) {
	if s.Logo == nil {
		return nil, nil
	}
	picture, err := png.Decode(bytes.NewReader(s.Logo))
	if err != nil {
		return nil, fmt.Errorf("the poster's logo: %w", err)
	}
	return picture, nil
}
