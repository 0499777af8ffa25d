package api

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
)

// decode reads a JSON body strictly: one value, UTF-8, no unknown or repeated
// names, no other type than the contract's, no null. An empty body leaves
// into as it is, for routes whose body is optional; required fields of the
// outermost object are the handler's to check.
// Errors: unsupported_media_type, and a *badField or Refusal of decodeJSON.
func decode(c *fiber.Ctx, into any) error {
	body := c.Request().Body() // as it came: fiber's would decompress it, to any size
	if len(body) == 0 {
		return nil
	}
	if kind := c.Get(fiber.HeaderContentType); kind != "" && !isJSON(kind) {
		return refuse(unsupportedMediaType, "Send the body as application/json.")
	}
	if encoding := c.Get(fiber.HeaderContentEncoding); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return refuse(unsupportedMediaType, "Send the body as it is, without Content-Encoding.")
	}
	return decodeJSON(body, into)
}

func isJSON(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), fiber.MIMEApplicationJSON)
}

var strictly = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(readEarning), json.UnmarshalFromFunc(readPurchase), json.UnmarshalFromFunc(readItem),
		json.UnmarshalFromFunc(readRules),
		json.UnmarshalFromFunc(readBonus), json.UnmarshalFromFunc(readLinesBonus), json.UnmarshalFromFunc(readFlexible),
		json.UnmarshalFromFunc(readMilestone), json.UnmarshalFromFunc(readPolicy),
		json.UnmarshalFromFunc(readDiscountRules), json.UnmarshalFromFunc(readDiscountStep), json.UnmarshalFromFunc(readTierRules), json.UnmarshalFromFunc(readTierLevel),
		json.UnmarshalFromFunc(readReward), json.UnmarshalFromFunc(decodePlace), json.UnmarshalFromFunc(decodeOpenHours),
	)),
)

// decodeJSON is decode without the request around it. Errors: malformed_json,
// unknown_field, wrong_type, missing_field, invalid_field, invalid_id.
func decodeJSON(body []byte, into any) error {
	if err := json.Unmarshal(body, into, strictly); err != nil {
		return explain(err)
	}
	return refuseBlanks(body)
}

// explain turns the JSON reader's error into one that names the field and shows
// nothing of our types.
func explain(err error) error {
	var ours *badField
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	var moment *time.ParseError
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return wrongField(invalidField, syntax.JSONPointer, "stands twice")
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic):
		return wrongField(unknownField, semantic.JSONPointer, "is not a field of this request")
	case errors.Is(err, loyalty.ErrNotAnID) && errors.As(err, &semantic):
		return wrongField(invalidID, semantic.JSONPointer, "is not an id of the wanted kind")
	case errors.As(err, &moment) && errors.As(err, &semantic):
		return wrongField(invalidField, semantic.JSONPointer, "is not a time as in RFC 3339")
	case errors.As(err, &semantic):
		return wrongField(wrongType, semantic.JSONPointer, "has the wrong type or is out of range")
	case errors.As(err, &syntax):
		return refuse(malformedJSON, fmt.Sprintf("The body is not JSON, as byte %d shows.", syntax.ByteOffset))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refuse(malformedJSON, "The body is not JSON, as it ends too early.")
	}
	return refuse(malformedJSON, "The body is not JSON.")
}
