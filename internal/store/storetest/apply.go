package storetest

import (
	"errors"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func apply(t *testing.T, shop *Shop, p *loyalty.Program, stock ...loyalty.Stock) error {
	t.Helper()
	_, err := shop.Apply(t.Context(), loyalty.Answer{}, *p, stock, loyaltytest.Now,
		func(*loyalty.Program) (loyalty.Answer, error) { return done, nil })
	return err
}

// testApply holds that a version is published whole or not at all, and that what
// others do meanwhile is not run over.
func testApply(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	m, id := loyaltytest.Merchant, shop.Stamps.ID
	resized := func(after *loyalty.Program, size int64) *loyalty.Program {
		return loyaltytest.Next(t, after, func(r *loyalty.Rules) { r.Card.Size = size; r.Rewards[0].Limited = true })
	}
	second := resized(shop.Stamps, 5)
	if err := apply(t, shop, second, loyalty.Stock{Reward: loyaltytest.Cone, Left: 7}); err != nil {
		t.Fatal(err)
	}
	if p, err := shop.Program(t.Context(), m, id); err != nil || p.Version != 2 || p.Card.Size != 5 {
		t.Errorf("applied: %+v, %v", p, err)
	}
	if err := apply(t, shop, second); !refused(err, loyalty.ProgramChanged) {
		t.Errorf("a version that is there: %v", err)
	}

	// What was counted since is not counted anew.
	if err := apply(t, shop, resized(second, 6), loyalty.Stock{Reward: loyaltytest.Cone, Left: 99}); err != nil {
		t.Fatal(err)
	}
	if shelf, err := shop.Shelf(t.Context(), m, loyaltytest.Cone); err != nil || shelf.Left != 7 {
		t.Errorf("in stock: %+v, %v", shelf, err)
	}

	third, err := shop.Program(t.Context(), m, id)
	if err != nil {
		t.Fatal(err)
	}
	var wrong *loyalty.FieldError
	bad := loyaltytest.Next(t, third, func(r *loyalty.Rules) {})
	bad.Card.Size = -1
	if err := apply(t, shop, bad); !errors.As(err, &wrong) || wrong.Field != "card.size" {
		t.Errorf("rules that cannot be: %v", err)
	}
	bad.Kind, bad.Card = loyalty.Points, loyalty.StampRule{}
	if err := apply(t, shop, bad); !errors.As(err, &wrong) || wrong.Field != "kind" {
		t.Errorf("another kind: %v", err)
	}
	stranger := resized(third, 7)
	stranger.Merchant = loyalty.NewID()
	if err := apply(t, shop, stranger); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}

	draft, err := saved(t, shop, 3, 0, 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := apply(t, shop, resized(third, 7)); !refused(err, loyalty.ProgramChanged) {
		t.Errorf("over a draft: %v", err)
	}
	if got, err := shop.Draft(t.Context(), m, id); err != nil || got.Revision != draft.Revision {
		t.Errorf("the draft is %+v, %v", got, err)
	}
	render := func(*loyalty.Draft) (loyalty.Answer, error) { return done, nil }
	if _, err := shop.DeleteDraft(t.Context(), loyalty.Answer{}, m, id, render); err != nil {
		t.Fatal(err)
	}
	_, err = shop.Archive(t.Context(), loyalty.Answer{}, m, id, true, loyaltytest.Now, func(p *loyalty.Program) (loyalty.Answer, error) {
		third = p
		return done, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := apply(t, shop, resized(third, 7)); !refused(err, loyalty.ProgramEnded) {
		t.Errorf("an archived program: %v", err)
	}
}

// testProgramKeys holds that a key names one program of a merchant, and stays with
// it when somebody who knows no keys changes it.
func testProgramKeys(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	m := loyaltytest.Merchant
	keyed := loyaltytest.Next(t, shop.Stamps, func(r *loyalty.Rules) { r.Key, r.Rewards[0].Key = "ice", "cone" })
	if err := apply(t, shop, keyed); err != nil {
		t.Fatal(err)
	}
	if _, err := saved(t, shop, 2, 0, 4); err != nil {
		t.Fatal(err)
	}
	draft, err := shop.Draft(t.Context(), m, keyed.ID)
	if err != nil || draft.Rules.Key != "ice" || draft.Rules.Rewards[0].Key != "cone" {
		t.Errorf("the draft is %+v, %v", draft, err)
	}

	other := loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: m, Rules: keyed.Rules}
	other.Rewards = append([]loyalty.Reward(nil), keyed.Rewards...)
	other.Rewards[0].ID = loyalty.NewID()
	other.Card.Reward = other.Rewards[0].ID
	taken := func(doing string, err error) {
		t.Helper()
		var wrong *loyalty.FieldError
		if !errors.As(err, &wrong) || wrong.Field != "key" {
			t.Errorf("%s: %v", doing, err)
		}
	}
	create := func(p loyalty.Program) error {
		_, err := shop.CreateProgram(t.Context(), loyalty.Answer{}, p, loyaltytest.Now,
			func(*loyalty.Program) (loyalty.Answer, error) { return done, nil })
		return err
	}
	taken("applied", apply(t, shop, &other))
	taken("created", create(other))
	other.Version = 0
	taken("as a draft", create(other))
	other.Key = "gelato"
	if err := create(other); err != nil {
		t.Fatal(err)
	}
	another := other
	another.ID, another.Version = loyalty.NewID(), 1
	taken("that of a draft", apply(t, shop, &another))
}
