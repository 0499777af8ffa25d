package cel

import (
	"slices"
	"strconv"
	"strings"
)

// MaxDepth is how deep brackets, and what stands like them, may be nested.
const MaxDepth = 40

// expr is a node of a parsed expression. Of operators the name is the sign, "?:"
// for a choice, "[]" for an index and "-_" for a negated number.
type expr struct {
	kind exprKind
	at   int    // byte of the text
	name string // of a variable, field, function or operator; of a string what it says
	n    int64  // of a number; of a bool 0 or 1
	args []*expr
}

type exprKind uint8

const (
	aNumber exprKind = iota
	aBool
	aString
	aList
	aName   // of a variable
	aField  // of args[0]
	aCall   // of a function of args
	aMethod // of args[0], with the others
	anOperator
)

// reserved are words that no variable may have as its name: those of CEL.
var reserved = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
	"namespace", "null", "package", "return", "true", "var", "void", "while",
}

// parser reads tokens by recursive descent, as the grammar of the specification
// has them.
type parser struct {
	text   string
	tokens []token
	depth  int
}

func parse(text string) (*expr, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens}
	e, err := p.choice()
	if err != nil {
		return nil, err
	}
	if p.tokens[0].kind != endOfText {
		return nil, p.unexpected()
	}
	return e, nil
}

func (p *parser) bad(at int, problem string) error { return errorAt(p.text, at, problem) }

func (p *parser) unexpected() error {
	next := p.tokens[0]
	if next.kind == endOfText {
		return p.bad(next.at, "something is missing at the end")
	}
	return p.bad(next.at, "this does not belong here")
}

// take takes the next token if it is one of these signs, or the word in.
func (p *parser) take(texts ...string) (token, bool) {
	next := p.tokens[0]
	if next.kind != sign && !(next.kind == word && next.text == "in") || !slices.Contains(texts, next.text) {
		return token{}, false
	}
	p.tokens = p.tokens[1:]
	return next, true
}

func (p *parser) need(text string) error {
	if _, ok := p.take(text); !ok {
		return p.unexpected()
	}
	return nil
}

// choice is a condition, or one with what holds if it does and what if not.
func (p *parser) choice() (*expr, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, p.bad(p.tokens[0].at, "this is nested too deep")
	}
	defer func() { p.depth-- }()
	condition, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	mark, ok := p.take("?")
	if !ok {
		return condition, nil
	}
	yes, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if err := p.need(":"); err != nil {
		return nil, err
	}
	no, err := p.choice()
	return &expr{kind: anOperator, at: mark.at, name: "?:", args: []*expr{condition, yes, no}}, err
}

// levels are the binary operators, the loosest first. All go from left to right.
var levels = [][]string{{"||"}, {"&&"}, {"<", "<=", ">", ">=", "==", "!=", "in"}, {"+", "-"}, {"*", "/", "%"}}

func (p *parser) binary(level int) (*expr, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		operator, ok := p.take(levels[level]...)
		if !ok {
			break
		}
		var right *expr
		right, err = p.binary(level + 1)
		left = &expr{kind: anOperator, at: operator.at, name: operator.text, args: []*expr{left, right}}
	}
	return left, err
}

// unary is a member, or one that is negated any number of times with one sign.
func (p *parser) unary() (*expr, error) {
	operator, ok := p.take("!", "-")
	if !ok {
		return p.member()
	}
	if operator.text == "-" && p.tokens[0].kind == number {
		return p.members(p.number("-", operator.at))
	}
	times := 1
	for {
		if _, again := p.take(operator.text); !again {
			break
		}
		times++
	}
	e, err := p.member()
	if err != nil {
		return nil, err
	}
	name := operator.text
	if name == "-" {
		name = "-_"
	}
	if times%2 == 0 { // twice is not at all, but of the same type
		e = &expr{kind: anOperator, at: operator.at, name: name, args: []*expr{e}}
	}
	return &expr{kind: anOperator, at: operator.at, name: name, args: []*expr{e}}, nil
}

func (p *parser) member() (*expr, error) { return p.members(p.primary()) }

// members are the fields, methods and indexes of a value.
func (p *parser) members(e *expr, err error) (*expr, error) {
	for err == nil {
		operator, ok := p.take(".", "[")
		switch {
		case !ok:
			return e, nil
		case operator.text == "[":
			var index *expr
			if index, err = p.choice(); err == nil {
				err = p.need("]")
			}
			e = &expr{kind: anOperator, at: operator.at, name: "[]", args: []*expr{e, index}}
		default:
			e, err = p.selection(e)
		}
	}
	return nil, err
}

// selection is a field or method of a value, after the dot.
func (p *parser) selection(of *expr) (*expr, error) {
	name := p.tokens[0]
	if name.kind != word || slices.Contains(reserved, name.text) {
		return nil, p.bad(name.at, "the name of a field or function is missing")
	}
	p.tokens = p.tokens[1:]
	if _, ok := p.take("("); !ok {
		return &expr{kind: aField, at: name.at, name: name.text, args: []*expr{of}}, nil
	}
	args, err := p.list(")")
	return &expr{kind: aMethod, at: name.at, name: name.text, args: append([]*expr{of}, args...)}, err
}

// list is what stands between brackets, up to the closing one.
func (p *parser) list(end string) (all []*expr, err error) {
	if _, ok := p.take(end); ok {
		return nil, nil
	}
	for {
		e, err := p.choice()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if _, more := p.take(","); !more {
			return all, p.need(end)
		}
		if end == "]" { // a list may end with a comma
			if _, ok := p.take(end); ok {
				return all, nil
			}
		}
	}
}

func (p *parser) primary() (*expr, error) {
	next := p.tokens[0]
	switch next.kind {
	case quoted:
		p.tokens = p.tokens[1:]
		return &expr{kind: aString, at: next.at, name: next.text}, nil
	case number:
		return p.number("", next.at)
	case word:
		return p.name()
	}
	switch open, ok := p.take("(", "["); {
	case !ok:
		return nil, p.unexpected()
	case open.text == "[":
		args, err := p.list("]")
		return &expr{kind: aList, at: next.at, args: args}, err
	}
	e, err := p.choice()
	if err != nil {
		return nil, err
	}
	return e, p.need(")")
}

// name is a variable, a function's call, true or false.
func (p *parser) name() (*expr, error) {
	name := p.tokens[0]
	switch {
	case name.text == "true", name.text == "false":
		p.tokens = p.tokens[1:]
		e := &expr{kind: aBool, at: name.at}
		if name.text == "true" {
			e.n = 1
		}
		return e, nil
	case slices.Contains(reserved, name.text):
		return nil, p.bad(name.at, "the word "+name.text+" means nothing here")
	}
	p.tokens = p.tokens[1:]
	if _, ok := p.take("("); !ok {
		return &expr{kind: aName, at: name.at, name: name.text}, nil
	}
	args, err := p.list(")")
	return &expr{kind: aCall, at: name.at, name: name.text, args: args}, err
}

// number reads a whole number, decimal or 0x… .
func (p *parser) number(minus string, at int) (*expr, error) {
	text := p.tokens[0].text
	p.tokens = p.tokens[1:]
	base := 10
	if digits, ok := strings.CutPrefix(text, "0x"); ok {
		text, base = digits, 16
	}
	n, err := strconv.ParseInt(minus+text, base, 64)
	if err != nil || strings.Contains(text, "_") {
		return nil, p.bad(at, "this is no whole number of at most 64 bits")
	}
	return &expr{kind: aNumber, at: at, n: n}, nil
}
