package api

import (
	"errors"
	"fmt"
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
		{with(t, "key: corner\n", ""), "p.yaml:1:1: key is missing: a word that names the program, as in corner-cafe"},
		{with(t, "key: corner", "key: [corner]"), "p.yaml:1:1: key must be a text, here it is a list"},
		{with(t, "key: corner", "key: Corner café"), "p.yaml:1:1: key must be at most 64 lower-case letters and digits, parted by hyphens, as in free-coffee"},
		{with(t, "name: Corner café\n", ""), "p.yaml:1:1: name is missing"},
		{with(t, "name: Corner café", "name: 2026"), "p.yaml:2:1: name must be a text, here it is 2026: a text of digits or such a word needs quotes"},
		{with(t, "name: Corner café", "name: ''"), "p.yaml:2:1: name is missing"},
		{with(t, "kind: stamps", "kind: miles"), "p.yaml:3:1: kind must be stamps, points or discount, here it is \"miles\""},
		{with(t, "kind: stamps", "colour: red"), "p.yaml:1:1: kind is missing\np.yaml:3:1: colour is not a field of a program"},
		{with(t, "{ by: units }", "{ by: units, per_scna: 5 }"), "p.yaml:4:20: earn.per_scna is not a field of a program: did you mean per_scan?"},
		{with(t, "{ by: units }", "{ by: units, per_scan: '5' }"), "p.yaml:4:20: earn.per_scan must be a whole number of at least 0, here it is \"5\""},
		{with(t, "{ by: units }", "{ by: units, per_scan: 1.5 }"), "p.yaml:4:20: earn.per_scan must be a whole number of at least 0, here it is 1.5"},
		{with(t, "{ by: units }", "{ by: units, per_scan: 99999999999999999999 }"), "p.yaml:4:20: earn.per_scan must be a whole number from 0 to 9007199254740991, here it is 99999999999999999999"},
		{with(t, "{ by: units }", "{ by: units, manager_override: yes }"), "p.yaml:4:20: earn.manager_override must be true or false, here it is \"yes\""},
		{with(t, "{ by: units }", "{}"), "p.yaml:4:1: earn.by is missing"},
		{with(t, "card_size: 10", "card_size: 0"), "p.yaml:5:1: card_size must lie between 1 and 1000"},
		{with(t, "card_size: 10", "starts_at: 2026-11-01"), "p.yaml:1:1: card_size must lie between 1 and 1000\np.yaml:5:1: starts_at must be a time such as 2026-11-01T00:00:00Z, here it is \"2026-11-01\""},
		{with(t, "card_reward: coffee", "card_reward: tea"), "p.yaml:6:1: card_reward must be the id, the key or the name of one of rewards"},
		{with(t, "at: 5", "at: 10"), "p.yaml:8:5: milestones[0].at must rise and stay below size"},
		{with(t, "    reward: A cookie\n", ""), "p.yaml:8:5: milestones[0].reward is missing"},
		{with(t, "- key: coffee\n    name", "- name"), "p.yaml:11:5: rewards[0].key is missing: a word that names the reward, as in free-coffee"},
		{with(t, "key: cookie", "key: coffee"), "p.yaml:13:5: rewards[1].key is the key of another reward already"},
		{with(t, "    name: One free coffee", "    id: reward_01h455vb4pex5vsknk084sn02q\n    name: x"), "p.yaml:12:5: rewards[0].id has no place in a file: the key names the reward"},
		{with(t, "    limited: true\n", ""), "p.yaml:15:5: rewards[1].stock is only for rewards that are limited"},
		{with(t, "stock: 20", "stock: -1"), "p.yaml:16:5: rewards[1].stock must be a whole number of at least 0, here it is -1"},
		{with(t, "stock: 20", "stock: many"), "p.yaml:16:5: rewards[1].stock must be a whole number of at least 0, here it is \"many\""},
		{with(t, "limited: true", "cost: 5\n    limited: true"), "p.yaml:15:5: rewards[1].cost is only for points: other cards pay with vouchers"},
		{with(t, "needs: manager", "needs: boss"), "p.yaml:20:5: policies[0].needs must be none, cashier or manager, here it is \"boss\""},
		{with(t, "policies:\n  - method: static\n    action: redeem\n    needs: manager\n", "policies: 5\n"), "p.yaml:17:1: policies must be a list, here it is 5"},
		{corner + "---\n" + corner, "p.yaml:22:1: key is the key of another program in this file"},
		{with(t, "kind: stamps", "kind: miles") + "---\nkey: other\n", "p.yaml:3:1: kind must be stamps, points or discount, here it is \"miles\"\np.yaml:22:1: name is missing\np.yaml:22:1: kind is missing"},
	} {
		_, err := ReadPrograms("p.yaml", []byte(tt.text))
		if err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %q, of\n%s", err, tt.want, tt.text)
		}
	}
}

// Everything that is wrong with a file is told at once, in the order of the file, and
// nothing that only follows from it.
func TestAllMistakesOfAProgramFile(t *testing.T) {
	const text = `key: corner
name: Corner café
kind: discount
colour: red
discount:
  over: lifetime
  currency: EUR
  rounding: up
  steps:
    - { from: 10000, rate: 500 }
    - { from: 5000, rate: 700 }
    - { from: 20000, rate: ten }
    - { from: 30000, rate: 20000 }
tiers:
  by: spend
  over: lifetime
  currency: PLN
  rounding: down
  levels:
    - { name: Regular, from: 0 }
    - { nmae: Friend, from: 100 }
earn:
  bonuses:
    - { name: Happy hour, when: now.hour > "16", units: 5 }
    - { name: Nothing, when: 1 / (2 - 2) == 1, units: 5 }
    - { name: Foreign, when: 'purchase.total > money(1, "EUR") && money(1, "PLN") > money(2, "EUR")', units: 5 }
    - { name: Long, when: 'purchase.items.all(a, purchase.items.all(b, a.sku == b.sku))', units: 5 }
rewards:
  - key: cake
    name: Cake
    kind: amount_off
    amount: 010
    currency: EUR
  - key: cake
    name: Other cake
    kind: amount
    cost: much
welcome: &w 5
only: { tags: [Parents] }
`
	want := []string{
		`p.yaml:4:1: colour is not a field of a program`,
		`p.yaml:11:9: discount.steps[1].from must be more than that of the step before, 10000: it is 5000`,
		`p.yaml:12:22: discount.steps[2].rate must be a whole number from 0 to 10000, here it is "ten"`,
		`p.yaml:13:22: discount.steps[3].rate must be a whole number from 0 to 10000, here it is 20000`,
		`p.yaml:17:3: tiers.currency must be that of the discount: EUR`,
		`p.yaml:21:7: tiers.levels[1].name is missing`,
		`p.yaml:21:9: tiers.levels[1].nmae is not a field of a program: did you mean name?`,
		`p.yaml:24:27: earn.bonuses[0].when of "Happy hour" cannot be read at 1:10: > does not go with int and string`,
		`p.yaml:25:24: earn.bonuses[1].when of "Nothing" cannot be read at 1:3: this divides by zero, whatever comes`,
		`p.yaml:26:24: earn.bonuses[2].when of "Foreign" cannot be read at 1:53: money of two currencies does not compare: PLN and EUR`,
		`p.yaml:27:21: earn.bonuses[3].when of "Long" cannot be read at 1:16: this would take too long where lists are long: use fewer loops within loops`,
		`p.yaml:32:5: rewards[0].amount is 010, which some read as another number: write it in plain digits, or a text in quotes`,
		`p.yaml:34:5: rewards[1].key is the key of another reward already`,
		`p.yaml:36:5: rewards[1].kind must be item, percent_off, amount_off, gift_card or code, here it is "amount"`,
		`p.yaml:37:5: rewards[1].cost must be a whole number of at least 0, here it is "much"`,
		`p.yaml:38:1: welcome has an anchor (&) or an alias (*), which are not read here: write it out`,
		`p.yaml:39:16: only.tags[0] must be up to 32 small letters and digits, with single hyphens between them, each once`,
	}
	_, err := ReadPrograms("p.yaml", []byte(text))
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}

func TestNoMoreMistakesThanAnybodyMends(t *testing.T) {
	text := corner
	for i := range 200 {
		text += fmt.Sprintf("unknown%d: 1\n", i)
	}
	_, err := ReadPrograms("p.yaml", []byte(text))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 51 || lines[50] != "p.yaml: has more than 50 mistakes: mend these first" {
		t.Errorf("got %d lines: %v", len(lines), err)
	}
}

// Of rewards that are too many nothing is told but this, and what was read of them first.
func TestTooManyRewards(t *testing.T) {
	text := "key: a\nname: A\nkind: points\nearn: {by: units}\nrewards:\n" + strings.Repeat("  - {}\n", 80_000)
	_, err := ReadPrograms("p.yaml", []byte(text))
	if want := "p.yaml:5:1: rewards are more than 500\np.yaml:6:5: rewards[0].name is missing"; err == nil || err.Error() != want {
		t.Errorf("got %.300v, want %s", err, want)
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
		{&loyalty.FieldError{Field: "card.size", Problem: "is odd"}, "p.yaml:5:1: card_size is odd"},
		{&loyalty.FieldError{Field: "earn.currency", Problem: "is odd"}, "p.yaml:4:1: earn.currency is odd"},
		{&loyalty.FieldError{Field: "starts", Problem: "is odd"}, "p.yaml:1:1: starts_at is odd"},
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
