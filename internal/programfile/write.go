package programfile

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// Write writes a document as Read reads it: what names things first, then what is
// said in a word, then what takes several lines, each in the order of the alphabet.
func Write(fields map[string]any) ([]byte, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(node(fields)); err != nil {
		return nil, err
	}
	return text.Bytes(), encoder.Close()
}

func node(value any) *yaml.Node {
	switch value := value.(type) {
	case map[string]any:
		object := &yaml.Node{Kind: yaml.MappingNode}
		for _, name := range inOrder(value) {
			object.Content = append(object.Content, text(name), node(value[name]))
		}
		return object
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range value {
			list.Content = append(list.Content, node(item))
		}
		return list
	case string:
		return text(value)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: plainly(value)}
}

// text is a scalar that Read, and readers of YAML 1.1, take for a text.
func text(value string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	again, problem := scalar(node)
	if problem != "" || again != any(value) || slices.Contains(booleans, strings.ToLower(value)) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// booleans are true and false in YAML 1.1, besides these words themselves.
var booleans = []string{"y", "n", "yes", "no", "on", "off"}

// inOrder are the names of an object's fields as a reader wants them.
func inOrder(object map[string]any) []string {
	return slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a, object[a]), rank(b, object[b])), cmp.Compare(a, b))
	})
}

var first = []string{"key", "name", "kind"}

func rank(name string, value any) int {
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	switch value.(type) {
	case map[string]any:
		return len(first) + 1
	case []any:
		return len(first) + 2
	}
	return len(first)
}

// plainly is a number or a boolean as JSON has it.
func plainly(value any) string {
	switch value := value.(type) {
	case bool:
		if value {
			return "true"
		}
		return "false"
	case jsontext.Value:
		return string(value)
	}
	return ""
}
