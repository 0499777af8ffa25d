package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// limitedByMember has a reward that each member may have so often.
func (s *Shop) limitedByMember(t testing.TB, times int64, others ...loyalty.Reward) *loyalty.Program {
	t.Helper()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards = append(others, loyalty.Reward{ID: loyaltytest.Topping, Name: "Topping", Cost: 1, PerMember: times})
	})
	program.ID = loyaltytest.ID("limited by member")
	s.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
	return program
}

// hearOfRewards has the process know that some program counts by member, and that some
// has codes.
func (s *Shop) hearOfRewards(t testing.TB) {
	t.Helper()
	program := s.limitedByMember(t, 1, loyalty.Reward{ID: loyaltytest.ID("heard of"), Name: "Code", Cost: 1, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}})
	card := s.Card(t, program, "heard of")
	if _, err := s.Store.Card(t.Context(), loyaltytest.Merchant, card.ID); err != nil {
		t.Fatal(err)
	}
}

func rich(c *loyalty.Card) { c.Balance, c.Lifetime = 300, 300 }

// has redeems until that is refused, and holds how often it went.
func (s *Shop) has(t *testing.T, step string, card loyalty.Card, want int) {
	t.Helper()
	for n := 0; ; n++ {
		results, err := s.Decide(t, topping(fmt.Sprint(t.Name(), step, n), card, s.Front))
		if err != nil {
			t.Fatal(err)
		}
		if results[0].Err == nil {
			continue
		}
		if n != want || !refusedWith(results[0].Err, loyalty.RewardLimitReached) {
			t.Errorf("%s: went %d times, want %d; %v", step, n, want, results[0].Err)
		}
		return
	}
}

func topping(name string, card loyalty.Card, till loyalty.Till) *loyalty.Command {
	return loyaltytest.Command(name, card.ID, till, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Topping})
}

// What a member has had counts with all cards, wherever they come from and go.
func testMemberLimit(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	program := shop.limitedByMember(t, 4)
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	card := func(name string, holder loyalty.Member, redeemed int) loyalty.Card {
		t.Helper()
		c := shop.Card(t, program, name, rich)
		for i := range redeemed {
			shop.Must(t, topping(fmt.Sprint(name, i), c, shop.Front))
		}
		if !holder.ID.IsZero() {
			shop.attach(t, c, holder)
		}
		return c
	}
	nobody := loyalty.Member{}
	detach := func(c loyalty.Card) {
		t.Helper()
		if err := shop.tryDetach(t, c); err != nil {
			t.Fatal(err)
		}
	}
	merge := func(from, into loyalty.Card) {
		t.Helper()
		shop.Must(t, loyaltytest.Command("merge "+from.ID.String(), from.ID, loyalty.Till{}, loyaltytest.Now, loyalty.Merger{Into: into.ID}))
	}

	first := card("first", anna, 1) // comes along
	detach(first)
	second := card("second", anna, 0)
	shop.Must(t, topping("one more", second, shop.Front)) // two in all
	for range 3 {                                         // coming back counts once, and going not at all
		shop.attach(t, first, anna)
		detach(first)
	}
	shop.attach(t, first, berta) // one of four
	shop.has(t, "berta's own", card("berta's own", berta, 0), 3)
	detach(first)
	shop.attach(t, first, anna)
	merge(first, second)
	shop.Must(t, topping("third", second, shop.Front))
	lost := card("lost", berta, 0)
	merge(second, lost) // anna's three stay hers, and berta has had seven
	third := card("third card", anna, 0)
	shop.has(t, "anna's third card", third, 1)
	shop.has(t, "berta's", lost, 0)
	detach(lost)
	shop.attach(t, lost, anna) // the three are counted once again
	void := shop.Must(t, topping("nobody's", card("nobody's", nobody, 0), shop.Front))
	shop.Must(t, loyaltytest.Command("void", void.Card.ID, shop.Front, loyaltytest.Now,
		loyalty.Reversal{Entry: void.Entries[0].ID, Reward: loyaltytest.Topping}, loyaltytest.Approved(loyalty.Manager)))
	shop.has(t, "nobody's card", void.Card, 4)

	carla, dora := shop.member(t, "carla", 3), shop.member(t, "dora", 4)
	carlas := card("carla's", carla, 1)
	detach(carlas)
	shop.attach(t, carlas, dora)
	card("dora's", dora, 1)
	_, err := shop.MergeMembers(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, carla.ID, dora.ID,
		func(*loyalty.Member, *loyalty.Member, []loyalty.Consent) (loyalty.Answer, error) {
			return loyalty.Answer{}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	shop.has(t, "carla and dora", carlas, 2)
	detach(carlas)
	_, err = shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, dora.ID, loyaltytest.Now,
		func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
}

// Two processes redeem with all cards of a member at the same moment: exactly as often
// as the member may.
func testMemberLimitRace(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	program := shop.limitedByMember(t, 3)
	stores := []*Shop{shop, shop.sibling(t)}
	for round := range 5 {
		member := shop.member(t, fmt.Sprint("anna ", round), byte(round))
		var went, refused atomic.Int64
		var all sync.WaitGroup
		for i := range 12 {
			card := shop.Card(t, program, fmt.Sprint("race ", round, i), rich)
			shop.attach(t, card, member)
			all.Go(func() {
				results, err := stores[i%2].Decide(t, topping(fmt.Sprint("race ", round, i), card, shop.Front))
				var refusal *loyalty.Refusal
				switch {
				case err != nil:
					t.Error(err)
				case results[0].Err == nil:
					went.Add(1)
				case errors.As(results[0].Err, &refusal) && refusal.Code == loyalty.RewardLimitReached:
					refused.Add(1)
				default:
					t.Error(results[0].Err)
				}
			})
		}
		all.Wait()
		if went.Load() != 3 || refused.Load() != 9 {
			t.Errorf("round %d: %d redeemed, %d were refused", round, went.Load(), refused.Load())
		}
	}
}
