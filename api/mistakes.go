package api

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/programfile"
	earnrules "stempel/internal/rules"
	contract "stempel/mobile-contracts"
)

// Whoever writes rules wants to hear of all mistakes at once. Where rules are refused,
// which decodeJSON, rulesOf and rules.Check do at their first mistake or part by part,
// they are read once more here: by the contract's schema, and without what is wrong in it
// by all the rest. Nothing is refused here that was not refused before.

// fileSchema is that of a program as a file.
var fileSchema = sync.OnceValue(func() *programfile.Schema {
	schema, err := programfile.ParseSchema(contract.Program())
	if err != nil {
		panic(err) // compiled in
	}
	return schema
})

// bodySchema is that of rules in a request: what has a key in a file may have none there,
// and rewards have ids.
var bodySchema = sync.OnceValue(func() *programfile.Schema {
	schema, err := programfile.ParseSchema(contract.Program())
	if err != nil {
		panic(err) // compiled in
	}
	reward := schema.Named("RewardRule")
	for _, s := range []*programfile.Schema{schema, reward} {
		s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return name == "key" })
	}
	delete(reward.Properties, "stock")
	reward.Properties["id"] = &programfile.Schema{Type: "string", MinLength: 1}
	return schema
})

// mistakesIn lists what is wrong with rules, given what was found already: unread fields,
// which are told elsewhere, and others, which are told with the rest unless there are
// better words for them. What may only follow from another mistake is left out. One more
// than programfile.MaxMistakes ends the search.
func mistakesIn(schema *programfile.Schema, fields map[string]any, unread, found []programfile.Mistake) []programfile.Mistake {
	m := mistakes{causes: unread}
	for _, w := range found {
		if strings.HasPrefix(w.Problem, "is missing") {
			m.cause(w)
		}
	}
	left, wrong := schema.Check(fields)
	for _, w := range wrong {
		m.cause(w)
	}
	if !m.full() && !m.causes.has("kind") { // else nobody knows what the rest would have to be
		var body gen.Rules
		for _, w := range readable(left, &body) {
			m.cause(w)
		}
		rules, err := rulesOf(&body, anyReward)
		for _, w := range ruleMistakes(errors.Join(err, earnrules.Check(&rules))) {
			if !m.causes.explain(w.Field) {
				m.add(w)
			}
		}
	}
	for _, w := range found {
		m.add(w)
	}
	return m.all
}

func anyReward(loyalty.RewardID) bool { return true }

// mistakes are collected, each field once, and one more than are told, which tells that
// there are more.
type mistakes struct {
	all    list
	causes list // of what is found later
}

type list []programfile.Mistake

func (l list) has(field string) bool {
	return slices.ContainsFunc(l, func(w programfile.Mistake) bool { return w.Field == field })
}

// explain reports whether a mistake in a field may be nothing but one of these.
func (l list) explain(field string) bool {
	return slices.ContainsFunc(l, func(w programfile.Mistake) bool { return follows(field, w.Field) })
}

func (m *mistakes) full() bool { return len(m.all) > programfile.MaxMistakes }

// add reports whether the mistake is new, and there was room for it.
func (m *mistakes) add(w programfile.Mistake) bool {
	if m.full() || m.all.has(w.Field) || m.causes.has(w.Field) {
		return false
	}
	m.all = append(m.all, w)
	return true
}

func (m *mistakes) cause(w programfile.Mistake) {
	if m.add(w) {
		m.causes = append(m.causes, w)
	}
}

// follows reports whether a mistake in a field may be nothing but one in another field:
// in the same one, within it, in what holds it, or in what its kind decides; or, of a
// field that names a reward, that this reward has not the name that it should have.
func follows(field, from string) bool {
	if of, isKind := strings.CutSuffix(from, "kind"); isKind && strings.HasPrefix(field, of) {
		return field != of+"key" && field != of+"name"
	}
	if strings.HasPrefix(from, "rewards") && namesReward(field) {
		_, name, inReward := strings.Cut(from, ".")
		return !inReward || name == "key" || name == "name"
	}
	return within(field, from) || within(from, field)
}

func namesReward(field string) bool {
	return field == "card_reward" || strings.HasPrefix(field, "milestones[") && strings.HasSuffix(field, ".reward")
}

// within reports whether a field is another one, or a part of it.
func within(field, other string) bool {
	rest, ok := strings.CutPrefix(field, other)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// readable reads fields as rules, and leaves out those that cannot be, such as what is
// no id. What is required may be missing.
func readable(fields map[string]any, into *gen.Rules) (wrong []programfile.Mistake) {
	for range programfile.MaxMistakes {
		text, err := json.Marshal(fields, json.Deterministic(true))
		if err != nil {
			return wrong
		}
		var read gen.Rules
		err = json.Unmarshal(text, &read)
		if err == nil {
			*into = read
			return wrong
		}
		var field *badField
		var where *json.SemanticError
		if !errors.As(explain(err), &field) || !errors.As(err, &where) || !blank(fields, where.JSONPointer) {
			return wrong
		}
		wrong = append(wrong, programfile.Mistake{Field: field.field, Problem: field.problem})
	}
	return wrong
}

// blank takes a value out of an object, or lets a list have nothing in its place. False
// where there is none.
func blank(holder any, at jsontext.Pointer) bool {
	for step := range at.Parent().Tokens() {
		switch within := holder.(type) {
		case map[string]any:
			holder = within[step]
		case []any:
			holder = nil
			if n, err := strconv.Atoi(step); err == nil && n < len(within) {
				holder = within[n]
			}
		}
	}
	switch last := at.LastToken(); within := holder.(type) {
	case map[string]any:
		_, has := within[last]
		delete(within, last)
		return has
	case []any:
		n, err := strconv.Atoi(last)
		if err != nil || n >= len(within) {
			return false
		}
		within[n] = nil
		return true
	}
	return false
}

// ruleMistakes are those that rulesOf and rules.Check have found.
func ruleMistakes(err error) (all []programfile.Mistake) {
	var fields func(error)
	fields = func(err error) {
		switch err := err.(type) {
		case *badField:
			all = append(all, programfile.Mistake{Field: inFile(err.field), Problem: err.problem})
		case interface{ Unwrap() []error }:
			for _, one := range err.Unwrap() {
				fields(one)
			}
		}
	}
	fields(err)
	for _, rule := range loyalty.FieldErrors(inRules(err)) {
		all = append(all, programfile.Mistake{Field: inFile(rule.Field), Problem: rule.Problem})
	}
	return all
}

// wrongRules is an error about a field of a body's rules, and what is wrong there.
type wrongRules struct {
	first error
	told  []gen.FieldProblem // the first one among them
	more  bool               // than these are wrong
}

func (w *wrongRules) Error() string { return w.first.Error() }
func (w *wrongRules) Unwrap() error { return w.first }

// describeRules says what is wrong with all fields of rules. The sentence is about the
// first one that was found.
func (s *Server) describeRules(c *fiber.Ctx, w *wrongRules) gen.Problem {
	p := s.describe(c, w.first)
	p.Errors = w.told
	for _, e := range w.told {
		if e.Field == p.Field {
			p.Detail = "The field " + e.Field + " " + e.Problem + "."
		}
	}
	if w.more {
		p.Detail += fmt.Sprintf(" The rules have more than %d mistakes: mend these first.", programfile.MaxMistakes)
	}
	return p
}

// inWholeRules is for handlers of bodies with rules: where these are refused, it finds
// what else is wrong with them.
func inWholeRules(c *fiber.Ctx, err error) error {
	first, ok := ruleProblem(err)
	if !ok {
		return err
	}
	body, readErr := programfile.FromJSON(c.Request().Body())
	rules, has := body["rules"].(map[string]any)
	if readErr != nil || !has {
		return err
	}
	found := programfile.Mistake{Field: inFile(first.Field), Problem: first.Problem}
	all := list(mistakesIn(bodySchema(), rules, nil, []programfile.Mistake{found}))
	wrong := &wrongRules{first: err, more: len(all) > programfile.MaxMistakes}
	if wrong.more {
		all = all[:programfile.MaxMistakes]
		if !all.has(found.Field) {
			all[len(all)-1] = found
		}
	}
	for _, m := range all {
		wrong.told = append(wrong.told, gen.FieldProblem{Field: "rules." + m.Field, Problem: m.Problem})
	}
	return wrong
}

// ruleProblem is what an error says of a body's rules; false where it is about
// something else.
func ruleProblem(err error) (gen.FieldProblem, bool) {
	var field *badField
	var rule *loyalty.FieldError
	var p gen.FieldProblem
	switch {
	case errors.As(err, &field):
		p = gen.FieldProblem{Field: field.field, Problem: field.problem}
	case errors.As(err, &rule):
		p = gen.FieldProblem{Field: rule.Field, Problem: rule.Problem}
	}
	return p, strings.HasPrefix(p.Field, "rules.")
}
