package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func testPasses(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere := shop.sibling(t)
	anna := shop.Card(t, shop.Stamps, "anna")
	opening := loyalty.Pass{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: anna.ID, Wallet: loyalty.AppleWallet,
		Language: "pl", KeyID: "a01", Created: loyaltytest.Now, Changed: loyaltytest.Now,
	}
	apple, err := shop.OpenPass(t.Context(), opening)
	want := opening
	want.Program = shop.Stamps.ID
	if err != nil || apple != want {
		t.Fatalf("opened %+v, %v, want %+v", apple, err, want)
	}
	opening.ID, opening.Language = loyalty.NewID(), "en"
	if again, err := elsewhere.OpenPass(t.Context(), opening); err != nil || again != apple {
		t.Errorf("opened again: %+v, %v", again, err)
	}
	opening.Merchant = loyaltytest.Stranger
	if _, err := shop.OpenPass(t.Context(), opening); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}
	opening.Merchant, opening.Wallet = loyaltytest.Merchant, loyalty.GoogleWallet
	google, err := shop.OpenPass(t.Context(), opening)
	if err != nil || google.ID == apple.ID {
		t.Fatalf("for another wallet: %+v, %v", google, err)
	}

	if got, err := elsewhere.Pass(t.Context(), apple.ID); err != nil || got != apple {
		t.Errorf("read %+v, %v, want %+v", got, err, apple)
	}
	if _, err := shop.Pass(t.Context(), loyaltytest.ID("no pass")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("no such pass: %v", err)
	}
	if list, err := shop.PassesOf(t.Context(), anna.ID); err != nil || len(list) != 2 || list[0] != apple || list[1] != google {
		t.Errorf("of the card: %+v, %v", list, err)
	}
}

// clean settles a mark without passes.
func clean(s *Shop, d loyalty.Dirt) error {
	return s.Settle(context.Background(), []loyalty.Turn{{Dirt: d}}, nil)
}

// testDirty holds that a card is marked when something shows it, and that no mark
// is lost to somebody who has seen an older one.
func testDirty(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	stamp := func(name string, cards ...loyalty.CardID) {
		t.Helper()
		for _, card := range cards {
			shop.Must(t, loyaltytest.Command(name+card.String(), card, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
		}
	}
	marks := func() []loyalty.Dirt {
		t.Helper()
		list, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	watch := func(card loyalty.CardID, until int64) {
		t.Helper()
		if err := shop.Watch(t.Context(), card, until, loyaltytest.Now); err != nil {
			t.Fatal(err)
		}
	}

	stamp("unseen", anna.ID, bert.ID)
	if list := marks(); len(list) != 0 {
		t.Errorf("nobody shows them: %+v", list)
	}
	watch(anna.ID, loyalty.WatchedForEver)
	watch(anna.ID, loyaltytest.Now.UnixMicro()) // an earlier end changes nothing
	watch(bert.ID, loyaltytest.Now.UnixMicro()) // until now is not beyond now
	stamp("seen", anna.ID, bert.ID)
	stamp("seen again", anna.ID)
	list := marks()
	if len(list) != 1 || list[0] != (loyalty.Dirt{Card: anna.ID, Version: 4, Since: loyaltytest.Now}) {
		t.Fatalf("marked: %+v", list)
	}
	stale := list[0]
	stale.Version--
	for _, d := range []loyalty.Dirt{stale, list[0]} {
		if err := clean(shop, d); err != nil {
			t.Fatal(err)
		}
		if left := len(marks()); left != int(list[0].Version-d.Version) {
			t.Errorf("%d marks are left after version %d", left, d.Version)
		}
	}

	settled := list[0] // by somebody, while somebody else still looks at the card as it was
	for i := range settled.Version {
		if err := shop.Watch(t.Context(), anna.ID, loyalty.WatchedForEver, loyaltytest.Now.Add(time.Duration(i+1)*time.Microsecond)); err != nil {
			t.Fatal(err)
		}
	}
	if err := clean(shop, settled); err != nil || len(marks()) != 1 {
		t.Errorf("who settles a mark that is gone takes one that came after it: %v", err)
	}
	if err := clean(shop, marks()[0]); err != nil {
		t.Fatal(err)
	}

	change := loyalty.CardChange{ID: loyalty.NewID(), Card: anna.ID, Kind: loyalty.Block, Key: loyalty.NewID(), At: loyaltytest.Now}
	_, err := shop.ChangeCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, change,
		func(*loyalty.Card) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if list := marks(); err != nil || len(list) != 1 || list[0].Card != anna.ID {
		t.Errorf("the office blocked it: %+v, %v", list, err)
	}
}

// testDirtyMeanwhile lets many cards change while marks are dealt with.
func testDirtyMeanwhile(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	const cards, stamps = 4, 10
	ids := make([]loyalty.CardID, cards)
	for i := range ids {
		ids[i] = shop.Card(t, shop.Stamps, fmt.Sprint("card ", i)).ID
		if err := shop.Watch(t.Context(), ids[i], loyalty.WatchedForEver, loyaltytest.Now); err != nil {
			t.Fatal(err)
		}
	}
	shown := map[loyalty.CardID]int64{} // the last seq that somebody looked at
	var posting sync.WaitGroup
	for w, s := range stores {
		posting.Go(func() {
			for n := range stamps {
				for i, card := range ids {
					c := loyaltytest.Command(fmt.Sprint("stamp ", w, n, i), card, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
					if results, err := s.Decide(t, c); err != nil || results[0].Err != nil {
						t.Error(err, results)
					}
				}
			}
		})
	}
	posted := make(chan struct{})
	go func() { posting.Wait(); close(posted) }()
	for last := false; ; {
		select {
		case <-posted:
			last = true // what is dirty now is all
		default:
		}
		list, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, d.Card)
			if err != nil {
				t.Fatal(err)
			}
			shown[d.Card] = state.Card.Seq
			if err := clean(shop, d); err != nil {
				t.Fatal(err)
			}
		}
		if last && len(list) == 0 {
			break
		}
	}
	for _, card := range ids {
		state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card)
		if err != nil || shown[card] != state.Card.Seq {
			t.Errorf("card %s was shown at %d, and is at %d, %v", card, shown[card], state.Card.Seq, err)
		}
	}
}

// testSettling holds that of two that settle the same mark one does, that what has
// to be done is put down with it or not at all, and that passes follow a merge.
func testSettling(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere := shop.sibling(t)
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	pass, err := shop.OpenPass(t.Context(), loyalty.Pass{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: anna.ID, Wallet: loyalty.AppleWallet, Language: "en", KeyID: "a01",
		Created: loyaltytest.Now, Changed: loyaltytest.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.Watch(t.Context(), anna.ID, loyalty.WatchedForEver, loyaltytest.Now); err != nil {
		t.Fatal(err)
	}
	dirty := func() []loyalty.Dirt {
		t.Helper()
		list, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	before := pass
	pass.Change([16]byte{1}, loyaltytest.Now)
	pass.Due = loyaltytest.Now.Add(time.Hour)
	if want := before.Changed.Add(time.Second); !pass.Changed.Equal(want) {
		t.Errorf("changed within a second: %v, want %v", pass.Changed, want)
	}
	turns := []loyalty.Turn{{Dirt: dirty()[0], Changed: []loyalty.Pass{pass}}}
	full := errors.New("no room for jobs")
	if err := shop.Settle(t.Context(), turns, func(*sql.Tx, []loyalty.Pass) error { return full }); !errors.Is(err, full) {
		t.Errorf("without jobs: %v", err)
	}
	if got, err := shop.Pass(t.Context(), pass.ID); err != nil || got != before || len(dirty()) != 1 {
		t.Errorf("what was rolled back stands: %+v, %v", got, err)
	}
	var added atomic.Int64
	var settling sync.WaitGroup
	for i := range 4 {
		settling.Go(func() {
			err := []*Shop{shop, elsewhere}[i%2].Settle(context.Background(), turns, func(tx *sql.Tx, changed []loyalty.Pass) error {
				if tx == nil || len(changed) != 1 || changed[0] != pass {
					t.Errorf("jobs for %+v", changed)
				}
				added.Add(1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	settling.Wait()
	if got, err := shop.Pass(t.Context(), pass.ID); err != nil || got != pass || len(dirty()) != 0 || added.Load() != 1 {
		t.Errorf("settled %d times: %+v, %v, want %+v", added.Load(), got, err, pass)
	}

	if err := shop.MarkDue(t.Context(), pass.Due.Add(-time.Second), 10); err != nil || len(dirty()) != 0 {
		t.Errorf("not due yet: %v, %d marks", err, len(dirty()))
	}
	if err := shop.MarkDue(t.Context(), pass.Due, 10); err != nil || len(dirty()) != 1 {
		t.Fatalf("due: %v, %d marks, want 1", err, len(dirty()))
	}
	if cards, since, err := shop.Waiting(t.Context()); err != nil || cards != 1 || !since.Equal(pass.Due) {
		t.Errorf("%d wait since %v, %v", cards, since, err)
	}
	if list, err := shop.Dirty(t.Context(), dirty()[0], 10); err != nil || len(list) != 0 {
		t.Errorf("after the last: %+v, %v", list, err)
	}

	shop.Must(t, loyaltytest.Command("merge", anna.ID, loyalty.Till{}, loyaltytest.Now, loyalty.Merger{Into: bert.ID}))
	if err := shop.Settle(t.Context(), []loyalty.Turn{{Dirt: dirty()[0], Survivor: bert.ID}}, nil); err != nil {
		t.Fatal(err)
	}
	if list, err := shop.PassesOf(t.Context(), bert.ID); err != nil || len(list) != 1 || list[0].ID != pass.ID {
		t.Errorf("the survivor's passes: %+v, %v", list, err)
	}
	if marks := dirty(); len(marks) != 1 || marks[0].Card != bert.ID {
		t.Errorf("marked: %+v, want the survivor", marks)
	}
}
