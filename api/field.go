package api

import (
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"stempel/internal/loyalty"
)

// badField is a mistake in one field or parameter of a request.
type badField struct {
	code           loyalty.Code
	field, problem string
}

func (b *badField) Error() string { return string(b.code) + ": " + b.field + " " + b.problem }

func missing(field string) error {
	return &badField{code: missingField, field: field, problem: "is missing"}
}

func invalid(field, problem string) error {
	return &badField{code: invalidField, field: field, problem: problem}
}

func refuse(code loyalty.Code, message string) error {
	return &loyalty.Refusal{Code: code, Message: message}
}

func wrongField(code loyalty.Code, at jsontext.Pointer, problem string) error {
	return &badField{code: code, field: fieldPath(at), problem: problem}
}

// longestPath bounds, in bytes, how much of the asker's own words comes back.
const longestPath = 100

// fieldPath names a field as the contract does: earn.purchase.items[2].amount.
func fieldPath(at jsontext.Pointer) string {
	var path strings.Builder
	for token := range at.Tokens() {
		switch {
		case isIndex(token):
			path.WriteString("[" + token + "]")
		case path.Len() > 0:
			path.WriteString("." + token)
		default:
			path.WriteString(token)
		}
	}
	if path.Len() == 0 {
		return "body"
	}
	return shorten(path.String())
}

// shorten bounds what comes back of the asker's own words.
func shorten(words string) string {
	if len(words) <= longestPath {
		return words
	}
	end := longestPath
	for end > 0 && !utf8.RuneStart(words[end]) {
		end--
	}
	return words[:end] + "…"
}

// isIndex reports whether a step of a path is a place in a list. No field of the
// contract begins with a digit.
func isIndex(token string) bool { return token != "" && token[0] >= '0' && token[0] <= '9' }
