package cel

import (
	"maps"
	"slices"
	"strings"
)

// compiler checks types and makes steps of a parsed expression, in one go.
type compiler struct {
	text  string
	root  *Object
	scope []variable // of macros, the outermost first
	uses  map[string]bool
	zero  error // the first division by what is zero whatever the variables are
}

type variable struct {
	name string
	is   *Type
}

// made is an expression that was compiled.
type made struct {
	is       *Type
	run      step
	cost     int64   // steps at most
	constant *string // of a string that stands in the text
	fixed    bool    // it asks no variable, so that it always says the same
}

func (c *compiler) bad(e *expr, problem string) error { return errorAt(c.text, e.at, problem) }

func (c *compiler) expr(e *expr) (made, error) {
	switch e.kind {
	case aNumber:
		return constant(Int, Value{N: e.n}), nil
	case aBool:
		return constant(Bool, Value{N: e.n}), nil
	case aString:
		m := constant(String, Value{S: e.name})
		m.constant = &e.name
		return m, nil
	case aList:
		return c.list(e)
	case aName:
		return c.name(e)
	case aField:
		return c.field(e)
	case aCall:
		return c.call(e)
	case aMethod:
		return c.method(e)
	}
	return c.operator(e)
}

func constant(is *Type, v Value) made {
	return made{is: is, fixed: true, run: func(*frame) (Value, error) { return v, nil }}
}

// exprs compiles several, and adds up what they cost.
func (c *compiler) exprs(all []*expr) (each []made, cost int64, err error) {
	for _, e := range all {
		m, err := c.expr(e)
		if err != nil {
			return nil, 0, err
		}
		each, cost = append(each, m), capCost(cost+m.cost)
	}
	return each, cost, nil
}

// capCost keeps estimates far from the end of int64.
func capCost(steps int64) int64 { return min(steps, MaxEstimate*1000) }

func (c *compiler) list(e *expr) (made, error) {
	each, cost, err := c.exprs(e.args)
	if err != nil {
		return made{}, err
	}
	if len(each) == 0 {
		return made{}, c.bad(e, "an empty list has no type: nothing is ever in it")
	}
	for i, m := range each {
		if !m.is.is(each[0].is) {
			return made{}, c.bad(e.args[i], "this list begins with a "+each[0].is.String()+", here is a "+m.is.String())
		}
	}
	run := func(f *frame) (Value, error) {
		if !f.spend(len(each)) {
			return Value{}, tired
		}
		all := make(values, len(each))
		for i := range each {
			v, err := each[i].run(f)
			if err != nil {
				return Value{}, err
			}
			all[i] = v
		}
		return Value{O: all}, nil
	}
	if fixed := fixedList(e.args, each); fixed != nil {
		run = func(*frame) (Value, error) { return Value{O: fixed}, nil }
	}
	of := each[0].is
	if of.kind == isMoney {
		of = Money("")
	}
	return made{is: ListOf(of, int64(len(each))), run: run, cost: capCost(cost + int64(len(each)))}, nil
}

// fixedList is a list of nothing but constants, made once; else nil.
func fixedList(args []*expr, each []made) List {
	all := make(values, len(each))
	for i, e := range args {
		if e.kind > aString {
			return nil
		}
		all[i], _ = each[i].run(nil)
	}
	return all
}

func (c *compiler) name(e *expr) (made, error) {
	for i := len(c.scope) - 1; i >= 0; i-- {
		if c.scope[i].name == e.name {
			return made{is: c.scope[i].is, cost: 1, run: func(f *frame) (Value, error) { return f.variables[i], nil }}, nil
		}
	}
	field, ok := c.root.Fields[e.name]
	if !ok {
		return made{}, c.bad(e, "nothing is called "+e.name+": there are "+names(c.root))
	}
	c.uses[e.name] = true
	return made{is: field.Type, cost: 1, run: func(f *frame) (Value, error) { return field.Get(f.root), nil }}, nil
}

// moneyFields are what money is made of.
var moneyFields = &Object{Name: "money", Fields: map[string]Field{
	"amount":   {Type: Int},
	"currency": {Type: String},
}}

func (c *compiler) field(e *expr) (made, error) {
	of, err := c.expr(e.args[0])
	if err != nil {
		return made{}, err
	}
	object := of.is.object
	if of.is.kind == isMoney {
		object = moneyFields
	}
	if object == nil {
		return made{}, c.bad(e, "a "+of.is.String()+" has no fields")
	}
	field, ok := object.Fields[e.name]
	if !ok {
		return made{}, c.bad(e, "a "+object.Name+" has no "+e.name+": it has "+names(object))
	}
	if e.args[0].kind == aName {
		c.uses[e.args[0].name+"."+e.name] = true
	}
	get := field.Get
	run := func(f *frame) (Value, error) {
		if !f.spend(1) {
			return Value{}, tired
		}
		v, err := of.run(f)
		if err != nil || get == nil { // money's N and S are its fields
			return v, err
		}
		return get(v), nil
	}
	return made{is: field.Type, run: run, cost: capCost(of.cost + 1)}, nil
}

// operator compiles a choice, an index, a negation or a binary operator.
func (c *compiler) operator(e *expr) (made, error) {
	each, cost, err := c.exprs(e.args)
	if err != nil {
		return made{}, err
	}
	m, err := made{}, error(nil)
	switch e.name {
	case "||", "&&":
		m, err = c.logic(e, each[0], each[1])
	case "!":
		m, err = c.not(e, each[0])
	case "?:":
		m, err = c.choose(e, each)
	case "[]":
		m, err = c.index(e, each[0], each[1])
	case "in":
		m, err = c.in(e, each[0], each[1])
	case "-_":
		m, err = c.negate(e, each[0])
	case "==", "!=", "<", "<=", ">", ">=":
		m, err = c.compare(e, each[0], each[1])
	default:
		m, err = c.calculate(e, each[0], each[1])
	}
	m.cost = capCost(m.cost + cost + 1)
	m.fixed = !slices.ContainsFunc(each, func(operand made) bool { return !operand.fixed })
	return m, err
}

// mismatch says of which types an operator's operands are.
func (c *compiler) mismatch(e *expr, operands ...made) error {
	types := make([]string, len(operands))
	for i, m := range operands {
		types[i] = m.is.String()
	}
	return c.bad(e, strings.TrimSuffix(e.name, "_")+" does not go with "+strings.Join(types, " and "))
}

// names lists fields for people.
func names(o *Object) string { return strings.Join(slices.Sorted(maps.Keys(o.Fields)), ", ") }
