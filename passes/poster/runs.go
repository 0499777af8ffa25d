package poster

import "iter"

// run is modules of a QR code that are dark side by side.
type run struct{ x, y, length int }

// runs are those of a code, row by row.
func runs(modules [][]bool) iter.Seq[run] {
	return func(yield func(run) bool) {
		for y, row := range modules {
			for x := 0; x < len(row); x++ {
				start := x
				for x < len(row) && row[x] {
					x++
				}
				if x > start && !yield(run{start, y, x - start}) {
					return
				}
			}
		}
	}
}
