package artwork

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// progressive is a JPEG of 2048 by 2048 pixels with so many scans that hold
// nothing, each of 16 bytes: every scan walks over all of the picture.
func progressive(components, scans int) []byte {
	file := []byte{0xff, 0xd8}
	segment := func(marker byte, body ...byte) {
		file = append(file, 0xff, marker)
		file = append(binary.BigEndian.AppendUint16(file, uint16(len(body)+2)), body...)
	}
	segment(0xe1, bytes.Repeat([]byte{0xff, 0xda}, 100)...)                              // looks like scans, and is metadata
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)                  // quantization
	segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)                        // says what four components mean
	frame := []byte{8, 2048 >> 8, 2048 & 0xff, 2048 >> 8, 2048 & 0xff, byte(components)} // precision, height, width
	for i := range components {
		frame = append(frame, byte(i+1), 0x11, 0)
	}
	segment(0xc2, frame...)
	segment(0xc4, append(append([]byte{0x10, 1}, make([]byte, 15)...), 0xe0)...) // one code: a run of at least 2¹⁴ empty blocks
	for i := range scans {
		segment(0xda, 1, byte(i%components+1), 0, 1, 63, 0)
		file = append(file, 0b01010101, 0b01010100, 0b10101010, 0b10101001, 0b01010101, 0b01010111) // three runs
	}
	return append(file, 0xff, 0xd9)
}

// withChunks is a PNG with these chunks more, from a place in it on.
func withChunks(file []byte, at int, kind string, bodies ...[]byte) []byte {
	var chunks []byte
	for _, body := range bodies {
		chunk := append([]byte(kind), body...)
		chunks = binary.BigEndian.AppendUint32(chunks, uint32(len(body)))
		chunks = binary.BigEndian.AppendUint32(append(chunks, chunk...), crc32.ChecksumIEEE(chunk))
	}
	return slices.Concat(file[:at], chunks, file[at:])
}

// deep is a PNG of 16 bits per colour.
func deep(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	picture := image.NewNRGBA64(image.Rect(0, 0, 2048, 2048))
	picture.SetNRGBA64(9, 9, color.NRGBA64{A: 0x8000})
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packed are so many megabytes of zeros.
func packed(t testing.TB, mega int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	for range mega {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What is read costs no more than it should, whatever its file makes of it. Not
// parallel: what others allocate would count.
func TestReadCosts(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN with -short: the race detector costs more than what is measured")
	}
	const head = 33 // bytes: signature and header
	plain := pngOf(t, 60, 60)
	zeros := packed(t, 100)
	many := make([][]byte, 80_000)
	for name, tt := range map[string]struct {
		file []byte
		want loyalty.Code
		mega uint64 // bytes that it may allocate; each part of a PNG takes 4 kB for a moment
	}{
		"an ordinary number of scans":   {progressive(1, 10), "", 170},
		"as many as there may be":       {progressive(4, 20), "", 170},
		"one too many":                  {progressive(1, 21), Unsupported, 1},
		"12,041 scans":                  {progressive(1, 12_041), Unsupported, 1},
		"a PNG of deep colours":         {deep(t), "", 170},
		"80,000 empty parts of pixels":  {withChunks(plain, len(plain)-12, "IDAT", many...), "", 400},
		"80,000 texts":                  {withChunks(plain, head, "zTXt", many...), "", 400},
		"a text that unpacks to a lot":  {withChunks(plain, head, "zTXt", append([]byte("Comment\x00\x00"), zeros...)), "", 10},
		"colours that unpack to a lot":  {withChunks(plain, head, "iCCP", append([]byte("Profile\x00\x00"), zeros...)), "", 10},
		"more pixels than it has place": {withChunks(plain, head, "IDAT", zeros), Broken, 10},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, err := Read(t.Context(), tt.file)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		var refusal *loyalty.Refusal
		if errors.As(err, &refusal) != (tt.want != "") || refusal != nil && refusal.Code != tt.want || refusal == nil && err != nil {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if mega := (after.TotalAlloc - before.TotalAlloc) >> 20; mega > tt.mega || took > 10*time.Second {
			t.Errorf("%s: %d MB and %v, want at most %d MB", name, mega, took, tt.mega)
		}
	}
}

// One picture is decoded at a time; who does not wait any longer is let go.
func TestReadTakesTurns(t *testing.T) {
	if err := takeTurn(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if _, err := Read(ctx, pngOf(t, 60, 60)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another is read: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := Read(t.Context(), pngOf(t, 60, 60))
		done <- err
	}()
	endTurn()
	if err := <-done; err != nil {
		t.Errorf("after the other: %v", err)
	}
}
