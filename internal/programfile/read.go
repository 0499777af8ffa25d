package programfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Read reads a file of one or several programs, parted by lines of ---. The name is
// for errors alone. Of a document that has mistakes, these are its Unread. Errors: an
// *Error that says where the file cannot be read at all.
func Read(name string, text []byte) ([]*Document, error) {
	if len(text) > MaxSize {
		return nil, &Error{File: name, Problem: fmt.Sprintf("is larger than %d bytes", MaxSize)}
	}
	var documents []*Document
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, notYAML(name, err)
		}
		if isEmpty(&root) {
			continue
		}
		if len(documents) == MaxDocuments {
			return nil, &Error{File: name, Line: root.Line, Problem: fmt.Sprintf("has more than %d programs", MaxDocuments)}
		}
		documents = append(documents, read(name, &root))
	}
	if len(documents) == 0 {
		return nil, &Error{File: name, Problem: "has no program in it"}
	}
	return documents, nil
}

// isEmpty reports whether there is nothing between two lines of ---, but for
// comments.
func isEmpty(root *yaml.Node) bool {
	if len(root.Content) == 0 {
		return true
	}
	only := root.Content[0]
	return only.Kind == yaml.ScalarNode && only.Style == 0 && only.Value == ""
}

func read(name string, root *yaml.Node) *Document {
	top := root.Content[0]
	r := reading{&Document{Fields: map[string]any{}, file: name, places: map[string]place{"": placeOf(top)}}}
	value, ok := r.value(top, "", 1)
	if !ok {
		return r.Document
	}
	if fields, is := value.(map[string]any); is {
		r.Fields = fields
	} else {
		r.refuse("", "the program must be written as fields, such as name: Corner café")
	}
	return r.Document
}

func placeOf(node *yaml.Node) place { return place{node.Line, node.Column} }

// reading makes a document of what stands in the file. What it refuses it leaves out,
// and goes on.
type reading struct{ *Document }

func (r reading) refuse(field, problem string) { r.add(r.Wrong(field, problem)) }

// add keeps one mistake more than are told, which tells that there are more.
func (r reading) add(mistake *Error) {
	if len(r.Unread) <= MaxMistakes {
		r.Unread = append(r.Unread, mistake)
	}
}

// value is what a node says; false where that cannot be read.
func (r reading) value(node *yaml.Node, field string, depth int) (value any, ok bool) {
	problem := ""
	switch {
	case depth > maxDepth:
		problem = fmt.Sprintf("lies more than %d levels deep", maxDepth)
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		problem = "has an anchor (&) or an alias (*), which are not read here: write it out"
	case node.Style&yaml.TaggedStyle != 0:
		problem = "has the tag " + shorten(node.Tag) + ", and tags are not read here: a text is written in quotes"
	case node.Kind == yaml.MappingNode:
		return r.object(node, field, depth), true
	case node.Kind == yaml.SequenceNode:
		return r.list(node, field, depth), true
	default:
		value, problem = scalar(node)
	}
	if problem != "" {
		r.refuse(field, problem)
	}
	return value, problem == ""
}

// list keeps a place for what cannot be read, so that the others keep their numbers.
func (r reading) list(node *yaml.Node, field string, depth int) []any {
	list := make([]any, len(node.Content))
	for i, item := range node.Content {
		at := field + "[" + strconv.Itoa(i) + "]"
		r.places[at] = placeOf(item)
		list[i], _ = r.value(item, at, depth+1)
	}
	return list
}

func (r reading) object(node *yaml.Node, within string, depth int) map[string]any {
	object := make(map[string]any, len(node.Content)/2)
	seen := make(map[string]place, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		at := placeOf(key)
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
			r.add(&Error{File: r.file, Line: at.line, Column: at.column, Field: within, Problem: "has a field whose name is no plain text"})
			continue
		}
		field := shorten(key.Value)
		if within != "" {
			field = within + "." + field
		}
		if first, twice := seen[key.Value]; twice {
			r.add(&Error{
				File: r.file, Line: at.line, Column: at.column, Field: field,
				Problem: fmt.Sprintf("stands twice: it is in line %d, too", first.line),
			})
			continue
		}
		seen[key.Value], r.places[field] = at, at
		if value, ok := r.value(node.Content[i+1], field, depth+1); ok {
			object[key.Value] = value
		}
	}
	return object
}

// shorten bounds how much of the file's own words is told again.
func shorten(words string) string {
	const longest = 60
	if len(words) <= longest {
		return words
	}
	return strings.ToValidUTF8(words[:longest], "") + "…"
}

// notYAML tells what the parser found, which has the line within its text.
func notYAML(name string, err error) error {
	problem := strings.TrimPrefix(err.Error(), "yaml: ")
	wrong := &Error{File: name, Problem: "is not YAML: " + problem}
	rest, ok := strings.CutPrefix(problem, "line ")
	if !ok {
		return wrong
	}
	number, rest, _ := strings.Cut(rest, ": ")
	if line, err := strconv.Atoi(number); err == nil {
		wrong.Line, wrong.Problem = line, "is not YAML: "+rest
	}
	return wrong
}
