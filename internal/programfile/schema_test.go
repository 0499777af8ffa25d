package programfile

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func schemaOf(t *testing.T, text string) *Schema {
	t.Helper()
	s, err := ParseSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// However much is wrong, the search ends at one mistake more than are told: what is left
// is all that was looked at.
func TestCheckEnds(t *testing.T) {
	s := schemaOf(t, `{"type": "object", "properties": {
		"items": {"type": "array", "items": {"$ref": "#/$defs/Item"}}, "more": {"type": "array", "items": {"type": "integer"}}
	}, "$defs": {"Item": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}}}`)
	items := slices.Repeat([]any{map[string]any{}}, 10_000)
	left, wrong := s.Check(map[string]any{"items": items, "more": items})
	if len(wrong) != MaxMistakes+1 {
		t.Errorf("%d mistakes", len(wrong))
	}
	for i, m := range wrong {
		if want := (Mistake{"items[" + strconv.Itoa(i) + "].name", "is missing"}); m != want {
			t.Errorf("got %+v, want %+v", m, want)
		}
	}
	if looked, _ := left["items"].([]any); len(looked) != MaxMistakes+1 || left["more"] != nil {
		t.Errorf("looked at %d items, and then at %v", len(looked), left["more"])
	}
	unknown := map[string]any{}
	for i := range 10_000 {
		unknown["x"+strconv.Itoa(i)] = true
	}
	if left, wrong := s.Check(unknown); len(wrong) != MaxMistakes+1 || len(left) != 0 {
		t.Errorf("%d mistakes, and %d fields left", len(wrong), len(left))
	}
}

// A list that is too long is one mistake, whatever is in it, and what stands beside it is
// checked.
func TestCheckLengthsFirst(t *testing.T) {
	s := schemaOf(t, `{"type": "object", "properties": {"a": {"type": "array", "maxItems": 3, "items": {"type": "string"}}, "b": {"type": "boolean"}}}`)
	left, wrong := s.Check(map[string]any{"a": slices.Repeat([]any{1}, 10_000), "b": "yes"})
	want := []Mistake{{"b", `must be true or false, here it is "yes"`}, {"a", "are more than 3"}}
	if !reflect.DeepEqual(wrong, want) || len(left) != 0 {
		t.Errorf("got %+v, and %v left", wrong, left)
	}
	if left, wrong := s.Check(map[string]any{"a": []any{"x", "y", "z"}}); len(wrong) != 0 || len(left) != 1 {
		t.Errorf("as many as there may be: %+v, and %v left", wrong, left)
	}
}

// Fields that are called the same when their names are shortened are told once.
func TestCheckTellsEachFieldOnce(t *testing.T) {
	s := schemaOf(t, `{"type": "object", "properties": {}}`)
	long := strings.Repeat("x", 60)
	if _, wrong := s.Check(map[string]any{long + "1": true, long + "2": true}); len(wrong) != 1 || wrong[0].Field != long+"…" {
		t.Errorf("got %+v", wrong)
	}
}
