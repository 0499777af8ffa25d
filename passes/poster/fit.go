package poster

import "strings"

// fit breaks a text between words into at most so many lines of a width, in mm, as
// large as it can be up to a size. A word that is longer than a line makes all of
// it smaller.
func fit(l *letters, text string, width float64, most int, size float64) (lines []string, fits float64) {
	const smaller = 0.96
	for {
		if lines, ok := wrap(l, text, width/size, most); ok {
			return even(l, text, width/size, lines), size
		}
		size *= smaller
	}
}

// even breaks a text into as many lines, of about the same length.
func even(l *letters, text string, width float64, lines []string) []string {
	for narrower := width; ; {
		narrower *= 0.98
		again, ok := wrap(l, text, narrower, len(lines))
		if !ok || narrower < width/4 {
			return lines
		}
		lines = again
	}
}

// wrap fills lines one after the other. width is in sizes.
func wrap(l *letters, text string, width float64, most int) (lines []string, ok bool) {
	var line string
	for word := range strings.FieldsSeq(text) {
		longer := strings.TrimSpace(line + " " + word)
		if l.width(longer) <= width {
			line = longer
			continue
		}
		if line == "" || l.width(word) > width {
			return nil, false
		}
		lines = append(lines, line)
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines, len(lines) <= most
}
