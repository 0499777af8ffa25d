package artwork

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// album is what merchants uploaded, in memory.
type album struct {
	pictures map[loyalty.Hash]loyalty.Image
	mu       sync.Mutex
	reads    int
}

func (a *album) Image(_ context.Context, _ loyalty.MerchantID, hash loyalty.Hash) (loyalty.Image, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reads++
	picture, ok := a.pictures[hash]
	if !ok {
		return loyalty.Image{}, loyalty.ErrNotFound
	}
	return picture, nil
}

func uploaded(t *testing.T, width, height int) (*album, loyalty.Hash) {
	t.Helper()
	picture, err := Read(t.Context(), pngOf(t, width, height))
	if err != nil {
		t.Fatal(err)
	}
	return &album{pictures: map[loyalty.Hash]loyalty.Image{picture.Hash: picture}}, picture.Hash
}

func pngOf(t testing.TB, width, height int) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.SetNRGBA(x, y, color.NRGBA{200, uint8(x), uint8(y), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sizeOf(t *testing.T, body []byte) Size {
	t.Helper()
	config, err := png.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return Size{config.Width, config.Height}
}

func TestStudioDrawsOnce(t *testing.T) {
	t.Parallel()
	images, hash := uploaded(t, 100, 100)
	studio, ctx := NewStudio(images, 1<<20), context.Background()
	f := stampFace(3, 10)
	f.Brand.Icon = hash
	first, err := studio.Strip(ctx, f, AppleStrip(2))
	if err != nil {
		t.Fatal(err)
	}
	another := stampFace(3, 10) // somebody else's card
	another.Card, another.Holder, another.Brand.Icon = loyalty.CardID{1}, "Anna", hash
	second, err := studio.Strip(ctx, another, AppleStrip(2))
	if err != nil || &first[0] != &second[0] || images.reads != 1 {
		t.Errorf("the same picture was drawn twice (%d reads), %v", images.reads, err)
	}
	another.Progress.Have++
	if third, err := studio.Strip(ctx, another, AppleStrip(2)); err != nil || bytes.Equal(first, third) {
		t.Errorf("one stamp more looks the same, %v", err)
	}
	f.Brand.Icon[0]++
	if _, err := studio.Strip(ctx, f, AppleStrip(2)); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("an icon that is nowhere: %v", err)
	}
}

func TestLogoFitsItsBox(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		width, height int
		want          Size
	}{
		{640, 100, Size{320, 50}},
		{100, 400, Size{25, 100}},
		{1024, 320, Size{320, 100}},
		{60, 60, Size{100, 100}},
	} {
		images, hash := uploaded(t, tt.width, tt.height)
		f := stampFace(0, 5)
		f.Brand.Logo = hash
		body, err := NewStudio(images, 1<<20).Logo(context.Background(), f, AppleLogo(2))
		if err != nil || sizeOf(t, body) != tt.want {
			t.Errorf("%d by %d becomes %v (%v), want %v", tt.width, tt.height, sizeOf(t, body), err, tt.want)
		}
	}
	if body, err := NewStudio(nil, 1<<20).Logo(context.Background(), stampFace(0, 5), AppleLogo(2)); body != nil || err != nil {
		t.Errorf("a brand without a logo has one: %d bytes, %v", len(body), err)
	}
}

func TestIconHasExactlyItsSize(t *testing.T) {
	t.Parallel()
	images, hash := uploaded(t, 90, 60)
	f := stampFace(0, 5)
	f.Brand.Icon = hash
	body, err := NewStudio(images, 1<<20).Icon(context.Background(), f, AppleIcon(3))
	if err != nil || sizeOf(t, body) != AppleIcon(3) {
		t.Errorf("%v, %v", sizeOf(t, body), err)
	}
}

// A pass without an icon is silently refused by the phone, so every brand has one.
func TestEveryBrandHasAnIcon(t *testing.T) {
	t.Parallel()
	studio := NewStudio(nil, 1<<20)
	var seen [][]byte
	for name, letter := range map[string]rune{
		"Gelateria": 'G', "żabka": 'Ż', "«Élan»": 'É', "7 days": '7', "寿司 Bar": 'B', "★": 0, "": 0,
	} {
		if got := initial(name); got != letter {
			t.Errorf("%q has the letter %q, want %q", name, got, letter)
		}
		f := stampFace(0, 5)
		f.Brand.Name = name
		body, err := studio.Icon(context.Background(), f, AppleIcon(3))
		if err != nil || sizeOf(t, body) != AppleIcon(3) {
			t.Fatalf("%q: %v", name, err)
		}
		if letter != 0 && slices.ContainsFunc(seen, func(other []byte) bool { return bytes.Equal(other, body) }) {
			t.Errorf("%q has the icon of another", name)
		}
		seen = append(seen, body)
	}
}

// The cache is never larger than its room, and what was used last is in it.
func TestCache(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const room = 10_000
		c := newCache(room)
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			key := rapid.IntRange(0, 9).Draw(t, "key")
			body, found := c.get(key)
			if !found {
				body = make([]byte, rapid.IntRange(0, 2*room).Draw(t, "bytes"))
				c.put(key, body)
			}
			fits := len(body)+overhead <= room
			if fits {
				c.put(key, []byte("too late"))
			}
			again, found := c.get(key)
			if found != fits || found && len(again) != len(body) {
				t.Fatalf("%d bytes, just used: %v, %d", len(body), found, len(again))
			}
			used := 0
			for e := c.order.Front(); e != nil; e = e.Next() {
				used += len(e.Value.(*cached).body) + overhead
			}
			if used != c.used || used > room || len(c.byKey) != c.order.Len() {
				t.Fatalf("%d bytes are kept and %d counted, of %d", used, c.used, room)
			}
		}
	})
}
