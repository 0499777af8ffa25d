package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// stranger is somebody with a card who moves in.
type stranger struct {
	card     *loyalty.Decision // nil: none
	contacts []byte
	consent  bool
}

// settle moves strangers in: a member per first contact that is not known, to whom
// the other contacts are added. It tells whose each card is, and who is new.
func settle(ctx context.Context, to mover, all []stranger) (owners []loyalty.MemberID, fresh []bool, err error) {
	a := loyalty.Arriving{Consents: true}
	for _, s := range all {
		if s.card != nil {
			a.Cards = append(a.Cards, s.card.Card.ID)
		}
		for _, c := range s.contacts {
			a.Contacts = append(a.Contacts, loyalty.Hash{c})
		}
	}
	_, err = to.MoveIn(ctx, loyalty.Answer{}, a, func(known *loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error) {
		owners, fresh = make([]loyalty.MemberID, len(all)), make([]bool, len(all))
		return settled(known, all, owners, fresh), loyalty.Answer{}, nil
	})
	return owners, fresh, err
}

func settled(known *loyalty.Known, all []stranger, owners []loyalty.MemberID, fresh []bool) (arrivals loyalty.Arrivals) {
	for i, s := range all {
		if s.card != nil {
			if _, there := known.Cards[s.card.Card.ID]; there {
				continue
			}
		}
		who := loyalty.Member{
			ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Created: loyaltytest.Now, Changed: loyaltytest.Now,
			Sealed: []byte("moved in"),
		}
		for _, c := range s.contacts {
			who.Indexes = append(who.Indexes, loyalty.Hash{c})
		}
		there := known.Members[who.Indexes[0]]
		fresh[i] = there == nil
		switch {
		case fresh[i]:
			arrivals.Members = append(arrivals.Members, who)
		case len(s.contacts) > 1:
			grown := *there
			grown.Sealed, grown.Indexes, grown.Changed = []byte("grown"), who.Indexes, loyaltytest.Now.AddDate(0, 0, 1)
			arrivals.Changed = append(arrivals.Changed, grown)
			fallthrough
		default:
			who.ID = there.ID
		}
		owners[i] = who.ID
		if s.consent && len(known.Consents[who.ID]) == 0 {
			arrivals.Consents = append(arrivals.Consents, loyalty.Consent{
				ID: loyalty.MovedConsentID(loyaltytest.Now), Member: who.ID, Purpose: "marketing_email", Given: true, At: loyaltytest.Now, Sealed: []byte("shown"),
			})
		}
		if s.card != nil {
			arrivals.Cards = append(arrivals.Cards, s.card)
			arrivals.Attachments = append(arrivals.Attachments, loyalty.Attachment{Card: s.card.Card.ID, Member: who.ID, At: loyaltytest.Now})
		}
	}
	return arrivals
}

func testMembersMoveIn(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	old := shop.member(t, "anna", 1)
	cards := moved(t, shop, "a", "b", "c", "d")
	first := []stranger{{cards[0], []byte{1}, true}, {cards[1], []byte{2, 3}, true}, {nil, []byte{4}, false}}
	owners, news, err := settle(t.Context(), shop, first)
	if err != nil || !slices.Equal(news, []bool{false, true, true}) || owners[0] != old.ID {
		t.Fatalf("%v %v, %v", owners, news, err)
	}
	ben, carl := owners[1], owners[2]
	again, news, err := settle(t.Context(), shop, append(first, stranger{cards[2], []byte{3}, true}, stranger{cards[3], []byte{4, 5}, false}))
	if err != nil || slices.Contains(news, true) || again[3] != ben || again[4] != carl {
		t.Fatalf("again: %v %v, %v", again, news, err)
	}
	for i, want := range []loyalty.MemberID{old.ID, ben, ben, carl} {
		if owner, err := shop.MemberOfCard(t.Context(), loyaltytest.Merchant, cards[i].Card.ID); err != nil || owner.ID != want {
			t.Errorf("card %d is of %s, %v", i, owner.ID, err)
		}
	}
	for contact, want := range map[byte]loyalty.MemberID{1: old.ID, 2: ben, 3: ben, 4: carl, 5: carl} {
		if found := shop.foundBy(t, contact); len(found) != 1 || found[0].ID != want {
			t.Errorf("contact %d finds %+v", contact, found)
		}
	}
	grown, err := shop.Member(t.Context(), loyaltytest.Merchant, carl)
	if err != nil || string(grown.Sealed) != "grown" || !grown.Changed.After(grown.Created) {
		t.Errorf("%+v, %v", grown, err)
	}
	consents, err := shop.Consents(t.Context(), ben, loyalty.ConsentID{}, 10)
	if err != nil || len(consents) != 1 || string(consents[0].Sealed) != "shown" || consents[0].Purpose != "marketing_email" || !consents[0].Given {
		t.Errorf("%+v, %v", consents, err)
	}
	listed, _, err := shop.Cards(t.Context(), loyaltytest.Merchant, loyalty.CardFilter{}, loyalty.CardID{}, 10)
	if err != nil || len(listed) != 4 {
		t.Errorf("%d cards are listed, %v", len(listed), err)
	}
	proven(t, shop, 4)
}

// Two that move the same people in at the same moment make each of them once, and
// none of them fails half-way.
func testMembersMoveInTwiceAtOnce(t *testing.T, fresh func(testing.TB) string) {
	url := fresh(t)
	shop := NewShop(t, url)
	other := open(t, url)
	const people, batch = 200, 20
	var names []string
	for i := range people {
		names = append(names, fmt.Sprint("card ", i))
	}
	var counts [2]int
	var both sync.WaitGroup
	for who, at := range []*store.Store{shop.Store, other} {
		both.Go(func() {
			for from := 0; from < people; from += batch {
				var part []stranger
				for i, d := range moved(t, shop, names[from:from+batch]...) {
					part = append(part, stranger{card: d, contacts: []byte{byte(from + i)}})
				}
				_, news, err := settle(t.Context(), at, part)
				for tries := 0; errors.Is(err, loyalty.ErrUnavailable) && tries < 20; tries++ { // SQLite serves whoever is quicker
					_, news, err = settle(t.Context(), at, part)
				}
				if err != nil {
					t.Errorf("%d: %v", who, err)
				}
				for _, fresh := range news {
					if fresh {
						counts[who]++
					}
				}
			}
		})
	}
	both.Wait()
	members, err := shop.Members(t.Context(), loyaltytest.Merchant, loyalty.MemberID{}, 2*people)
	if err != nil || len(members) != people || counts[0]+counts[1] != people {
		t.Errorf("%d members; %d and %d were new, %v", len(members), counts[0], counts[1], err)
	}
	proven(t, shop, people)
}

// A rehearsal knows what is there and what it was told, and stores nothing.
func testRehearsal(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	old := shop.member(t, "anna", 1)
	cards := moved(t, shop, "a", "b", "c")
	if _, err := moveIn(t.Context(), shop, cards[:1]); err != nil {
		t.Fatal(err)
	}
	rehearsal, err := shop.Rehearse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	news, err := moveIn(t.Context(), rehearsal, cards[:2])
	if err != nil || !slices.Equal(news, []bool{false, true}) {
		t.Errorf("cards: %v, %v", news, err)
	}
	both := loyalty.Arriving{Cards: []loyalty.CardID{cards[0].Card.ID, cards[1].Card.ID}}
	_, err = rehearsal.MoveIn(t.Context(), loyalty.Answer{}, both, func(known *loyalty.Known) (none loyalty.Arrivals, _ loyalty.Answer, _ error) {
		if want := map[loyalty.CardID]int64{both.Cards[0]: 0, both.Cards[1]: 7}; !maps.Equal(known.Cards, want) {
			t.Errorf("they begin with %v, want %v", known.Cards, want)
		}
		return none, loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := []stranger{{cards[0], []byte{9}, true}, {cards[2], []byte{1, 2}, true}, {nil, []byte{3}, true}}
	owners, fresher, err := settle(t.Context(), rehearsal, all)
	if err != nil || !slices.Equal(fresher, []bool{false, false, true}) || owners[1] != old.ID {
		t.Errorf("people: %v %v, %v", owners, fresher, err)
	}
	// Anna is known by her new contact now, and the other one is there.
	again, fresher, err := settle(t.Context(), rehearsal, []stranger{all[1], {nil, []byte{2}, false}, all[2], {nil, []byte{1, 4}, false}, {nil, []byte{9}, false}})
	if err != nil || !slices.Equal(fresher, []bool{false, false, false, false, true}) || again[1] != old.ID || again[2] != owners[2] {
		t.Errorf("again: %v %v, %v", again, fresher, err)
	}
	if err := rehearsal.Close(); err != nil {
		t.Error(err)
	}
	if found := shop.foundBy(t, 2); len(found) > 0 {
		t.Errorf("the rehearsal has stored %+v", found)
	}
	proven(t, shop, 1)
}
