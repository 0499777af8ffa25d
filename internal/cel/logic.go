package cel

import "cmp"

// logic is || and &&. As CEL has it, one half that decides alone is enough, also
// where the other one fails, whichever comes first.
func (c *compiler) logic(e *expr, a, b made) (made, error) {
	if a.is.kind != isBool || b.is.kind != isBool {
		return made{}, c.mismatch(e, a, b)
	}
	decides := boolean(e.name == "||").N
	return made{is: Bool, run: func(f *frame) (Value, error) {
		if !f.spend(1) {
			return Value{}, tired
		}
		left, err := a.run(f)
		if err == nil && left.N == decides {
			return left, nil
		}
		right, errRight := b.run(f)
		if errRight == nil && right.N == decides {
			return right, nil
		}
		if err == nil {
			err = errRight
		}
		return Value{N: 1 - decides}, err
	}}, nil
}

func (c *compiler) not(e *expr, a made) (made, error) {
	if a.is.kind != isBool {
		return made{}, c.mismatch(e, a)
	}
	return made{is: Bool, run: func(f *frame) (Value, error) {
		v, err := a.run(f)
		return Value{N: 1 - v.N}, err
	}}, nil
}

func (c *compiler) choose(e *expr, each []made) (made, error) {
	if each[0].is.kind != isBool || !each[1].is.is(each[2].is) {
		return made{}, c.mismatch(e, each...)
	}
	is := each[1].is
	if is.kind == isMoney && is.currency != each[2].is.currency {
		is = Money("")
	}
	if is.kind == isList {
		is = ListOf(is.of, max(is.most, each[2].is.most))
	}
	return made{is: is, run: func(f *frame) (Value, error) {
		if !f.spend(1) {
			return Value{}, tired
		}
		condition, err := each[0].run(f)
		switch {
		case err != nil:
			return Value{}, err
		case condition.N != 0:
			return each[1].run(f)
		}
		return each[2].run(f)
	}}, nil
}

func (c *compiler) index(e *expr, of, at made) (made, error) {
	if of.is.kind != isList || at.is.kind != isInt {
		return made{}, c.mismatch(e, of, at)
	}
	return made{is: of.is.of, run: func(f *frame) (Value, error) {
		if !f.spend(1) {
			return Value{}, tired
		}
		list, err := of.run(f)
		if err != nil {
			return Value{}, err
		}
		i, err := at.run(f)
		if err != nil {
			return Value{}, err
		}
		if i.N < 0 || i.N >= int64(list.list().Len()) {
			return Value{}, f.fail(e.at, "the list has no element there")
		}
		return list.list().At(int(i.N)), nil
	}}, nil
}

func (c *compiler) in(e *expr, what, list made) (made, error) {
	if list.is.kind != isList || !list.is.of.is(what.is) || what.is.kind > isMoney {
		return made{}, c.mismatch(e, what, list)
	}
	run := func(f *frame) (Value, error) {
		wanted, err := what.run(f)
		if err != nil {
			return Value{}, err
		}
		all, err := list.run(f)
		if err != nil {
			return Value{}, err
		}
		within := all.list()
		if !f.spend(within.Len() + 1) {
			return Value{}, tired
		}
		for i := range within.Len() {
			if v := within.At(i); v.N == wanted.N && v.S == wanted.S {
				return Value{N: 1}, nil
			}
		}
		return Value{}, nil
	}
	return made{is: Bool, run: run, cost: list.is.most}, nil
}

// compare is equality and order: of numbers, strings (by their bytes, which is the
// order of their characters) and money.
func (c *compiler) compare(e *expr, a, b made) (made, error) {
	equality := e.name == "==" || e.name == "!="
	if !a.is.is(b.is) || a.is.kind > isMoney || !equality && a.is.kind == isBool {
		return made{}, c.mismatch(e, a, b)
	}
	if err := c.sameCurrency(e, a.is, b.is); err != nil {
		return made{}, err
	}
	order, money, text := orders[e.name], a.is.kind == isMoney, a.is.kind == isString
	return made{is: Bool, run: func(f *frame) (Value, error) {
		left, right, err := both(f, a, b)
		switch {
		case err != nil:
			return Value{}, err
		case text:
			if !f.spend(min(len(left.S), len(right.S)) / stringStep) {
				return Value{}, tired
			}
			return boolean(order.holds(cmp.Compare(left.S, right.S))), nil
		case money && left.S != right.S:
			return Value{}, f.fail(e.at, twoCurrencies(left.S, right.S))
		}
		return boolean(order.holds(cmp.Compare(left.N, right.N))), nil
	}}, nil
}

// stringStep is how many bytes of a string are looked at in one step.
const stringStep = 16

// order says which results of cmp.Compare an operator takes: -1, 0 and 1, as bits.
type order uint8

const (
	less order = 1 << iota
	same
	more
)

var orders = map[string]order{
	"==": same,
	"!=": less | more,
	"<":  less,
	"<=": less | same,
	">":  more,
	">=": more | same,
}

func (o order) holds(compared int) bool { return o>>(compared+1)&1 != 0 }

// both computes two operands and takes a step for their operator.
func both(f *frame, a, b made) (left, right Value, err error) {
	if !f.spend(1) {
		return left, right, tired
	}
	if left, err = a.run(f); err != nil {
		return left, right, err
	}
	right, err = b.run(f)
	return left, right, err
}
