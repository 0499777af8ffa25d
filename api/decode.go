package api

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
)

// decode reads a JSON body strictly: one value, UTF-8, no unknown or repeated
// names, no other type than the contract's. An empty body leaves into as it is,
// for routes whose body is optional; required fields are the handler's to check.
// Errors: *loyalty.Refusal with a FieldError's place in Field.
func decode(c *fiber.Ctx, into any) error {
	body := c.Body()
	if len(body) == 0 {
		return nil
	}
	if kind := c.Get(fiber.HeaderContentType); kind != "" && !isJSON(kind) {
		return refuse(unsupportedMediaType, "Send the body as application/json.")
	}
	return explain(json.Unmarshal(body, into, json.RejectUnknownMembers(true)))
}

func isJSON(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), fiber.MIMEApplicationJSON)
}

// explain turns the JSON reader's error into one that names the field and shows
// nothing of our types.
func explain(err error) error {
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return fieldRefusal(invalidField, syntax.JSONPointer, "stands twice")
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		return fieldRefusal(unknownField, semantic.JSONPointer, "is not a field of this request")
	case errors.Is(err, loyalty.ErrNotAnID) && errors.As(err, &semantic):
		return fieldRefusal(invalidID, semantic.JSONPointer, "is not an id of the wanted kind")
	case errors.As(err, &semantic):
		return fieldRefusal(wrongType, semantic.JSONPointer, "has the wrong type or is out of range")
	case errors.As(err, &syntax):
		return refuse(malformedJSON, fmt.Sprintf("The body is not JSON: something is wrong at byte %d.", syntax.ByteOffset))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refuse(malformedJSON, "The body is not JSON: it ends too early.")
	}
	return refuse(malformedJSON, "The body is not JSON.")
}

// fieldRefusal names a field as a dotted path: purchase.items.0.amount.
func fieldRefusal(code loyalty.Code, at jsontext.Pointer, problem string) error {
	var path []string
	for token := range at.Tokens() {
		path = append(path, token)
	}
	field := strings.Join(path, ".")
	if field == "" {
		field = "body"
	}
	return &badField{code: code, field: field, problem: problem}
}

// badField is a mistake in one field of a request.
type badField struct {
	code           loyalty.Code
	field, problem string
}

func (b *badField) Error() string { return string(b.code) + ": " + b.field + " " + b.problem }

func missing(field string) error {
	return &badField{code: missingField, field: field, problem: "is missing"}
}

func refuse(code loyalty.Code, message string) error {
	return &loyalty.Refusal{Code: code, Message: message}
}
