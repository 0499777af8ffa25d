package programfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Schema says which fields a document may have, and what they may hold: the part of
// JSON Schema that the contract's rules are written in. All objects are closed. Patterns
// and the lengths of texts are not looked at: whoever knows what a field means says
// better what is wrong with it.
type Schema struct {
	Type       string             `json:"type"`
	Enum       []string           `json:"enum"`
	Format     string             `json:"format"`
	Minimum    *int64             `json:"minimum"`
	Maximum    *int64             `json:"maximum"`
	MinLength  int                `json:"minLength"`
	MaxItems   int                `json:"maxItems"` // 0: any number
	Required   []string           `json:"required"`
	Properties map[string]*Schema `json:"properties"`
	Items      *Schema            `json:"items"`
	Ref        string             `json:"$ref"`
	Defs       map[string]*Schema `json:"$defs"`
}

// ParseSchema reads a schema. Errors: that it is none.
func ParseSchema(text []byte) (*Schema, error) {
	s := &Schema{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("the schema of programs: %w", err)
	}
	return s, nil
}

// Named is one of the definitions that a schema refers to; nil for none.
func (s *Schema) Named(name string) *Schema { return s.Defs[name] }

// Check finds what a document has and the schema does not allow, each field once, in the
// order in which Write writes fields. left is the document without that: fields are left
// out, as are lists that are too long, whose items are not looked at, and what stands in
// a list has a blank in its place. One mistake more than are told ends the search: left
// is what was looked at until then.
func (s *Schema) Check(fields map[string]any) (left map[string]any, mistakes []Mistake) {
	c := checking{defs: s.Defs}
	left = c.object(s, "", fields)
	return left, c.mistakes
}

type checking struct {
	defs     map[string]*Schema
	mistakes []Mistake
}

// wrong keeps a mistake. Fields whose names are shortened may be called the same.
func (c *checking) wrong(field, problem string) {
	if !slices.ContainsFunc(c.mistakes, func(m Mistake) bool { return m.Field == field }) {
		c.mistakes = append(c.mistakes, Mistake{field, problem})
	}
}

// full reports whether enough was found: one mistake more than are told, which tells
// that there are more.
func (c *checking) full() bool { return len(c.mistakes) > MaxMistakes }

// value is what is left of a value; false for nothing.
func (c *checking) value(s *Schema, field string, value any) (left any, ok bool) {
	switch given := value.(type) {
	case map[string]any:
		if s.Type == "object" {
			return c.object(s, field, given), true
		}
	case []any:
		switch {
		case s.Type != "array":
		case s.MaxItems > 0 && len(given) > s.MaxItems:
			c.wrong(field, fmt.Sprintf("are more than %d", s.MaxItems))
			return nil, false
		default:
			return c.list(s, field, given), true
		}
	case bool:
		if s.Type == "boolean" {
			return given, true
		}
	case string:
		if s.Type == "string" && s.takesText(given) {
			return given, true
		}
	case jsontext.Value:
		if s.Type == "integer" && s.takesNumber(string(given)) {
			return given, true
		}
	}
	c.wrong(field, s.refusal(value))
	return nil, false
}

// refusal says what must be in place of a value.
func (s *Schema) refusal(value any) string {
	hint := ""
	switch given := value.(type) {
	case string:
		if given == "" {
			return "must not be empty: give it a value, or leave it out"
		}
	case bool, jsontext.Value:
		if s.Type == "string" && len(s.Enum) == 0 {
			hint = ": a text of digits or such a word needs quotes"
		}
	}
	return "must be " + s.wanted(value) + ", here it is " + Found(value) + hint
}

func (s *Schema) takesText(text string) bool {
	switch {
	case len(s.Enum) > 0:
		return slices.Contains(s.Enum, text)
	case s.Format == "date-time":
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	}
	return s.MinLength == 0 || text != ""
}

func (s *Schema) takesNumber(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && (s.Minimum == nil || n >= *s.Minimum) && (s.Maximum == nil || n <= *s.Maximum)
}

func (c *checking) resolved(s *Schema) *Schema {
	if s.Ref == "" {
		return s
	}
	return c.defs[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
}

func (c *checking) object(s *Schema, within string, fields map[string]any) map[string]any {
	left := make(map[string]any, len(fields))
	if within != "" {
		within += "."
	}
	for _, name := range s.Required {
		if _, has := fields[name]; !has {
			c.wrong(within+name, "is missing")
		}
	}
	for _, name := range inOrder(fields) {
		if c.full() {
			break
		}
		property, known := s.Properties[name]
		if !known {
			c.wrong(within+shorten(name), "is not a field of a program"+s.meant(name))
			continue
		}
		if value, ok := c.value(c.resolved(property), within+name, fields[name]); ok {
			left[name] = value
		}
	}
	return left
}

func (c *checking) list(s *Schema, field string, items []any) []any {
	left := []any{}
	of := c.resolved(s.Items)
	for i, item := range items {
		if c.full() {
			break
		}
		value, ok := c.value(of, field+"["+strconv.Itoa(i)+"]", item)
		if !ok {
			value = of.blank()
		}
		left = append(left, value)
	}
	return left
}

// blank is a value of the type.
func (s *Schema) blank() any {
	switch s.Type {
	case "object":
		return map[string]any{}
	case "array":
		return []any{}
	case "boolean":
		return false
	case "integer":
		return jsontext.Value("0")
	}
	return ""
}

// unbounded is the largest number of the contract, 2^53 - 1: nobody needs to hear of it
// who has not come near.
const unbounded = 1<<53 - 1

// wanted says what must be in place of a value.
func (s *Schema) wanted(value any) string {
	switch s.Type {
	case "object":
		return "an object with fields"
	case "array":
		return "a list"
	case "boolean":
		return "true or false"
	case "integer":
		number, _ := value.(jsontext.Value)
		return "a whole number" + s.bounds(len(number) > 15)
	}
	switch {
	case len(s.Enum) > 1:
		last := len(s.Enum) - 1
		return strings.Join(s.Enum[:last], ", ") + " or " + s.Enum[last]
	case len(s.Enum) == 1:
		return s.Enum[0]
	case s.Format == "date-time":
		return "a time such as 2026-11-01T00:00:00Z"
	}
	return "a text"
}

func (s *Schema) bounds(large bool) string {
	switch least, most := s.Minimum, s.Maximum; {
	case least != nil && most != nil && (*most < unbounded || large):
		return fmt.Sprintf(" from %d to %d", *least, *most)
	case least != nil:
		return fmt.Sprintf(" of at least %d", *least)
	case most != nil:
		return fmt.Sprintf(" of at most %d", *most)
	}
	return ""
}

// Found says what stands in place of what is wanted.
func Found(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object with fields"
	case []any:
		return "a list"
	case string:
		return Show(shorten(value))
	}
	return shorten(Show(value))
}

// meant suggests the field whose name differs least from one that there is not.
func (s *Schema) meant(name string) string {
	best, least := "", 3
	for _, known := range inOrder(names(s.Properties)) {
		if d := distance(name, known, least); d < least && d*2 < len(known) {
			best, least = known, d
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean " + best + "?"
}

func names(properties map[string]*Schema) map[string]any {
	all := make(map[string]any, len(properties))
	for name := range properties {
		all[name] = nil
	}
	return all
}

// distance is in how many letters two names differ, counting two that changed places as
// one (optimal string alignment); some number from enough on where that is enough.
func distance(a, b string, enough int) int {
	if len(a)-len(b) >= enough || len(b)-len(a) >= enough {
		return enough
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
