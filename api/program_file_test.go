package api

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"stempel/internal/loyalty"
	earnrules "stempel/internal/rules"
	"stempel/internal/templates"
)

const corner = `key: corner
name: Corner café
kind: stamps
earn: { by: units }
card_size: 10
card_reward: coffee
milestones:
  - at: 5
    reward: A cookie
rewards:
  - key: coffee
    name: One free coffee
  - key: cookie
    name: A cookie
    limited: true
    stock: 20
policies:
  - method: static
    action: redeem
    needs: manager
`

// with is the corner café with one thing put in place of another.
func with(t *testing.T, from, to string) string {
	t.Helper()
	if !strings.Contains(corner, from) {
		t.Fatalf("there is no %q", from)
	}
	return strings.Replace(corner, from, to, 1)
}

// A mistake in a file is told with its line and field, whoever finds it.
func TestMistakesInProgramFiles(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{with(t, "key: corner\n", ""), "p.yaml:1: key is missing: a word"},
		{with(t, "key: corner", "key: [corner]"), "p.yaml:1: key is missing: a word"},
		{with(t, "key: corner", "key: Corner café"), "p.yaml:1: key must be at most 64 lower-case letters"},
		{with(t, "name: Corner café\n", ""), "p.yaml:1: name is missing"},
		{with(t, "name: Corner café", "name: 2026"), "p.yaml:2: name has the wrong type"},
		{with(t, "name: Corner café", "name: ''"), "p.yaml:2: name is missing"},
		{with(t, "kind: stamps", "kind: miles"), "p.yaml:3: kind must be "},
		{with(t, "kind: stamps", "colour: red"), "p.yaml:3: colour is not a field of a program"},
		{with(t, "{ by: units }", "{ by: units, per_scna: 5 }"), "p.yaml:4: earn.per_scna is not a field of a program"},
		{with(t, "{ by: units }", "{ by: units, per_scan: '5' }"), "p.yaml:4: earn.per_scan has the wrong type"},
		{with(t, "{ by: units }", "{ by: units, per_scan: 1.5 }"), "p.yaml:4: earn.per_scan has the wrong type"},
		{with(t, "{ by: units }", "{ by: units, per_scan: 99999999999999999999 }"), "p.yaml:4: earn.per_scan has the wrong type or is out of range"},
		{with(t, "{ by: units }", "{ by: units, manager_override: yes }"), "p.yaml:4: earn.manager_override has the wrong type"},
		{with(t, "{ by: units }", "{}"), "p.yaml:4: earn.by is missing"},
		{with(t, "card_size: 10", "card_size: 0"), "p.yaml:5: card_size must lie between"},
		{with(t, "card_size: 10", "starts_at: 2026-11-01"), "p.yaml:5: starts_at must be a time such as"},
		{with(t, "card_reward: coffee", "card_reward: tea"), "p.yaml:6: card_reward must be the id, the key or the name"},
		{with(t, "at: 5", "at: 10"), "p.yaml:8: milestones[0].at must rise and stay below size"},
		{with(t, "    reward: A cookie\n", ""), "p.yaml:8: milestones[0].reward is missing"},
		{with(t, "- key: coffee\n    name", "- name"), "p.yaml:11: rewards[0].key is missing"},
		{with(t, "key: cookie", "key: coffee"), "p.yaml:13: rewards[1].key is the key of another reward already"},
		{with(t, "    name: One free coffee", "    id: reward_01h455vb4pex5vsknk084sn02q\n    name: x"), "p.yaml:12: rewards[0].id has no place in a file"},
		{with(t, "    limited: true\n", ""), "p.yaml:15: rewards[1].stock is only for rewards that are limited"},
		{with(t, "stock: 20", "stock: -1"), "p.yaml:16: rewards[1].stock must be a whole number of at least 0"},
		{with(t, "stock: 20", "stock: many"), "p.yaml:16: rewards[1].stock must be a whole number"},
		{with(t, "limited: true", "cost: 5\n    limited: true"), "p.yaml:15: rewards[1].cost is only for points"},
		{with(t, "needs: manager", "needs: boss"), "p.yaml:20: policies[0].needs must be"},
		{with(t, "policies:\n  - method: static\n    action: redeem\n    needs: manager\n", "policies: 5\n"), "p.yaml:17: policies has the wrong type"},
		{corner + "---\n" + corner, "p.yaml:22: key is the key of another program in this file"},
		{with(t, "kind: stamps", "kind: miles") + "---\nkey: other\n", "p.yaml:22: name is missing"},
	} {
		_, err := ReadPrograms("p.yaml", []byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q, of\n%s", err, tt.want, tt.text)
		}
	}
}

func corners(t *testing.T, text string) *ProgramFile {
	t.Helper()
	files, err := ReadPrograms("p.yaml", []byte(text))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return files[0]
}

// Rewards go on under their ids, whatever else becomes of them.
func TestRewardsAreKnownByTheirKeys(t *testing.T) {
	first, err := corners(t, corner).Rules(newRewards)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]loyalty.RewardID{}
	for id, key := range first.RewardKeys() {
		ids[key] = id
	}
	known := func(key string) (id loyalty.RewardID, ok bool) { id, ok = ids[key]; return id, ok }
	changed := strings.ReplaceAll(with(t, "rewards:\n", "rewards:\n  - key: cake\n    name: Cake\n"), "One free coffee", "One gratis coffee")
	file := corners(t, changed)
	next, err := file.Rules(known)
	if err != nil {
		t.Fatal(err)
	}
	if next.Rewards[1].ID != first.Rewards[0].ID || next.Card.Reward != first.Card.Reward || next.Card.Milestones[0].Reward != first.Rewards[1].ID {
		t.Errorf("got %+v after %+v", next, first)
	}
	if id := next.Rewards[0].ID; id.IsZero() || id == first.Rewards[0].ID || id == first.Rewards[1].ID {
		t.Error("the cake has no id of its own")
	}
	if again, err := file.Rules(known); err != nil || !reflect.DeepEqual(again.Rewards[1], next.Rewards[1]) {
		t.Errorf("read once more: %+v, %v", again, err)
	}
	changes, err := ProgramChanges(&first, &next)
	if err != nil || len(changes) != 2 || changes[0].Field != "rewards[coffee].name" || changes[1].Field != "rewards[cake]" {
		t.Errorf("changes %+v, %v", changes, err)
	}
	if stock := file.Stock(&loyalty.Rules{}, &next); len(stock) != 1 || stock[0] != (loyalty.Stock{Reward: next.Rewards[2].ID, Left: 20}) {
		t.Errorf("in stock at first: %+v", stock)
	}
	if stock := file.Stock(&first, &next); len(stock) != 0 {
		t.Errorf("in stock later: %+v", stock)
	}
}

// What rules say is what their file says: nothing is lost on the way there and back.
func TestProgramTextIsReadAgain(t *testing.T) {
	texts := map[string]string{"corner": corner}
	for _, name := range templates.Names() {
		text, _ := templates.File(name)
		texts[name] = string(text)
	}
	for name, text := range texts {
		rules, err := corners(t, text).Rules(newRewards)
		if err != nil {
			t.Fatal(err)
		}
		written, err := ProgramText(rules.FileKey(), &rules)
		if err != nil {
			t.Fatal(err)
		}
		again, err := corners(t, string(written)).Rules(newRewards)
		if err != nil {
			t.Fatal(err)
		}
		if changes, err := ProgramChanges(&rules, &again); err != nil || len(changes) != 0 {
			t.Errorf("%s: %+v, %v, after\n%s", name, changes, err, written)
		}
		if strings.Contains(string(written), "reward_") {
			t.Errorf("%s: an id is in\n%s", name, written)
		}
	}
}

// A program that was made without keys is written with such as its names make, and
// that is no change.
func TestProgramsWithoutKeysHaveFilesToo(t *testing.T) {
	rules, err := Template("cafe")
	if err != nil {
		t.Fatal(err)
	}
	rules.Key = ""
	for i := range rules.Rewards {
		rules.Rewards[i].Key = ""
	}
	text, err := ProgramText(rules.FileKey(), &rules)
	if err != nil || !strings.HasPrefix(string(text), "key: cafe-card\n") || !strings.Contains(string(text), "card_reward: one-free-coffee\n") {
		t.Fatalf("got\n%s%v", text, err)
	}
	ids := rules.RewardKeys()
	next, err := corners(t, string(text)).Rules(func(key string) (loyalty.RewardID, bool) {
		for id, named := range ids {
			if named == key {
				return id, true
			}
		}
		return loyalty.RewardID{}, false
	})
	if err != nil {
		t.Fatal(err)
	}
	if changes, err := ProgramChanges(&rules, &next); err != nil || len(changes) != 0 {
		t.Errorf("changes %+v, %v", changes, err)
	}
}

func TestExplain(t *testing.T) {
	file := corners(t, corner)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&loyalty.FieldError{Field: "card.size", Problem: "is odd"}, "p.yaml:5: card_size is odd"},
		{&loyalty.FieldError{Field: "earn.currency", Problem: "is odd"}, "p.yaml:4: earn.currency is odd"},
		{&loyalty.FieldError{Field: "starts", Problem: "is odd"}, "p.yaml:1: starts_at is odd"},
		{os.ErrClosed, os.ErrClosed.Error()},
	} {
		if got := file.Explain(tt.err); got.Error() != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if err := file.Explain(errors.Join()); err != nil {
		t.Error(err)
	}
}

// FuzzReadPrograms: whatever is in a file, it is refused with the file's name, or it
// is rules that can be.
func FuzzReadPrograms(f *testing.F) {
	f.Add([]byte(corner))
	for _, name := range templates.Names() {
		text, _ := templates.File(name)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		files, err := ReadPrograms("p.yaml", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "p.yaml") {
				t.Errorf("%v does not say which file", err)
			}
			return
		}
		for _, file := range files {
			rules, err := file.Rules(newRewards)
			if err != nil {
				t.Fatal(err)
			}
			if err := earnrules.Check(&rules); err != nil || rules.Key != file.Key {
				t.Errorf("%s: %+v, %v", file.Key, rules, err)
			}
			if _, err := ProgramText(rules.FileKey(), &rules); err != nil {
				t.Error(err)
			}
		}
	})
}
