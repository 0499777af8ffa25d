package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// joinsByWork presses the button of the link for who: fresh is who it would make.
func (s *Shop) joinsByWork(t testing.TB, a loyalty.Agreement, who byte, fresh string, fail error) (loyalty.MemberID, error) {
	t.Helper()
	f := loyalty.Affiliation{Agreement: a.ID, Who: loyalty.Hash{who}, Domain: "harbour.example", Since: loyaltytest.Now}
	member := loyalty.Member{ID: loyaltytest.ID("fresh " + fresh), Merchant: loyaltytest.Merchant, Sealed: []byte("sealed"), Created: loyaltytest.Now, Changed: loyaltytest.Now}
	command := loyalty.Command{Merchant: loyaltytest.Merchant, Card: loyaltytest.ID("card of " + fresh), Captured: loyaltytest.Now}
	answer, err := s.JoinByWork(t.Context(), loyalty.Answer{}, f, member, command, s.Stamps.ID, func(p *loyalty.Program) (*loyalty.Decision, loyalty.Answer, error) {
		d, err := loyalty.OpenCard(p, command, loyaltytest.Now, loyalty.NewID)
		return d, loyalty.Answer{}, errors.Join(err, fail)
	})
	if err != nil {
		return loyalty.MemberID{}, err
	}
	id, err := loyalty.ParseID[loyalty.MemberID](string(answer.Body))
	if err != nil {
		t.Error(err)
	}
	return id, nil
}

// testJoinByWork holds that joining by a work address leaves nothing half done, and makes
// one member with one card, however often it is done at once.
func testJoinByWork(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	a := shop.agreement(t, "harbour", "harbour.example")
	broken := errors.New("broken")
	if _, err := shop.joinsByWork(t, a, 1, "first", broken); !errors.Is(err, broken) {
		t.Fatalf("broken: %v", err)
	}
	if _, err := shop.Member(t.Context(), loyaltytest.Merchant, loyaltytest.ID("fresh first")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a member is left: %v", err)
	}
	for who := range byte(12) {
		shop.joinsAtOnce(t, a, who+1)
	}
	_, err := shop.ConfirmWork(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, shop.Card(t, shop.Stamps, "nobody's").ID,
		loyalty.Affiliation{Agreement: a.ID, Who: loyalty.Hash{99}, Since: loyaltytest.Now},
		loyalty.Member{ID: loyaltytest.ID("refused"), Merchant: loyaltytest.Merchant, Sealed: []byte("sealed"), Created: loyaltytest.Now, Changed: loyaltytest.Now})
	isRefused(t, err, loyalty.NotOnRoster)
	if _, err := shop.Member(t.Context(), loyaltytest.Merchant, loyaltytest.ID("refused")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a member is left: %v", err)
	}
}

// joinsAtOnce presses the button of one link four times at the same moment.
func (s *Shop) joinsAtOnce(t *testing.T, a loyalty.Agreement, who byte) {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	got := map[loyalty.MemberID]bool{}
	for i := range 4 {
		all.Go(func() {
			id, err := s.joinsByWork(t, a, who, fmt.Sprint(who, " again ", i), nil)
			mu.Lock()
			defer mu.Unlock()
			if got[id] = true; err != nil {
				t.Errorf("at once: %v", err)
			}
		})
	}
	all.Wait()
	found, err := s.Agreement(t.Context(), loyaltytest.Merchant, a.ID)
	if err != nil || found.People != int64(who) || len(got) != 1 {
		t.Errorf("%d people after %d, %d members: %v", found.People, who, len(got), err)
	}
	for id := range got {
		cards, err := s.MemberCards(t.Context(), loyaltytest.Merchant, id, loyalty.CardID{}, 9)
		if err != nil || len(cards) != 1 || cards[0].Belonging.Agreement != a.ID {
			t.Errorf("%d cards, %v", len(cards), err)
		}
	}
}

// opensAnother opens one more card of a member's.
func (s *Shop) opensAnother(t testing.TB, name string, m loyalty.MemberID) loyalty.Card {
	t.Helper()
	command := loyalty.Command{Merchant: loyaltytest.Merchant, Card: loyaltytest.ID(name), Captured: loyaltytest.Now}
	var d *loyalty.Decision
	if _, err := s.OpenMemberCard(t.Context(), command, s.Stamps.ID, m, func(p *loyalty.Program) (_ *loyalty.Decision, _ loyalty.Answer, err error) {
		d, err = loyalty.OpenCard(p, command, loyaltytest.Now, loyalty.NewID)
		return d, loyalty.Answer{}, err
	}); err != nil {
		t.Fatal(err)
	}
	return d.Card
}

// testMergeTellsWhoJoinedByWork holds that an address opens the card of whoever joined by
// it alone no more once a card that was not theirs is merged with it: then what was done
// with that stands on theirs, too.
func testMergeTellsWhoJoinedByWork(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	a, berta := shop.agreement(t, "harbour", "harbour.example"), shop.member(t, "berta", 1)
	nobodys := func(name string, _ loyalty.MemberID) loyalty.Card { return shop.Card(t, shop.Stamps, name) }
	bertas := func(name string, _ loyalty.MemberID) loyalty.Card { return shop.opensAnother(t, name, berta.ID) }
	own := func(name string, she loyalty.MemberID) loyalty.Card { return shop.opensAnother(t, name, she) }
	for i, test := range []struct {
		name  string
		other func(string, loyalty.MemberID) loyalty.Card
		into  bool // the other goes on, not the card that they joined for
		back  bool // they come back by the address
	}{
		{"nobody's into theirs", nobodys, false, false},
		{"theirs into nobody's", nobodys, true, false},
		{"another member's into theirs", bertas, false, false},
		{"theirs into another member's", bertas, true, true},
		{"one of theirs into another", own, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			she, err := shop.joinsByWork(t, a, byte(i+1), test.name, nil)
			if err != nil {
				t.Fatal(err)
			}
			from, into := test.other(test.name, she), loyalty.Card{ID: loyaltytest.ID("card of " + test.name)}
			if test.into {
				from, into = into, from
			}
			shop.Must(t, merging(from, into))
			again, err := shop.joinsByWork(t, a, byte(i+1), test.name+" again", nil)
			if test.back && (err != nil || again != she) || !test.back && !errors.Is(err, loyalty.ErrKnownOtherwise) {
				t.Errorf("comes back as %s: %v", again, err)
			}
		})
	}
}
