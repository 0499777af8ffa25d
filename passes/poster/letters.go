package poster

import (
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// letters are a font. The Go fonts have every letter of Polish and Romanian and may
// be embedded by anybody.
type letters struct {
	name string
	file []byte
	font *sfnt.Font
	em   fixed.Int26_6 // units of the font's own grid to the size
}

// plain and bold are read when they are first needed.
var (
	plain = sync.OnceValue(func() *letters { return parse("GoRegular", goregular.TTF) })
	bold  = sync.OnceValue(func() *letters { return parse("GoBold", gobold.TTF) })
)

func parse(name string, file []byte) *letters {
	parsed, err := sfnt.Parse(file)
	if err != nil {
		panic("the letters of posters: " + err.Error())
	}
	return &letters{name, file, parsed, fixed.I(int(parsed.UnitsPerEm()))}
}

// glyph is a drawing of the font. Lengths are in sizes.
type glyph struct {
	index   sfnt.GlyphIndex
	letter  rune
	advance float64 // how far the next one stands
	x, y    float64 // where it is drawn, from the pen; y grows downwards
	scale   float64 // 1: as large as the others
}

// The Go fonts draw Romanian's ș and ț with a cedilla, which is Turkish's and wrong:
// they get their comma here.
var commaBelow = map[rune]rune{'ș': 's', 'Ș': 'S', 'ț': 't', 'Ț': 'T'}

const (
	commaScale = 0.75
	commaDepth = 0.15
)

// set is a text as glyphs. What the font has no drawing for, such as emoji, is left
// out with the space beside it.
func (l *letters) set(text string) []glyph {
	var buffer sfnt.Buffer
	var glyphs []glyph
	known := strings.Map(func(r rune) rune {
		if index, err := l.font.GlyphIndex(&buffer, r); err != nil || index == 0 {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	for _, r := range strings.Join(strings.Fields(known), " ") {
		base, ok := commaBelow[r]
		if !ok {
			glyphs = append(glyphs, l.glyph(r))
			continue
		}
		letter, comma := l.glyph(base), l.glyph(',')
		comma.x = -(letter.advance + comma.advance*commaScale) / 2
		comma.y, comma.scale, comma.advance = commaDepth, commaScale, 0
		glyphs = append(glyphs, letter, comma)
	}
	return glyphs
}

func (l *letters) glyph(r rune) glyph {
	var buffer sfnt.Buffer
	index, err := l.font.GlyphIndex(&buffer, r)
	var advance fixed.Int26_6
	if err == nil {
		advance, err = l.font.GlyphAdvance(&buffer, index, l.em, font.HintingNone)
	}
	if err != nil {
		panic("the letters of posters: " + err.Error())
	}
	return glyph{index: index, letter: r, advance: float64(advance) / float64(l.em), scale: 1}
}

// width is that of a text, in sizes.
func (l *letters) width(text string) (width float64) {
	for _, g := range l.set(text) {
		width += g.advance
	}
	return width
}

// outline is a glyph's path with a size of 1 and y growing downwards from the
// baseline.
func (l *letters) outline(index sfnt.GlyphIndex) []segment {
	var buffer sfnt.Buffer
	found, err := l.font.LoadGlyph(&buffer, index, l.em, nil)
	if err != nil {
		panic("the letters of posters: " + err.Error())
	}
	path := make([]segment, len(found))
	for i, s := range found {
		path[i].op = s.Op
		for j, p := range s.Args {
			path[i].points[j] = point{float64(p.X) / float64(l.em), float64(p.Y) / float64(l.em)}
		}
	}
	return path
}

// segment is a part of a path, with as many points as its kind has.
type segment struct {
	op     sfnt.SegmentOp
	points [3]point
}

type point struct{ x, y float64 }
