package programfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Change is a field that two documents have differently. Values are written as in
// JSON; "" for a field that one of them does not have.
type Change struct{ Field, Before, After string }

// Diff is what has to be changed in a document to make it the other one, in the
// order in which Write writes fields. What stands in a list is told apart by its
// key, where it has one, as in rewards[free-coffee].name, and by its number
// otherwise.
func Diff(before, after map[string]any) []Change {
	var found differing
	found.objects("", before, after)
	return found
}

type differing []Change

func (d *differing) values(field string, before, after any) {
	switch was := before.(type) {
	case map[string]any:
		if is, ok := after.(map[string]any); ok {
			d.objects(field, was, is)
			return
		}
	case []any:
		if is, ok := after.([]any); ok {
			d.lists(field, was, is)
			return
		}
	}
	if was, is := Show(before), Show(after); was != is {
		*d = append(*d, Change{field, was, is})
	}
}

func (d *differing) objects(field string, before, after map[string]any) {
	all := map[string]any{}
	for _, object := range []map[string]any{before, after} {
		for name, value := range object {
			all[name] = value
		}
	}
	if field != "" {
		field += "."
	}
	for _, name := range inOrder(all) {
		d.values(field+name, before[name], after[name])
	}
}

func (d *differing) lists(field string, before, after []any) {
	was, wasOrder, ok := byKey(before)
	is, isOrder, too := byKey(after)
	if !ok || !too {
		d.numbered(field, before, after)
		return
	}
	for _, key := range wasOrder {
		d.values(field+"["+key+"]", was[key], is[key])
	}
	for _, key := range isOrder {
		if _, had := was[key]; !had {
			d.values(field+"["+key+"]", nil, is[key])
		}
	}
	// What stays may stand in another order, and that is all that is left to tell.
	wasOrder = slices.DeleteFunc(wasOrder, func(key string) bool { return is[key] == nil })
	isOrder = slices.DeleteFunc(isOrder, func(key string) bool { return was[key] == nil })
	if !slices.Equal(wasOrder, isOrder) {
		*d = append(*d, Change{field + " in the order", strings.Join(wasOrder, ", "), strings.Join(isOrder, ", ")})
	}
}

func (d *differing) numbered(field string, before, after []any) {
	for i := range max(len(before), len(after)) {
		var was, is any
		if i < len(before) {
			was = before[i]
		}
		if i < len(after) {
			is = after[i]
		}
		d.values(field+"["+strconv.Itoa(i)+"]", was, is)
	}
}

// byKey is false for a list of which not every item has a key of its own.
func byKey(list []any) (items map[string]any, order []string, ok bool) {
	items = map[string]any{}
	for _, item := range list {
		object, _ := item.(map[string]any)
		key, ok := object["key"].(string)
		if _, twice := items[key]; !ok || twice {
			return nil, nil, false
		}
		items[key] = item
		order = append(order, key)
	}
	return items, order, true
}

// Show writes a value in one line; "" for none.
func Show(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case map[string]any:
		var fields []string
		for _, name := range inOrder(value) {
			fields = append(fields, name+": "+Show(value[name]))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case []any:
		var items []string
		for _, item := range value {
			items = append(items, Show(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case string:
		quoted, err := json.Marshal(value, jsontext.AllowInvalidUTF8(true))
		if err != nil {
			return strconv.Quote(value)
		}
		return string(quoted)
	}
	return plainly(value)
}
