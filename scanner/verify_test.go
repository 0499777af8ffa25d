package scanner

import (
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

func TestVerifyLive(t *testing.T) {
	t.Parallel()
	h := setup(t)
	text := h.liveText(t)
	first := h.verify(t, Reading{Till: tillA, Text: text, At: now})
	if first.Card != card || !first.Captured.Equal(now) || first.Scan.Method != loyalty.Live || first.Scan.ByHandle ||
		first.Scan.Surface != loyalty.NoSurface || first.Scan.Expires.IsZero() || first.Scan.Nonce == (loyalty.Nonce{}) {
		t.Errorf("%+v", first)
	}
	again := h.verify(t, Reading{Till: tillA, Channel: NFC, Text: text, At: now.Add(time.Second), Request: loyalty.RequestID{9}})
	if again.Scan != first.Scan {
		t.Errorf("the same code at the same till is another scan: %+v, %+v", again.Scan, first.Scan)
	}
	elsewhere := h.verify(t, Reading{Till: tillB, Text: text, At: now})
	if elsewhere.Scan.Nonce != first.Scan.Nonce || elsewhere.Scan.ID == first.Scan.ID {
		t.Errorf("the same code at another till: %+v, %+v", elsewhere.Scan, first.Scan)
	}
}

func TestVerifyStatic(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, surface := range []loyalty.Surface{loyalty.Wallet, loyalty.Print} {
		text := h.staticText(t, surface)
		reading := Reading{Till: tillA, Text: text, Request: loyalty.RequestID{1}, At: now}
		first := h.verify(t, reading)
		if first.Card != card || first.Scan.Method != loyalty.Static || first.Scan.Surface != surface ||
			first.Scan.Generation != 7 || !first.Scan.Expires.IsZero() {
			t.Errorf("%+v", first)
		}
		reading.At = now.Add(time.Minute)
		if retry := h.verify(t, reading); retry.Scan != first.Scan {
			t.Errorf("a retry is another scan: %+v, %+v", retry.Scan, first.Scan)
		}
		reading.Request = loyalty.RequestID{2}
		if next := h.verify(t, reading); next.Scan.Nonce == first.Scan.Nonce || next.Scan.ID == first.Scan.ID {
			t.Errorf("another request is the same scan: %+v", next.Scan)
		}
	}
}

func TestVerifyRotating(t *testing.T) {
	t.Parallel()
	h := setup(t)
	text := h.rotatingText(t)
	first := h.verify(t, Reading{Till: tillA, Text: text, At: now})
	if first.Card != card || !first.Captured.Equal(now) || first.Scan.Method != loyalty.Rotating || first.Scan.Secret != phone ||
		first.Scan.Surface != loyalty.NoSurface || first.Scan.Generation != 0 || !first.Scan.Expires.After(now) {
		t.Errorf("%+v", first)
	}
	again := h.verify(t, Reading{Till: tillA, Channel: NFC, Text: text, At: now.Add(time.Second), Request: loyalty.RequestID{9}})
	if again.Scan != first.Scan {
		t.Errorf("the same code at the same till is another scan: %+v, %+v", again.Scan, first.Scan)
	}
	elsewhere := h.verify(t, Reading{Till: tillB, Text: text, At: now})
	if elsewhere.Scan.Nonce != first.Scan.Nonce || elsewhere.Scan.ID == first.Scan.ID {
		t.Errorf("the same code at another till: %+v, %+v", elsewhere.Scan, first.Scan)
	}
	opened, err := h.handles.Open(h.handles.Seal(first, tillA, now), tillA, now)
	opened.Scan.ByHandle = false
	if err != nil || opened.Scan != first.Scan || opened.Card != card {
		t.Errorf("by its handle: %+v, %v; want %+v", opened, err, first)
	}
}

// A till that retries while a key is rotated is still the same till with the
// same scan.
func TestVerifyAcrossRotation(t *testing.T) {
	t.Parallel()
	h := setup(t)
	texts := [3]string{h.liveText(t), h.staticText(t, loyalty.Print), h.rotatingText(t)}
	verify := func() (shown [3]Presentation) {
		for i, text := range texts {
			shown[i] = h.verify(t, Reading{Till: tillA, Text: text, At: now})
		}
		return shown
	}
	before := verify()
	handle := h.handles.Seal(before[0], tillA, now)
	for _, purpose := range []keys.Purpose{keys.Live, keys.Static, keys.Rotating, keys.Scan} {
		if _, err := h.ring.Rotate(t.Context(), purpose, now, 0); err != nil {
			t.Fatal(err)
		}
	}
	if after := verify(); before != after {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	opened, err := h.handles.Open(handle, tillA, now)
	if err != nil || opened.Scan.ID != before[0].Scan.ID {
		t.Errorf("%+v, %v", opened, err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	h := setup(t)
	live, static := h.liveText(t), h.staticText(t, loyalty.Wallet)
	stranger := setup(t)
	tests := []struct {
		name string
		r    Reading
		want loyalty.Code
	}{
		{"nothing", Reading{}, credential.Unknown},
		{"a website", Reading{Text: "https://example.com/menu"}, credential.Unknown},
		{"a website by NFC", Reading{Text: "https://example.com/menu", Channel: NFC}, credential.Unknown},
		{"a network", Reading{Text: "WIFI:S:guests;T:WPA;P:secret;;"}, credential.Unknown},
		{"a product", Reading{Text: "4006381333931", Channel: Wedge}, credential.Unknown},
		{"a card id", Reading{Text: card.String(), Channel: Typed}, credential.Unknown},
		{"a phone number", Reading{Text: "+48 601 234 567", Channel: Typed}, credential.Unknown},
		{"a handle", Reading{Text: h.handles.Seal(Presentation{Card: card}, tillA, now)}, credential.Unknown},
		{"UTF-16", Reading{Text: utf16Text(live)}, credential.Unknown},
		{"a byte order mark", Reading{Text: "\ufeff" + live}, credential.Unknown},
		{"NULs", Reading{Text: "\x00\x00\x00"}, credential.Unknown},
		{"bytes that are no text", Reading{Text: "\xff\xfe\xfd"}, credential.Unknown},
		{"full-width letters", Reading{Text: "ＳＴＳ．" + static[4:]}, credential.Unknown},
		{"far too long", Reading{Text: "eyJ" + strings.Repeat("A", MaxTextLength)}, credential.Unknown},
		{"lower case", Reading{Text: strings.ToLower(static)}, credential.Unknown},

		{"long", Reading{Text: "eyJ" + strings.Repeat("A", MaxTextLength-3)}, credential.Malformed},
		{"bytes after the prefix", Reading{Text: "STS.\xff\x00\xfe"}, credential.Malformed},
		{"a line break by camera", Reading{Text: static + "\r\n"}, credential.Malformed},
		{"a space by NFC", Reading{Text: static + " ", Channel: NFC}, credential.Malformed},
		{"a space within, by wedge", Reading{Text: static[:30] + " " + static[30:], Channel: Wedge}, credential.Malformed},
		{"a wide space by hand", Reading{Text: static + "\u00a0", Channel: Typed}, credential.Malformed},

		{"another deployment's live token", Reading{Text: stranger.liveText(t)}, credential.Invalid},
		{"another deployment's rotating text", Reading{Text: stranger.rotatingText(t)}, credential.Invalid},
		{"another deployment's static text", Reading{Text: stranger.staticText(t, loyalty.Print)}, credential.Invalid},
	}
	for _, tt := range tests {
		tt.r.Till, tt.r.At = tillA, now
		got, err := h.verifier.Verify(t.Context(), tt.r)
		if codeOf(t, err) != tt.want || got != (Presentation{}) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestVerifyTime(t *testing.T) {
	t.Parallel()
	h := setup(t)
	live, rotating := h.liveText(t), h.rotatingText(t)
	for _, text := range []string{live, rotating} {
		for after, want := range map[time.Duration]loyalty.Code{
			0: "ok", 2 * time.Minute: credential.Expired, -2 * time.Minute: credential.FromFuture,
		} {
			if _, err := h.verifier.Verify(t.Context(), Reading{Till: tillA, Text: text, At: now.Add(after)}); codeOf(t, err) != want {
				t.Errorf("%.3s %s later: %v, want %s", text, after, err, want)
			}
		}
	}
}

// A wedge sends Enter after what it reads, and hands add spaces.
func TestVerifyTrims(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, channel := range []Channel{Wedge, Typed} {
		for _, text := range []string{h.liveText(t), h.rotatingText(t), h.staticText(t, loyalty.Print)} {
			h.verify(t, Reading{Till: tillA, Channel: channel, Text: " \t" + text + "\r\n", At: now})
		}
	}
}

func TestParseChannel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Channel{"": Camera, "camera": Camera, "wedge": Wedge, "nfc": NFC, "typed": Typed} {
		if got, ok := ParseChannel(text); !ok || got != want {
			t.Errorf("%q: %q, %t", text, got, ok)
		}
	}
	for _, bad := range []string{"Camera", "camera ", "bluetooth", "\x00"} {
		if got, ok := ParseChannel(bad); ok {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

func FuzzVerify(f *testing.F) {
	h := setup(f)
	f.Add(h.liveText(f), "camera")
	f.Add(h.staticText(f, loyalty.Print), "wedge")
	f.Add(h.rotatingText(f), "nfc")
	f.Add("WIFI:S:guests;;", "typed")
	f.Add(h.chip(f).Tap(), "nfc")
	f.Add(h.iPhone(f).Tap(now), "nfc")
	f.Add(tapReader.Tap(h.staticText(f, loyalty.WalletNFC)), "nfc")
	f.Fuzz(func(t *testing.T, text, channel string) {
		p, err := h.verifier.Verify(t.Context(), Reading{Till: tillA, Channel: Channel(channel), Text: text, At: now})
		switch codeOf(t, err) {
		case "ok":
			if p.Card != card {
				t.Fatalf("%q shows %s", text, p.Card)
			}
		case credential.Unknown, credential.Malformed, credential.Invalid, credential.Expired, credential.FromFuture, loyalty.TagNotFound:
			if p != (Presentation{}) {
				t.Fatalf("%q is refused and shows %+v", text, p)
			}
		default:
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func utf16Text(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit >> 8))
		b.WriteByte(byte(unit))
	}
	return b.String()
}
