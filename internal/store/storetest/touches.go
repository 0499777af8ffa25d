package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// everyMark lets all touched cards be marked, and takes all marks away.
func (s *Shop) everyMark(t *testing.T) []loyalty.CardID {
	t.Helper()
	if _, err := s.MarkTouched(t.Context(), loyaltytest.Now, 1000); err != nil {
		t.Fatal(err)
	}
	if more, err := s.MarkTouched(t.Context(), loyaltytest.Now, 1000); err != nil || more {
		t.Fatalf("there are more touched cards: %t, %v", more, err)
	}
	list, err := s.Dirty(t.Context(), loyalty.Dirt{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var cards []loyalty.CardID
	var turns []loyalty.Turn
	for _, d := range list {
		cards = append(cards, d.Card)
		turns = append(turns, loyalty.Turn{Dirt: d})
	}
	if err := s.Settle(t.Context(), turns, nil); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(cards, loyalty.CardID.Compare)
	return cards
}

// rename gives the merchant a name, which all cards show.
func (s *Shop) rename(name string, now time.Time) error {
	_, err := s.ChangeMerchant(context.Background(), loyalty.Answer{}, loyaltytest.Merchant, now, func(m *loyalty.Merchant) (loyalty.Answer, error) {
		m.Name = name
		return done, nil
	})
	return err
}

// testTouches holds what the office may change so that cards which nobody posted to
// show something else: those of the program, or of the merchant, that something shows.
func testTouches(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	inWallet := func(p *loyalty.Program, name string) loyalty.CardID {
		card := shop.Card(t, p, name)
		shop.register(t, shop.pass(t, card.ID), loyalty.Hash{1}, "aa", loyaltytest.Now)
		openPass(t, shop, card.ID, loyalty.GoogleWallet) // told once all the same
		return card.ID
	}
	anna, bert, carl := inWallet(shop.Stamps, "anna"), inWallet(shop.Stamps, "bert"), inWallet(shop.Points, "carl")
	shop.pass(t, shop.Card(t, shop.Stamps, "not watched").ID)
	shop.Card(t, shop.Stamps, "without a pass")
	stampCards := []loyalty.CardID{anna, bert}
	slices.SortFunc(stampCards, loyalty.CardID.Compare)
	all := []loyalty.CardID{anna, bert, carl}
	slices.SortFunc(all, loyalty.CardID.Compare)
	shop.everyMark(t)

	m, now := loyaltytest.Merchant, loyaltytest.Now
	rendered := func(*loyalty.Program) (loyalty.Answer, error) { return done, nil }
	relocate := func(change func(*loyalty.Location)) error {
		_, err := shop.ChangeLocation(t.Context(), loyalty.Answer{}, m, loyaltytest.Location, now, func(l *loyalty.Location) (loyalty.Answer, error) {
			change(l)
			return done, nil
		})
		return err
	}
	rebrand := func(of loyalty.MerchantID, name string) error {
		_, err := shop.ChangeBrand(t.Context(), loyalty.Answer{}, of, nil, func(b *loyalty.Brand) (loyalty.Answer, error) {
			b.Name, b.Changed = name, b.Changed.Add(time.Second)
			return done, nil
		})
		return err
	}
	for _, step := range []struct {
		name   string
		change func() error
		want   []loyalty.CardID
	}{
		{"a version that took the place of another", func() error {
			return shop.try(t, func(tx *store.Tx) error {
				return tx.InsertProgram(*loyaltytest.Next(t, shop.Stamps, func(r *loyalty.Rules) { r.Name = "Cones" }), now)
			})
		}, stampCards},
		{"published", func() error {
			draft, err := saved(t, shop, 2, 0, 10)
			if err != nil {
				return err
			}
			_, err = shop.Publish(t.Context(), loyalty.Answer{}, m, shop.Stamps.ID, draft.Revision, now, rendered)
			return err
		}, stampCards},
		{"a draft", func() error { _, err := saved(t, shop, 3, 0, 5); return err }, nil},
		{"archived", func() error {
			_, err := shop.Archive(t.Context(), loyalty.Answer{}, m, shop.Points.ID, true, now, rendered)
			return err
		}, []loyalty.CardID{carl}},
		{"archived again", func() error {
			_, err := shop.Archive(t.Context(), loyalty.Answer{}, m, shop.Points.ID, true, now, rendered)
			return err
		}, nil},
		{"restored", func() error {
			_, err := shop.Archive(t.Context(), loyalty.Answer{}, m, shop.Points.ID, false, now, rendered)
			return err
		}, []loyalty.CardID{carl}},
		{"another name", func() error { return shop.rename("Sole", now) }, all},
		{"the same name", func() error { return shop.rename("Sole", now) }, nil},
		{"a brand", func() error { return rebrand(m, "Sole") }, all},
		{"the same brand", func() error { return rebrand(m, "Sole") }, nil},
		{"a stranger's brand", func() error { return rebrand(loyaltytest.Stranger, "Luna") }, nil},
		{"a shop", func() error {
			harbour := loyalty.Location{ID: loyaltytest.ID("harbour"), Merchant: m, Name: "Harbour", Zone: time.UTC}
			_, err := shop.AddLocation(t.Context(), loyalty.Answer{}, harbour, now)
			return err
		}, all},
		{"a shop that moved", func() error { return relocate(func(l *loyalty.Location) { l.Place.Latitude = 7 }) }, all},
		{"a shop that stayed", func() error { return relocate(func(*loyalty.Location) {}) }, nil},
		{"a shop's zone", func() error { return relocate(func(l *loyalty.Location) { l.Zone = time.UTC }) }, all},
		{"two changes", func() error { return errors.Join(shop.rename("Luna", now), rebrand(m, "Luna")) }, all},
		{"a change that failed", func() error {
			full := errors.New("no room")
			_, err := shop.ChangeMerchant(t.Context(), loyalty.Answer{}, m, now, func(m *loyalty.Merchant) (loyalty.Answer, error) {
				m.Name = "Terra"
				return loyalty.Answer{}, full
			})
			if !errors.Is(err, full) {
				return fmt.Errorf("it did not fail: %w", err)
			}
			return nil
		}, nil},
	} {
		if err := step.change(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := shop.everyMark(t); !slices.Equal(got, step.want) {
			t.Errorf("%s: marked %v, want %v", step.name, got, step.want)
		}
	}
}

// testTouchBitByBit holds that marking ends after so many passes, goes on there in
// whichever process, and begins anew with the next change.
func testTouchBitByBit(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	const cards = 5
	for i := range cards {
		p := shop.pass(t, shop.Card(t, shop.Stamps, fmt.Sprint("card ", i)).ID)
		shop.register(t, p, loyalty.Hash{1}, "aa", loyaltytest.Now)
	}
	shop.everyMark(t)
	began := loyaltytest.Now.Add(-time.Minute)
	mark := func(n int, want int64) {
		t.Helper()
		if _, err := stores[want%2].MarkTouched(t.Context(), loyaltytest.Now, n); err != nil {
			t.Fatal(err)
		}
		if waiting, since, err := shop.Waiting(t.Context()); err != nil || waiting != want || want < cards && !since.Equal(began) {
			t.Errorf("%d marks, the oldest of %v, %v; want %d since %v", waiting, since, err, want, began)
		}
	}
	if err := shop.rename("One", began); err != nil {
		t.Fatal(err)
	}
	mark(0, 0)
	mark(2, 2)
	mark(1, 3)
	if err := shop.rename("Two", loyaltytest.Now); err != nil {
		t.Fatal(err)
	}
	mark(2, 3) // those two again
	mark(2, 4)
	mark(100, 5)
	list, err := shop.Dirty(t.Context(), loyalty.Dirt{}, cards)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b loyalty.Dirt) int { return a.Card.Compare(b.Card) })
	for i, d := range list {
		if want := []int64{2, 2, 2, 1, 1}[i]; d.Version != want {
			t.Errorf("card %d was marked %d times, want %d", i, d.Version, want)
		}
	}
}

// testTouchModel lets changes of single cards and of all, marking bit by bit, and
// processes that look at cards and settle what they saw, late or never, come in any
// order: in the end every card was told as it is.
func testTouchModel(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	const cards = 4
	ids, passes := make([]loyalty.CardID, cards), map[loyalty.CardID]loyalty.Pass{}
	for i := range ids {
		ids[i] = shop.Card(t, shop.Stamps, fmt.Sprint("card ", i)).ID
		passes[ids[i]] = shop.pass(t, ids[i])
		shop.register(t, passes[ids[i]], loyalty.Hash{1}, "aa", loyaltytest.Now)
	}
	shop.everyMark(t)
	now, changes := loyaltytest.Now, byte(0)
	of := map[loyalty.CardID]byte{} // the last change that a card shows
	rapid.Check(t, func(rt *rapid.T) {
		var seen [2][]loyalty.Turn // by two processes, and not yet settled
		must := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		tick := func() { now, changes = now.Add(time.Microsecond), changes+1 }
		look := func(process int) {
			seen[process] = nil
			list, err := shop.Dirty(t.Context(), loyalty.Dirt{}, cards)
			must(err)
			for _, d := range list {
				p := passes[d.Card]
				p.Shown = [16]byte{of[d.Card]}
				seen[process] = append(seen[process], loyalty.Turn{Dirt: d, Changed: []loyalty.Pass{p}})
			}
		}
		settle := func(process int) {
			must(shop.Settle(t.Context(), seen[process], func(*sql.Tx, []loyalty.Pass) error { return nil }))
			seen[process] = nil
		}
		rt.Repeat(map[string]func(*rapid.T){
			"change all": func(*rapid.T) {
				tick()
				must(shop.rename(fmt.Sprint("Shop ", now.UnixMicro()), now))
				for _, id := range ids {
					of[id] = changes
				}
			},
			"change one": func(rt *rapid.T) {
				tick()
				id := rapid.SampledFrom(ids).Draw(rt, "card")
				must(shop.Watch(t.Context(), id, loyalty.WatchedForEver, now))
				of[id] = changes
			},
			"mark": func(rt *rapid.T) {
				tick()
				_, err := shop.MarkTouched(t.Context(), now, rapid.IntRange(1, cards+1).Draw(rt, "limit"))
				must(err)
			},
			"look":   func(rt *rapid.T) { look(rapid.IntRange(0, 1).Draw(rt, "process")) },
			"settle": func(rt *rapid.T) { settle(rapid.IntRange(0, 1).Draw(rt, "process")) },
		})
		for more := true; more; { // whoever was killed has seen something and settled nothing
			tick()
			var err error
			more, err = shop.MarkTouched(t.Context(), now, 2)
			must(err)
		}
		look(0)
		settle(0)
		for i, id := range ids {
			got, err := shop.Pass(t.Context(), passes[id].ID)
			must(err)
			if got.Shown != [16]byte{of[id]} {
				rt.Fatalf("card %d was told of change %d, the last was %d", i, got.Shown[0], of[id])
			}
		}
	})
}
