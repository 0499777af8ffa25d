package googletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"google.golang.org/api/googleapi"
)

// shaped holds that a JSON text has only the names that a type of the API's client
// has, and values of their types. The client's own decoding would pass over unknown
// names, also deep inside. null is allowed where patch is: it takes a field away.
func shaped(text []byte, kind reflect.Type, patch bool) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	return checkValue("", value, kind, false, patch)
}

func checkValue(at string, value any, kind reflect.Type, quoted, patch bool) error {
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if value == nil {
		if patch && at != "" {
			return nil
		}
		return fmt.Errorf("%s is null", at)
	}
	ok := true
	switch kind.Kind() {
	case reflect.Struct:
		fields, isObject := value.(map[string]any)
		if !isObject {
			return fmt.Errorf("%s is no object", at)
		}
		return checkFields(at, fields, kind, patch)
	case reflect.Slice:
		list, isList := value.([]any)
		if !isList {
			return fmt.Errorf("%s is no list", at)
		}
		for i, element := range list {
			if err := checkValue(fmt.Sprintf("%s[%d]", at, i), element, kind.Elem(), quoted, false); err != nil {
				return err
			}
		}
	case reflect.String:
		_, ok = value.(string)
	case reflect.Bool:
		_, ok = value.(bool)
	case reflect.Int64:
		ok = isInteger(value, quoted)
	case reflect.Float64:
		_, ok = value.(json.Number)
	default:
		return fmt.Errorf("%s is of a type that is not looked into: %s", at, kind)
	}
	if !ok {
		return fmt.Errorf("%s is no %s", at, kind)
	}
	return nil
}

// isInteger takes int64 in quotes and int32 without, as JSON in proto3 has them.
func isInteger(value any, quoted bool) bool {
	text, isText := value.(string)
	if number, isNumber := value.(json.Number); isNumber {
		text = number.String()
	}
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil && isText == quoted
}

func checkFields(at string, fields map[string]any, kind reflect.Type, patch bool) error {
	known := map[string]reflect.StructField{}
	for i := range kind.NumField() {
		field := kind.Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			known[name] = field
		}
	}
	for name, value := range fields {
		field, ok := known[name]
		where := strings.TrimPrefix(at+"."+name, ".")
		if !ok {
			return fmt.Errorf("unknown name %q", where)
		}
		quoted := strings.HasSuffix(field.Tag.Get("json"), ",string") || field.Type == reflect.TypeFor[googleapi.Int64s]()
		if err := checkValue(where, value, field.Type, quoted, patch); err != nil {
			return err
		}
	}
	return nil
}
