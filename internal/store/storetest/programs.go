package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// done is an answer to nobody.
var done = loyalty.Answer{Status: 200, Body: []byte("{}")}

// saved makes a draft of the stamp card with so many fields.
func saved(t *testing.T, shop *Shop, basedOn int32, revision int64, size int64) (*loyalty.Draft, error) {
	t.Helper()
	var got *loyalty.Draft
	d := loyalty.Draft{
		Program: shop.Stamps.ID, Merchant: loyaltytest.Merchant, BasedOn: basedOn, Revision: revision, Saved: loyaltytest.Now,
	}
	_, err := shop.SaveDraft(t.Context(), loyalty.Answer{}, d, func(had func(loyalty.RewardID) bool) (loyalty.Rules, error) {
		if !had(loyaltytest.Cone) || had(loyaltytest.Machine) {
			t.Error("the program had a cone, and no machine")
		}
		return loyaltytest.Next(t, shop.Stamps, func(r *loyalty.Rules) { r.Card.Size = size }).Rules, nil
	}, func(d *loyalty.Draft) (loyalty.Answer, error) { got = d; return done, nil })
	return got, err
}

func refused(err error, code loyalty.Code) bool {
	var refusal *loyalty.Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}

// testDrafts holds that a draft decides nothing, that nobody's is overwritten
// unread, and that publishing makes it the next version everywhere.
func testDrafts(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	sibling := shop.sibling(t)
	m, id := loyaltytest.Merchant, shop.Stamps.ID
	card := shop.Card(t, shop.Stamps, "anna")
	if _, err := shop.Draft(t.Context(), m, id); !refused(err, loyalty.DraftNotFound) {
		t.Errorf("no draft yet: %v", err)
	}
	first, err := saved(t, shop, 1, 0, 5)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string][2]int64{
		"another version": {2, first.Revision}, "as the first": {1, 0}, "another revision": {1, first.Revision + 1},
	} {
		if _, err := saved(t, shop, int32(wrong[0]), wrong[1], 6); !refused(err, loyalty.ProgramChanged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	second, err := saved(t, sibling, 1, first.Revision, 6)
	if err != nil || second.Revision <= first.Revision {
		t.Fatalf("saved again: %+v, %v", second, err)
	}
	if got, err := shop.Draft(t.Context(), m, id); err != nil || got.Rules.Card.Size != 6 || got.BasedOn != 1 || got.Revision != second.Revision {
		t.Errorf("draft %+v, %v", got, err)
	}
	read := loyalty.Keys{Cards: []loyalty.CardID{card.ID}}
	if p := sibling.read(t, read).Cards[card.ID].Program; p.Version != 1 || p.Card.Size != 10 {
		t.Errorf("with a draft the program is %+v", p)
	}
	publish := func(revision int64) error {
		_, err := shop.Publish(t.Context(), loyalty.Answer{}, m, id, revision, loyaltytest.Now,
			func(*loyalty.Program) (loyalty.Answer, error) { return done, nil })
		return err
	}
	if err := publish(first.Revision); !refused(err, loyalty.ProgramChanged) {
		t.Errorf("a revision that is no more: %v", err)
	}
	if err := publish(second.Revision); err != nil {
		t.Fatal(err)
	}
	if p := sibling.read(t, read).Cards[card.ID].Program; p.Version != 2 || p.Card.Size != 6 {
		t.Errorf("published: %+v", p)
	}
	if err := publish(0); !refused(err, loyalty.DraftNotFound) {
		t.Errorf("published twice: %v", err)
	}
	versions, err := shop.Versions(t.Context(), m, id, 0, 10)
	if err != nil || len(versions) != 2 || versions[0].Version != 2 || versions[0].Card.Size != 6 || !versions[1].At.Equal(loyaltytest.Now) {
		t.Errorf("versions %+v, %v", versions, err)
	}
	if versions, err = shop.Versions(t.Context(), m, id, 2, 10); err != nil || len(versions) != 1 || versions[0].Version != 1 {
		t.Errorf("before 2: %+v, %v", versions, err)
	}
}

// testNextVersion holds what a next version may not change.
func testNextVersion(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	next := func(p *loyalty.Program, change func(*loyalty.Rules)) error {
		n := *loyaltytest.Next(t, p, change)
		return shop.try(t, func(tx *store.Tx) error { return tx.InsertProgram(n, loyaltytest.Now) })
	}
	field := func(err error) string {
		var wrong *loyalty.FieldError
		if !errors.As(err, &wrong) {
			return fmt.Sprint(err)
		}
		return wrong.Field
	}
	kind := func(r *loyalty.Rules) { r.Kind, r.Card = loyalty.Points, loyalty.StampRule{} }
	if got := field(next(shop.Stamps, kind)); got != "kind" {
		t.Errorf("another kind: %s", got)
	}
	shop.Card(t, shop.Points, "anna")
	zloty := func(r *loyalty.Rules) { r.Earn.Currency = "PLN" }
	if got := field(next(shop.Points, zloty)); got != "earn.currency" {
		t.Errorf("another currency with cards: %s", got)
	}
	bare := *shop.Points
	bare.ID = loyaltytest.ID("without cards")
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(bare, loyaltytest.Now) })
	if err := next(&bare, zloty); err != nil {
		t.Errorf("another currency without cards: %v", err)
	}
}

// testArchive holds that an archived program earns nothing in any process, still
// hands out, and goes on when it is restored.
func testArchive(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	sibling := shop.sibling(t)
	card := shop.Card(t, shop.Stamps, "anna")
	archive := func(archived bool) (version int32) {
		t.Helper()
		_, err := shop.Archive(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, shop.Stamps.ID, archived, loyaltytest.Now,
			func(p *loyalty.Program) (loyalty.Answer, error) { version = p.Version; return done, nil })
		if err != nil {
			t.Fatal(err)
		}
		return version
	}
	earn := func(name string) error {
		results, err := sibling.Decide(t, loyaltytest.Command(name, card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 10}))
		if err != nil {
			t.Fatal(err)
		}
		return results[0].Err
	}
	if err := earn("before"); err != nil {
		t.Fatal(err)
	}
	if first, again := archive(true), archive(true); first != 2 || again != 2 {
		t.Errorf("archived as version %d, then %d", first, again)
	}
	if err := earn("archived"); !refused(err, loyalty.ProgramEnded) {
		t.Errorf("earning on an archived program: %v", err)
	}
	sibling.Must(t, loyaltytest.Command("redeem", card.ID, shop.Front, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Cone}))
	if version := archive(false); version != 3 {
		t.Errorf("restored as version %d", version)
	}
	if err := earn("restored"); err != nil {
		t.Errorf("earning on a restored program: %v", err)
	}
}

// testUnpublished holds that a program which was never published gives no cards,
// and is gone with its draft.
func testUnpublished(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	m := loyaltytest.Merchant
	p := *loyaltytest.Program(t)
	p.ID, p.Version = loyaltytest.ID("unpublished"), 0
	_, err := shop.CreateProgram(t.Context(), loyalty.Answer{}, p, loyaltytest.Now,
		func(*loyalty.Program) (loyalty.Answer, error) { return done, nil })
	if err != nil {
		t.Fatal(err)
	}
	if got, err := shop.Program(t.Context(), m, p.ID); err != nil || got.Version != 0 || got.Name != p.Name {
		t.Errorf("got %+v, %v", got, err)
	}
	open := func(*loyalty.Program) (*loyalty.Decision, loyalty.Answer, error) { panic("there is nothing to open") }
	if _, err := shop.OpenCard(t.Context(), loyalty.Command{Merchant: m}, p.ID, open); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("opening a card: %v", err)
	}
	_, err = shop.DeleteDraft(t.Context(), loyalty.Answer{}, m, p.ID, func(*loyalty.Draft) (loyalty.Answer, error) { return done, nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Program(t.Context(), m, p.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
}

// testStock adds deliveries and counts from two stores, while tills hand out: no
// piece is lost or made.
func testStock(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	m := loyaltytest.Merchant
	render := func(*loyalty.Shelf) (loyalty.Answer, error) { return done, nil }
	count := func(s *Shop, left int64, expected *int64) error {
		_, err := s.CountStock(t.Context(), loyalty.Answer{}, m, loyaltytest.Machine, left, expected, render)
		return err
	}
	buyer := shop.Card(t, shop.Points, "buyer")
	shop.Must(t, loyaltytest.Command("spend", buyer.ID, shop.Front, loyaltytest.Now,
		loyalty.Earning{Purchase: loyaltytest.Purchase("all", 1_000_000)}))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := stores[i%2].AddStock(t.Context(), loyalty.Answer{}, m, loyaltytest.Machine, 2, render); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 3 { // of which there are as many from the beginning
		all.Go(func() {
			stores[i%2].Must(t, loyaltytest.Command(fmt.Sprint("buy ", i), buyer.ID, shop.Front, loyaltytest.Now,
				loyalty.Redemption{Reward: loyaltytest.Machine}))
		})
	}
	all.Wait()
	shelf, err := shop.Shelf(t.Context(), m, loyaltytest.Machine)
	if err != nil || !shelf.Counted || shelf.Left != 40 || !shelf.Reward.Limited {
		t.Fatalf("%+v, %v", shelf, err)
	}
	var counted, changed atomic.Int64
	for i := range 10 {
		all.Go(func() {
			expected := int64(40)
			switch err := count(stores[i%2], int64(50+i), &expected); {
			case err == nil:
				counted.Add(1)
			case refused(err, loyalty.StockChanged):
				changed.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if counted.Load() != 1 || changed.Load() != 9 {
		t.Errorf("%d counted, %d were told that it has changed", counted.Load(), changed.Load())
	}
	if err := count(shop, 7, nil); err != nil {
		t.Error(err)
	}
	if shelf, err = shop.Shelf(t.Context(), m, loyaltytest.Machine); err != nil || shelf.Left != 7 {
		t.Errorf("%+v, %v", shelf, err)
	}
	if shelf, err = shop.Shelf(t.Context(), m, loyaltytest.Topping); err != nil || shelf.Counted {
		t.Errorf("never counted: %+v, %v", shelf, err)
	}
	if _, err := shop.Shelf(t.Context(), loyaltytest.Stranger, loyaltytest.Machine); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}
	var field *loyalty.FieldError
	if _, err := shop.AddStock(t.Context(), loyalty.Answer{}, m, loyaltytest.Machine, loyalty.MaxUnits, render); !errors.As(err, &field) {
		t.Errorf("more than a shelf holds: %v", err)
	}
}

// testCardChanges blocks and reissues a card again and again while it earns on
// two stores: no stamp and no change is lost, and the chain holds.
func testCardChanges(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	m := loyaltytest.Merchant
	card := shop.Card(t, shop.Stamps, "hot")
	change := func(s *Shop, i int, kind loyalty.ChangeKind, surface loyalty.Surface) {
		c := loyalty.CardChange{
			ID: loyalty.NewID(), Card: card.ID, Kind: kind, Surface: surface,
			Key: loyaltytest.ID("key"), At: loyaltytest.Now.Add(time.Duration(i)), Note: "why",
		}
		_, err := s.ChangeCard(t.Context(), loyalty.Answer{}, m, c, func(*loyalty.Card) (loyalty.Answer, error) { return done, nil })
		if err != nil {
			t.Error(err)
		}
	}
	const each = 30
	var earned, blocked atomic.Int64
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range each {
				c := loyaltytest.Command(fmt.Sprint("earn ", w, " ", i), card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
				results, err := stores[w%2].Decide(t, c)
				switch {
				case err != nil:
					t.Error(err)
				case results[0].Err == nil:
					earned.Add(1)
				case refused(results[0].Err, loyalty.CardBlocked):
					blocked.Add(1)
				default:
					t.Error(results[0].Err)
				}
			}
		})
	}
	for w, surface := range []loyalty.Surface{loyalty.Print, loyalty.Wallet} {
		all.Go(func() {
			for i := range each {
				change(stores[w], i, loyalty.Reissue, surface)
			}
		})
	}
	all.Go(func() {
		for i := range each {
			change(stores[0], i, loyalty.Block, loyalty.NoSurface)
			change(stores[1], i, loyalty.Unblock, loyalty.NoSurface)
		}
	})
	all.Wait()
	state, err := shop.Store.Card(t.Context(), m, card.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c := state.Card; c.PrintGen != 1+each || c.WalletGen != 1+each || c.Blocked || c.Lifetime != earned.Load() || earned.Load()+blocked.Load() != 4*each {
		t.Errorf("%+v after %d stamps, %d refused", c, earned.Load(), blocked.Load())
	}
	entries, err := shop.Entries(t.Context(), m, card.ID, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(entries)-1; i < j; i, j = i+1, j-1 {
		entries[i], entries[j] = entries[j], entries[i]
	}
	if err := loyalty.VerifyChain(&state.Card, entries); err != nil {
		t.Error(err)
	}
	changes, err := shop.CardChanges(t.Context(), m, card.ID, loyalty.ChangeID{}, 1000)
	if err != nil || len(changes) != 4*each {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	rest, err := shop.CardChanges(t.Context(), m, card.ID, changes[9].ID, 5)
	if err != nil || len(rest) != 5 || rest[0] != changes[10] {
		t.Errorf("after the tenth: %+v, %v", rest, err)
	}
	if _, err := shop.CardChanges(t.Context(), loyaltytest.Stranger, card.ID, loyalty.ChangeID{}, 5); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}
}
