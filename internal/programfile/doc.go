// Package programfile reads and writes YAML files of programs, and tells two of
// them apart field by field. It knows where in a file each field stands, so that a
// mistake can be shown there.
//
// It reads what YAML 1.2 and JSON have in common, and refuses the rest rather than
// guess: no anchors, no tags, no number that is another one in YAML 1.1.
//
// It must never know what the fields mean: that is the contract's.
package programfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Bounds of a file, and of what is told of one.
const (
	MaxSize      = 1 << 20 // bytes
	MaxDocuments = 100
	MaxMistakes  = 50 // of each program
	maxDepth     = 20
)

// Document is one program of a file.
type Document struct {
	// Fields is what it says: values are texts, booleans, numbers as jsontext.Value,
	// lists as []any, and objects as map[string]any.
	Fields map[string]any

	// Unread is what cannot be read here, and is not among Fields. With "" as its
	// Field it is the whole document.
	Unread []*Error

	file   string
	places map[string]place // by field, as in rewards[2].name
}

// place is where something begins in a file, from 1; columns count characters.
type place struct{ line, column int }

// Wrong is a mistake in a field of the document, or of what is missing there. The
// field is named as in rewards[2].name; of one that does not stand in the file the
// place is that of what should hold it.
func (d *Document) Wrong(field, problem string) *Error {
	within := field
	at, found := d.places[within]
	for ; !found && within != ""; at, found = d.places[within] {
		within = within[:max(0, strings.LastIndexAny(within, ".["))]
	}
	return &Error{File: d.file, Line: at.line, Column: at.column, Field: field, Problem: problem}
}

// Told are mistakes in the order of the file, and no more of them than anybody mends
// at once; nil for none.
func (d *Document) Told(mistakes []*Error) error {
	slices.SortStableFunc(mistakes, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var told []error
	for i, m := range mistakes {
		if i == MaxMistakes {
			told = append(told, &Error{File: d.file, Problem: fmt.Sprintf("has more than %d mistakes: mend these first", MaxMistakes)})
			break
		}
		told = append(told, m)
	}
	return errors.Join(told...)
}

// Mistake is what is wrong with a field, named as in rewards[2].name.
type Mistake struct{ Field, Problem string }

// Error is a mistake in a file.
type Error struct {
	File    string
	Line    int    // 0: of the whole file
	Column  int    // 0: of the whole line
	Field   string // "": of the whole document
	Problem string
}

func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&text, ":%d", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&text, ":%d", e.Column)
	}
	text.WriteString(": ")
	if e.Field != "" {
		text.WriteString(e.Field + " ")
	}
	return text.String() + e.Problem
}
