package artwork

import "math"

// mostStamps is how many stamps are drawn one by one: more are a bar.
const mostStamps = 40

// The strip's design is made for 375 × 123 points; other sizes are that, scaled.
const (
	designWidth  = 375.0
	designHeight = 123.0
	sideMargin   = 18.0
	topMargin    = 9.0
	largest      = 66.0 // cell of a stamp
)

// grid is where stamps stand: rows that are centred, of cells around discs.
type grid struct {
	size     Size
	diameter int
	centers  []point
}

// point is a place in a picture, in pixels.
type point struct{ x, y int }

// gridOf finds the rows that leave the most room to each of n stamps. Rows that
// come out even are worth a little room.
func gridOf(n int, size Size) grid {
	scale := scaleOf(size)
	width := float64(size.Width) - 2*sideMargin*scale
	height := float64(size.Height) - 2*topMargin*scale
	var rows, columns int
	var cell, best float64
	for r := 1; r <= min(n, 5); r++ {
		c := (n + r - 1) / r
		room := min(width/float64(c), height/float64(r), largest*scale)
		worth := room
		if r*c != n {
			worth *= 0.93
		}
		if worth > best {
			rows, columns, cell, best = r, c, room, worth
		}
	}
	across := min(width/float64(columns), cell*1.3)
	down := min(height/float64(rows), cell*1.2)
	g := grid{size: size, diameter: int(cell * 0.88)}
	for i := range n {
		row, column := i/columns, i%columns
		inRow := min(columns, n-row*columns)
		x := float64(size.Width)/2 + (float64(column)-float64(inRow-1)/2)*across
		y := float64(size.Height)/2 + (float64(row)-float64(rows-1)/2)*down
		g.centers = append(g.centers, point{int(math.Round(x)), int(math.Round(y))})
	}
	return g
}

// scaleOf is how many pixels a point of the design has.
func scaleOf(size Size) float64 {
	return min(float64(size.Width)/designWidth, float64(size.Height)/designHeight)
}
