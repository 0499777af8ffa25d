package api

import (
	"encoding/json"
	"strings"
	"testing"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/programfile"
	earnrules "stempel/internal/rules"
	"stempel/internal/templates"
)

// FuzzMistakes holds that nothing is called wrong in rules that can be, and that of
// others, whatever they are, at least what was found first is told.
func FuzzMistakes(f *testing.F) {
	for _, name := range templates.Names() {
		rules, err := Template(name)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(templateView(&rules))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"kind": null, "rewards": [5, null, {"only": {"agreements": ["x", 1]}}], "earn": {"bonuses": [{"when": "1 / (1 - 1)"}]}, "tiers": {"levels": [[]]}}`))
	f.Add([]byte(`{"name": "x", "kind": "points", "earn": {"by": "units"}, "only": {"agreements": ["agreement_x"]}, "starts_at": "2026-02-30T00:00:00Z"}`))
	f.Add([]byte(`{"name": "x", "kind": "points", "earn": {"by": "units"}, "rewards": [{}` + strings.Repeat(",{}", 80_000) + `]}`))
	f.Add([]byte(`{"name": "x", "kind": "stamps", "earn": {"by": "units"}, "milestones": [` + strings.Repeat(`{"at": 1, "reward": "y"}, `, 20) + `5]}`))
	f.Add([]byte(`{"name": "x", "kind": "points", "earn": {"by": "units"}, "rewards": [` + strings.Repeat(`{"name": "y", "key": "y"}, `, 100) + `{"name": "y"}]}`))
	f.Fuzz(checkMistakes)
}

// checkMistakes holds that of some rules.
func checkMistakes(t *testing.T, text []byte) {
	fields, err := programfile.FromJSON(text)
	if err != nil {
		return
	}
	first := firstMistake(text)
	var found []programfile.Mistake
	if p, ok := ruleProblem(first); ok {
		found = append(found, programfile.Mistake{Field: inFile(p.Field), Problem: p.Problem})
	} else if first != nil {
		return // it is about more than the rules
	}
	all := mistakesIn(bodySchema(), fields, nil, found)
	if (len(all) == 0) != (first == nil) {
		t.Errorf("%s: %v, and %+v", text, first, all)
	}
	if len(all) > programfile.MaxMistakes+1 {
		t.Errorf("%s: %d mistakes", text, len(all))
	}
	for _, m := range all {
		if m.Problem == "" {
			t.Errorf("%s: %+v", text, m)
		}
	}
}

// Each field of each template is made something else, or left out.
func TestMistakesInEachField(t *testing.T) {
	t.Parallel()
	strange := []any{nil, true, 5, -1, 1.5, "", "strange", []any{}, []any{nil, "strange"}, map[string]any{}, map[string]any{"strange": 1}}
	for _, name := range templates.Names() {
		rules, err := Template(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(templateView(&rules))
		if err != nil {
			t.Fatal(err)
		}
		var whole map[string]any
		if err := json.Unmarshal(text, &whole); err != nil {
			t.Fatal(err)
		}
		check := func() {
			text, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			checkMistakes(t, text)
		}
		check()
		var walk func(any)
		walk = func(value any) {
			switch value := value.(type) {
			case map[string]any:
				for name, was := range value {
					walk(was)
					for _, value[name] = range strange {
						check()
					}
					delete(value, name)
					check()
					value[name] = was
				}
			case []any:
				for i, was := range value {
					walk(was)
					for _, value[i] = range strange {
						check()
					}
					value[i] = was
				}
			}
		}
		walk(whole)
	}
}

// firstMistake is how the API finds it.
func firstMistake(rules []byte) error {
	var body struct {
		Rules gen.Rules `json:"rules"`
	}
	if err := decodeJSON([]byte(`{"rules":`+string(rules)+`}`), &body); err != nil {
		return err
	}
	read, err := rulesOf(&body.Rules, func(loyalty.RewardID) bool { return true })
	if err != nil {
		return err
	}
	return inRules(earnrules.Check(&read))
}
