package credential

import (
	"testing"

	"github.com/skip2/go-qrcode"
	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

func TestStaticRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		static := NewStatic(macKey(keyID('s', rapid.Byte().Draw(t, "number")), "any"))
		want := StaticText{
			Card:       drawCard(t),
			Surface:    rapid.SampledFrom([]loyalty.Surface{loyalty.Wallet, loyalty.Print, loyalty.WalletNFC}).Draw(t, "surface"),
			Generation: rapid.Int32Range(1, 65535).Draw(t, "generation"),
		}
		text, err := static.Mint(want.Card, want.Surface, want.Generation, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := static.Parse(text); err != nil || got != want {
			t.Fatalf("%s: %+v, %v; want %+v", text, got, err, want)
		}
		if qr, err := qrcode.New(text, qrcode.Medium); err != nil || qr.VersionNumber > 3 {
			t.Fatalf("%s: QR version %d at level M, want at most 3 (%v)", text, qr.VersionNumber, err)
		}
	})
}

func TestStaticMintRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		kid        string
		surface    loyalty.Surface
		generation int32
	}{
		{"no surface", "s01", loyalty.NoSurface, 1},
		{"unknown surface", "s01", loyalty.WalletNFC + 1, 1},
		{"generation 0", "s01", loyalty.Wallet, 0},
		{"negative generation", "s01", loyalty.Wallet, -1},
		{"generation beyond two bytes", "s01", loyalty.Wallet, 65536},
		{"key of another purpose", "l01", loyalty.Wallet, 1},
		{"upper-case key", "sAB", loyalty.Wallet, 1},
		{"key beyond one byte", "s100", loyalty.Wallet, 1},
		{"no number", "sxy", loyalty.Wallet, 1},
	}
	for _, tt := range tests {
		if text, err := NewStatic(macKey(tt.kid, "any")).Mint(card, tt.surface, tt.generation, now); err == nil {
			t.Errorf("%s: made %s", tt.name, text)
		}
	}
}

func TestStaticOneBit(t *testing.T) {
	t.Parallel()
	static := NewStatic(staticKey)
	text, _ := static.Mint(card, loyalty.Print, 1, now)
	for changed := range flips(text) {
		if _, err := static.Parse(changed); err == nil {
			t.Fatalf("accepted %q for %q", changed, text)
		}
	}
}

func FuzzStaticParse(f *testing.F) {
	static := NewStatic(staticKey)
	for _, c := range staticCases() {
		f.Add(c.Text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := static.Parse(text)
		checkRefusal(t, text, err)
		if err != nil {
			return
		}
		if again, err := static.Mint(got.Card, got.Surface, got.Generation, now); err != nil || again != text {
			t.Fatalf("%q is another spelling of %q (%v)", text, again, err)
		}
	})
}
