package storetest

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testErasedWhilePosting erases a member while a purchase is being posted to her
// card: it was decided when the card was hers, so what she bought goes, too.
func testErasedWhilePosting(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere := shop.sibling(t)
	anna, card := shop.member(t, "anna", 1), shop.Card(t, shop.Points, "anna")
	shop.attach(t, card, anna)
	batch := []*loyalty.Command{loyaltytest.Command("late", card.ID, shop.Front, loyaltytest.Now,
		loyalty.Earning{Purchase: loyaltytest.Purchase("late", 900)})}
	erased := make(chan error, 1)
	begun := false
	err := shop.Post(t.Context(), *loyaltytest.Keys(batch), func(f *loyalty.Facts) loyalty.Writes {
		if !begun {
			begun = true
			go func() {
				_, err := elsewhere.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now,
					func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
				erased <- err
			}()
			select { // it has to wait; the time for it to get ahead of us is no part of what is tested
			case err := <-erased:
				erased <- err
			case <-time.After(300 * time.Millisecond):
			}
		}
		w, _ := loyaltytest.Decide(f, batch, loyaltytest.Now)
		return *w
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	entries, err := shop.DetailedEntries(t.Context(), card.ID, 0, 10)
	if err != nil || len(entries) != 1 || entries[0].Detail != nil {
		t.Errorf("what was bought is still there: %+v, %v", entries, err)
	}
}

// attach makes a card a member's.
func (s *Shop) attach(t testing.TB, card loyalty.Card, m loyalty.Member) {
	t.Helper()
	if err := s.tryAttach(t, card, m); err != nil {
		t.Fatal(err)
	}
}
