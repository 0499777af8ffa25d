package main

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	s := smallShop(t, 2, 5)
	if len(s.tills) != 2 || len(s.cards) != 5 || len(s.hot) != hotCards {
		t.Fatalf("there are %d tills, %d cards and %d hot ones", len(s.tills), len(s.cards), len(s.hot))
	}
	for _, till := range s.tills {
		bearer, err := credential.ParseBearer(till.token)
		if err != nil || bearer.Till != till.ID {
			t.Errorf("%s has the token of %v (%v)", till.Name, bearer.Till, err)
		}
	}
	entries, err := s.entries(t.Context(), append(s.cards, s.hot...))
	if err != nil || len(entries) != 0 {
		t.Errorf("new cards have %d entries (%v)", len(entries), err)
	}
	if _, err := s.entries(t.Context(), []loyalty.CardID{loyalty.NewID()}); err == nil {
		t.Error("a card that is not there has entries")
	}
}

// All five conditions have an answer for the trolley that is sent, and one of them holds.
func TestRuledCard(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { *r = ruledCard(loyalty.NewID()).Rules }))
	var trolley struct{ Purchase loyalty.Purchase }
	if err := json.Unmarshal([]byte(oneTrolley), &trolley); err != nil {
		t.Fatal(err)
	}
	d := shop.Do(loyalty.Earning{Purchase: &trolley.Purchase})
	want := []loyalty.Reason{{Units: 1, Why: loyalty.BaseRate}, {Rule: "Rule 1", Units: 1, Why: loyalty.BonusRule}}
	if len(shop.Program().Earn.Bonuses) != 5 || !slices.Equal(d.Why, want) {
		t.Errorf("it earns by %+v", d.Why)
	}
}

func TestMinting(t *testing.T) {
	t.Parallel()
	s := smallShop(t, 1, 5)
	now := time.Now()
	const n = 50
	tests := []struct {
		name  string
		mint  func(round, n int, now time.Time) ([]string, error)
		of    []loyalty.CardID
		fresh bool // no two are the same
	}{
		{"live", s.mintLive, s.cards, true},
		{"hot", s.mintHot, s.hot[3:4], true},
		{"static", s.mintStatic, s.cards, false},
	}
	for _, tt := range tests {
		texts, err := tt.mint(3, n, now)
		if err != nil || len(texts) != n {
			t.Errorf("%s: %d texts, %v", tt.name, len(texts), err)
			continue
		}
		mine := map[loyalty.CardID]bool{}
		for _, card := range tt.of {
			mine[card] = true
		}
		different := map[string]bool{}
		for _, text := range texts {
			different[text] = true
			if card := s.cardOf(t, text, now); !mine[card] || len(text) != len(texts[0]) {
				t.Errorf("%s: %s is of %v", tt.name, text, card)
			}
		}
		if tt.fresh && len(different) != n {
			t.Errorf("%s: only %d of %d are different", tt.name, len(different), n)
		}
	}
}

// cardOf reads a credential of either kind.
func (s *shop) cardOf(t *testing.T, text string, now time.Time) loyalty.CardID {
	t.Helper()
	if token, err := s.tokens.Parse(text, now); err == nil {
		return token.Card
	}
	static, err := s.texts.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return static.Card
}
