package storetest

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// counterTag puts a tag on the counter of the front till, for a program of the shop
// that pays for its taps.
func (s *Shop) counterTag(t testing.TB, program loyalty.ProgramID, uid loyalty.TagUID) (added loyalty.Tag) {
	t.Helper()
	tag := loyalty.Tag{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Location: s.Front.Location, Program: program, UID: uid,
		KeyID: "n01", Label: "front", Created: loyaltytest.Now,
	}
	if _, err := s.AddTag(t.Context(), loyalty.Answer{}, tag, keep(&added)); err != nil {
		t.Fatal(err)
	}
	return added
}

// counterProgram is a program that pays for taps at the counter.
func (s *Shop) counterProgram(t testing.TB, approval string) *loyalty.Program {
	t.Helper()
	cone := loyalty.RewardID(loyalty.NewID())
	p := loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Counter = loyalty.CounterRule{Enabled: true, Approval: approval}
		r.Rewards, r.Card.Reward = []loyalty.Reward{{ID: cone, Name: "A cone"}}, cone
	})
	p.ID = loyalty.NewID()
	s.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*p, loyaltytest.Now) })
	return p
}

// tapAt is one tap of a counter tag with a card, at a time.
func tapAt(name string, tag *loyalty.Tag, card loyalty.CardID, value uint32, now time.Time) *loyalty.Command {
	c := loyaltytest.Command(name, card, loyalty.Till{}, now, loyalty.CounterTap{Approval: loyalty.NewID()}, loyaltytest.AtCounter(*tag, value))
	c.Location = tag.Location
	return c
}

// testCounterTags taps a shop's tag in turn with two stores: what one has seen the
// other knows, and the location's hours and zone count.
func testCounterTags(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	p := shop.counterProgram(t, loyalty.ByNobody)
	anna, bert := shop.Card(t, p, "anna"), shop.Card(t, p, "bert")
	tag := shop.counterTag(t, p.ID, loyalty.TagUID{4, 9})
	if read, err := shop.CounterTag(t.Context(), tag.ID); err != nil || !reflect.DeepEqual(read, tag) || !read.OnCounter() || read.Location != shop.Front.Location {
		t.Fatalf("%+v, %v", read, err)
	}
	posts := 0
	try := func(card loyalty.CardID, value uint32, want loyalty.Code) {
		t.Helper()
		posts++
		results, err := stores[posts%2].Decide(t, tapAt(fmt.Sprint("counter ", posts), &tag, card, value, loyaltytest.Now))
		if err != nil {
			t.Fatal(err)
		}
		if err := results[0].Err; want == "" && err != nil || want != "" && !refusedWith(err, want) {
			t.Errorf("%d: %v, want %q", value, err, want)
		}
	}
	try(anna.ID, 3, "")
	try(bert.ID, 3, loyalty.CredentialUsed)
	try(bert.ID, 8, "")
	try(anna.ID, 5, "")
	try(anna.ID, 6, "")
	try(anna.ID, 5, loyalty.CredentialUsed)
	try(bert.ID, 11, "")
	gaps, err := shop.Gaps(t.Context(), tag.ID, loyalty.GapID{}, 10)
	if err != nil || len(gaps) != 2 {
		t.Fatalf("%+v, %v", gaps, err)
	}
	if last, first := gaps[0], gaps[1]; first.First != 4 || first.Last != 7 || first.Missing() != 2 || last.First != 9 || last.Missing() != 2 {
		t.Errorf("%+v", gaps)
	}

	closed := (loyaltytest.Now.In(shop.Front.Zone).Weekday() + 3) % 7
	_, err = shop.ChangeLocation(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, tag.Location, loyaltytest.Now, func(l *loyalty.Location) (loyalty.Answer, error) {
		l.Hours = loyalty.Hours{{Day: closed, Opens: 60, Closes: 120}}
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	try(anna.ID, 20, loyalty.ShopClosed)
	if l, err := shop.Location(t.Context(), loyaltytest.Merchant, tag.Location); err != nil || len(l.Hours) != 1 || l.Hours[0].Closes != 120 {
		t.Errorf("%+v, %v", l, err)
	}
	renewed := shop.renewTag(t, tag)
	if renewed.Counter != 0 || renewed.Floor != 0 || renewed.Recent != nil {
		t.Errorf("renewed: %+v", renewed)
	}
	for _, kept := range []struct{ days, gaps int }{{364, 2}, {366, 0}} {
		if _, err := shop.Prune(t.Context(), loyaltytest.Now.Add(time.Duration(kept.days)*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if gaps, err := shop.Gaps(t.Context(), tag.ID, loyalty.GapID{}, 10); err != nil || len(gaps) != kept.gaps {
			t.Errorf("after %d days: %+v, %v", kept.days, gaps, err)
		}
	}
}

// testApprovals lets tills of a shop decide: once, whoever asks, and not too late.
func testApprovals(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	p := shop.counterProgram(t, loyalty.ByTill)
	anna, bert := shop.Card(t, p, "anna"), shop.Card(t, p, "bert")
	tag := shop.counterTag(t, p.ID, loyalty.TagUID{4, 9})
	ask := func(card loyalty.CardID, value uint32) loyalty.Approval {
		t.Helper()
		c := tapAt(fmt.Sprint("ask ", value), &tag, card, value, loyaltytest.Now)
		if results, err := shop.Decide(t, c); err != nil || results[0].Err != nil {
			t.Fatal(err, results)
		}
		a, err := shop.Approval(t.Context(), loyaltytest.Merchant, c.Do.(loyalty.CounterTap).Approval)
		if err != nil || a.Card != card || a.Tapped.Counter != value || a.Units != 1 || a.State(loyaltytest.Now) != loyalty.Waiting {
			t.Fatalf("%+v, %v", a, err)
		}
		return a
	}
	first, second := ask(anna.ID, 1), ask(bert.ID, 2)
	again := tapAt("ask again", &tag, anna.ID, 3, loyaltytest.Now)
	results, err := shop.sibling(t).Decide(t, again)
	if err != nil || results[0].Err != nil || results[0].Decision.Waits == nil || *results[0].Decision.Waits != first {
		t.Errorf("whoever waits has asked again: %v, %+v", err, results)
	}
	waiting := func(after loyalty.ApprovalID, at time.Time) []loyalty.Approval {
		t.Helper()
		list, err := shop.WaitingApprovals(t.Context(), loyaltytest.Merchant, tag.Location, at, after, 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := waiting(loyalty.ApprovalID{}, loyaltytest.Now); len(got) != 2 || got[0] != first {
		t.Errorf("%+v", got)
	}
	if got := waiting(first.ID, loyaltytest.Now); len(got) != 1 || got[0] != second {
		t.Errorf("the next page: %+v", got)
	}
	if got := waiting(loyalty.ApprovalID{}, first.Expires); len(got) != 0 {
		t.Errorf("too late: %+v", got)
	}

	// Two tills and two stores at once.
	stores := []*Shop{shop, shop.sibling(t)}
	var deciding sync.WaitGroup
	var mu sync.Mutex
	approved := 0
	for i := range 20 {
		deciding.Go(func() {
			c := loyaltytest.Command(fmt.Sprint("approve ", i), anna.ID, shop.Front, loyaltytest.Now, loyalty.Approving{Approval: first.ID},
				func(c *loyalty.Command) { first.Present(c) })
			results, err := stores[i%2].Decide(t, c)
			if err != nil || results[0].Err != nil && !refusedWith(results[0].Err, loyalty.ApprovalDecided) {
				t.Errorf("%v, %+v", err, results)
				return
			}
			if results[0].Err == nil {
				mu.Lock()
				approved++
				mu.Unlock()
			}
		})
	}
	deciding.Wait()
	a, err := shop.Approval(t.Context(), loyaltytest.Merchant, first.ID)
	if err != nil || approved != 1 || a.State(loyaltytest.Now) != loyalty.Approved || a.Till != shop.Front.ID || a.Entry.IsZero() {
		t.Errorf("approved %d times: %+v, %v", approved, a, err)
	}
	if state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, anna.ID); err != nil || state.Card.Balance != 1 {
		t.Errorf("%+v, %v", state, err)
	}

	refuse := func(id loyalty.ApprovalID, till loyalty.Till, want loyalty.Code) {
		t.Helper()
		_, err := shop.RefuseApproval(t.Context(), loyalty.Answer{}, till, loyalty.StaffID{}, id, loyaltytest.Now,
			func(*loyalty.Approval) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
		if want == "" && err != nil || want != "" && !refusedWith(err, want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refuse(first.ID, shop.Front, loyalty.ApprovalDecided)
	refuse(second.ID, shop.Front, "")
	refuse(second.ID, shop.Front, "")
	refuse(loyalty.NewID(), shop.Front, loyalty.ApprovalNotFound)
	if got := waiting(loyalty.ApprovalID{}, loyaltytest.Now); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if _, err := shop.Prune(t.Context(), loyaltytest.Now.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Approval(t.Context(), loyaltytest.Merchant, first.ID); !refusedWith(err, loyalty.ApprovalNotFound) {
		t.Errorf("kept for ever: %v", err)
	}
	proven(t, shop, 2)
}
