package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testAttachMerged attaches and detaches cards that have ended: the caller is told
// where to go on, and no such card alone is anybody's.
func testAttachMerged(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	old, into := shop.Card(t, shop.Stamps, "old"), shop.Card(t, shop.Stamps, "into")
	shop.Must(t, merging(old, into))
	shop.endedFor(t, into, shop.tryAttach(t, old, anna))
	if got := shop.ownerOf(t, old); !got.IsZero() {
		t.Errorf("the ended card became %s's", got)
	}
	shop.attach(t, into, anna)

	hers, next := shop.Card(t, shop.Stamps, "hers"), shop.Card(t, shop.Stamps, "next")
	shop.attach(t, hers, anna)
	shop.Must(t, merging(hers, next))
	shop.endedFor(t, next, shop.tryAttach(t, hers, anna))
	shop.endedFor(t, next, shop.tryDetach(t, hers))
	for _, card := range []loyalty.Card{next, hers} { // in this order both can be
		if err := shop.tryDetach(t, card); err != nil || !shop.ownerOf(t, card).IsZero() {
			t.Errorf("%s is still somebody's: %v", card.ID, err)
		}
	}

	mine, bertas := shop.Card(t, shop.Stamps, "mine"), shop.Card(t, shop.Stamps, "bertas")
	shop.attach(t, mine, anna)
	shop.attach(t, bertas, berta)
	shop.Must(t, merging(mine, bertas))
	if err := shop.tryDetach(t, mine); err != nil || shop.ownerOf(t, bertas) != berta.ID {
		t.Errorf("berta's card is %s's: %v", shop.ownerOf(t, bertas), err)
	}
}

// testAttachWhileMerging attaches and detaches a card when its merge is decided, and
// not committed yet: either waits, and is told where to go on.
func testAttachWhileMerging(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere, anna := shop.sibling(t), shop.member(t, "anna", 1)
	for name, test := range map[string]struct {
		before, after loyalty.MemberID
		do            func(loyalty.Card) error
	}{
		"attach": {do: func(old loyalty.Card) error { return elsewhere.tryAttach(t, old, anna) }},
		"detach": {before: anna.ID, after: anna.ID, do: func(old loyalty.Card) error { return elsewhere.tryDetach(t, old) }},
	} {
		t.Run(name, func(t *testing.T) {
			old, into := shop.Card(t, shop.Stamps, name+" old"), shop.Card(t, shop.Stamps, name+" into")
			if !test.before.IsZero() {
				shop.attach(t, old, anna)
			}
			shop.endedFor(t, into, shop.meanwhile(t, merging(old, into), func() error { return test.do(old) }))
			if a, b := shop.ownerOf(t, old), shop.ownerOf(t, into); a != test.after || b != test.after {
				t.Errorf("the ended card is %s's, the survivor %s's", a, b)
			}
		})
	}
}

// meanwhile posts a command, and begins something else before it is committed, which
// has to wait; the time for it to get ahead of us is no part of what is tested.
func (s *Shop) meanwhile(t *testing.T, c *loyalty.Command, do func() error) error {
	t.Helper()
	batch, done := []*loyalty.Command{c}, make(chan error, 1)
	begun := false
	err := s.Post(t.Context(), *loyaltytest.Keys(batch), func(f *loyalty.Facts) loyalty.Writes {
		w, _ := loyaltytest.Decide(f, batch, loyaltytest.Now)
		w.Late = func() ([]loyalty.Answer, error) {
			if !begun {
				begun = true
				go func() { done <- do() }()
			}
			select {
			case err := <-done:
				done <- err
			case <-time.After(300 * time.Millisecond):
			}
			return nil, nil
		}
		return *w
	})
	if err != nil {
		t.Fatal(err)
	}
	return <-done
}

// testAttachOrMerge attaches and merges a card in two processes at once, many times
// over: the survivor is the member's, or the attaching was refused.
func testAttachOrMerge(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere, anna := shop.sibling(t), shop.member(t, "anna", 1)
	for round := range 20 {
		old, into := shop.Card(t, shop.Stamps, fmt.Sprint("old ", round)), shop.Card(t, shop.Stamps, fmt.Sprint("into ", round))
		attached := make(chan error, 1)
		go func() {
			time.Sleep(time.Duration(round%5) * time.Millisecond)
			attached <- elsewhere.tryAttach(t, old, anna)
		}()
		shop.Must(t, merging(old, into))
		want := anna.ID
		if err := <-attached; err != nil {
			shop.endedFor(t, into, err)
			want = loyalty.MemberID{}
		}
		if a, b := shop.ownerOf(t, old), shop.ownerOf(t, into); a != want || b != want {
			t.Errorf("round %d: the ended card is %s's, the survivor %s's, want %s", round, a, b, want)
		}
	}
}

// endedFor holds that something was refused for a card that goes on as another.
func (s *Shop) endedFor(t *testing.T, into loyalty.Card, err error) {
	t.Helper()
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != loyalty.CardMerged || refusal.Card != into.ID {
		t.Errorf("want a word on %s, got %v", into.ID, err)
	}
}

// ownerOf is whose a card is: nobody's is the zero one.
func (s *Shop) ownerOf(t *testing.T, card loyalty.Card) loyalty.MemberID {
	t.Helper()
	m, err := s.MemberOfCard(t.Context(), loyaltytest.Merchant, card.ID)
	if err != nil && !errors.Is(err, loyalty.ErrNotFound) {
		t.Fatal(err)
	}
	return m.ID
}

func (s *Shop) tryAttach(t testing.TB, card loyalty.Card, m loyalty.Member) error {
	attachment := loyalty.Attachment{Card: card.ID, Member: m.ID, At: loyaltytest.Now}
	_, err := s.AttachCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, attachment, attached)
	return err
}

func (s *Shop) tryDetach(t testing.TB, card loyalty.Card) error {
	_, err := s.DetachCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, card.ID, loyaltytest.Now, attached)
	return err
}

func attached(loyalty.Attachment) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
