package poster

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/png"
	"strconv"

	"golang.org/x/image/font/sfnt"

	"stempel/internal/loyalty"
)

// svg is a canvas that writes SVG 1.1. Its letters are paths: whoever opens the
// file need not have the font.
type svg struct {
	defs, body bytes.Buffer
	defined    map[string]bool
	err        error
}

func (s *Sheet) svg(paper Paper) ([]byte, error) {
	on := &svg{defined: map[string]bool{}}
	if err := s.draw(on, paper); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%smm" height="%smm" viewBox="0 0 %[1]s %[2]s" xml:lang="%s" role="img">`,
		short(paper.Width), short(paper.Height), s.Language)
	out.WriteString("\n<title>")
	for _, text := range []string{s.Title, " – ", s.Brand} {
		if err := xml.EscapeText(&out, []byte(text)); err != nil {
			return nil, err
		}
	}
	out.WriteString("</title>\n<desc>")
	for _, text := range []string{s.Promise, "\n", s.URL} {
		if err := xml.EscapeText(&out, []byte(text)); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(&out, "</desc>\n<defs>\n%s</defs>\n", on.defs.Bytes())
	fmt.Fprintf(&out, "<rect width=\"%s\" height=\"%s\" fill=\"%s\"/>\n", short(paper.Width), short(paper.Height), s.Colors.Background)
	out.Write(on.body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes(), on.err
}

func (v *svg) box(r rect, radius float64, in, _ loyalty.Color) {
	fmt.Fprintf(&v.body, "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%s\" fill=\"%s\"/>\n",
		short(r.x), short(r.y), short(r.w), short(r.h), short(radius), in)
}

func (v *svg) line(l *letters, text string, left, baseline, size float64, in, _ loyalty.Color) {
	fmt.Fprintf(&v.body, "<g transform=\"translate(%s %s) scale(%s)\" fill=\"%s\">", short(left), short(baseline), short(size), in)
	x := 0.0
	for _, g := range l.set(text) {
		place := "x=\"" + short(x) + "\""
		if g.scale != 1 {
			place = fmt.Sprintf("transform=\"translate(%s %s) scale(%s)\"", short(x+g.x), short(g.y), short(g.scale))
		}
		fmt.Fprintf(&v.body, "<use xlink:href=\"#%s\" %s/>", v.define(l, g.index), place)
		x += g.advance
	}
	v.body.WriteString("</g>\n")
}

// define has a glyph drawn once, and returns its name.
func (v *svg) define(l *letters, index sfnt.GlyphIndex) string {
	name := l.name + strconv.Itoa(int(index))
	if v.defined[name] {
		return name
	}
	v.defined[name] = true
	fmt.Fprintf(&v.defs, "<path id=\"%s\" d=\"", name)
	for _, s := range l.outline(index) {
		v.defs.WriteByte("MLQC"[s.op])
		for i, p := range s.points[:pointsOf(s.op)] {
			if i > 0 {
				v.defs.WriteByte(' ')
			}
			v.defs.WriteString(short(p.x) + " " + short(p.y))
		}
	}
	v.defs.WriteString("\"/>\n")
	return name
}

// pointsOf is how many points a segment has beyond where the one before ended.
func pointsOf(op sfnt.SegmentOp) int {
	switch op {
	case sfnt.SegmentOpQuadTo:
		return 2
	case sfnt.SegmentOpCubeTo:
		return 3
	}
	return 1
}

func (v *svg) code(modules [][]bool, r rect) {
	fmt.Fprintf(&v.body, "<path transform=\"translate(%s %s) scale(%s)\" shape-rendering=\"crispEdges\" d=\"", short(r.x), short(r.y), short(r.w/float64(len(modules))))
	for run := range runs(modules) {
		fmt.Fprintf(&v.body, "M%d %dh%dv1h-%[3]dz", run.x, run.y, run.length)
	}
	v.body.WriteString("\" fill=\"#000000\"/>\n")
}

func (v *svg) picture(p image.Image, r rect) {
	var file bytes.Buffer
	if err := png.Encode(&file, p); err != nil {
		v.err = err
		return
	}
	fmt.Fprintf(&v.body, "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" xlink:href=\"data:image/png;base64,%s\"/>\n",
		short(r.x), short(r.y), short(r.w), short(r.h), base64.StdEncoding.EncodeToString(file.Bytes()))
}

// short is a number to a ten-thousandth, which no printer shows, without
// needless zeros.
func short(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 4, 64), 64)
	return strconv.FormatFloat(rounded+0, 'f', -1, 64)
}
