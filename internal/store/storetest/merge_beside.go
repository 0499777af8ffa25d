package storetest

import (
	"errors"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// merging is the office's command to merge one card into another.
func merging(from, into loyalty.Card) *loyalty.Command {
	return loyaltytest.Command(from.ID.String()+into.ID.String(), from.ID, loyalty.Till{}, loyaltytest.Now, loyalty.Merger{Into: into.ID})
}

// testMergeTakesMemberAlong holds that the member comes with the merge itself, also
// along two merges of one batch, and that nobody loses a card by it.
func testMergeTakesMemberAlong(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	owner := func(c loyalty.Card) loyalty.MemberID { return shop.ownerOf(t, c) }
	card := func(name string) loyalty.Card { return shop.Card(t, shop.Stamps, name) }

	first, second, third := card("first"), card("second"), card("third")
	shop.attach(t, first, anna)
	results, err := shop.Decide(t, merging(first, second), merging(second, third))
	if err != nil || results[0].Err != nil || results[1].Err != nil {
		t.Fatalf("%+v, %v", results, err)
	}
	if owner(third) != anna.ID || owner(second) != anna.ID {
		t.Errorf("a chain of merges ends with %s", owner(third))
	}

	mine, hers := card("mine"), card("hers")
	shop.attach(t, mine, anna)
	shop.attach(t, hers, berta)
	shop.Must(t, merging(mine, hers))
	if owner(hers) != berta.ID {
		t.Errorf("berta's card became %s's", owner(hers))
	}

	nobodys, next := card("nobody's"), card("next")
	shop.Must(t, merging(nobodys, next))
	if !owner(next).IsZero() {
		t.Errorf("of nobody's card came %s", owner(next))
	}
}

// testMergeRollsBackWithItsMember holds that a merge which fails late passes
// nothing on.
func testMergeRollsBackWithItsMember(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	old, into := shop.Card(t, shop.Stamps, "old"), shop.Card(t, shop.Stamps, "into")
	shop.attach(t, old, shop.member(t, "anna", 1))
	batch := []*loyalty.Command{merging(old, into)}
	late := errors.New("late")
	err := shop.Post(t.Context(), *loyaltytest.Keys(batch), func(f *loyalty.Facts) loyalty.Writes {
		w, _ := loyaltytest.Decide(f, batch, loyaltytest.Now)
		w.Late = func() ([]loyalty.Answer, error) { return nil, late }
		return *w
	})
	if !errors.Is(err, late) {
		t.Fatalf("got %v", err)
	}
	if _, err := shop.MemberOfCard(t.Context(), loyaltytest.Merchant, into.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("the member was passed on without the merge: %v", err)
	}
}

func (s *Shop) phone(t testing.TB, card loyalty.Card) loyalty.Device {
	t.Helper()
	d := loyalty.Device{ID: loyalty.NewID(), Card: card.ID, Kind: loyalty.Phone, Name: "phone", Created: loyaltytest.Now}
	if _, err := s.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d, loyalty.Hash{1}, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	return d
}

// testMergeTakesPhonesAlong holds where a merge leads the phones of a card.
func testMergeTakesPhonesAlong(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	for name, test := range map[string]struct {
		from, into *loyalty.Member
		blocked    bool
		along      bool
	}{
		"nobody's cards":        {along: true},
		"into the same one's":   {from: &anna, into: &anna, along: true},
		"into nobody's":         {from: &anna, along: true},
		"into another member's": {from: &anna, into: &berta},
		"from a blocked card":   {blocked: true},
	} {
		t.Run(name, func(t *testing.T) {
			from := shop.Card(t, shop.Stamps, name+" from", func(c *loyalty.Card) { c.Blocked = test.blocked })
			into := shop.Card(t, shop.Stamps, name+" into")
			for card, m := range map[*loyalty.Card]*loyalty.Member{&from: test.from, &into: test.into} {
				if m != nil {
					shop.attach(t, *card, *m)
				}
			}
			phone := shop.phone(t, from)
			shop.Must(t, merging(from, into))
			want := from.ID
			if test.along {
				want = into.ID
			}
			if got, err := shop.DeviceAccess(t.Context(), phone.ID); err != nil || got.Card != want {
				t.Errorf("the phone opens %s, want %s: %v", got.Card, want, err)
			}
			late := shop.phone(t, from) // a phone that knows the old card alone
			if got, err := shop.DeviceAccess(t.Context(), late.ID); err != nil || (got.Card == from.ID) != test.blocked {
				t.Errorf("a phone of later opens %s: %v", got.Card, err)
			}
		})
	}
}

// testPhoneLimit asks for more phones than a card may have, from two processes at
// once, and again after some were revoked and after a loss.
func testPhoneLimit(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*store.Store{shop.Store, shop.sibling(t).Store}
	card := shop.Card(t, shop.Stamps, "anna")
	add := func(s *store.Store) error {
		d := loyalty.Device{ID: loyalty.NewID(), Card: card.ID, Kind: loyalty.Phone, Created: loyaltytest.Now}
		_, err := s.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d, loyalty.Hash{1}, loyalty.Answer{})
		return err
	}
	tries := make(chan error, 3*loyalty.MaxPhones)
	for i := range cap(tries) {
		go func() { tries <- add(stores[i%2]) }()
	}
	added := 0
	for range cap(tries) {
		switch err := <-tries; {
		case err == nil:
			added++
		case !refused(err, loyalty.TooManyPhones):
			t.Error(err)
		}
	}
	if added != loyalty.MaxPhones {
		t.Fatalf("%d phones were added", added)
	}
	lose := func(revoke bool) {
		t.Helper()
		loss := loyalty.CardChange{
			ID: loyalty.NewID(), Card: card.ID, Kind: loyalty.Reissue, Surface: loyalty.Print, Key: loyaltytest.ID("key"),
			At: loyaltytest.Now, RevokePhones: revoke,
		}
		rendered := func(*loyalty.Card) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
		if _, err := shop.ChangeCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, loss, rendered); err != nil {
			t.Fatal(err)
		}
	}
	if lose(false); !refused(add(shop.Store), loyalty.TooManyPhones) {
		t.Error("a loss that keeps the phones made room")
	}
	if lose(true); add(shop.Store) != nil {
		t.Error("a loss makes no room")
	}
	devices, err := shop.Devices(t.Context(), loyaltytest.Merchant, card.ID, loyalty.DeviceID{}, 100)
	if err != nil || len(devices) != loyalty.MaxPhones+1 {
		t.Fatalf("%d phones, %v", len(devices), err)
	}
	for i, d := range devices {
		if access, err := shop.DeviceAccess(t.Context(), d.ID); err != nil || access.Revoked != (i > 0) || d.Revoked.IsZero() != (i == 0) {
			t.Errorf("phone %d: %+v, %v", i, access, err)
		}
	}
}
