package passes

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
)

// longest is as long as a live token may be.
var longest = strings.Repeat("aB3-_", 46)

func TestQRPNGDecodes(t *testing.T) {
	for _, size := range []int{MinQRSize, DefaultQRSize, 777, MaxQRSize} {
		for _, text := range []string{"STS.AEAQ", longest} {
			picture, err := QRPNG(text, size)
			if err != nil {
				t.Fatal(err)
			}
			if read := enginetest.ReadQR(t, picture); read != text {
				t.Errorf("size %d: read %q, want %q", size, read, text)
			}
		}
	}
}

func TestQRPNGIsAsLargeAsAsked(t *testing.T) {
	for _, size := range []int{MinQRSize, 333, MaxQRSize} {
		picture, err := QRPNG(longest, size)
		if err != nil {
			t.Fatal(err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil || config.Width != size || config.Height != size {
			t.Errorf("%d×%d (%v), want %d×%d", config.Width, config.Height, err, size, size)
		}
	}
}

func TestQRRefusesWhatDoesNotFit(t *testing.T) {
	if _, err := QRPNG(strings.Repeat("x", 5000), DefaultQRSize); err == nil {
		t.Error("5,000 bytes in a QR code: want an error")
	}
	if _, err := QRPNG(longest, 10); err == nil {
		t.Error("a QR code in 10 pixels: want an error")
	}
}

func TestQRTextHasTheCodesShape(t *testing.T) {
	text, err := QRText("STS.AEAQ")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	const modules = 21 + 8 // version 1 and its quiet zone
	if len(lines) != (modules+1)/2 {
		t.Errorf("%d lines, want %d", len(lines), (modules+1)/2)
	}
}
