package apple

import (
	"strings"

	"stempel/passes"
)

// wording collects what a pass says in the language of its face, with its
// translations, for the pass.strings of every language. The text itself is the
// key, values included: a phone whose owner speaks another language shows it as
// it is, and sees by it that a value has changed.
type wording struct {
	face  *passes.Face
	own   *passes.Texts
	said  map[string]bool
	lines [][]string // per language: key and translation by turns
}

func newWording(f *passes.Face) *wording {
	return &wording{face: f, own: f.In(f.Language), said: map[string]bool{}, lines: make([][]string, len(f.Texts))}
}

// say is a text in the face's own language. What reads the same in all languages
// is not translated; a text that is said twice keeps its first translation.
func (w *wording) say(pick text) string {
	own := pick(w.own)
	if own == "" || w.said[own] {
		return own
	}
	differs := false
	var in [len(w.face.Texts)]string
	for i := range w.face.Texts {
		in[i] = pick(&w.face.Texts[i])
		differs = differs || in[i] != own
	}
	if !differs {
		return own
	}
	w.said[own] = true
	for i := range in {
		w.lines[i] = append(w.lines[i], own, in[i])
	}
	return own
}

// file is the pass.strings of the language that is the i-th of Face.Texts.
func (w *wording) file(i int) []byte {
	var text []byte
	for n, line := range w.lines[i] {
		text = append(text, '"')
		text = append(text, escaped.Replace(line)...)
		if n%2 == 0 {
			text = append(text, `" = `...)
		} else {
			text = append(text, "\";\n"...)
		}
	}
	return text
}

// escaped is for the strings of Apple's .strings files.
var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
