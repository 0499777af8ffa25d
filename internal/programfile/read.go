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
// for errors alone. Errors: an *Error that says where.
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
		document, err := read(name, &root)
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
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

func read(name string, root *yaml.Node) (*Document, error) {
	r := reading{&Document{file: name, lines: map[string]int{"": root.Content[0].Line}}}
	value, err := r.value(root.Content[0], "", 1)
	if err != nil {
		return nil, err
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, r.Wrong("", "the program must be written as fields, such as name: Corner café")
	}
	r.Fields = fields
	return r.Document, nil
}

// reading makes a document of what stands in the file.
type reading struct{ *Document }

func (r reading) value(node *yaml.Node, field string, depth int) (any, error) {
	switch {
	case depth > maxDepth:
		return nil, r.Wrong(field, fmt.Sprintf("lies more than %d levels deep", maxDepth))
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		return nil, r.Wrong(field, "has an anchor (&) or an alias (*), which are not read here: write it out")
	case node.Style&yaml.TaggedStyle != 0:
		return nil, r.Wrong(field, "has the tag "+shorten(node.Tag)+", and tags are not read here: a text is written in quotes")
	}
	switch node.Kind {
	case yaml.MappingNode:
		return r.object(node, field, depth)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			at := field + "[" + strconv.Itoa(i) + "]"
			r.lines[at] = item.Line
			var err error
			if list[i], err = r.value(item, at, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	value, problem := scalar(node)
	if problem != "" {
		return nil, r.Wrong(field, problem)
	}
	return value, nil
}

func (r reading) object(node *yaml.Node, within string, depth int) (any, error) {
	object := make(map[string]any, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
			return nil, &Error{File: r.file, Line: key.Line, Field: within, Problem: "has a field whose name is no plain text"}
		}
		field := shorten(key.Value)
		if within != "" {
			field = within + "." + field
		}
		if _, twice := object[key.Value]; twice {
			return nil, &Error{
				File: r.file, Line: key.Line, Field: field,
				Problem: fmt.Sprintf("stands twice: it is in line %d, too", r.lines[field]),
			}
		}
		r.lines[field] = key.Line
		value, err := r.value(node.Content[i+1], field, depth+1)
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
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
