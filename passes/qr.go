// Package passes is how a card looks: its QR code, and its face, which wallets
// and pages render. It must never know who may see a card, nor touch a database.
package passes

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/skip2/go-qrcode"
)

// Sizes of a QR picture in pixels, each side.
const (
	DefaultQRSize = 512
	MinQRSize     = 128
	MaxQRSize     = 1024
)

// encoder compresses fast: skip2's own PNG always compresses hardest, which
// costs ten times as much for a picture of a few kilobytes.
var encoder = png.Encoder{CompressionLevel: png.BestSpeed}

// QRPNG draws a credential as a paletted PNG of about size pixels a side: the
// largest whole multiple of the code's modules that fits, so that every module
// is equally wide, centred in a quiet zone of at least four modules
// (ISO/IEC 18004 §9.1). Level M corrects 15 % of damage.
// Errors: text too long for a QR code, or too small a size for it.
func QRPNG(text string, size int) ([]byte, error) {
	modules, err := bitmap(text)
	if err != nil {
		return nil, err
	}
	scale := size / len(modules)
	if scale < 1 {
		return nil, fmt.Errorf("a QR code of %d modules does not fit %d pixels", len(modules), size)
	}
	picture := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	margin := (size - scale*len(modules)) / 2
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				fill(picture, margin+x*scale, margin+y*scale, scale)
			}
		}
	}
	var out bytes.Buffer
	if err := encoder.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("encode QR picture: %w", err)
	}
	return out.Bytes(), nil
}

func fill(picture *image.Paletted, left, top, side int) {
	for y := top; y < top+side; y++ {
		row := picture.Pix[y*picture.Stride+left:]
		for x := range side {
			row[x] = 1
		}
	}
}

// QRText draws a credential for a terminal, two modules to a character, dark on
// light whatever the terminal's colours.
func QRText(text string) (string, error) {
	modules, err := bitmap(text)
	if err != nil {
		return "", err
	}
	const light, dark = "\x1b[38;5;231;48;5;16m", "\x1b[0m"
	blocks := [2][2]string{{"█", "▀"}, {"▄", " "}} // by dark top, dark bottom; light is drawn
	var out strings.Builder
	for y := 0; y < len(modules); y += 2 {
		out.WriteString(light)
		for x := range modules[y] {
			out.WriteString(blocks[index(modules[y][x])][index(y+1 < len(modules) && modules[y+1][x])])
		}
		out.WriteString(dark + "\n")
	}
	return out.String(), nil
}

func index(dark bool) int {
	if dark {
		return 1
	}
	return 0
}

func bitmap(text string) ([][]bool, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	return code.Bitmap(), nil
}

// QRPath draws a text as an SVG path of squares of one unit, in a field of size
// units a side with its quiet zone. Errors: text too long for a QR code.
func QRPath(text string) (path string, size int, err error) {
	modules, err := bitmap(text)
	if err != nil {
		return "", 0, err
	}
	var out strings.Builder
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&out, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return out.String(), len(modules), nil
}
