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
		shop.furnished(t, card, card.ID == other.ID)
	}
	proven(t, shop, 4)
}

// testDetachedCards detaches a card: what is kept beside it, and beside what was
// merged into it and is nobody's, goes; what is kept beside the member's other one
// stays.
func testDetachedCards(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna := shop.member(t, "anna", 1)
	before, lent, kept := shop.Card(t, shop.Points, "before"), shop.Card(t, shop.Points, "lent"), shop.Card(t, shop.Points, "kept")
	for _, card := range []loyalty.Card{before, lent, kept} {
		shop.furnish(t, card)
	}
	shop.Must(t, loyaltytest.Command("merge before", before.ID, shop.Front, loyaltytest.Now, loyalty.Merger{Into: lent.ID}, loyaltytest.AtOffice))
	shop.attach(t, lent, anna)
	shop.attach(t, kept, anna)
	if _, err := shop.DetachCard(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, lent.ID, loyaltytest.Now, attached); err == nil {
		t.Error("another merchant has detached it")
	}
	for _, card := range []loyalty.Card{before, lent, kept} {
		shop.furnished(t, card, true)
	}
	if err := shop.tryDetach(t, lent); err != nil {
		t.Fatal(err)
	}
	for _, card := range []loyalty.Card{before, lent, kept} {
		shop.furnished(t, card, card.ID == kept.ID)
	}
	proven(t, shop, 3)
}

// furnished holds that what furnish put beside a card is there, or gone.
func (s *Shop) furnished(t *testing.T, card loyalty.Card, there bool) {
	t.Helper()
	entries, err := s.DetailedEntries(t.Context(), card.ID, 0, 10)
	if err != nil || len(entries) == 0 || (entries[0].Detail != nil) != there {
		t.Errorf("there %v: entries %+v, %v", there, entries, err)
	}
	devices, err := s.Devices(t.Context(), loyaltytest.Merchant, card.ID, loyalty.DeviceID{}, 10)
	if err != nil || (len(devices) > 0) != there {
		t.Errorf("there %v: phones %+v, %v", there, devices, err)
	}
	tags, err := s.Tags(t.Context(), loyaltytest.Merchant, card.ID, true, loyalty.TagID{}, 10)
	if err != nil || len(tags) != 1 || (tags[0].Label != "") != there || tags[0].Revoked.IsZero() != there {
		t.Errorf("there %v: tags %+v, %v", there, tags, err)
	}
	changes, err := s.CardChanges(t.Context(), loyaltytest.Merchant, card.ID, loyalty.ChangeID{}, 10)
	if err != nil || len(changes) != 1 || (changes[0].Note != "") != there {
		t.Errorf("there %v: changes %+v, %v", there, changes, err)
	}
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
