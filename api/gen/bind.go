package gen

import (
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/oapi-codegen/runtime"
)

// ParameterError says which parameter of a request cannot be used. Err is for
// the log: it may name Go types. It wraps loyalty.ErrNotAnID where an id is
// wrong, ErrMissing where a required parameter is not there, and ErrTwice where it
// stands more than once.
type ParameterError struct {
	In   string // path, query or header
	Name string
	Form string // what its value has to be, for the asker: "a whole number"
	Err  error
}

// Causes of a ParameterError that are not about a value.
var (
	ErrMissing = errors.New("missing")
	ErrTwice   = errors.New("given more than once")
)

func (e *ParameterError) Error() string {
	return fmt.Sprintf("parameter %s in %s: %v", e.Name, e.In, e.Err)
}

func (e *ParameterError) Unwrap() error { return e.Err }

// bindPath takes the parameter as it stands in the address: ids need no
// escaping, and have one spelling.
func bindPath(c *fiber.Ctx, name string, dest any) error {
	return bind("path", name, []byte(c.Params(name)), dest)
}

func bindQuery(c *fiber.Ctx, name string, required bool, dest any) error {
	return bindOne("query", name, c.Context().QueryArgs().PeekMulti(name), required, dest)
}

func bindHeader(c *fiber.Ctx, name string, required bool, dest any) error {
	return bindOne("header", name, c.Request().Header.PeekAll(name), required, dest)
}

// bindOne leaves dest as it is where an optional parameter is absent.
func bindOne(in, name string, values [][]byte, required bool, dest any) error {
	switch {
	case len(values) == 1:
		return bind(in, name, values[0], dest)
	case len(values) > 1:
		return &ParameterError{In: in, Name: name, Err: ErrTwice}
	case required:
		return &ParameterError{In: in, Name: name, Err: ErrMissing}
	}
	return nil
}

// bind copies value, which belongs to the request, into dest.
func bind(in, name string, value []byte, dest any) error {
	options := runtime.BindStyledParameterOptions{Required: true, ValueIsUnescaped: true}
	if err := runtime.BindStyledParameterWithOptions("simple", name, string(value), dest, options); err != nil {
		return &ParameterError{In: in, Name: name, Form: form(dest), Err: err}
	}
	return nil
}

// form is what a value of dest looks like in an address.
func form(dest any) string {
	switch dest.(type) {
	case *time.Time:
		return "a time as in RFC 3339, such as 2026-11-06T09:41:07Z, with a + written as %2B"
	case *int, *int32, *int64:
		return "a whole number of a size that is allowed"
	case *bool:
		return "true or false"
	}
	return "one of the values that the contract allows"
}
