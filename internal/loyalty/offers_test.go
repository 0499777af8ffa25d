package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones, func(r *loyalty.Rules) { r.Rewards[1].ValidIn = 1 }))
	shop.Do(loyalty.Earning{Units: 20})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone})
	card := shop.Card()
	tests := []struct {
		name  string
		scan  loyalty.Scanned
		needs loyalty.Role
	}{
		{"live", loyalty.Scanned{Method: loyalty.Live}, loyalty.NoRole},
		{"printed", loyalty.Scanned{Method: loyalty.Static, Surface: loyalty.Print, Generation: 1}, loyalty.Cashier},
		{"wallet", loyalty.Scanned{Method: loyalty.Static, Surface: loyalty.Wallet, Generation: 2}, loyalty.Cashier},
		{"old wallet", loyalty.Scanned{Method: loyalty.Static, Surface: loyalty.Wallet, Generation: 1}, loyalty.Manager},
	}
	for _, tt := range tests {
		offers := loyalty.Offers(shop.Program(), &card, &loyalty.Belonging{}, shop.Vouchers(), nil, nil, &tt.scan, shop.Now)
		if len(offers) != 5 { // four toppings, one cone
			t.Fatalf("%s: %d offers", tt.name, len(offers))
		}
		for _, offer := range offers {
			if offer.Needs != tt.needs || !offer.Available || offer.Voucher.IsZero() || offer.Name == "" || offer.Cost != 0 {
				t.Errorf("%s: %+v, needs %s", tt.name, offer, tt.needs)
			}
		}
	}
	offers := loyalty.Offers(shop.Program(), &card, &loyalty.Belonging{}, shop.Vouchers(), nil, nil, &tests[0].scan, shop.Now.Add(24*time.Hour))
	if len(offers) != 1 || offers[0].Reward != loyaltytest.Cone {
		t.Errorf("a day later: %+v", offers)
	}
}

// An offer that is shown as available is one that Decide grants.
func TestOffersOfTheCatalogue(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, lapsing))
	shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 2000)})
	live := loyalty.Scanned{Method: loyalty.Live}
	card := shop.Card()
	available := func(now time.Time) (list []loyalty.RewardID) {
		for _, offer := range loyalty.Offers(shop.Program(), &card, &loyalty.Belonging{}, nil, nil, nil, &live, now) {
			if offer.Available {
				list = append(list, offer.Reward)
			}
		}
		return list
	}
	if got := available(shop.Now); !slices.Equal(got, []loyalty.RewardID{loyaltytest.Topping}) {
		t.Errorf("available %v", got)
	}
	if got := available(shop.Now.Add(daysLast)); len(got) != 0 {
		t.Errorf("available after the units have lapsed: %v", got)
	}
}

func TestNextReward(t *testing.T) {
	t.Parallel()
	stamps, points := loyaltytest.Program(t, twoMilestones), loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.AllowNegative = true
		r.Rewards = append(r.Rewards, loyalty.Reward{ID: loyaltytest.Cone, Name: "Only with a voucher"})
	})
	tests := []struct {
		name    string
		program *loyalty.Program
		balance int64
		want    loyalty.Next
		none    bool
	}{
		{name: "first milestone", program: stamps, balance: 0, want: loyalty.Next{Reward: loyaltytest.Topping, At: 3, Missing: 3}},
		{name: "second milestone", program: stamps, balance: 3, want: loyalty.Next{Reward: loyaltytest.Topping, At: 6, Missing: 3}},
		{name: "full card", program: stamps, balance: 6, want: loyalty.Next{Reward: loyaltytest.Cone, At: 10, Missing: 4}},
		{name: "cheapest", program: points, balance: 0, want: loyalty.Next{Reward: loyaltytest.Topping, At: 5, Missing: 5}},
		{name: "next", program: points, balance: 5, want: loyalty.Next{Reward: loyaltytest.Machine, At: 100, Missing: 95}},
		{name: "in debt", program: points, balance: -7, want: loyalty.Next{Reward: loyaltytest.Topping, At: 5, Missing: 12}},
		{name: "all in reach", program: points, balance: 100, none: true},
	}
	for _, tt := range tests {
		card := loyaltytest.Card(tt.program, "anna", func(c *loyalty.Card) { c.Balance = tt.balance })
		got, ok := loyalty.NextReward(tt.program, &card, nil, loyaltytest.Now)
		if got.Name == "" == ok {
			t.Errorf("%s: named %q", tt.name, got.Name)
		}
		if got.Name = ""; ok == tt.none || got != tt.want {
			t.Errorf("%s: got %+v, %t, want %+v", tt.name, got, ok, tt.want)
		}
	}
}

func TestScanEnds(t *testing.T) {
	t.Parallel()
	if got := loyalty.ScanEnds(loyaltytest.Program(t), loyaltytest.Now).Sub(loyaltytest.Now); got != 15*time.Minute {
		t.Errorf("a scan lasts %s", got)
	}
}
