package cel

import (
	"strings"
	"unicode/utf8"
)

// call compiles size(x) and money(1000, "EUR").
func (c *compiler) call(e *expr) (made, error) {
	switch {
	case e.name == "size" && len(e.args) == 1:
		of, err := c.expr(e.args[0])
		if err != nil {
			return made{}, err
		}
		return c.size(e, of)
	case e.name == "money" && len(e.args) == 2:
		return c.money(e)
	}
	return made{}, c.bad(e, "there is no function "+e.name+" of so many values")
}

// money is an amount that stands in the text, with its currency.
func (c *compiler) money(e *expr) (made, error) {
	each, cost, err := c.exprs(e.args)
	if err != nil {
		return made{}, err
	}
	amount, currency := each[0], each[1].constant
	if amount.is.kind != isInt || currency == nil || !isCurrency(*currency) {
		return made{}, c.bad(e, `write minor units and an ISO 4217 code, as in money(1000, "EUR")`)
	}
	return made{is: Money(*currency), cost: cost, run: func(f *frame) (Value, error) {
		v, err := amount.run(f)
		v.S = *currency
		return v, err
	}}, nil
}

func isCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func (c *compiler) size(e *expr, of made) (made, error) {
	switch of.is.kind {
	case isList:
		return made{is: Int, cost: of.cost + 1, run: func(f *frame) (Value, error) {
			v, err := of.run(f)
			if err != nil {
				return v, err
			}
			return Value{N: int64(v.list().Len())}, nil
		}}, nil
	case isString:
		return made{is: Int, cost: of.cost + 1, run: func(f *frame) (Value, error) {
			v, err := of.run(f)
			if err == nil && !f.spend(len(v.S)/stringStep+1) {
				err = tired
			}
			return Value{N: int64(utf8.RuneCountInString(v.S))}, err
		}}, nil
	}
	return made{}, c.bad(e, "a "+of.is.String()+" has no size")
}

var stringTests = map[string]func(text, part string) bool{
	"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
}

// method compiles what stands behind a dot and takes arguments.
func (c *compiler) method(e *expr) (made, error) {
	if macro, ok := macros[e.name]; ok {
		return c.macro(e, macro)
	}
	each, cost, err := c.exprs(e.args)
	if err != nil {
		return made{}, err
	}
	of := each[0]
	test, isTest := stringTests[e.name]
	switch {
	case e.name == "size" && len(each) == 1:
		return c.size(e, of)
	case e.name == "sum" && len(each) == 1:
		return c.sum(e, of)
	case !isTest || len(each) != 2:
		return made{}, c.bad(e, "there is no "+e.name+" of so many values")
	case of.is.kind != isString || each[1].is.kind != isString:
		return made{}, c.mismatch(e, each...)
	}
	return made{is: Bool, cost: capCost(cost + 10), run: func(f *frame) (Value, error) {
		text, part, err := both(f, of, each[1])
		if err == nil && !f.spend(len(text.S)/stringStep) {
			err = tired
		}
		return boolean(err == nil && test(text.S, part.S)), err
	}}, nil
}

// sum adds the numbers or the money of a list up. Of an empty list it is 0, in the
// currency that is known of its money.
func (c *compiler) sum(e *expr, of made) (made, error) {
	if of.is.kind != isList || of.is.of.kind != isInt && of.is.of.kind != isMoney {
		return made{}, c.bad(e, "only lists of int or money have a sum, this is a "+of.is.String())
	}
	is, add := of.is.of, calculations["+"]
	return made{is: is, cost: capCost(of.cost + of.is.most + 1), run: func(f *frame) (Value, error) {
		v, err := of.run(f)
		if err != nil {
			return v, err
		}
		list := v.list()
		if !f.spend(list.Len() + 1) {
			return Value{}, tired
		}
		sum := Value{S: is.currency}
		for i := range list.Len() {
			one := list.At(i)
			if i == 0 && sum.S == "" {
				sum.S = one.S
			}
			n, problem := add(sum.N, one.N)
			if one.S != sum.S {
				problem = twoCurrencies(sum.S, one.S)
			}
			if problem != "" {
				return Value{}, f.fail(e.at, problem)
			}
			sum.N = n
		}
		return sum, nil
	}}, nil
}
