package programfile

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// FromJSON are the fields of a JSON object, as a Document has them.
func FromJSON(text []byte) (map[string]any, error) {
	value, err := fromJSON(jsontext.NewDecoder(bytes.NewReader(text)))
	if err != nil {
		return nil, err
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("is not an object")
	}
	return fields, nil
}

func fromJSON(from *jsontext.Decoder) (any, error) {
	token, err := from.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		object := map[string]any{}
		for from.PeekKind() != '}' {
			name, err := from.ReadToken()
			if err != nil {
				return nil, err
			}
			called := name.String()
			if object[called], err = fromJSON(from); err != nil {
				return nil, err
			}
		}
		_, err = from.ReadToken()
		return object, err
	case '[':
		list := []any{}
		for from.PeekKind() != ']' {
			item, err := fromJSON(from)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = from.ReadToken()
		return list, err
	case '"':
		return token.String(), nil
	case 't', 'f':
		return token.Bool(), nil
	case '0':
		return jsontext.Value(token.String()), nil
	case 'n':
		return nil, nil
	}
	return nil, io.ErrUnexpectedEOF
}
