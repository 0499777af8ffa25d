package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// parameterProblem says what is wrong with a path, query or header parameter.
func parameterProblem(e *gen.ParameterError) gen.Problem {
	code, problem := invalidField, "must be "+e.Form
	switch {
	case e.Name == "Idempotency-Key" && errors.Is(e, gen.ErrMissing):
		return newProblem(idempotencyRequired, "Send an Idempotency-Key header: new for each action, the same when you retry it.")
	case e.Name == "Idempotency-Key":
		return newProblem(idempotencyKeyInvalid, "Send one Idempotency-Key of 1 to 255 visible ASCII characters.")
	case errors.Is(e, gen.ErrMissing):
		code, problem = missingField, "is missing"
	case errors.Is(e, gen.ErrTwice):
		problem = "is given more than once"
	case errors.Is(e, loyalty.ErrNotAnID):
		code, problem = invalidID, "is not an id of the wanted kind"
	}
	p := newProblem(code, "The parameter "+e.Name+" "+problem+".")
	p.Field = e.Name
	return p
}

// versioned begins the addresses that are ours alone. Elsewhere phones, Google and
// monitoring ask, who may add parameters of their own.
const versioned = "/v1/"

// refuseUnknown refuses query parameters that an operation does not know: a
// misspelt filter would pass for one that finds everything.
// Errors: unknown_parameter.
func refuseUnknown(c *fiber.Ctx, op *gen.Operation) error {
	if len(c.Request().URI().QueryString()) == 0 || !strings.HasPrefix(op.Path, versioned) {
		return nil
	}
	for key := range c.Context().QueryArgs().All() {
		if name := string(key); !slices.Contains(op.Query, name) {
			return &loyalty.Refusal{Code: unknownParameter, Field: shorten(name), Message: unknown(name, op.Query)}
		}
	}
	return nil
}

// unknown says that there is no such parameter, and which the asker may have meant.
func unknown(name string, known []string) string {
	says := fmt.Sprintf("There is no parameter %s here", shorten(name))
	switch near := nearest(name, known); {
	case near != "":
		return says + ". Did you mean " + near + "?"
	case len(known) == 0:
		return says + ", nor any other."
	}
	return says + ". There are: " + strings.Join(known, ", ") + "."
}

// longestNear is how long a name may be, in bytes, for which a near one is sought.
const longestNear = 40

// nearest is the known name that takes the fewest letters to change, if they are
// at most a third of the letters and one more; else empty.
func nearest(name string, known []string) (near string) {
	if len(name) > longestNear {
		return ""
	}
	fewest := len(name)/3 + 2
	for _, k := range known {
		if d := distance(strings.ToLower(name), k); d < fewest {
			near, fewest = k, d
		}
	}
	return near
}

// distance is Levenshtein's: how many bytes to add, remove or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // of a's prefix, to each prefix of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
