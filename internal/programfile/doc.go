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
	"fmt"
	"strings"
)

// Bounds of a file.
const (
	MaxSize      = 1 << 20 // bytes
	MaxDocuments = 100
	maxDepth     = 20
)

// Document is one program of a file.
type Document struct {
	// Fields is what it says: values are texts, booleans, numbers as jsontext.Value,
	// lists as []any, and objects as map[string]any.
	Fields map[string]any

	file  string
	lines map[string]int // by field, as in rewards[2].name
}

// Wrong is a mistake in a field of the document, or of what is missing there. The
// field is named as in rewards[2].name; of one that does not stand in the file the
// line is that of what should hold it.
func (d *Document) Wrong(field, problem string) error {
	at := field
	line, found := d.lines[at]
	for ; !found && at != ""; line, found = d.lines[at] {
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
	}
	return &Error{File: d.file, Line: line, Field: field, Problem: problem}
}

// Error is a mistake in a file.
type Error struct {
	File    string
	Line    int    // 0: of the whole file
	Field   string // "": of the whole document
	Problem string
}

func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&text, ":%d", e.Line)
	}
	text.WriteString(": ")
	if e.Field != "" {
		text.WriteString(e.Field + " ")
	}
	return text.String() + e.Problem
}
