package loyalty_test

import (
	"math"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestEarnUnits(t *testing.T) {
	t.Parallel()
	pieces := func(items ...loyalty.Item) *loyalty.Purchase {
		if len(items) > 0 {
			items[0].Amount = 1000
		}
		return loyaltytest.Purchase("r1", 1000, func(p *loyalty.Purchase) { p.Items = items })
	}
	piece := func(thousandths int64) loyalty.Item { return loyalty.Item{Unit: "piece", Quantity: thousandths} }
	free := func(items ...loyalty.Item) *loyalty.Purchase {
		p := pieces(items...)
		p.PaidWithReward = p.Total
		return p
	}
	program := func(change func(*loyalty.Rules)) *loyalty.Program {
		return loyaltytest.Points(t, func(r *loyalty.Rules) {
			r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
			change(r)
		})
	}
	units := program(func(*loyalty.Rules) {})
	visit := program(func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByVisit, PerVisit: 2} })
	tests := []struct {
		name    string
		program *loyalty.Program
		earn    loyalty.Earning
		want    int64
		refused loyalty.Code
	}{
		{name: "as typed", program: units, earn: loyalty.Earning{Units: 3}, want: 3},
		{name: "the most", program: units, earn: loyalty.Earning{Units: loyalty.MaxUnits}, want: loyalty.MaxUnits},
		{name: "nothing given", program: units, refused: loyalty.UnitsOutOfRange},
		{name: "negative", program: units, earn: loyalty.Earning{Units: -1}, refused: loyalty.UnitsOutOfRange},
		{name: "most negative", program: units, earn: loyalty.Earning{Units: math.MinInt64}, refused: loyalty.UnitsOutOfRange},
		{name: "too many", program: units, earn: loyalty.Earning{Units: loyalty.MaxUnits + 1}, refused: loyalty.UnitsOutOfRange},
		{name: "far too many", program: units, earn: loyalty.Earning{Units: math.MaxInt64}, refused: loyalty.UnitsOutOfRange},

		{name: "pieces", program: units, earn: loyalty.Earning{Purchase: pieces(piece(2000), piece(1000))}, want: 3},
		{name: "halves make a whole", program: units, earn: loyalty.Earning{Purchase: pieces(piece(500), piece(500))}, want: 1},
		{name: "no whole piece", program: units, earn: loyalty.Earning{Purchase: pieces(piece(999))}, refused: loyalty.NothingToEarn},
		{name: "litres are no pieces", program: units, earn: loyalty.Earning{Purchase: pieces(loyalty.Item{Unit: "litre", Quantity: 40_000})}, refused: loyalty.NothingToEarn},
		{name: "no items", program: units, earn: loyalty.Earning{Purchase: pieces()}, refused: loyalty.NothingToEarn},
		{name: "typed beats counted", program: units, earn: loyalty.Earning{Units: 1, Purchase: pieces(piece(5000))}, want: 1},
		{name: "typed negative with a purchase", program: units, earn: loyalty.Earning{Units: -1, Purchase: pieces(piece(5000))}, refused: loyalty.UnitsOutOfRange},

		{name: "a reward paid for all, pieces", program: units, earn: loyalty.Earning{Purchase: free(piece(1000))}, refused: loyalty.NothingToEarn},
		{name: "a reward paid for all, visit", program: visit, earn: loyalty.Earning{Purchase: free()}, refused: loyalty.NothingToEarn},
		{name: "a reward paid for all, and yet typed", program: units, earn: loyalty.Earning{Units: 1, Purchase: free()}, want: 1},
		{name: "a purchase of nothing", program: visit, earn: loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 0)}, want: 2},

		{name: "visit", program: visit, want: 2},
		{name: "visit with a purchase", program: visit, earn: loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 5)}, want: 2},
		{name: "visit, units typed", program: visit, earn: loyalty.Earning{Units: 2}, refused: loyalty.UnitsNotAccepted},
		{name: "spend, units typed", program: loyaltytest.Points(t), earn: loyalty.Earning{Units: 2}, refused: loyalty.UnitsNotAccepted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, tt.program)
			if tt.refused != "" {
				shop.Refused(tt.refused, tt.earn)
				return
			}
			entry, card := shop.Entry(tt.earn), shop.Card()
			if entry.Units != tt.want || card.Balance != tt.want || card.Lifetime != tt.want {
				t.Errorf("earned %d, balance %d, lifetime %d, want %d", entry.Units, card.Balance, card.Lifetime, tt.want)
			}
		})
	}
}

func TestEarnBySpend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		rounding loyalty.Rounding
		change   func(*loyalty.Rules)
		total    int64
		reward   int64 // of it, paid with a reward
		want     int64
		refused  loyalty.Code
	}{
		{name: "down", rounding: loyalty.Down, total: 199, want: 1},
		{name: "half up, below", rounding: loyalty.HalfUp, total: 149, want: 1},
		{name: "half up, at", rounding: loyalty.HalfUp, total: 150, want: 2},
		{name: "up", rounding: loyalty.Up, total: 101, want: 2},
		{name: "exact is never rounded", rounding: loyalty.Up, total: 200, want: 2},
		{name: "too little", rounding: loyalty.Down, total: 99, refused: loyalty.NothingToEarn},
		{name: "free", rounding: loyalty.Up, total: 0, refused: loyalty.NothingToEarn},
		{name: "what a reward paid earns nothing", rounding: loyalty.Down, total: 500, reward: 150, want: 3},
		{name: "all paid with a reward", rounding: loyalty.Up, total: 500, reward: 500, refused: loyalty.NothingToEarn},
		{
			name: "below the minimum", rounding: loyalty.Down, total: 999, refused: loyalty.NothingToEarn,
			change: func(r *loyalty.Rules) { r.Earn.Minimum = 1000 },
		},
		{
			name: "at the minimum", rounding: loyalty.Down, total: 1000, want: 10,
			change: func(r *loyalty.Rules) { r.Earn.Minimum = 1000 },
		},
		{
			name: "the minimum is of what was paid", rounding: loyalty.Down, total: 1000, reward: 1, refused: loyalty.NothingToEarn,
			change: func(r *loyalty.Rules) { r.Earn.Minimum = 1000 },
		},
		{
			name: "three for each two", rounding: loyalty.Down, total: 5, want: 7,
			change: func(r *loyalty.Rules) { r.Earn.Units, r.Earn.Per = 3, 2 },
		},
		{
			name: "more than a card can hold", rounding: loyalty.Down, total: loyalty.MaxAmount, refused: loyalty.UnitsOutOfRange,
			change: func(r *loyalty.Rules) { r.Earn.Units, r.Earn.Per = loyalty.MaxUnits, 1 },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
				r.Earn.Rounding = tt.rounding
				if tt.change != nil {
					tt.change(r)
				}
			}))
			earn := loyalty.Earning{Purchase: loyaltytest.Purchase("r1", tt.total, func(p *loyalty.Purchase) { p.PaidWithReward = tt.reward })}
			if tt.refused != "" {
				shop.Refused(tt.refused, earn)
				return
			}
			if entry := shop.Entry(earn); entry.Units != tt.want {
				t.Errorf("earned %d, want %d", entry.Units, tt.want)
			}
		})
	}
}

func TestEarnBySpendNeedsAMatchingPurchase(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t))
	shop.Refused(loyalty.PurchaseRequired, loyalty.Earning{})
	shop.Refused(loyalty.CurrencyMismatch, loyalty.Earning{
		Purchase: loyaltytest.Purchase("r1", 500, func(p *loyalty.Purchase) { p.Currency = "PLN" }),
	})
}

func TestEarnPerScanMaximum(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.PerScan = 3 }))
	shop.Do(loyalty.Earning{Units: 3})
	refusal := shop.Refused(loyalty.PINRequired, loyalty.Earning{Units: 4})
	if refusal.Needs != loyalty.Manager {
		t.Errorf("needs %s", refusal.Needs)
	}
	shop.Refused(loyalty.PINRequired, loyalty.Earning{Units: 4}, loyaltytest.Approved(loyalty.Cashier))
	entry := shop.Entry(loyalty.Earning{Units: 4}, loyaltytest.Approved(loyalty.Manager))
	if entry.Staff.IsZero() {
		t.Error("the entry does not say who approved")
	}
	shop.Do(loyalty.Earning{Units: 4}, loyaltytest.Approved(loyalty.Owner))
	shop.Do(loyalty.Earning{Units: 4}, loyaltytest.AtOffice)
}

func TestEarnCooldown(t *testing.T) {
	t.Parallel()
	const live, static = time.Hour, 24 * time.Hour
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Earn.Cooldown, r.Earn.StaticCooldown = int64(live/time.Second), int64(static/time.Second)
	}))
	printed := loyaltytest.Photographable(loyalty.Print, 1)
	began := shop.Now
	shop.Do(loyalty.Earning{Units: 1}, printed)

	shop.After(live - time.Microsecond)
	refusal := shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1})
	if !refusal.RetryAt.Equal(began.Add(live)) {
		t.Errorf("retry at %s, want %s", refusal.RetryAt, began.Add(live))
	}
	for _, method := range []loyalty.Method{loyalty.VAS, loyalty.SmartTap} {
		shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1}, loyaltytest.ByPhone(method, 1))
	}
	shop.After(time.Microsecond)
	shop.Do(loyalty.Earning{Units: 1})
	shop.After(live)
	shop.Do(loyalty.Earning{Units: 1}, loyaltytest.ByPhone(loyalty.SmartTap, 1))

	began = shop.Now
	shop.After(static - time.Microsecond)
	refusal = shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1}, printed)
	if !refusal.RetryAt.Equal(began.Add(static)) {
		t.Errorf("retry at %s, want %s", refusal.RetryAt, began.Add(static))
	}
	shop.After(time.Microsecond)
	shop.Do(loyalty.Earning{Units: 1}, printed)
}

// The longer of the two holds for codes that can be photographed.
func TestEarnStaticCooldownIsNeverShorter(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.Cooldown, r.Earn.StaticCooldown = 60, 30 }))
	shop.Do(loyalty.Earning{Units: 1})
	shop.After(59 * time.Second)
	shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1}, loyaltytest.Photographable(loyalty.Wallet, 1))
}

// Without a cooldown the clock of another process may lag behind the last earn.
func TestEarnWithoutCooldownWhenTheClockLags(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 1})
	shop.After(-3 * time.Millisecond)
	shop.Do(loyalty.Earning{Units: 1})
}

func TestEarnProgramStartsAndEnds(t *testing.T) {
	t.Parallel()
	starts, ends := loyaltytest.Now.Add(time.Hour), loyaltytest.Now.Add(2*time.Hour)
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Starts, r.Ends = starts, ends
		r.Card.Size = 1
	}))
	shop.Now = starts.Add(-time.Microsecond)
	shop.Refused(loyalty.ProgramNotStarted, loyalty.Earning{Units: 1})
	shop.Now = starts
	shop.Do(loyalty.Earning{Units: 1})
	shop.Now = ends.Add(-time.Microsecond)
	shop.Do(loyalty.Earning{Units: 1})
	shop.Now = ends
	shop.Refused(loyalty.ProgramEnded, loyalty.Earning{Units: 1})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone}) // what was earned stays
}

func TestEarnScanGrowsOld(t *testing.T) {
	t.Parallel()
	tests := []struct {
		seconds int64
		life    time.Duration
	}{{0, 15 * time.Minute}, {1, time.Second}, {24 * 3600, 24 * time.Hour}}
	for _, tt := range tests {
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.HandleLife = tt.seconds }))
		shop.Do(loyalty.Earning{Units: 1}, loyaltytest.ScannedAgo(tt.life))
		shop.Refused(loyalty.ScanExpired, loyalty.Earning{Units: 1}, loyaltytest.ScannedAgo(tt.life+time.Microsecond))
	}
}

// What an earn leaves on the card and in its entry.
func TestEarnIsRecorded(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t))
	command := shop.Command(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 700)}, loyaltytest.ScannedAgo(time.Minute))
	decision, err := shop.Post(command)
	if err != nil {
		t.Fatal(err)
	}
	got, card := *decision.Primary(loyalty.Earn), shop.Card()
	want := loyalty.Entry{
		ID: got.ID, Merchant: loyaltytest.Merchant, Operator: loyaltytest.Merchant, Card: shop.CardID,
		Seq: 1, Kind: loyalty.Earn, Units: 7, Balance: 7, Program: shop.Program().ID, Version: 1,
		Location: shop.Till.Location, Till: shop.Till.ID, Method: loyalty.Live,
		Captured: command.Captured, Posted: shop.Now, Commitment: got.Commitment, Hash: got.Hash,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.Commitment == (loyalty.Hash{}) || got.Hash != got.Link(loyalty.FirstLink(shop.CardID)) {
		t.Errorf("commitment %x, hash %x", got.Commitment, got.Hash)
	}
	if card.Seq != 1 || card.Head != got.Hash || !card.LastEarn.Equal(shop.Now) || !card.ActiveAt.Equal(shop.Now) {
		t.Errorf("card %+v", card)
	}
	if len(decision.Credited) != 1 || decision.Credited[0].Entry != got.ID {
		t.Errorf("credited %+v", decision.Credited)
	}
	if len(decision.Details) != 1 || decision.Details[0].Entry != got.ID || decision.Details[0].Salt != command.Salt {
		t.Errorf("details %+v", decision.Details)
	}
	if body := string(decision.Details[0].Body); body != `{"ref":"r1","total":700,"currency":"EUR"}` {
		t.Errorf("detail %s", body)
	}
}
