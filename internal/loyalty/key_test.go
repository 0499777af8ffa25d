package loyalty_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

func TestIsKey(t *testing.T) {
	for key, want := range map[string]bool{
		"a": true, "cafe": true, "free-coffee": true, "10-euro-off": true, strings.Repeat("a", 64): true,
		"": false, "-a": false, "a-": false, "a--b": false, "Cafe": false, "café": false, "a b": false, "a_b": false,
		"a\n": false, strings.Repeat("a", 65): false,
	} {
		if got := loyalty.IsKey(key); got != want {
			t.Errorf("%q: got %t", key, got)
		}
	}
}

func TestKeysAreMadeOfNames(t *testing.T) {
	for name, want := range map[string]string{
		"Corner Café":            "corner-cafe",
		"Kawiarnia „Łódź”":       "kawiarnia-lodz",
		"  5 € off! ":            "5-off",
		"Cofetăria Ștefan":       "cofetaria-stefan",
		"Straße 7":               "strasse-7",
		"★":                      "program",
		strings.Repeat("a ", 60): strings.TrimSuffix(strings.Repeat("a-", 24), "-"),
	} {
		rules := loyalty.Rules{Name: name}
		if got := rules.FileKey(); got != want || !loyalty.IsKey(got) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestRewardKeysDiffer(t *testing.T) {
	rules := loyalty.Rules{Rewards: []loyalty.Reward{
		{ID: loyalty.NewID(), Name: "Coffee"},
		{ID: loyalty.NewID(), Name: "COFFEE!"},
		{ID: loyalty.NewID(), Name: "Tea", Key: "coffee"},
		{ID: loyalty.NewID(), Name: "Coffee 2"},
	}}
	keys := rules.RewardKeys()
	got := slices.Sorted(maps.Values(keys))
	if want := []string{"coffee", "coffee-2", "coffee-2-2", "coffee-3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if keys[rules.Rewards[2].ID] != "coffee" {
		t.Error("a key of one's own is not kept")
	}
}

func TestKeysAreKept(t *testing.T) {
	a, b, c := loyalty.Reward{ID: loyalty.NewID(), Key: "a"}, loyalty.Reward{ID: loyalty.NewID(), Key: "b"}, loyalty.Reward{ID: loyalty.NewID()}
	before := loyalty.Rules{Key: "cafe", Rewards: []loyalty.Reward{a, b, c}}
	next := loyalty.Rules{Rewards: []loyalty.Reward{{ID: c.ID, Key: "b"}, {ID: b.ID}, {ID: a.ID}, {ID: loyalty.NewID()}}}
	next.KeepKeys(&before)
	var got []string
	for _, reward := range next.Rewards {
		got = append(got, reward.Key)
	}
	if want := []string{"b", "", "a", ""}; next.Key != "cafe" || !slices.Equal(got, want) {
		t.Errorf("got %q %q, want cafe %q: what is left out stays, unless another reward has it now", next.Key, got, want)
	}
	next.Key = "bar"
	if next.KeepKeys(&before); next.Key != "bar" {
		t.Error("a new key was not taken")
	}
}

func TestCheckKeys(t *testing.T) {
	for _, tt := range []struct {
		key   string
		keys  [2]string
		field string
	}{
		{"cafe", [2]string{"a", "b"}, ""},
		{"", [2]string{"", ""}, ""},
		{"My café", [2]string{"", ""}, "key"},
		{"cafe", [2]string{"a", "A"}, "rewards[1].key"},
		{"cafe", [2]string{"a", "a"}, "rewards[1].key"},
	} {
		rules := loyalty.Rules{Key: tt.key, Name: "x", Kind: loyalty.Points, Earn: loyalty.EarnRule{By: loyalty.ByUnits}}
		for _, key := range tt.keys {
			rules.Rewards = append(rules.Rewards, loyalty.Reward{ID: loyalty.NewID(), Key: key, Name: "x"})
		}
		got := ""
		if wrong, ok := rules.Check().(*loyalty.FieldError); ok {
			got = wrong.Field
		}
		if got != tt.field {
			t.Errorf("%q %q: got %q, want %q", tt.key, tt.keys, got, tt.field)
		}
	}
}
