package artwork

import "image"

// fitted is the largest rectangle of a picture's proportions in a box, centred.
func fitted(width, height, boxWidth, boxHeight int) image.Rectangle {
	w, h := boxWidth, max(height*boxWidth/width, 1)
	if h > boxHeight {
		w, h = max(width*boxHeight/height, 1), boxHeight
	}
	left, top := (boxWidth-w)/2, (boxHeight-h)/2
	return image.Rect(left, top, left+w, top+h)
}
