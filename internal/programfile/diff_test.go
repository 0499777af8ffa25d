package programfile

import (
	"slices"
	"strings"
	"testing"
)

func fields(t *testing.T, text string) map[string]any {
	t.Helper()
	if text == "" {
		return nil
	}
	documents, err := Read("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return documents[0].Fields
}

func TestDiff(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"key: a\nwelcome: 1", "key: a\nwelcome: 1", ""},
		{"key: a", "key: b", `key: "a" → "b"`},
		{"", "name: x\nkey: a", `key:  → "a"; name:  → "x"`},
		{"earn: {by: units, per_scan: 5}", "earn: {by: visit, daily_cap: 3}", `earn.by: "units" → "visit"; earn.daily_cap:  → 3; earn.per_scan: 5 → `},
		{"on: true", "on: 'true'", `on: true → "true"`},
		{"a: [1, 2, 3]", "a: [1, 4]", "a[1]: 2 → 4; a[2]: 3 → "},
		{"r: [{key: a, n: 1}, {key: b}]", "r: [{key: c}, {key: a, n: 2}]", `r[a].n: 1 → 2; r[b]: {key: "b"} → ; r[c]:  → {key: "c"}`},
		{"r: [{key: a}, {key: b}]", "r: [{key: b}, {key: a}]", "r in the order: a, b → b, a"},
		{"r: [{at: 1}]", "r: [{at: 2}]", "r[0].at: 1 → 2"},
		{"a: [1]", "a: {b: 1}", "a: [1] → {b: 1}"},
	} {
		var got []string
		for _, c := range Diff(fields(t, tt.before), fields(t, tt.after)) {
			got = append(got, c.Field+": "+c.Before+" → "+c.After)
		}
		if got := strings.Join(got, "; "); got != tt.want {
			t.Errorf("%q, %q: got %q, want %q", tt.before, tt.after, got, tt.want)
		}
	}
}

func TestFromJSON(t *testing.T) {
	got, err := FromJSON([]byte(`{"b":[1,{"c":true}],"a":"x"}`))
	if err != nil || Show(got) != `{a: "x", b: [1, {c: true}]}` {
		t.Errorf("got %s, %v", Show(got), err)
	}
	for _, text := range []string{"", "[]", "{", `{"a"`, `{"a":[`, `{"a":1`, "1"} {
		if _, err := FromJSON([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestWrite(t *testing.T) {
	text := Write(fields(t, "rewards: [{name: 'no', key: '08'}]\nearn: {by: 'on'}\nwelcome: 1\nname: '2026-11-01'\nkind: stamps\nkey: a\n"))
	want := []string{
		"key: a", `name: "2026-11-01"`, "kind: stamps", "welcome: 1", "earn:", `  by: "on"`, "rewards:", `  - key: "08"`, `    name: "no"`, "",
	}
	if !slices.Equal(strings.Split(string(text), "\n"), want) {
		t.Errorf("got\n%s", text)
	}
}

// Lists in lists are in no program yet, and are written all the same.
func TestWriteLists(t *testing.T) {
	before := fields(t, "a: [[1, [x, {b: c}]], [], {}, [{d: [e]}]]\n'': {}\n'yes': \"\\u263a \\u0001\\n\"\n")
	text := Write(before)
	if changes := Diff(before, fields(t, string(text))); len(changes) != 0 {
		t.Errorf("%v, of\n%s", changes, text)
	}
}
