package poster

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"

	"stempel/internal/loyalty"
)

// perPoint is how many points of PDF there are to a millimetre.
const perPoint = 72 / 25.4

// pdf is a canvas that writes the content of a page (ISO 32000-1 §8, §9). Its y
// grows upwards, in points.
type pdf struct {
	page   bytes.Buffer
	height float64 // mm
	used   map[*letters]map[sfnt.GlyphIndex]glyph
	logo   image.Image
}

func (s *Sheet) pdf(paper Paper) ([]byte, error) {
	on := &pdf{height: paper.Height, used: map[*letters]map[sfnt.GlyphIndex]glyph{plain(): {}, bold(): {}}}
	on.box(rect{0, 0, paper.Width, paper.Height}, 0, s.Colors.Background, s.Colors.Background)
	if err := s.draw(on, paper); err != nil {
		return nil, err
	}
	f := newPDFFile()
	catalog, pages, page := f.reserve(), f.reserve(), f.reserve()
	fonts := fmt.Sprintf("/GoRegular %d 0 R /GoBold %d 0 R", f.font(plain(), on.used[plain()]), f.font(bold(), on.used[bold()]))
	pictures := ""
	if on.logo != nil {
		pictures = fmt.Sprintf("/XObject << /Logo %d 0 R >>", f.picture(on.logo))
	}
	content := f.stream("", on.page.Bytes())
	f.object(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (%s) /ViewerPreferences << /DisplayDocTitle true /PrintScaling /None >> >>", pages, s.Language))
	f.object(pages, fmt.Sprintf("<< /Type /Pages /Kids [%d 0 R] /Count 1 >>", page))
	f.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources << /Font << %s >> %s >> /Contents %d 0 R >>",
		pages, short(paper.Width*perPoint), short(paper.Height*perPoint), fonts, pictures, content))
	info := f.reserve()
	f.object(info, fmt.Sprintf("<< /Title %s /Producer (Stempel) >>", utf16Text(s.Title+" – "+s.Brand)))
	return f.end(catalog, info), nil
}

func (p *pdf) x(mm float64) string { return short(mm * perPoint) }
func (p *pdf) y(mm float64) string { return short((p.height - mm) * perPoint) }

// ink chooses what is filled. Black and white are of the one ink that every printer
// has.
func (p *pdf) ink(c loyalty.Color) {
	if c.R == c.G && c.G == c.B {
		fmt.Fprintf(&p.page, "%s g\n", short(float64(c.R)/255))
		return
	}
	fmt.Fprintf(&p.page, "%s %s %s rg\n", short(float64(c.R)/255), short(float64(c.G)/255), short(float64(c.B)/255))
}

func (p *pdf) box(r rect, radius float64, in, _ loyalty.Color) {
	p.ink(in)
	if radius == 0 {
		fmt.Fprintf(&p.page, "%s %s %s %s re f\n", p.x(r.x), p.y(r.y+r.h), p.x(r.w), p.x(r.h))
		return
	}
	x, y, right, bottom, c := r.x, r.y, r.x+r.w, r.y+r.h, radius*(1-round)
	move := func(x, y float64) { fmt.Fprintf(&p.page, "%s %s m\n", p.x(x), p.y(y)) }
	line := func(x, y float64) { fmt.Fprintf(&p.page, "%s %s l\n", p.x(x), p.y(y)) }
	curve := func(bx, by, cx, cy, x, y float64) {
		fmt.Fprintf(&p.page, "%s %s %s %s %s %s c\n", p.x(bx), p.y(by), p.x(cx), p.y(cy), p.x(x), p.y(y))
	}
	move(x+radius, y)
	line(right-radius, y)
	curve(right-c, y, right, y+c, right, y+radius)
	line(right, bottom-radius)
	curve(right, bottom-c, right-c, bottom, right-radius, bottom)
	line(x+radius, bottom)
	curve(x+c, bottom, x, bottom-c, x, bottom-radius)
	line(x, y+radius)
	curve(x, y+c, x+c, y, x+radius, y)
	p.page.WriteString("f\n")
}

// line sets a text, which is named as it was where its letters are put together: for
// those who search it or have it read to them.
func (p *pdf) line(l *letters, text string, left, baseline, size float64, in, _ loyalty.Color) {
	p.ink(in)
	glyphs, x := l.set(text), left
	fmt.Fprintf(&p.page, "/Span << /ActualText %s >> BDC\nBT /%s %s Tf %s %s Td <", utf16Text(text), l.name, short(size*perPoint), p.x(left), p.y(baseline))
	for _, g := range glyphs {
		p.used[l][g.index] = l.glyph(g.letter)
		if g.scale == 1 {
			fmt.Fprintf(&p.page, "%04x", g.index)
		}
	}
	p.page.WriteString("> Tj ET\n")
	for _, g := range glyphs {
		if g.scale != 1 {
			fmt.Fprintf(&p.page, "BT /%s %s Tf %s %s Td <%04x> Tj ET\n",
				l.name, short(g.scale*size*perPoint), p.x(x+g.x*size), p.y(baseline+g.y*size), g.index)
		}
		x += g.advance * size
	}
	p.page.WriteString("EMC\n")
}

// code fills all modules at once: one by one, hairs of white would show between
// them on some screens.
func (p *pdf) code(modules [][]bool, r rect) {
	p.ink(loyalty.Black)
	module := r.w / float64(len(modules))
	for run := range runs(modules) {
		x, y := r.x+float64(run.x)*module, r.y+float64(run.y+1)*module
		fmt.Fprintf(&p.page, "%s %s %s %s re\n", p.x(x), p.y(y), p.x(float64(run.length)*module), p.x(module))
	}
	p.page.WriteString("f\n")
}

func (p *pdf) picture(picture image.Image, r rect) {
	p.logo = picture
	fmt.Fprintf(&p.page, "q %s 0 0 %s %s %s cm /Logo Do Q\n", p.x(r.w), p.x(r.h), p.x(r.x), p.y(r.y+r.h))
}

// pdfFile is a file with its objects (ISO 32000-1 §7.5). They are numbered from 1.
type pdfFile struct {
	bytes.Buffer
	starts []int
}

func newPDFFile() *pdfFile {
	f := &pdfFile{}
	f.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return f
}

// reserve numbers an object that comes later.
func (f *pdfFile) reserve() int {
	f.starts = append(f.starts, 0)
	return len(f.starts)
}

func (f *pdfFile) object(number int, body string) {
	f.starts[number-1] = f.Len()
	fmt.Fprintf(f, "%d 0 obj\n%s\nendobj\n", number, body)
}

// stream adds content of whatever kind and returns its number.
func (f *pdfFile) stream(dictionary string, content []byte) int {
	return f.packed(dictionary, deflated(content))
}

func (f *pdfFile) packed(dictionary string, content []byte) int {
	number := f.reserve()
	f.object(number, fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dictionary, len(content), content))
	return number
}

func deflated(content []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(content) // to memory, which does not fail
	w.Close()
	return out.Bytes()
}

// packedFont is a font's file as PDF takes it.
var packedFont = map[string]func() []byte{
	"GoRegular": sync.OnceValue(func() []byte { return deflated(plain().file) }),
	"GoBold":    sync.OnceValue(func() []byte { return deflated(bold().file) }),
}

// font embeds letters, by their numbers in the font (ISO 32000-1 §9.7), and says
// which text they are, for those who search it or have it read to them.
func (f *pdfFile) font(l *letters, used map[sfnt.GlyphIndex]glyph) int {
	var widths, texts strings.Builder
	indexes := slices.Sorted(maps.Keys(used))
	for chunk := range slices.Chunk(indexes, 100) { // as many as CMaps allow
		fmt.Fprintf(&texts, "%d beginbfchar\n", len(chunk))
		for _, index := range chunk {
			fmt.Fprintf(&widths, "%d [%s] ", index, short(1000*used[index].advance))
			fmt.Fprintf(&texts, "<%04x> <%s>\n", index, utf16Hex(string(used[index].letter)))
		}
		texts.WriteString("endbfchar\n")
	}
	file := f.packed(fmt.Sprintf("/Length1 %d", len(l.file)), packedFont[l.name]())
	unicode := f.stream("", []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"+
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"+
		"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"+texts.String()+
		"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"))
	descriptor, descendant, font := f.reserve(), f.reserve(), f.reserve()
	f.object(descriptor, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 32 /FontBBox [-440 -432 1511 1168] /ItalicAngle 0 "+
		"/Ascent 944 /Descent -212 /CapHeight 722 /StemV 90 /FontFile2 %d 0 R >>", l.name, file))
	f.object(descendant, fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "+
		"/FontDescriptor %d 0 R /CIDToGIDMap /Identity /W [%s] >>", l.name, descriptor, widths.String()))
	f.object(font, fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", l.name, descendant, unicode))
	return font
}

// picture adds an image, with what is transparent as a mask.
func (f *pdfFile) picture(p image.Image) int {
	b := p.Bounds()
	var colors, mask []byte
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(p.At(x, y)).(color.NRGBA)
			colors, mask = append(colors, c.R, c.G, c.B), append(mask, c.A)
		}
	}
	measures := fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8", b.Dx(), b.Dy())
	soft := f.stream(measures+" /ColorSpace /DeviceGray", mask)
	return f.stream(fmt.Sprintf("%s /ColorSpace /DeviceRGB /SMask %d 0 R", measures, soft), colors)
}

// end adds where each object begins, and returns the file.
func (f *pdfFile) end(catalog, info int) []byte {
	at := f.Len()
	fmt.Fprintf(f, "xref\n0 %d\n0000000000 65535 f \n", len(f.starts)+1)
	for _, start := range f.starts {
		fmt.Fprintf(f, "%010d 00000 n \n", start)
	}
	fmt.Fprintf(f, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(f.starts)+1, catalog, info, at)
	return f.Bytes()
}

// utf16Text is a text string of any letters (ISO 32000-1 §7.9.2.2).
func utf16Text(text string) string { return "<feff" + utf16Hex(text) + ">" }

func utf16Hex(text string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&out, "%04x", unit)
	}
	return out.String()
}
