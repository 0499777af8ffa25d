package poster_test

import (
	"bytes"
	"compress/zlib"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/poster"
)

const joinPage = "https://cards.example.com/join/0197f0a0-1111-7222-8333-123456789abc?lang=ro&from=poster"

func colors(t *testing.T, background, foreground, label, accent string) (c loyalty.Colors) {
	t.Helper()
	for into, text := range map[*loyalty.Color]string{&c.Background: background, &c.Foreground: foreground, &c.Label: label, &c.Accent: accent} {
		var err error
		if *into, err = loyalty.ParseColor(text); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// sheets are posters of light and dark brands, with little and with much to say.
func sheets(t *testing.T) map[string]*poster.Sheet {
	t.Helper()
	light, dark := colors(t, "#fff0f3", "#4a1525", "#8c3a52", "#d6336c"), colors(t, "#3b2417", "#fff7ee", "#e2c4a6", "#e8a55a")
	return map[string]*poster.Sheet{
		"short": {Language: passes.English, Colors: light, Brand: "Aurora", Title: "Ice cream", Promise: "10 stamps: one free cone", URL: joinPage},
		"long": {
			Language: passes.Polish, Colors: dark, Brand: "Kawiarnia i Palarnia Kawy „Żółta Łódź” Źdźbłowski & Synowie sp. z o.o.",
			Title:   "Karta stałego gościa kawiarni „Pod Żółtą Łodzią” w Gdańsku!", // 60 letters
			Promise: "12 pieczątek: duża kawa z mlekiem i wybrane ciastko z gabloty, ważne przez miesiąc", Logo: logo(t), URL: joinPage,
		},
		"one word": {
			Language: passes.Romanian, Colors: dark, Brand: "Șorț & Țuică <script>alert('x')</script>", Title: strings.Repeat("Ță", 30),
			Promise: "20 de ștampile: " + strings.Repeat("â", 60), URL: joinPage,
		},
		"bare": {Language: passes.Romanian, Colors: light, Title: "🍦", URL: joinPage},
	}
}

// logo is a picture with soft edges and more colours than a palette holds.
func logo(t *testing.T) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 300, 120))
	for y := range 120 {
		for x := range 300 {
			picture.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(2 * y), uint8(x + y), uint8(min(255, 4*x))})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Every poster leads to its page, read by programs that know nothing of us.
func TestPostersCanBeScanned(t *testing.T) {
	t.Parallel()
	for name, sheet := range sheets(t) {
		for paperName, paper := range map[string]poster.Paper{"a4": poster.A4, "a6": poster.A6} {
			for _, format := range []poster.Format{poster.PDF, poster.PNG, poster.SVG} {
				if format == poster.SVG && paper == poster.A6 {
					continue // the same drawing for a browser, which takes a second to start
				}
				t.Run(fmt.Sprintf("%s %s %s", name, paperName, format), func(t *testing.T) {
					t.Parallel()
					file, err := sheet.Draw(format, paper)
					if err != nil {
						t.Fatal(err)
					}
					path := filepath.Join(t.TempDir(), "poster."+string(format))
					if err := os.WriteFile(path, file, 0o600); err != nil {
						t.Fatal(err)
					}
					if got := scanned(t, pictureOf(t, path, format)); got != joinPage {
						t.Errorf("it leads to %q", got)
					}
				})
			}
		}
	}
}

// pictureOf is a poster as pixels, where need be as another program draws it.
func pictureOf(t *testing.T, path string, format poster.Format) string {
	t.Helper()
	drawn := path + ".png"
	switch format {
	case poster.PDF:
		run(t, "gs", "-q", "-dSAFER", "-dNOPAUSE", "-dBATCH", "-dPDFSTOPONERROR", "-sDEVICE=png16m", "-r100", "-o", drawn, path)
	case poster.SVG:
		page := path + ".html"
		if err := os.WriteFile(page, []byte(`<body style="margin:0"><img src="poster.svg" width="800"></body>`), 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--window-size=800,1150", "--screenshot="+drawn, "file://"+page)
	default:
		return path
	}
	return drawn
}

func scanned(t *testing.T, picture string) string {
	t.Helper()
	pixels, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	return enginetest.ReadQR(t, pixels)
}

func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	var errs bytes.Buffer
	command := exec.CommandContext(t.Context(), enginetest.Program(t, program), args...)
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, out, errs.String())
	}
	return string(out)
}

// The PDF is of the paper's size, and carries its letters as text that can be
// searched.
func TestPDFIsReadyForPrint(t *testing.T) {
	t.Parallel()
	sheet := sheets(t)["long"]
	sheet.Promise = "10 pieczątek: Șorț și țuică"
	file, err := sheet.Draw(poster.PDF, poster.A4)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/MediaBox [0 0 595.2756 841.8898]", "/FontFile2", "/Lang (pl)", "/SMask"} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("there is no %s", want)
		}
	}
	if named := "/ActualText " + hexText(sheet.Promise); !strings.Contains(content(t, file), named) {
		t.Error("what is put together from letters and commas is not named")
	}
	path := filepath.Join(t.TempDir(), "poster.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(run(t, "gs", "-q", "-dSAFER", "-dNOPAUSE", "-dBATCH", "-sDEVICE=txtwrite", "-o", "-", path)), " ")
	for _, want := range []string{"Żółtą Łodzią", "gościa kawiarni", "10 pieczątek:", "Zeskanuj mnie telefonem", joinPage} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in its text: %s", want, text)
		}
	}
}

// hexText is a text as PDF writes those of any letters.
func hexText(text string) string {
	out := "<feff"
	for _, unit := range utf16.Encode([]rune(text)) {
		out += fmt.Sprintf("%04x", unit)
	}
	return out + ">"
}

// content is all that is packed in a PDF.
func content(t *testing.T, file []byte) string {
	t.Helper()
	var all strings.Builder
	for _, part := range bytes.Split(file, []byte("stream\n"))[1:] {
		if packed, err := zlib.NewReader(bytes.NewReader(part)); err == nil {
			if _, err := io.Copy(&all, packed); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all.String()
}

// The PNG has 300 pixels to the inch, and says so; and few colours.
func TestPNGIsReadyForPrint(t *testing.T) {
	t.Parallel()
	for paper, want := range map[poster.Paper]image.Point{poster.A4: {2480, 3508}, poster.A6: {1240, 1748}} {
		file, err := sheets(t)["long"].Draw(poster.PNG, paper)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := picture.(*image.Paletted); !ok || picture.Bounds().Size() != want {
			t.Errorf("it is a %T of %v", picture, picture.Bounds())
		}
		if !bytes.Contains(file, []byte("pHYs\x00\x00\x2e\x23\x00\x00\x2e\x23\x01")) {
			t.Error("it does not say how large it is")
		}
	}
}

// An SVG is XML without scripts, whatever names there are, and asks for nothing from
// elsewhere.
func TestSVGIsClosed(t *testing.T) {
	t.Parallel()
	for name, sheet := range sheets(t) {
		file, err := sheet.Draw(poster.SVG, poster.A4)
		if err != nil {
			t.Fatal(err)
		}
		title := ""
		for reader := xml.NewDecoder(bytes.NewReader(file)); ; {
			token, err := reader.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			element, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			switch element.Name.Local {
			case "script", "style", "foreignObject":
				t.Errorf("%s: a %s", name, element.Name.Local)
			case "title":
				if err := reader.DecodeElement(&title, &element); err != nil {
					t.Fatal(err)
				}
			}
			for _, a := range element.Attr {
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") && !strings.HasPrefix(a.Value, "data:image/png;") {
					t.Errorf("%s: it loads %s", name, a.Value)
				}
			}
		}
		if title != sheet.Title+" – "+sheet.Brand {
			t.Errorf("%s: its title is %q", name, title)
		}
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sheet  poster.Sheet
		format poster.Format
	}{
		"a logo that is no picture": {poster.Sheet{Language: "en", URL: joinPage, Logo: []byte("GIF89a")}, poster.PDF},
		"too long an address":       {poster.Sheet{Language: "en", URL: strings.Repeat("x", 3000)}, poster.PNG},
		"another format":            {poster.Sheet{Language: "en", URL: joinPage}, "docx"},
	}
	for name, tt := range tests {
		if file, err := tt.sheet.Draw(tt.format, poster.A4); err == nil {
			t.Errorf("%s: %d bytes", name, len(file))
		}
	}
}
