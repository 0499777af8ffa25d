package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// person is a member as the store sees one: who it is does not matter.
func person(name string, contacts ...byte) loyalty.Member {
	m := loyalty.Member{
		ID: loyaltytest.ID("member " + name), Merchant: loyaltytest.Merchant, Created: loyaltytest.Now, Changed: loyaltytest.Now,
		Sealed: []byte("sealed " + name),
	}
	for _, c := range contacts {
		m.Indexes = append(m.Indexes, loyalty.Hash{c})
	}
	return m
}

func (s *Shop) member(t testing.TB, name string, contacts ...byte) loyalty.Member {
	t.Helper()
	m := person(name, contacts...)
	if _, err := s.AddMember(t.Context(), loyalty.Answer{}, m, loyalty.Answer{}); err != nil {
		t.Fatalf("add %s: %v", name, err)
	}
	return m
}

func (s *Shop) foundBy(t testing.TB, contact byte) []loyalty.Member {
	t.Helper()
	found, err := s.MembersByContact(t.Context(), []loyalty.Hash{{contact}, {0xff}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// isTaken holds that an error says whose a contact is.
func isTaken(t testing.TB, err error, contact byte, by loyalty.MemberID) {
	t.Helper()
	var taken *loyalty.TakenError
	if !errors.As(err, &taken) || taken.Index != (loyalty.Hash{contact}) || taken.By != by {
		t.Errorf("got %v, want contact %d taken by %s", err, contact, by)
	}
}

func testMembers(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, berta := shop.member(t, "anna", 1, 2), shop.member(t, "berta", 3)
	if got, err := shop.Member(t.Context(), loyaltytest.Merchant, anna.ID); err != nil || string(got.Sealed) != "sealed anna" || !got.Created.Equal(anna.Created) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := shop.Member(t.Context(), loyaltytest.Stranger, anna.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}
	_, err := shop.AddMember(t.Context(), loyalty.Answer{}, person("carla", 4, 3), loyalty.Answer{})
	isTaken(t, err, 3, berta.ID)
	if found := shop.foundBy(t, 4); len(found) != 0 {
		t.Errorf("a refused member left a contact: %+v", found)
	}

	change := func(id loyalty.MemberID, contacts ...byte) error {
		_, err := shop.ChangeMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, id,
			func(m *loyalty.Member, _ []loyalty.Consent) (loyalty.Answer, error) {
				m.Sealed, m.Indexes = []byte("changed"), person("", contacts...).Indexes
				return loyalty.Answer{}, nil
			})
		return err
	}
	isTaken(t, change(anna.ID, 2, 3), 3, berta.ID)
	if err := change(anna.ID, 2, 5); err != nil {
		t.Fatal(err)
	}
	for contact, want := range map[byte]int{1: 0, 2: 1, 5: 1} {
		if found := shop.foundBy(t, contact); len(found) != want || want > 0 && string(found[0].Sealed) != "changed" {
			t.Errorf("by %d: %+v", contact, found)
		}
	}
	if err := change(loyaltytest.ID("nobody")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	list, err := shop.Members(t.Context(), loyaltytest.Merchant, loyalty.MemberID{}, 10)
	if err != nil || len(list) != 2 || list[0].ID.Compare(list[1].ID) <= 0 {
		t.Errorf("list %+v, %v", list, err)
	}
}

// testMergedMembers merges a ring of members in all directions at once: whatever
// comes first, one is left, whom all ids and contacts lead to.
func testMergedMembers(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	const all = 4
	var ids []loyalty.MemberID
	for i := range byte(all) {
		ids = append(ids, shop.member(t, fmt.Sprint(i), i).ID)
	}
	stores := []*Shop{shop, shop.sibling(t)}
	var merging sync.WaitGroup
	for i := range all {
		merging.Go(func() {
			_, err := stores[i%2].MergeMembers(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, ids[i], ids[(i+1)%all],
				func(into, from *loyalty.Member, _ []loyalty.Consent) (loyalty.Answer, error) {
					into.Sealed = []byte("merged")
					for i := range byte(all) { // as if it had all contacts: no other member may lose one
						into.Indexes = append(into.Indexes, loyalty.Hash{i, 1})
					}
					return loyalty.Answer{}, nil
				})
			var taken *loyalty.TakenError
			if err != nil && !errors.As(err, &taken) && !errors.Is(err, loyalty.ErrConflict) {
				t.Error(err)
			}
		})
	}
	merging.Wait()
	left := map[loyalty.MemberID]bool{}
	for _, id := range ids {
		m, err := shop.Member(t.Context(), loyaltytest.Merchant, id)
		if err != nil {
			t.Fatal(err)
		}
		left[m.ID] = true
	}
	list, err := shop.Members(t.Context(), loyaltytest.Merchant, loyalty.MemberID{}, 10)
	if err != nil || len(list) != len(left) {
		t.Errorf("%d members are listed, ids lead to %d: %v", len(list), len(left), err)
	}
}

func testErasedMember(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	cards := map[loyalty.MemberID]loyalty.Card{anna.ID: shop.Card(t, shop.Points, "anna"), berta.ID: shop.Card(t, shop.Points, "berta")}
	answer := func(loyalty.Attachment) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	for id, card := range cards {
		attachment := loyalty.Attachment{Card: card.ID, Member: id, At: loyaltytest.Now}
		if _, err := shop.AttachCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, attachment, answer); err != nil {
			t.Fatal(err)
		}
		shop.Must(t, loyaltytest.Command(card.ID.String(), card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Purchase: loyaltytest.Purchase(card.ID.String(), 900)}))
		stored := loyalty.Answer{Request: loyalty.RequestID{card.ID[0], card.ID[1]}, Card: card.ID, Body: []byte("{}"), Expires: loyaltytest.Now}
		if err := shop.write(t, loyalty.Writes{Answers: []loyalty.Answer{stored}}); err != nil {
			t.Fatal(err)
		}
		consent := loyalty.Consent{ID: loyaltytest.ID("consent " + id.String()), Member: id, Purpose: "ads", Given: true, At: loyaltytest.Now, Sealed: []byte("x")}
		if _, err := shop.AddConsent(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, consent, loyalty.Answer{}); err != nil {
			t.Fatal(err)
		}
	}
	erase := func() error {
		_, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now, func(id loyalty.MemberID, n int) (loyalty.Answer, error) {
			if id != anna.ID || n != 1 {
				t.Errorf("erased %s with %d cards", id, n)
			}
			return loyalty.Answer{}, nil
		})
		return err
	}
	if err := erase(); err != nil {
		t.Fatal(err)
	}
	if err := erase(); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	for id, card := range cards {
		gone := id == anna.ID
		entries, err := shop.DetailedEntries(t.Context(), card.ID, 0, 10)
		if err != nil || len(entries) != 1 || (entries[0].Detail == nil) != gone || entries[0].Commitment == (loyalty.Hash{}) {
			t.Errorf("gone %v: entries %+v, %v", gone, entries, err)
		}
		answer, err := shop.Answer(t.Context(), loyalty.RequestID{card.ID[0], card.ID[1]})
		if err != nil || (len(answer.Body) == 0) != gone || (answer.Status == loyalty.StatusErased) != gone {
			t.Errorf("gone %v: answer %+v, %v", gone, answer, err)
		}
		consents, err := shop.CurrentConsents(t.Context(), []loyalty.MemberID{id})
		if err != nil || (len(consents) == 0) != gone {
			t.Errorf("gone %v: consents %+v, %v", gone, consents, err)
		}
		if _, err := shop.MemberOfCard(t.Context(), loyaltytest.Merchant, card.ID); errors.Is(err, loyalty.ErrNotFound) != gone {
			t.Errorf("gone %v: member of the card %v", gone, err)
		}
		if state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card.ID); err != nil || state.Card.Balance == 0 {
			t.Errorf("gone %v: card %+v, %v", gone, state, err)
		}
	}
	shop.member(t, "somebody new", 1)
}

// testReseal goes through more members than one transaction takes, is stopped on
// the way, and then goes through all.
func testReseal(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	const many = 450
	for i := range many {
		m := person(fmt.Sprint("reseal ", i))
		m.Indexes = []loyalty.Hash{{1, byte(i), byte(i >> 8)}}
		if _, err := shop.AddMember(t.Context(), loyalty.Answer{}, m, loyalty.Answer{}); err != nil {
			t.Fatal(err)
		}
	}
	stop, seen := errors.New("stop"), 0
	reseal := func(limit int) (int64, error) {
		seen = 0
		return shop.Reseal(t.Context(), func(m *loyalty.Member) (bool, error) {
			if seen++; seen > limit {
				return false, stop
			}
			if bytes.HasPrefix(m.Sealed, []byte("new ")) {
				return false, nil
			}
			m.Sealed = append([]byte("new "), m.Sealed...)
			m.Indexes = append(m.Indexes, loyalty.Hash{2, m.Indexes[0][1], m.Indexes[0][2]})
			return true, nil
		}, func(loyalty.MerchantID, *loyalty.Consent) (bool, error) { return false, nil })
	}
	first, err := reseal(300)
	if !errors.Is(err, stop) || first != 200 {
		t.Errorf("stopped: %d, %v", first, err)
	}
	rest, err := reseal(many)
	if err != nil || rest != many-first || seen != many {
		t.Errorf("the rest: %d of %d, %v", rest, seen, err)
	}
	for _, key := range []byte{1, 2} {
		found, err := shop.MembersByContact(t.Context(), []loyalty.Hash{{key, 7, 1}})
		if err != nil || len(found) != 1 {
			t.Errorf("under key %d: %+v, %v", key, found, err)
		}
	}
}
