package web

// QR is a code as an SVG path of squares of one unit, with its quiet zone.
type QR struct {
	Size int // units a side
	Path string
}
