package artwork

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

func jpegOf(t testing.TB, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// claiming is a PNG whose header claims other measures than it has pixels for.
func claiming(t testing.TB, width, height uint32) []byte {
	t.Helper()
	file := pngOf(t, 60, 60)
	binary.BigEndian.PutUint32(file[16:], width)
	binary.BigEndian.PutUint32(file[20:], height)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	var animated, unseen bytes.Buffer
	if err := gif.Encode(&animated, image.NewPaletted(image.Rect(0, 0, 60, 60), color.Palette{color.White}), nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&unseen, image.NewNRGBA(image.Rect(0, 0, 60, 60))); err != nil {
		t.Fatal(err)
	}
	good := pngOf(t, 60, 60)
	for name, tt := range map[string]struct {
		file []byte
		want loyalty.Code
		says string
	}{
		"nothing":                   {nil, Unsupported, "PNG"},
		"a text":                    {[]byte("logo.png"), Unsupported, "PNG"},
		"an SVG":                    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), Unsupported, "scripts"},
		"an SVG behind a prologue":  {[]byte("\xef\xbb\xbf<?xml version='1.0'?><SVG onload='alert(1)'/>"), Unsupported, "scripts"},
		"a GIF":                     {animated.Bytes(), Unsupported, "PNG"},
		"a PNG, cut off":            {good[:len(good)/2], Broken, "PNG"},
		"a PNG's first bytes alone": {good[:8], Broken, "PNG"},
		"a JPEG, cut off":           {jpegOf(t, 60, 60)[:100], Broken, "JPEG"},
		"a PNG with a flipped bit":  {flipped(good), Broken, "damaged"},
		"twenty megabytes":          {append(good, make([]byte, 20<<20)...), TooLarge, "1 MiB"},
		"tiny":                      {pngOf(t, 47, 200), WrongSize, "47 by 200"},
		"too wide":                  {claiming(t, 4097, 100), WrongSize, "smaller"},
		"a bomb: 60,000 by 60,000":  {claiming(t, 60_000, 60_000), WrongSize, "60000 by 60000"},
		"a bomb: two gigabytes":     {claiming(t, 1<<31-1, 1), WrongSize, "2147483647 by 1"},
		"an area beyond memory":     {claiming(t, 4096, 4096), WrongSize, "smaller"},
		"fewer pixels than claimed": {claiming(t, 1000, 1000), Broken, "damaged"},
		"all transparent":           {unseen.Bytes(), FullyInvisible, "transparent"},
	} {
		_, err := Read(t.Context(), tt.file)
		var refusal *loyalty.Refusal
		if !errors.As(err, &refusal) || refusal.Code != tt.want || !strings.Contains(refusal.Message, tt.says) {
			t.Errorf("%s: %v, want %s and %q", name, err, tt.want, tt.says)
		}
	}
}

func flipped(file []byte) []byte {
	file = bytes.Clone(file)
	file[len(file)/2] ^= 1
	return file
}

// What is kept shows the same and holds nothing else of the file.
func TestReadKeepsThePictureAlone(t *testing.T) {
	t.Parallel()
	const secret = "taken at 52.2297, 21.0122"
	file := pngOf(t, 60, 80)
	chunk := append([]byte("tEXt"), "Comment\x00"+secret...)
	text := binary.BigEndian.AppendUint32(nil, uint32(len(chunk)-4))
	text = append(text, chunk...)
	text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(chunk))
	withText := append(bytes.Clone(file[:33]), append(text, file[33:]...)...)
	withText = append(withText, "<script>"+secret...) // behind the end
	kept, err := Read(t.Context(), withText)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept.PNG, []byte(secret)) {
		t.Error("metadata is kept")
	}
	plain, err := Read(t.Context(), file)
	if err != nil || plain.Hash != kept.Hash || kept.Hash != sha256.Sum256(kept.PNG) || kept.Width != 60 || kept.Height != 80 {
		t.Errorf("the same picture is kept as another: %v", err)
	}
	picture, err := png.Decode(bytes.NewReader(kept.PNG))
	if err != nil || color.NRGBAModel.Convert(picture.At(30, 70)) != (color.NRGBA{200, 30, 70, 255}) {
		t.Errorf("it shows something else: %v", err)
	}
}

func TestReadScalesDown(t *testing.T) {
	t.Parallel()
	for _, file := range [][]byte{pngOf(t, 2000, 500), jpegOf(t, 2000, 500)} {
		picture, err := Read(t.Context(), file)
		if err != nil || picture.Width != 1024 || picture.Height != 256 || len(picture.PNG) > MaxBytes {
			t.Errorf("%d by %d, %d bytes, %v", picture.Width, picture.Height, len(picture.PNG), err)
		}
	}
}

// Whatever comes, it is either refused with a reason or becomes a PNG of bounded
// size that reads as itself.
func FuzzRead(f *testing.F) {
	f.Add(pngOf(f, 60, 60))
	f.Add(jpegOf(f, 60, 60))
	f.Add(claiming(f, 4000, 1000))
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		picture, err := Read(t.Context(), file)
		var refusal *loyalty.Refusal
		if err != nil {
			if !errors.As(err, &refusal) || refusal.Message == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		if max(picture.Width, picture.Height) > 1024 || picture.Hash != sha256.Sum256(picture.PNG) {
			t.Fatalf("%d by %d", picture.Width, picture.Height)
		}
		if len(picture.PNG) > MaxBytes {
			return // a large picture that hardly compresses; it is ours
		}
		again, err := Read(t.Context(), picture.PNG)
		if err != nil && !(errors.As(err, &refusal) && refusal.Code == WrongSize) || err == nil && again.Hash != picture.Hash {
			t.Fatalf("what was kept does not read as itself: %v", err)
		}
	})
}
