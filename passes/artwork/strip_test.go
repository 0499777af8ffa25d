package artwork

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/passes"
)

var (
	light = palette("#fff0f3", "#4a1525", "#8c3a52", "#d6336c")
	dark  = palette("#0b3d66", "#ffffff", "#bfe0f7", "#4fc3f7")
)

func palette(background, foreground, label, accent string) (c loyalty.Colors) {
	for text, to := range map[string]*loyalty.Color{background: &c.Background, foreground: &c.Foreground, label: &c.Label, accent: &c.Accent} {
		read, err := loyalty.ParseColor(text)
		if err != nil {
			panic(err)
		}
		*to = read
	}
	return c
}

func stampFace(have, of int64, milestones ...int64) *passes.Face {
	return &passes.Face{
		Kind: loyalty.Stamps, State: passes.Active, Brand: loyalty.Brand{Name: "Sole", Colors: light},
		Progress: passes.Progress{Have: have, Of: of, Milestones: milestones},
	}
}

func decoded(t testing.TB, body []byte) *image.Paletted {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	paletted, ok := picture.(*image.Paletted)
	if !ok {
		t.Fatalf("a strip is a %T, and not paletted", picture)
	}
	return paletted
}

func drawn(t testing.TB, f *passes.Face, size Size, icon image.Image) *image.Paletted {
	t.Helper()
	p := pictureOf(f, size)
	body, err := p.draw(icon)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, body)
}

// near reports whether a pixel has a colour, or one that no eye tells from it.
func near(at color.Color, want loyalty.Color) bool {
	r, g, b, _ := at.RGBA()
	off := func(got uint32, want uint8) bool { return math.Abs(float64(got>>8)-float64(want)) > 8 }
	return !off(r, want.R) && !off(g, want.G) && !off(b, want.B)
}

// Each stamp is where the grid says, filled or empty, at every size of wallet,
// on light and dark brands, with an icon and without.
func TestStripShowsEachStamp(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT RUN with -short: hundreds of pictures, one after the other")
	}
	for _, size := range []Size{AppleStrip(1), AppleStrip(2), AppleStrip(3), GoogleHero} {
		for _, of := range []int64{1, 5, 6, 7, 8, 10, 12, 20, mostStamps} {
			for _, have := range []int64{0, 1, of / 2, of - 1} {
				for _, colors := range []loyalty.Colors{light, dark} {
					f := stampFace(have, of, max(of/2, 1))
					f.Brand.Colors = colors
					var icon image.Image
					if have%2 == 1 {
						icon, f.Brand.Icon = coffeeBean(), loyalty.Hash{1}
					}
					picture := drawn(t, f, size, icon)
					if picture.Bounds().Dx() != size.Width || picture.Bounds().Dy() != size.Height {
						t.Fatalf("%v: a picture of %v", size, picture.Bounds())
					}
					p := pictureOf(f, size)
					ink := inksOf(&p)
					filled := int64(0)
					g := gridOf(int(of), size)
					for _, center := range g.centers {
						aside := int(float64(g.diameter) / 2 * 0.82 * math.Sqrt2 / 2) // beside any sign
						at := picture.At(center.x-aside, center.y-aside)
						if near(at, ink.accent) {
							filled++
						}
					}
					if filled != have {
						t.Errorf("%v, %d of %d: %d are filled", size, have, of, filled)
					}
					for _, corner := range []point{{0, 0}, {size.Width - 1, 0}, {0, size.Height - 1}, {size.Width - 1, size.Height - 1}} {
						if picture.At(corner.x, corner.y) != paint(ink.band) {
							t.Errorf("%v: a corner is %v, want %s exactly", size, picture.At(corner.x, corner.y), ink.band)
						}
					}
				}
			}
		}
	}
}

// coffeeBean is an icon that is cut free: a black disc on nothing.
func coffeeBean() image.Image {
	bean := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			if math.Hypot(float64(x)-31.5, float64(y)-31.5) < 31 {
				bean.SetNRGBA(x, y, color.NRGBA{A: 255})
			}
		}
	}
	return bean
}

// An icon with a ground of its own fills the stamp; one that is cut free stands on
// the accent.
func TestIconsInStamps(t *testing.T) {
	t.Parallel()
	size := AppleStrip(2)
	photo := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range photo.Pix {
		photo.Pix[i] = 255
	}
	for name, tt := range map[string]struct {
		icon           image.Image
		middle, beside loyalty.Color
	}{
		"cut free":   {coffeeBean(), loyalty.Black, light.Accent},
		"photograph": {photo, loyalty.White, loyalty.White},
	} {
		picture := drawn(t, stampFace(3, 10), size, tt.icon)
		g := gridOf(10, size)
		center, aside := g.centers[1], g.diameter*38/100
		if !near(picture.At(center.x, center.y), tt.middle) || !near(picture.At(center.x-aside, center.y), tt.beside) {
			t.Errorf("%s: %v, and beside it %v", name, picture.At(center.x, center.y), picture.At(center.x-aside, center.y))
		}
	}
}

// However many stamps a card has, none leaves the picture or touches another.
func TestGridHasRoomForAll(t *testing.T) {
	t.Parallel()
	for _, size := range []Size{AppleStrip(1), AppleStrip(2), AppleStrip(3), GoogleHero} {
		for n := 1; n <= mostStamps; n++ {
			g := gridOf(n, size)
			if len(g.centers) != n || g.diameter < 16 {
				t.Fatalf("%d stamps in %v: %d of %d pixels", n, size, len(g.centers), g.diameter)
			}
			r := g.diameter/2 + 1
			for i, a := range g.centers {
				if a.x-r < 0 || a.y-r < 0 || a.x+r >= size.Width || a.y+r >= size.Height {
					t.Errorf("%d stamps in %v: number %d stands outside", n, size, i+1)
				}
				for _, b := range g.centers[:i] {
					if math.Hypot(float64(a.x-b.x), float64(a.y-b.y)) < float64(g.diameter)+1 {
						t.Errorf("%d stamps in %v: number %d touches another", n, size, i+1)
					}
				}
			}
		}
	}
}

func TestBarIsAsFullAsTheCard(t *testing.T) {
	t.Parallel()
	size := AppleStrip(3)
	width := func(have, of int64) int {
		f := &passes.Face{
			Kind: loyalty.Points, State: passes.Active, Brand: loyalty.Brand{Colors: dark}, Progress: passes.Progress{Have: have, Of: of},
		}
		p := pictureOf(f, size)
		ink := inksOf(&p)
		picture := drawn(t, f, size, nil)
		n := 0
		for x := range size.Width * 3 / 4 {
			if near(picture.At(x, size.Height/2), ink.accent) {
				n++
			}
		}
		return n
	}
	empty, some, half, full := width(0, 200), width(50, 200), width(100, 200), width(200, 200)
	if empty > size.Width/100 || some <= empty || half < some*3/2 || full < half*3/2 {
		t.Errorf("0, 50, 100 and 200 of 200 fill %d, %d, %d, %d pixels", empty, some, half, full)
	}
	if got := width(-5, 200); got != empty {
		t.Errorf("a balance below zero fills %d pixels", got)
	}
}

// What a face holds may be anything that the rules allow; there is a picture.
func TestAnyFaceHasAPicture(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f := stampFace(0, rapid.Int64Range(1, loyalty.MaxCardSize).Draw(rt, "of"))
		f.Progress.Have = rapid.Int64Range(0, f.Progress.Of).Draw(rt, "have")
		for at := int64(1); at < f.Progress.Of && len(f.Progress.Milestones) < loyalty.MaxMilestones; at += rapid.Int64Range(1, 50).Draw(rt, "gap") {
			f.Progress.Milestones = append(f.Progress.Milestones, at)
		}
		if rapid.Bool().Draw(rt, "points") {
			f.Kind, f.Progress.Milestones = loyalty.Points, nil
			f.Progress.Of = rapid.Int64Range(0, loyalty.MaxUnits).Draw(rt, "cost")
			f.Progress.Have = rapid.Int64Range(-loyalty.MaxUnits, loyalty.MaxUnits).Draw(rt, "balance")
			for range rapid.IntRange(0, 40).Draw(rt, "ready") {
				f.Ready = append(f.Ready, passes.Ready{Cost: rapid.Int64Range(0, loyalty.MaxUnits).Draw(rt, "its cost")})
			}
		}
		drawn(t, f, AppleStrip(1), nil)
	})
}

func TestAsleepCardsArePale(t *testing.T) {
	t.Parallel()
	f := stampFace(5, 10)
	awake := pictureOf(f, AppleStrip(1))
	f.State = passes.Blocked
	asleep := pictureOf(f, AppleStrip(1))
	if a, b := inksOf(&awake), inksOf(&asleep); loyalty.Contrast(b.accent, b.band) >= loyalty.Contrast(a.accent, a.band) {
		t.Error("a blocked card stands out as much as one in use")
	}
}

// A photograph as icon has more colours than a palette; the flat ones stay exact.
func TestPaletteOfAPhotograph(t *testing.T) {
	t.Parallel()
	photo := image.NewNRGBA(image.Rect(0, 0, 300, 300))
	for y := range 300 {
		for x := range 300 {
			photo.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	picture := drawn(t, stampFace(9, 10), AppleStrip(3), photo)
	if n := len(picture.Palette); n < 100 || n > 256 {
		t.Errorf("%d colours", n)
	}
}

func BenchmarkStrip(b *testing.B) {
	for _, of := range []int64{10, 20} {
		p := pictureOf(stampFace(of*7/10, of, of/2), AppleStrip(3))
		b.Run(fmt.Sprint(of, " stamps"), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.draw(nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("cached", func(b *testing.B) {
		studio, f := NewStudio(nil, 1<<20), stampFace(7, 10)
		for b.Loop() {
			if _, err := studio.Strip(context.Background(), f, AppleStrip(3)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
