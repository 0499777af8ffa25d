package artwork

import (
	"cmp"
	"image"
	"image/color"
	"maps"
	"math"
	"slices"
)

// paletted turns a picture without transparency into one of at most 256 colours:
// the most frequent ones, and the nearest of them for the rest. Flat paint keeps
// its exact colour.
func paletted(from *image.RGBA) *image.Paletted { return Reduce(from, 256) }

// Reduce is the same with fewer colours, 1 to 256.
func Reduce(from *image.RGBA, most int) *image.Paletted {
	counts := map[color.RGBA]int{}
	each(from, func(c color.RGBA, run int) { counts[c] += run })
	colors := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(number(a), number(b)))
	})
	palette, index := choose(colors, most)
	to := image.NewPaletted(from.Bounds(), palette)
	next := 0
	each(from, func(c color.RGBA, run int) {
		i := index[c]
		for range run {
			to.Pix[next] = i
			next++
		}
	})
	return to
}

// each goes over the pixels, row by row, by runs of the same colour.
func each(picture *image.RGBA, visit func(c color.RGBA, run int)) {
	width := picture.Bounds().Dx()
	for y := range picture.Bounds().Dy() {
		row := picture.Pix[y*picture.Stride:][:4*width]
		var last color.RGBA
		run := 0
		for x := 0; x < len(row); x += 4 {
			c := color.RGBA{row[x], row[x+1], row[x+2], row[x+3]}
			if run > 0 && c != last {
				visit(last, run)
				run = 0
			}
			last = c
			run++
		}
		visit(last, run)
	}
}

// choose makes a palette of colours, the most frequent first, and says which
// index stands for each. Colours that no eye tells apart share one; where that
// leaves too many, as in a photograph, those a little further apart do.
func choose(colors []color.RGBA, most int) (color.Palette, map[color.RGBA]uint8) {
	for apart := 4; ; apart += 3 {
		if palette, index := spread(colors, 3*apart*apart, most); palette != nil {
			return palette, index
		}
	}
}

// spread keeps the colours that are further than a distance, squared, from those
// before them; nil where that leaves more than so many.
func spread(colors []color.RGBA, distance, most int) (color.Palette, map[color.RGBA]uint8) {
	var kept []color.RGBA
	index := make(map[color.RGBA]uint8, len(colors))
	for _, c := range colors {
		at, apart := nearest(kept, c)
		if apart > distance {
			if len(kept) == most {
				return nil, nil
			}
			at, kept = len(kept), append(kept, c)
		}
		index[c] = uint8(at)
	}
	palette := make(color.Palette, len(kept))
	for i, c := range kept {
		palette[i] = c
	}
	return palette, index
}

// nearest is the colour at the least distance, squared.
func nearest(colors []color.RGBA, c color.RGBA) (at, distance int) {
	distance = math.MaxInt
	for i, other := range colors {
		r, g, b := int(c.R)-int(other.R), int(c.G)-int(other.G), int(c.B)-int(other.B)
		if d := r*r + g*g + b*b; d < distance {
			at, distance = i, d
		}
	}
	return at, distance
}

func number(c color.RGBA) uint32 { return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B) }
