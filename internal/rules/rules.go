// Package rules compiles the conditions of a program's bonuses: it says what a
// condition may look at, by which names, and package cel says how. docs/rules.md
// tells merchants of it.
//
// It only reads what it is given. It must never know the store, the clock, or what
// a bonus gives.
package rules

import (
	"errors"
	"fmt"

	"stempel/internal/cel"
	"stempel/internal/loyalty"
)

// Check is what rules must pass to be saved: Rules.Check, and that all conditions can
// be compiled, and that none divides by zero whatever comes. Errors:
// *loyalty.FieldErrors, joined.
func Check(r *loyalty.Rules) error {
	p := &loyalty.Program{Rules: *r}
	wrong := []error{Compile(p)}
	for i, made := range p.Conditions {
		if made, ok := made.(condition); ok {
			if err := made.compiled.DividesByZero(); err != nil {
				wrong = append(wrong, unreadable(&p.Rules, i, err))
			}
		}
	}
	return errors.Join(wrong...)
}

// unreadable names the bonus whose condition cannot be read, and the place in it.
func unreadable(r *loyalty.Rules, bonus int, err error) error {
	return &loyalty.FieldError{Field: whenOf(bonus), Problem: of(r, bonus) + "cannot be read " + err.Error()}
}

func whenOf(bonus int) string { return fmt.Sprintf("earn.bonuses[%d].when", bonus) }

// of is for a sentence about a condition: whose it is.
func of(r *loyalty.Rules, bonus int) string {
	name := r.Earn.Bonuses[bonus].Name
	if name == "" || len(name) > loyalty.MaxNameLength {
		return ""
	}
	return fmt.Sprintf("of %q ", name)
}

// Compile checks the rules of a program and compiles their conditions into it: it is
// fit for Decide then. Errors: *loyalty.FieldErrors, joined; of a condition it names the
// bonus, and the place within.
func Compile(p *loyalty.Program) error {
	wrong := []error{p.Check()}
	p.Conditions = nil
	var variables *cel.Object
	for i := range p.Earn.Bonuses[:min(len(p.Earn.Bonuses), loyalty.MaxBonuses)] {
		when := p.Earn.Bonuses[i].When
		if when == "" || len(when) > loyalty.MaxCondition {
			continue
		}
		if variables == nil {
			variables = Variables(p.Earn.Currency)
			p.Conditions = make(loyalty.Compiled, len(p.Earn.Bonuses))
		}
		compiled, err := cel.Compile(when, variables)
		if err != nil {
			wrong = append(wrong, unreadable(&p.Rules, i, err))
			continue
		}
		p.Conditions[i] = condition{compiled}
	}
	return errors.Join(wrong...)
}

// condition is a compiled one, as package loyalty wants it.
type condition struct{ compiled *cel.Condition }

var errNoPurchase = errors.New("it asks about the purchase, and the till told none")

// Holds is false with an error where there is no answer, also where the condition
// asks about a purchase and there is none.
func (c condition) Holds(around *loyalty.Circumstances) (bool, error) {
	if around.Purchase == nil && c.compiled.Uses("purchase") {
		return false, errNoPurchase
	}
	return c.compiled.Holds(around)
}

func (c condition) ReadsLines() bool { return c.compiled.Uses("purchase.items") }
