package web

import (
	"bytes"
	"strings"
	"text/template"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// QR is a code as an SVG path of squares of one unit, with its quiet zone.
type QR struct {
	Size int // units a side
	Path string
}

// Poster is what leads people to the join page.
type Poster struct {
	Language passes.Language
	Brand    string
	Title    string
	Gets     string
	Colors   loyalty.Colors
	QR       QR
	URL      string
}

// The sheet is an A4 page of 210 by 297 mm; a unit is a millimetre.
var poster = template.Must(template.New("poster").Funcs(template.FuncMap{"xml": escaped, "wrap": wrapped}).Parse(
	`<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297" lang="{{.Language}}" font-family="Helvetica, Arial, sans-serif" text-anchor="middle">
<title>{{xml .Title}} – {{xml .Brand}}</title>
<rect width="210" height="297" fill="{{.Colors.Background}}"/>
<text x="105" y="38" font-size="11" fill="{{.Colors.Label}}">{{xml .Brand}}</text>
{{range $i, $line := wrap .Title 20}}<text x="105" y="58" dy="{{$i}}.1em" font-size="17" font-weight="700" fill="{{$.Colors.Foreground}}">{{xml $line}}</text>
{{end}}<rect x="40" y="92" width="130" height="130" rx="8" fill="#ffffff"/>
<svg x="42" y="94" width="126" height="126" viewBox="0 0 {{.QR.Size}} {{.QR.Size}}" shape-rendering="crispEdges"><path d="{{.QR.Path}}" fill="#000000"/></svg>
<text x="105" y="240" font-size="10" font-weight="700" fill="{{.Colors.Foreground}}">{{xml .Scan}}</text>
{{range $i, $line := wrap .Gets 42}}<text x="105" y="254" dy="{{$i}}.25em" font-size="7" fill="{{$.Colors.Foreground}}">{{xml $line}}</text>
{{end}}<text x="105" y="287" font-size="3.2" fill="{{.Colors.Label}}">{{xml .URL}}</text>
</svg>
`))

// Scan is the invitation.
func (p *Poster) Scan() string { return say(p.Language, "poster.scan") }

// SVG is the poster, ready to be printed.
func (p *Poster) SVG() ([]byte, error) {
	var out bytes.Buffer
	err := poster.Execute(&out, p)
	return out.Bytes(), err
}

// escaped is text as XML takes it.
func escaped(text string) string { return template.HTMLEscapeString(text) }

// wrapped breaks a text between words into at most two lines of so many
// characters, unless a word is longer.
func wrapped(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len([]rune(*last))+1+len([]rune(word)) <= width || len(lines) == 2:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
