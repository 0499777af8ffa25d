package cel

import (
	"math"
	"math/bits"
)

func twoCurrencies(a, b string) string {
	return "money of two currencies does not compare: " + a + " and " + b
}

// sameCurrency refuses money of two currencies where both are known beforehand.
func (c *compiler) sameCurrency(e *expr, a, b *Type) error {
	if a.kind == isMoney && b.kind == isMoney && a.currency != "" && b.currency != "" && a.currency != b.currency {
		return c.bad(e, twoCurrencies(a.currency, b.currency))
	}
	return nil
}

func (c *compiler) negate(e *expr, a made) (made, error) {
	if a.is.kind != isInt && a.is.kind != isMoney {
		return made{}, c.mismatch(e, a)
	}
	return made{is: a.is, run: func(f *frame) (Value, error) {
		v, err := a.run(f)
		if err == nil && v.N == math.MinInt64 {
			err = f.fail(e.at, tooLarge)
		}
		v.N = -v.N
		return v, err
	}}, nil
}

const tooLarge = "the result is beyond 64 bits"

// calculate is + - * / %: of numbers, + of strings, + and - of money, and * of money
// and a number.
func (c *compiler) calculate(e *expr, a, b made) (made, error) {
	kinds := [2]typeKind{a.is.kind, b.is.kind}
	if err := c.sameCurrency(e, a.is, b.is); err != nil {
		return made{}, err
	}
	is := a.is
	switch {
	case kinds == [2]typeKind{isInt, isInt}:
	case kinds == [2]typeKind{isString, isString} && e.name == "+":
		return c.join(a, b), nil
	case kinds == [2]typeKind{isMoney, isMoney} && (e.name == "+" || e.name == "-"):
		if is.currency == "" {
			is = b.is
		}
	case kinds == [2]typeKind{isMoney, isInt} && e.name == "*":
	case kinds == [2]typeKind{isInt, isMoney} && e.name == "*":
		is = b.is
	default:
		return made{}, c.mismatch(e, a, b)
	}
	if (e.name == "/" || e.name == "%") && c.zero == nil && c.isZero(b) {
		c.zero = c.bad(e, "this divides by zero, whatever comes")
	}
	calculate := calculations[e.name]
	money := kinds == [2]typeKind{isMoney, isMoney}
	return made{is: is, run: func(f *frame) (Value, error) {
		left, right, err := both(f, a, b)
		if err != nil {
			return Value{}, err
		}
		if money && left.S != right.S {
			return Value{}, f.fail(e.at, twoCurrencies(left.S, right.S))
		}
		n, problem := calculate(left.N, right.N)
		if problem != "" {
			return Value{}, f.fail(e.at, problem)
		}
		return Value{N: n, S: max(left.S, right.S)}, nil
	}}, nil
}

func (c *compiler) join(a, b made) made {
	return made{is: String, cost: 20, run: func(f *frame) (Value, error) {
		left, right, err := both(f, a, b)
		if err == nil && !f.spend((len(left.S)+len(right.S))/stringStep) {
			err = tired
		}
		if err != nil {
			return Value{}, err
		}
		return Value{S: left.S + right.S}, nil
	}}
}

// calculations return a result, or what is wrong.
var calculations = map[string]func(a, b int64) (int64, string){
	"+": func(a, b int64) (int64, string) {
		sum := a + b
		return sum, problemIf((sum > a) != (b > 0) && b != 0, tooLarge)
	},
	"-": func(a, b int64) (int64, string) {
		rest := a - b
		return rest, problemIf((rest < a) != (b > 0) && b != 0, tooLarge)
	},
	"*": multiply,
	"/": func(a, b int64) (int64, string) {
		if b == 0 || a == math.MinInt64 && b == -1 {
			return 0, divisionProblem(b)
		}
		return a / b, ""
	},
	"%": func(a, b int64) (int64, string) {
		if b == 0 || a == math.MinInt64 && b == -1 {
			return 0, divisionProblem(b)
		}
		return a % b, ""
	},
}

func problemIf(is bool, problem string) string {
	if is {
		return problem
	}
	return ""
}

func divisionProblem(by int64) string {
	if by == 0 {
		return byZero
	}
	return tooLarge
}

const byZero = "it divides by zero"

// DividesByZero reports whether that is why there is no answer.
func (e *Error) DividesByZero() bool { return e.Problem == byZero }

// isZero reports whether a number is 0 whatever the variables are.
func (c *compiler) isZero(m made) bool {
	if !m.fixed {
		return false
	}
	v, err := m.run(&frame{text: c.text, left: MaxSteps})
	return err == nil && v.N == 0
}

func multiply(a, b int64) (int64, string) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	limit := uint64(math.MaxInt64)
	if negative {
		limit++
	}
	if high != 0 || low > limit {
		return 0, tooLarge
	}
	if negative {
		return int64(-low), ""
	}
	return int64(low), ""
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
