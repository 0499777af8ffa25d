package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// try runs f in a transaction and returns its error.
func (s *Shop) try(t testing.TB, f func(*store.Tx) error) error {
	_, err := s.Once(t.Context(), loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		return loyalty.Answer{}, f(tx)
	})
	return err
}

func testOffice(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	key := loyalty.Access{Merchant: loyaltytest.Merchant, Key: loyaltytest.ID("key"), Scope: loyalty.App, Hash: loyalty.Hash{5}}
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertAPIKey(key, "app", loyaltytest.Now) })
	if got, err := shop.KeyAccess(t.Context(), key.Key); err != nil || got != key {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := shop.KeyAccess(t.Context(), loyaltytest.ID("no key")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("got %v", err)
	}

	want := loyalty.Access{Merchant: loyaltytest.Merchant, Hash: loyalty.Hash{1}, Till: shop.Front}
	if got, err := shop.TillAccess(t.Context(), shop.Front.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	later := loyaltytest.Now.Add(time.Hour)
	shop.Do(t, func(tx *store.Tx) error { return tx.RevokeTill(loyaltytest.Merchant, shop.Front.ID, later) })
	if got, err := shop.TillAccess(t.Context(), shop.Front.ID); err != nil || !got.Revoked || !got.Till.Revoked {
		t.Errorf("a revoked till: %+v, %v", got, err)
	}
	if facts := shop.read(t, loyalty.Keys{Tills: []loyalty.TillID{shop.Front.ID}}); !facts.Tills[shop.Front.ID].Revoked {
		t.Error("the facts do not know that the till is revoked")
	}

	shop.Do(t, func(tx *store.Tx) error { return tx.SetStock(loyalty.Stock{Reward: loyaltytest.Machine, Left: 9}) })
	left, err := shop.Stock(t.Context(), []loyalty.RewardID{loyaltytest.Machine, loyaltytest.Cone})
	if err != nil || !reflect.DeepEqual(left, map[loyalty.RewardID]int64{loyaltytest.Machine: 9}) {
		t.Errorf("stock %v, %v", left, err)
	}

	foreign := loyaltytest.Till(t, "foreign", func(till *loyalty.Till) { till.Merchant = loyaltytest.Stranger })
	sameMerchant := loyalty.Merchant{ID: loyaltytest.Merchant, Name: "Again"}
	samePIN := loyalty.Staff{ID: loyaltytest.ID("other"), Merchant: loyaltytest.Merchant, Name: "Max", Role: loyalty.Cashier}
	impossible := *shop.Stamps
	impossible.Card.Size = -1
	var field *loyalty.FieldError
	for _, test := range []struct {
		name string
		do   func(*store.Tx) error
		is   func(error) bool
	}{
		{"a till in another merchant's shop", func(tx *store.Tx) error { return tx.InsertTill(foreign, loyalty.Hash{}, later) }, is(loyalty.ErrNotFound)},
		{"a merchant twice", func(tx *store.Tx) error { return tx.InsertMerchant(sameMerchant) }, is(loyalty.ErrConflict)},
		{"a PIN twice", func(tx *store.Tx) error { return tx.InsertStaff(samePIN, ManagerPIN, later) }, is(loyalty.ErrConflict)},
		{"another merchant's till", func(tx *store.Tx) error { return tx.RevokeTill(loyaltytest.Stranger, shop.Back.ID, later) }, is(loyalty.ErrNotFound)},
		{"no stock", func(tx *store.Tx) error { return tx.SetStock(loyalty.Stock{Reward: loyaltytest.Cone}) }, is(loyalty.ErrNotFound)},
		{"impossible rules", func(tx *store.Tx) error { return tx.InsertProgram(impossible, later) }, func(err error) bool { return errors.As(err, &field) }},
	} {
		if err := shop.try(t, test.do); !test.is(err) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

// testProgramVersions holds that a new version decides from the next command on,
// in every process.
func testProgramVersions(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	sibling := shop.sibling(t)
	card := shop.Card(t, shop.Stamps, "anna")
	version := func(s *Shop) int32 {
		return s.read(t, loyalty.Keys{Cards: []loyalty.CardID{card.ID}}).Cards[card.ID].Program.Version
	}
	if shop, sibling := version(shop), version(sibling); shop != 1 || sibling != 1 {
		t.Fatalf("versions %d, %d", shop, sibling)
	}
	next := loyaltytest.Next(t, shop.Stamps, func(r *loyalty.Rules) { r.Name = "Gelato"; r.Card.Size = 5 })
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*next, loyaltytest.Now) })
	if shop, sibling := version(shop), version(sibling); shop != 2 || sibling != 2 {
		t.Errorf("versions %d, %d", shop, sibling)
	}
	programs, err := sibling.Programs(t.Context(), loyaltytest.Merchant)
	if err != nil || len(programs) != 2 {
		t.Fatalf("%d programs, %v", len(programs), err)
	}
	for _, p := range programs {
		if want := map[loyalty.ProgramID]*loyalty.Program{next.ID: next, shop.Points.ID: shop.Points}[p.ID]; !reflect.DeepEqual(p, want) {
			t.Errorf("got %+v, want %+v", p, want)
		}
	}
	for _, wrong := range []int32{1, 2, 4} {
		p := *next
		p.Version = wrong
		if err := shop.try(t, func(tx *store.Tx) error { return tx.InsertProgram(p, loyaltytest.Now) }); !errors.Is(err, loyalty.ErrConflict) {
			t.Errorf("version %d after 2: %v", wrong, err)
		}
	}
	shop.Do(t, func(tx *store.Tx) error {
		p, err := tx.Program(loyaltytest.Merchant, next.ID)
		if err == nil && !reflect.DeepEqual(p, next) {
			t.Errorf("got %+v", p)
		}
		return err
	})
}
