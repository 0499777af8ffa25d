package programfile

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

var (
	whole    = regexp.MustCompile(`^[-+]?[0-9]+$`)
	fraction = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	// Numbers in YAML 1.1 alone, or other ones there: 0x1F, 0o17, 0b1, 1_000, 1:30.
	elsewhere = regexp.MustCompile(`^[-+]?(0[xob][0-9A-Fa-f_]+|[0-9][0-9_]*_[0-9_]*|[0-9]+(:[0-5]?[0-9])+)$`)
)

// scalar is what a single value means in the core schema of YAML 1.2 (section
// 10.3.2); or what is wrong with it. Readers of YAML 1.1 make a boolean of no, 8 of
// 010 and a time of 2026-11-01: the first and the last are texts here, as in 1.2,
// and numbers of which there are two are refused.
func scalar(node *yaml.Node) (value any, problem string) {
	text := node.Value
	if node.Style != 0 { // quoted, or a block of lines
		return text, ""
	}
	switch text {
	case "", "~", "null", "Null", "NULL":
		return nil, "has no value: leave it out"
	case "true", "True", "TRUE":
		return true, ""
	case "false", "False", "FALSE":
		return false, ""
	}
	digits := strings.TrimLeft(text, "-+")
	switch {
	case whole.MatchString(text) && len(digits) > 1 && digits[0] == '0', elsewhere.MatchString(text):
		return nil, fmt.Sprintf("is %s, which some read as another number: write it in plain digits, or a text in quotes", shorten(text))
	case fraction.MatchString(text):
		return jsontext.Value(strings.TrimPrefix(text, "+")), ""
	}
	return text, ""
}
