package cel

// Type is what an expression is: one of Bool, Int, String and Money, a list or an
// object.
type Type struct {
	kind     typeKind
	currency string  // of money, where it is known beforehand
	object   *Object // of an object
	of       *Type   // of a list's elements
	most     int64   // elements of a list
}

type typeKind uint8

const (
	isBool typeKind = iota
	isInt
	isString
	isMoney
	isList
	isObject
)

// The plain types.
var (
	Bool   = &Type{kind: isBool}
	Int    = &Type{kind: isInt}
	String = &Type{kind: isString}
)

// Money is an amount of minor units in a currency: an ISO 4217 code, or the empty
// text where each value knows its own.
func Money(currency string) *Type { return &Type{kind: isMoney, currency: currency} }

// ListOf is a list of at most so many elements.
func ListOf(of *Type, most int64) *Type { return &Type{kind: isList, of: of, most: most} }

// Object is a declared type: its fields are all that an expression sees of it.
type Object struct {
	Name   string // as errors call it
	Fields map[string]Field
}

// Field is one field of an object.
type Field struct {
	Type *Type
	Get  func(object Value) Value
}

// Of is the type of such objects.
func Of(o *Object) *Type { return &Type{kind: isObject, object: o} }

func (t *Type) String() string {
	switch t.kind {
	case isBool:
		return "bool"
	case isInt:
		return "int"
	case isString:
		return "string"
	case isMoney:
		return "money"
	case isList:
		return "list of " + t.of.String()
	}
	return t.object.Name
}

// is reports whether values of both types can stand for each other.
func (t *Type) is(other *Type) bool {
	switch {
	case t.kind != other.kind:
		return false
	case t.kind == isList:
		return t.of.is(other.of)
	}
	return t.object == other.object
}

// Value is a value of a type: which of the fields counts is up to the type.
type Value struct {
	N int64  // an int; a bool, 0 or 1; money's minor units
	S string // a string; money's currency; whatever an object likes its fields to know
	O any    // an object; a List
}

// List is the value of a list.
type List interface {
	Len() int
	At(i int) Value
}

// values is a list that an expression makes.
type values []Value

func (v values) Len() int       { return len(v) }
func (v values) At(i int) Value { return v[i] }

func boolean(b bool) Value {
	if b {
		return Value{N: 1}
	}
	return Value{}
}

func (v Value) list() List { return v.O.(List) }

// Elements is the object that values of the type are, or a list's elements; nil for
// any other type.
func (t *Type) Elements() *Object {
	if t.kind == isList {
		t = t.of
	}
	return t.object
}
