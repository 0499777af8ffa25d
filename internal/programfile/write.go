package programfile

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// Write writes a document as Read reads it: what names things first, then what is
// said in a word, then what takes several lines, each in the order of the alphabet.
func Write(fields map[string]any) []byte {
	var to strings.Builder
	if len(fields) == 0 {
		return []byte("{}\n")
	}
	writeObject(&to, fields, "", "")
	return []byte(to.String())
}

// writeObject begins its first line with first, and all others with indent.
func writeObject(to *strings.Builder, object map[string]any, first, indent string) {
	for i, name := range inOrder(object) {
		if i == 0 {
			to.WriteString(first)
		} else {
			to.WriteString(indent)
		}
		to.WriteString(text(name) + ":")
		writeValue(to, object[name], indent)
	}
}

// writeValue goes on behind a name and its colon.
func writeValue(to *strings.Builder, value any, indent string) {
	deeper := indent + "  "
	switch value := value.(type) {
	case map[string]any:
		if len(value) > 0 {
			to.WriteString("\n")
			writeObject(to, value, deeper, deeper)
			return
		}
		to.WriteString(" {}\n")
	case []any:
		if len(value) == 0 {
			to.WriteString(" []\n")
			return
		}
		to.WriteString("\n")
		for _, item := range value {
			to.WriteString(deeper + "-")
			if object, ok := item.(map[string]any); ok && len(object) > 0 {
				writeObject(to, object, " ", deeper+"  ")
				continue
			}
			writeValue(to, item, deeper)
		}
	case string:
		to.WriteString(" " + text(value) + "\n")
	default:
		to.WriteString(" " + plainly(value) + "\n")
	}
}

// unquoted are the texts that need no quotes in any YAML, unless they are a word
// with a meaning of its own.
var unquoted = regexp.MustCompile(`^\pL[\pL\pN]*([ ._/'-]+[\pL\pN]+)*$`)

// booleans are true and false in YAML 1.1, besides these words themselves.
var booleans = []string{"y", "n", "yes", "no", "on", "off"}

// text is a scalar that Read, and readers of YAML 1.1, take for a text.
func text(value string) string {
	again, problem := scalar(&yaml.Node{Value: value})
	if problem == "" && again == any(value) && unquoted.MatchString(value) && !slices.Contains(booleans, strings.ToLower(value)) {
		return value
	}
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, letter := range value {
		switch {
		case letter == '"' || letter == '\\':
			quoted.WriteString(`\` + string(letter))
		case letter == '\n':
			quoted.WriteString(`\n`)
		case letter < ' ' || letter >= 0x7f && letter < 0xa0 || letter == 0x2028 || letter == 0x2029 || letter == 0xfeff || letter >= 0xfffe && letter <= 0xffff:
			fmt.Fprintf(&quoted, `\u%04x`, letter)
		default:
			quoted.WriteRune(letter)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}

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
