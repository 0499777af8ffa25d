package artwork

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"stempel/internal/loyalty"
)

// Limits of a picture that somebody sends.
const (
	MaxBytes = 1 << 20 // of the file
	MinSide  = 48      // pixels
	MaxSide  = 4096    // pixels
	maxArea  = 4 << 20 // pixels: one picture takes at most 180 MB while it is read and scaled
	kept     = 1024    // pixels, of the longer side: what wallets want is smaller
)

// Why a picture is refused.
const (
	Unsupported    loyalty.Code = "image_unsupported"
	Broken         loyalty.Code = "image_broken"
	TooLarge       loyalty.Code = "body_too_large"
	WrongSize      loyalty.Code = "image_wrong_size"
	FullyInvisible loyalty.Code = "image_invisible"
)

// Read decodes a PNG or JPEG that somebody sent, and encodes anew what it shows:
// nothing else of the file is kept, neither metadata nor what hides behind the
// picture. Larger ones are scaled down. What is too much to decode is refused
// before a pixel has memory, and only one picture is decoded at a time: the others
// wait until it is done or their ctx ends.
//
// Errors: a *loyalty.Refusal with Unsupported, Broken, TooLarge, WrongSize or
// FullyInvisible; ctx's.
func Read(ctx context.Context, file []byte) (loyalty.Image, error) {
	if len(file) > MaxBytes {
		return loyalty.Image{}, refuse(TooLarge, "The file has more than 1 MiB. Save the picture smaller, or with stronger compression.")
	}
	format, err := formatOf(file)
	if err != nil {
		return loyalty.Image{}, err
	}
	if err := takeTurn(ctx); err != nil {
		return loyalty.Image{}, err
	}
	defer endTurn()
	config, err := format.config(bytes.NewReader(file))
	if err != nil {
		return loyalty.Image{}, broken(format)
	}
	if err := checkSize(config.Width, config.Height); err != nil {
		return loyalty.Image{}, err
	}
	if err := format.check(file); err != nil {
		return loyalty.Image{}, err
	}
	return redraw(format, file)
}

// reading has room for one picture: the one that is being decoded.
var reading = make(chan struct{}, 1)

func takeTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case reading <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func endTurn() { <-reading }

func redraw(format format, file []byte) (loyalty.Image, error) {
	decoded, err := format.decode(bytes.NewReader(file))
	if err != nil {
		return loyalty.Image{}, broken(format)
	}
	pixels := scaledDown(decoded)
	if invisible(pixels) {
		return loyalty.Image{}, refuse(FullyInvisible, "Nothing can be seen on this picture: all of it is transparent.")
	}
	return encode(pixels)
}

func checkSize(width, height int) error {
	switch {
	case width < MinSide || height < MinSide:
		return refuse(WrongSize, "The picture is %d by %d pixels. Each side must have at least %d.", width, height, MinSide)
	case width > MaxSide || height > MaxSide || width*height > maxArea:
		return refuse(WrongSize, "The picture is %d by %d pixels. Make it smaller: 1024 by 1024 is plenty.", width, height)
	}
	return nil
}

func scaledDown(from image.Image) *image.NRGBA {
	b := from.Bounds()
	size := b
	if max(b.Dx(), b.Dy()) > kept {
		size = fitted(b.Dx(), b.Dy(), kept, kept)
	}
	return scaled(from, size.Dx(), size.Dy())
}

// scaled is a picture in another size; in its own, it is a copy.
func scaled(from image.Image, width, height int) *image.NRGBA {
	to := image.NewNRGBA(image.Rect(0, 0, width, height))
	if from.Bounds().Size() == to.Bounds().Size() {
		draw.Copy(to, image.Point{}, from, from.Bounds(), draw.Src, nil)
		return to
	}
	draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Src, nil)
	return to
}

// invisible reports whether all of a picture is all but transparent.
func invisible(picture *image.NRGBA) bool {
	for i := 3; i < len(picture.Pix); i += 4 {
		if picture.Pix[i] > 16 {
			return false
		}
	}
	return true
}

func encode(pixels *image.NRGBA) (loyalty.Image, error) {
	var file bytes.Buffer
	if err := png.Encode(&file, pixels); err != nil {
		return loyalty.Image{}, fmt.Errorf("encode picture: %w", err)
	}
	size := pixels.Bounds()
	return loyalty.Image{Hash: sha256.Sum256(file.Bytes()), Width: size.Dx(), Height: size.Dy(), PNG: file.Bytes()}, nil
}

// format is a kind of file that is read.
type format struct {
	name   string
	check  func(file []byte) error // whether it costs more than its measures tell
	config func(r *bytes.Reader) (image.Config, error)
	decode func(r *bytes.Reader) (image.Image, error)
}

var formats = []struct {
	magic string
	format
}{
	{"\x89PNG\r\n\x1a\n", format{
		"PNG",
		func([]byte) error { return nil }, // all but pixels is skipped, and those are counted
		func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
		func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) },
	}},
	{"\xff\xd8\xff", format{
		"JPEG",
		checkScans,
		func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
		func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) },
	}},
}

// formatOf tells a file's format by its first bytes, whatever it is called.
func formatOf(file []byte) (format, error) {
	for _, known := range formats {
		if bytes.HasPrefix(file, []byte(known.magic)) {
			return known.format, nil
		}
	}
	head := bytes.ToLower(file[:min(len(file), 1024)])
	if bytes.Contains(head, []byte("<svg")) || bytes.Contains(head, []byte("<?xml")) {
		return format{}, refuse(Unsupported, "SVG files may carry scripts and are not taken. Export the picture as PNG.")
	}
	return format{}, refuse(Unsupported, "This is neither a PNG nor a JPEG. Export the picture as PNG.")
}

func broken(f format) error {
	return refuse(Broken, "The %s cannot be read to its end: it is damaged or cut off. Export it once more.", f.name)
}

func refuse(code loyalty.Code, message string, args ...any) error {
	return &loyalty.Refusal{Code: code, Message: fmt.Sprintf(message, args...)}
}
