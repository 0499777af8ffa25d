package cel

import "sync"

// Limits of one expression. A step is about a field, an operator or a turn of a
// list: some ten nanoseconds.
const (
	MaxLength    = 1000    // bytes
	MaxEstimate  = 100_000 // steps, were every list as long as it can be
	MaxSteps     = 20_000  // steps taken for one answer
	maxVariables = 4       // macros within macros
)

// Condition is a compiled expression of type bool. It may be asked by many at once.
type Condition struct {
	text string
	run  step
	uses map[string]bool
	zero error
}

// Compile reads a condition over the fields of an object, its variables. Errors: an
// *Error that names the place.
func Compile(text string, variables *Object) (*Condition, error) {
	if len(text) > MaxLength {
		return nil, &Error{Line: 1, Column: 1, Problem: "the expression is longer than 1000 bytes"}
	}
	parsed, err := parse(text)
	if err != nil {
		return nil, err
	}
	c := &compiler{text: text, root: variables, uses: map[string]bool{}}
	made, err := c.expr(parsed)
	switch {
	case err != nil:
		return nil, err
	case made.is.kind != isBool:
		return nil, c.bad(parsed, "a condition says true or false, this is of type "+made.is.String())
	case made.cost > MaxEstimate:
		return nil, c.bad(parsed, "this would take too long where lists are long: use fewer loops within loops")
	}
	return &Condition{text: text, run: made.run, uses: c.uses, zero: c.zero}, nil
}

// Uses reports whether the condition reads that variable or that field of one, such
// as "purchase.items".
func (c *Condition) Uses(name string) bool { return c.uses[name] }

// DividesByZero is an *Error with the place of a division by the number 0, or by what
// always comes to it, as 2 - 2 does: CEL can be asked that, and has no answer then, but
// nobody means it.
func (c *Condition) DividesByZero() error { return c.zero }

// Holds asks the condition of one object. Errors: an *Error that names the place,
// where there is no answer: a division by zero, a number beyond 64 bits, money of
// two currencies, an index beyond a list, or more than MaxSteps.
func (c *Condition) Holds(object any) (bool, error) {
	f := frames.Get().(*frame)
	*f = frame{text: c.text, root: Value{O: object}, left: MaxSteps}
	v, err := c.run(f)
	if f.left < 0 { // also where an operator could do without the half that took too long
		err = f.fail(0, "it takes too many steps for this purchase")
	}
	*f = frame{}
	frames.Put(f)
	return v.N != 0 && err == nil, err
}

// frames are used again: each earn asks many conditions.
var frames = sync.Pool{New: func() any { return new(frame) }}

// step computes one value.
type step func(*frame) (Value, error)

// frame is one question to a condition.
type frame struct {
	text      string
	root      Value
	variables [maxVariables]Value // of macros, the outermost first
	left      int64               // steps
}

// spend takes so many steps; false when there are none left.
func (f *frame) spend(steps int) bool {
	f.left -= int64(steps)
	return f.left >= 0
}

func (f *frame) fail(at int, problem string) error { return errorAt(f.text, at, problem) }

// tired ends an evaluation. Holds says where and why.
var tired = &Error{Line: 1, Column: 1, Problem: "too many steps"}
