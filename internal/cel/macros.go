package cel

// macro asks something of each element of a list. It begins with a result and takes
// in what each element says.
type macro struct {
	is      func(list, says *Type) *Type // nil where says is of no use
	collect func(f *frame, list List, variable int, says step) (Value, error)
}

var macros = map[string]macro{
	"exists":     {isTest, func(f *frame, l List, v int, says step) (Value, error) { return decided(f, l, v, says, 1) }},
	"all":        {isTest, func(f *frame, l List, v int, says step) (Value, error) { return decided(f, l, v, says, 0) }},
	"exists_one": {isTest, existsOne},
	"filter":     {isFilter, filter},
	"map":        {isMap, collect},
}

func isTest(_, says *Type) *Type {
	if says.kind != isBool {
		return nil
	}
	return Bool
}

func isFilter(list, says *Type) *Type {
	if says.kind != isBool {
		return nil
	}
	return list
}

func isMap(list, says *Type) *Type { return ListOf(says, list.most) }

// macro compiles list.name(variable, what of it).
func (c *compiler) macro(e *expr, m macro) (made, error) {
	if len(e.args) != 3 || e.args[1].kind != aName {
		return made{}, c.bad(e, "write "+e.name+" as in purchase.items."+e.name+"(i, i.quantity > 0)")
	}
	list, err := c.expr(e.args[0])
	if err != nil {
		return made{}, err
	}
	number := len(c.scope)
	switch {
	case list.is.kind != isList:
		return made{}, c.bad(e, "a "+list.is.String()+" is not a list")
	case number == maxVariables:
		return made{}, c.bad(e, "these loops are nested too deep")
	}
	c.scope = append(c.scope, variable{name: e.args[1].name, is: list.is.of})
	says, err := c.expr(e.args[2])
	c.scope = c.scope[:number]
	if err != nil {
		return made{}, err
	}
	is := m.is(list.is, says.is)
	if is == nil {
		return made{}, c.bad(e.args[2], e.name+" needs true or false of each element, not "+says.is.String())
	}
	cost := capCost(list.cost + 1 + list.is.most*capCost(says.cost+1))
	return made{is: is, cost: cost, run: func(f *frame) (Value, error) {
		v, err := list.run(f)
		if err != nil {
			return v, err
		}
		return m.collect(f, v.list(), number, says.run)
	}}, nil
}

// each asks of every element until one ends it. False where steps ran out.
func each(f *frame, list List, variable int, says step, take func(element, said Value, err error) (goOn bool)) bool {
	for i := range list.Len() {
		if !f.spend(1) {
			return false
		}
		element := list.At(i)
		f.variables[variable] = element
		said, err := says(f)
		if !take(element, said, err) {
			break
		}
	}
	return f.left >= 0
}

// decided is whether one element says what decides: 1 for exists, 0 for all. As with ||
// and &&, one that decides is enough, also where another one fails.
func decided(f *frame, list List, variable int, says step, decides int64) (Value, error) {
	result, failed := Value{N: 1 - decides}, error(nil)
	if !each(f, list, variable, says, func(_, said Value, err error) bool {
		switch {
		case err != nil:
			failed = err
		case said.N == decides:
			result, failed = said, nil
			return false
		}
		return true
	}) {
		return Value{}, tired
	}
	return result, failed
}

// existsOne is whether exactly one element does; here one that fails is enough to
// fail.
func existsOne(f *frame, list List, variable int, says step) (Value, error) {
	count, failed := 0, error(nil)
	if !each(f, list, variable, says, func(_, said Value, err error) bool {
		count += int(said.N)
		failed = err
		return err == nil
	}) {
		return Value{}, tired
	}
	return boolean(count == 1), failed
}

func filter(f *frame, list List, variable int, says step) (Value, error) {
	var found values
	failed := error(nil)
	if !each(f, list, variable, says, func(element, said Value, err error) bool {
		if said.N != 0 && err == nil {
			found = append(found, element)
		}
		failed = err
		return err == nil
	}) {
		return Value{}, tired
	}
	return Value{O: found}, failed
}

func collect(f *frame, list List, variable int, says step) (Value, error) {
	all, failed := make(values, 0, list.Len()), error(nil)
	if !each(f, list, variable, says, func(_, said Value, err error) bool {
		all = append(all, said)
		failed = err
		return err == nil
	}) {
		return Value{}, tired
	}
	return Value{O: all}, failed
}
