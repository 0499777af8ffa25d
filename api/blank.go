package api

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// mayBeEmpty are the texts that the contract lets be empty.
var mayBeEmpty = []string{"note", "sku", "category"}

// orLeaveOut holds for fields that are required and for those that are not.
const orLeaveOut = "give it a value, or leave it out if it is optional"

// refuseBlanks finds null, and texts that are empty and must not be. In a Go value
// both look as if nothing had been given. Bodies that cannot have any are not read.
func refuseBlanks(body []byte) error {
	if !bytes.Contains(body, []byte("null")) && !bytes.Contains(body, []byte(`""`)) {
		return nil
	}
	for tokens := jsontext.NewDecoder(bytes.NewReader(body)); ; {
		token, err := tokens.ReadToken()
		if err != nil { // the end: the body was read before
			return nil
		}
		at := tokens.StackPointer()
		switch {
		case token.Kind() == 'n':
			return wrongField(wrongType, at, "must not be null: "+orLeaveOut)
		case token.Kind() == '"' && token.String() == "" && !isName(tokens) && !slices.Contains(mayBeEmpty, at.LastToken()):
			return wrongField(invalidField, at, "must not be empty: "+orLeaveOut)
		}
	}
}

// isName reports whether the token just read is the name of a field.
func isName(tokens *jsontext.Decoder) bool {
	kind, length := tokens.StackIndex(tokens.StackDepth())
	return kind == '{' && length%2 == 1
}
