package storetest

import (
	"errors"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// open opens a store on a database and closes it with the test.
func open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// Shop is a migrated database with loyaltytest's merchant, shop, tills, programs
// and stock in it.
type Shop struct {
	*store.Store
	URL    string
	Front  loyalty.Till
	Back   loyalty.Till
	Stamps *loyalty.Program
	Points *loyalty.Program
}

// Staff are the shop's manager and the keyed hash of the manager's PIN.
var (
	Manager    = loyalty.Staff{ID: loyaltytest.ID("manager"), Merchant: loyaltytest.Merchant, Name: "Mia", Role: loyalty.Manager}
	ManagerPIN = []byte("keyed hash of the manager's PIN.")
)

// NewShop migrates an empty database and fills it.
func NewShop(t testing.TB, url string) *Shop {
	t.Helper()
	layTables(t, url)
	s := &Shop{
		Store: open(t, url), URL: url,
		Front: loyaltytest.Till(t, "front"), Back: loyaltytest.Till(t, "back"),
		Stamps: loyaltytest.Program(t), Points: loyaltytest.Points(t),
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	s.Do(t, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertMerchant(loyalty.Merchant{ID: loyaltytest.Merchant, Name: "Shop", Created: loyaltytest.Now}),
			tx.InsertMerchant(loyalty.Merchant{ID: loyaltytest.Stranger, Name: "Stranger", Created: loyaltytest.Now}),
			tx.InsertLocation(loyalty.Location{
				ID: loyaltytest.Location, Merchant: loyaltytest.Merchant, Name: "Corner", Zone: s.Front.Zone,
			}),
			tx.InsertTill(s.Front, loyalty.Hash{1}, loyaltytest.Now),
			tx.InsertTill(s.Back, loyalty.Hash{2}, loyaltytest.Now),
			tx.InsertStaff(Manager, ManagerPIN, loyaltytest.Now),
			tx.InsertProgram(*s.Stamps, loyaltytest.Now),
			tx.InsertProgram(*s.Points, loyaltytest.Now),
			tx.InsertStock(loyalty.Stock{Reward: loyaltytest.Machine, Left: 3}),
		)
	})
	return s
}

// Do runs f in a transaction of its own.
func (s *Shop) Do(t testing.TB, f func(*store.Tx) error) {
	t.Helper()
	_, err := s.Once(t.Context(), loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) {
		return loyalty.Answer{}, f(tx)
	})
	if err != nil {
		t.Fatalf("once: %v", err)
	}
}

// Card stores a new card.
func (s *Shop) Card(t testing.TB, p *loyalty.Program, name string, changes ...func(*loyalty.Card)) loyalty.Card {
	t.Helper()
	card := loyaltytest.Card(p, name, changes...)
	s.Do(t, func(tx *store.Tx) error { return tx.InsertCard(card) })
	return card
}

// Decide posts a batch as the ledger does, but without answers.
func (s *Shop) Decide(t testing.TB, batch ...*loyalty.Command) ([]loyaltytest.Result, error) {
	var results []loyaltytest.Result
	err := s.Post(t.Context(), *loyaltytest.Keys(batch), func(f *loyalty.Facts) loyalty.Writes {
		var w *loyalty.Writes
		w, results = loyaltytest.Decide(f, batch, loyaltytest.Now)
		return *w
	})
	return results, err
}

// Must posts one command that must succeed.
func (s *Shop) Must(t testing.TB, c *loyalty.Command) *loyalty.Decision {
	t.Helper()
	results, err := s.Decide(t, c)
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		t.Fatalf("%T: %v", c.Do, err)
	}
	return results[0].Decision
}
