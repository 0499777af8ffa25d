package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// pass opens an Apple pass of a card.
func (s *Shop) pass(t *testing.T, card loyalty.CardID) loyalty.Pass {
	t.Helper()
	p, err := s.OpenPass(t.Context(), loyalty.Pass{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: card, Wallet: loyalty.AppleWallet,
		Language: "en", KeyID: "a01", Created: loyaltytest.Now, Changed: loyaltytest.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *Shop) register(t *testing.T, p loyalty.Pass, device loyalty.Hash, pushToken string, now time.Time) (created bool) {
	t.Helper()
	created, err := s.Register(t.Context(), p, device, pushToken, now)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// marked reports whether a stamp on a card is noted for whatever shows it.
func (s *Shop) marked(t *testing.T, card loyalty.CardID) bool {
	t.Helper()
	list, err := s.Dirty(t.Context(), loyalty.Dirt{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if err := clean(s, d); err != nil {
			t.Fatal(err)
		}
	}
	s.Must(t, loyaltytest.Command(fmt.Sprint(loyalty.EntryID(loyalty.NewID())), card, s.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
	list, err = s.Dirty(t.Context(), loyalty.Dirt{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(list) > 0
}

func testRegistrations(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, bert := shop.pass(t, shop.Card(t, shop.Stamps, "anna").ID), shop.pass(t, shop.Card(t, shop.Stamps, "bert").ID)
	phone, watch := loyalty.Hash{1}, loyalty.Hash{2}
	at := func(s int) time.Time { return loyaltytest.Now.Add(time.Duration(s) * time.Second) }

	if shop.marked(t, anna.Card) {
		t.Error("nothing shows the card yet")
	}
	if !shop.register(t, anna, phone, "aa", at(0)) || shop.register(t, anna, phone, "ab", at(1)) {
		t.Error("the first time is new, the second is not")
	}
	shop.register(t, anna, watch, "cc", at(1))
	shop.register(t, bert, phone, "ab", at(1))
	if !shop.marked(t, anna.Card) {
		t.Error("a phone shows the card")
	}

	listed := func(device loyalty.Hash, since time.Time) []loyalty.PassID {
		t.Helper()
		list, err := shop.Registered(t.Context(), device, since, 10)
		if err != nil {
			t.Fatal(err)
		}
		var ids []loyalty.PassID
		for _, r := range list {
			ids = append(ids, r.Pass)
		}
		return ids
	}
	if got := listed(phone, time.Time{}); !slices.Equal(got, []loyalty.PassID{anna.ID, bert.ID}) {
		t.Errorf("all of the phone's: %v", got)
	}
	if got := listed(phone, at(1)); len(got) != 0 {
		t.Errorf("nothing changed since: %v", got)
	}
	if got := listed(loyalty.Hash{9}, time.Time{}); len(got) != 0 {
		t.Errorf("a stranger's: %v", got)
	}

	told, err := shop.Announce(t.Context(), anna.ID, at(-3600)) // by a clock that is behind
	if err != nil || len(told) != 2 || told[0].PushToken != "ab" || told[1].PushToken != "cc" {
		t.Fatalf("told %+v, %v", told, err)
	}
	if got := listed(phone, at(1)); !slices.Equal(got, []loyalty.PassID{anna.ID}) {
		t.Errorf("anna's card changed since: %v", got)
	}

	if err := shop.ForgetPushToken(t.Context(), anna, "ab"); err != nil {
		t.Fatal(err)
	}
	if !shop.marked(t, anna.Card) {
		t.Error("a watch still shows the card")
	}
	if got := listed(phone, time.Time{}); !slices.Equal(got, []loyalty.PassID{bert.ID}) {
		t.Errorf("of anna's card the phone is to be told no more: %v", got)
	}
	for range 2 { // the second finds nothing, which is as good
		if err := shop.Unregister(t.Context(), anna, watch); err != nil {
			t.Fatal(err)
		}
	}
	if shop.marked(t, anna.Card) {
		t.Error("nothing shows the card any longer")
	}
}

// A pass has so many phones; when one more comes, the oldest gives way.
func testManyRegistrations(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna := shop.pass(t, shop.Card(t, shop.Stamps, "anna").ID)
	const phones = loyalty.MaxRegistrations + 5
	for i := range phones {
		shop.register(t, anna, loyalty.Hash{byte(i)}, fmt.Sprint(i), loyaltytest.Now.Add(time.Duration(i)*time.Second))
	}
	told, err := shop.Announce(t.Context(), anna.ID, loyaltytest.Now)
	if err != nil || len(told) != loyalty.MaxRegistrations || told[0].PushToken != "5" {
		t.Errorf("%d are told, %v", len(told), err)
	}
}

// Whatever processes announce at the same time, a phone that asks with the time of
// the last change it has seen misses none.
func testAnnounceAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	phone := loyalty.Hash{1}
	const cards, changes = 2, 10
	list := make([]loyalty.Pass, cards)
	for i := range list {
		list[i] = shop.pass(t, shop.Card(t, shop.Stamps, fmt.Sprint("card ", i)).ID)
		shop.register(t, list[i], phone, "aa", loyaltytest.Now)
	}
	var announcing sync.WaitGroup
	for i, p := range list {
		announcing.Go(func() {
			for n := range changes {
				late := loyaltytest.Now.Add(-time.Duration(i) * time.Minute) // one clock is behind
				if _, err := stores[i].Announce(t.Context(), p.ID, late.Add(time.Duration(n)*time.Second)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { announcing.Wait(); close(done) }()
	last := map[loyalty.PassID]time.Time{}
	var since time.Time
	for ended := false; ; {
		select {
		case <-done:
			ended = true
		default:
		}
		changed, err := shop.Registered(t.Context(), phone, since, cards)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range changed {
			last[r.Pass], since = r.Changed, r.Changed
		}
		if ended && len(changed) == 0 {
			break
		}
	}
	all, err := shop.Registered(t.Context(), phone, time.Time{}, cards)
	if err != nil || len(all) != cards {
		t.Fatal(all, err)
	}
	for _, r := range all {
		if !last[r.Pass].Equal(r.Changed) {
			t.Errorf("of %s the phone saw %v, and it changed at %v", r.Pass, last[r.Pass], r.Changed)
		}
	}
}
