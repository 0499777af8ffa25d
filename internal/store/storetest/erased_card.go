package storetest

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testErasedCards erases somebody whose card was merged into one that is nobody's:
// what is kept beside either goes, what is kept beside another's stays.
func testErasedCards(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna := shop.member(t, "anna", 1)
	old, survivor, other := shop.Card(t, shop.Points, "old"), shop.Card(t, shop.Points, "survivor"), shop.Card(t, shop.Points, "other")
	before := shop.Card(t, shop.Points, "before") // merged into the old one, nobody's
	attachment := loyalty.Attachment{Card: old.ID, Member: anna.ID, At: loyaltytest.Now}
	attached := func(loyalty.Attachment) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.AttachCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, attachment, attached); err != nil {
		t.Fatal(err)
	}
	for _, card := range []loyalty.Card{old, survivor, other, before} {
		shop.furnish(t, card)
	}
	shop.Must(t, loyaltytest.Command("merge before", before.ID, shop.Front, loyaltytest.Now, loyalty.Merger{Into: old.ID}, loyaltytest.AtOffice))
	merge := loyaltytest.Command("merge", old.ID, shop.Front, loyaltytest.Now, loyalty.Merger{Into: survivor.ID}, loyaltytest.AtOffice)
	shop.Must(t, merge)
	// The merge has made the survivor hers; here it is nobody's again.
	if _, err := shop.DetachCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, survivor.ID, loyaltytest.Now, attached); err != nil {
		t.Fatal(err)
	}
	erased := func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now, erased); err != nil {
		t.Fatal(err)
	}
	for _, card := range []loyalty.Card{old, survivor, other, before} {
		gone := card.ID != other.ID
		entries, err := shop.DetailedEntries(t.Context(), card.ID, 0, 10)
		if err != nil || len(entries) == 0 || (entries[0].Detail == nil) != gone {
			t.Errorf("gone %v: entries %+v, %v", gone, entries, err)
		}
		devices, err := shop.Devices(t.Context(), loyaltytest.Merchant, card.ID, loyalty.DeviceID{}, 10)
		if err != nil || (len(devices) == 0) != gone {
			t.Errorf("gone %v: phones %+v, %v", gone, devices, err)
		}
		tags, err := shop.Tags(t.Context(), loyaltytest.Merchant, card.ID, true, loyalty.TagID{}, 10)
		if err != nil || len(tags) != 1 || (tags[0].Label == "") != gone || tags[0].Revoked.IsZero() == gone {
			t.Errorf("gone %v: tags %+v, %v", gone, tags, err)
		}
		changes, err := shop.CardChanges(t.Context(), loyaltytest.Merchant, card.ID, loyalty.ChangeID{}, 10)
		if err != nil || len(changes) != 1 || (changes[0].Note == "") != gone {
			t.Errorf("gone %v: changes %+v, %v", gone, changes, err)
		}
	}
	proven(t, shop, 4)
}

// furnish puts beside a card what may tell of somebody: a purchase, a phone, a
// tag, a note.
func (s *Shop) furnish(t *testing.T, card loyalty.Card) {
	t.Helper()
	name := card.ID.String()
	s.Must(t, loyaltytest.Command(name, card.ID, s.Front, loyaltytest.Now, loyalty.Earning{Purchase: loyaltytest.Purchase(name, 900)}))
	phone := loyalty.Device{ID: loyalty.NewID(), Card: card.ID, Kind: loyalty.Phone, Name: "somebody's phone", Created: loyaltytest.Now}
	if _, err := s.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, phone, loyalty.Hash{1}, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	s.tag(t, card.ID, loyalty.TagUID(card.ID[9:]), "somebody's fob")
	change := loyalty.CardChange{ID: loyalty.NewID(), Card: card.ID, Kind: loyalty.Unblock, Key: loyalty.NewID(), At: loyaltytest.Now, Note: "somebody called"}
	rendered := func(*loyalty.Card) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := s.ChangeCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, change, rendered); err != nil {
		t.Fatal(err)
	}
}
