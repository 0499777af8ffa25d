package gen

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/oapi-codegen/runtime"
)

// ParameterError says which parameter of a request cannot be used. Err is for
// the log: it may name Go types. It wraps loyalty.ErrNotAnID where an id is
// wrong, and ErrMissing where a required parameter is not there.
type ParameterError struct {
	In   string // path, query or header
	Name string
	Err  error
}

// ErrMissing is the cause of a ParameterError for what is required and absent.
var ErrMissing = errors.New("missing")

var errTwice = errors.New("given more than once")

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
		return &ParameterError{In: in, Name: name, Err: errTwice}
	case required:
		return &ParameterError{In: in, Name: name, Err: ErrMissing}
	}
	return nil
}

// bind copies value, which belongs to the request, into dest.
func bind(in, name string, value []byte, dest any) error {
	options := runtime.BindStyledParameterOptions{Required: true, ValueIsUnescaped: true}
	if err := runtime.BindStyledParameterWithOptions("simple", name, string(value), dest, options); err != nil {
		return &ParameterError{In: in, Name: name, Err: err}
	}
	return nil
}
