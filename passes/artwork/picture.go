package artwork

import (
	"stempel/internal/loyalty"
	"stempel/passes"
)

// picture is everything a strip depends on: equal pictures are the same pixels,
// whosever cards they stand on.
type picture struct {
	size   Size
	colors loyalty.Colors
	icon   loyalty.Hash // stands in filled stamps; zero: a tick does
	asleep bool         // the card cannot be used
	grid   bool         // stamps one by one, or a bar
	of     int          // stamps of a grid
	filled int          // stamps of a grid; thousandths of a bar
	lit    bool         // the reward at the end is reached
	marks  [marks]int16 // where smaller rewards wait: stamps of a grid, counted from 1, or thousandths of a bar; 0: no more
}

// marks is how many smaller rewards a picture shows.
const marks = loyalty.MaxMilestones

// pictureOf is what a face shows, in a size.
func pictureOf(f *passes.Face, size Size) picture {
	p := picture{size: size, colors: f.Brand.Colors, asleep: f.State != passes.Active}
	have, of := f.Progress.Have, f.Progress.Of
	if f.Kind == loyalty.Stamps && of <= mostStamps {
		p.grid, p.of, p.filled, p.lit = true, int(of), int(have), have >= of
		p.icon = f.Brand.Icon
		for i, at := range f.Progress.Milestones {
			p.marks[i] = int16(at)
		}
		return p
	}
	p.lit = of == 0 && len(f.Ready) > 0 || of > 0 && have >= of
	p.filled = thousandths(have, of)
	if p.lit {
		p.filled = 1000
	}
	next := 0
	mark := func(at int64) {
		if part := thousandths(at, of); part > 0 && part < 1000 && next < marks {
			p.marks[next] = int16(part)
			next++
		}
	}
	for _, at := range f.Progress.Milestones {
		mark(at)
	}
	for _, r := range f.Ready {
		mark(r.Cost)
	}
	return p
}

// thousandths of a whole, from 0 to 1000; 0 of nothing.
func thousandths(part, whole int64) int {
	if whole <= 0 || part <= 0 {
		return 0
	}
	if part >= whole {
		return 1000
	}
	return int(float64(part) / float64(whole) * 1000) // units have 53 bits at most
}

// marked reports whether a smaller reward waits at a stamp.
func (p *picture) marked(stamp int) bool {
	for _, at := range p.marks {
		if int(at) == stamp {
			return true
		}
	}
	return false
}
