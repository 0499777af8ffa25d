package scanner

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

func TestHandleRoundTrip(t *testing.T) {
	t.Parallel()
	h := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		bytes := func(label string) [16]byte { return [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label)) }
		micro := rapid.Int64Range(1, 9_999_999_000_000_000)
		captured := time.UnixMicro(micro.Draw(t, "captured")).UTC()
		till := loyalty.TillID(bytes("till"))
		p := Presentation{Card: bytes("card"), Captured: captured}
		p.Scan = loyalty.Scanned{
			Nonce:   bytes("nonce"),
			Method:  rapid.SampledFrom([]loyalty.Method{loyalty.Live, loyalty.Static, loyalty.Rotating, loyalty.Tap, loyalty.VAS, loyalty.SmartTap}).Draw(t, "method"),
			Surface: rapid.SampledFrom([]loyalty.Surface{loyalty.NoSurface, loyalty.Wallet, loyalty.Print, loyalty.WalletNFC}).Draw(t, "surface"),
		}
		switch p.Scan.Method {
		case loyalty.Tap:
			p.Scan.Tapped = loyalty.Tapped{Tag: bytes("tag"), Epoch: rapid.Int32Min(1).Draw(t, "tag's epoch"), Counter: rapid.Uint32().Draw(t, "counter")}
		case loyalty.Rotating:
			p.Scan.Secret = loyalty.Secret{Number: rapid.Uint16().Draw(t, "number"), Epoch: rapid.Uint16().Draw(t, "epoch")}
		default:
			p.Scan.Generation = rapid.Int32Min(0).Draw(t, "generation")
		}
		p.Scan.ID = scanID(p.Scan.Nonce, till)
		if rapid.Bool().Draw(t, "ends") {
			p.Scan.Expires = time.UnixMicro(micro.Draw(t, "expires")).UTC()
		}
		text := h.handles.Seal(p, till, captured)
		if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" || len(text) > 200 {
			t.Fatalf("%d characters: %q", len(text), text)
		}
		got, err := h.handles.Open(text, till, captured.Add(time.Duration(rapid.Int64Range(0, int64(HandleLife)).Draw(t, "age"))))
		p.Scan.ByHandle = true
		if err != nil || got != p {
			t.Fatalf("got %+v, %v\nof  %+v", got, err, p)
		}
	})
}

func TestHandleRefuses(t *testing.T) {
	t.Parallel()
	h, stranger := setup(t), setup(t)
	p := h.verify(t, Reading{Till: tillA, Text: h.liveText(t), At: now})
	good := h.handles.Seal(p, tillA, now)
	retired := good
	if _, err := h.ring.Rotate(t.Context(), keys.Scan, now, 0); err != nil {
		t.Fatal(err)
	}
	if err := h.ring.Retire(t.Context(), "h01", now); err != nil {
		t.Fatal(err)
	}
	good = h.handles.Seal(p, tillA, now)
	tests := []struct {
		name string
		text string
		till loyalty.TillID
		at   time.Time
		want loyalty.Code
	}{
		{"good", good, tillA, now, "ok"},
		{"good after a day", good, tillA, now.Add(HandleLife), "ok"},
		{"good before its time, within the leeway", good, tillA, now.Add(-loyalty.Leeway), "ok"},
		{"too old", good, tillA, now.Add(HandleLife + time.Microsecond), loyalty.ScanExpired},
		{"from the future", good, tillA, now.Add(-loyalty.Leeway - time.Microsecond), ScanInvalid},
		{"another till", good, tillB, now, ScanOtherTill},
		{"another till, too old", good, tillB, now.Add(48 * time.Hour), ScanOtherTill},
		{"a retired key", retired, tillA, now, ScanInvalid},
		{"another deployment", stranger.handles.Seal(p, tillA, now), tillA, now, ScanInvalid},
		{"no such key", strings.Replace(good, "h02", "h99", 1), tillA, now, ScanInvalid},
		{"a forged MAC", good[:len(good)-10] + "AAAAAAAAAA", tillA, now, ScanInvalid},

		{"empty", "", tillA, now, ScanMalformed},
		{"only the prefix", HandlePrefix, tillA, now, ScanMalformed},
		{"a card id", card.String(), tillA, now, ScanMalformed},
		{"a scan id", p.Scan.ID.String(), tillA, now, ScanMalformed},
		{"a live token", h.liveText(t), tillA, now, ScanMalformed},
		{"cut short", good[:len(good)-1], tillA, now, ScanMalformed},
		{"a character too long", good + "A", tillA, now, ScanMalformed},
		{"a line break at the end", good + "\n", tillA, now, ScanMalformed},
		{"a line break for a character", good[:len(good)-1] + "\n", tillA, now, ScanMalformed},
		{"padded", good + "==", tillA, now, ScanMalformed},
		{"no key", strings.Replace(good, "h02.", "", 1), tillA, now, ScanMalformed},
		{"another spelling", good[:len(good)-1] + otherSpelling(t, good), tillA, now, ScanMalformed},
		{"bytes that are no text", "sc.\xff\xfe.\x00", tillA, now, ScanMalformed},
		{"far too long", HandlePrefix + strings.Repeat("A", 1<<20), tillA, now, ScanMalformed},
	}
	for _, tt := range tests {
		got, err := h.handles.Open(tt.text, tt.till, tt.at)
		if codeOf(t, err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if err != nil && (got != Presentation{} || tt.text != "" && strings.Contains(err.Error(), tt.text)) {
			t.Errorf("%s: %v shows something of the handle", tt.name, err)
		}
	}
}

func TestHandleOneBit(t *testing.T) {
	t.Parallel()
	h := setup(t)
	text := h.handles.Seal(Presentation{Card: card, Captured: now}, tillA, now)
	for i := range len(text) * 8 {
		changed := []byte(text)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := h.handles.Open(string(changed), tillA, now); err == nil {
			t.Fatalf("opened %q for %q", changed, text)
		}
	}
}

// The nonce's scan id must differ where either part does.
func TestScanID(t *testing.T) {
	t.Parallel()
	seen := map[loyalty.ScanID]bool{}
	for _, nonce := range []loyalty.Nonce{{1}, {2}} {
		for _, till := range []loyalty.TillID{tillA, tillB} {
			seen[scanID(nonce, till)] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d ids of 4 scans", len(seen))
	}
}

func FuzzHandleOpen(f *testing.F) {
	h := setup(f)
	good := h.handles.Seal(Presentation{Card: card, Captured: now}, tillA, now)
	f.Add(good)
	f.Add("sc..")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := h.handles.Open(text, tillA, now)
		switch codeOf(t, err) {
		case "ok":
			if text != good {
				t.Fatalf("%q opens to %+v", text, p)
			}
		case ScanMalformed, ScanInvalid:
		default:
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// otherSpelling is another last character for the same bytes: of 86 bytes it
// carries four bits, and two that a lenient decoder drops.
func otherSpelling(t *testing.T, text string) string {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, text[len(text)-1])
	if last%4 != 0 {
		t.Fatalf("%q leaves no bits at its end", text)
	}
	return string(alphabet[last+1])
}
