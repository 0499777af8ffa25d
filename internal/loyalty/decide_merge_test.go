package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// couple is a shop with a second card of its customer: berta, who will end.
type couple struct {
	*loyaltytest.Shop
	berta loyalty.CardID
}

func openCouple(t *testing.T, p *loyalty.Program) *couple {
	t.Helper()
	shop := loyaltytest.Open(t, p)
	berta := loyaltytest.Card(p, "berta")
	shop.Book.Cards[berta.ID] = berta
	return &couple{shop, berta.ID}
}

// onBerta makes a command one on the second card.
func (c *couple) onBerta(command *loyalty.Command) { command.Card = c.berta }

func (c *couple) merge() *loyalty.Decision {
	return c.Do(loyalty.Merger{Into: c.CardID}, c.onBerta, loyaltytest.AtOffice)
}

func TestMergeStamps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		theirs, ours int64
		entries      []string // on the survivor
		issued       []string // there, by the merge
		balance      int64
	}{
		{"nothing on either", 0, 0, []string{"merge 0=0"}, nil, 0},
		{"nothing to bring", 0, 5, []string{"merge 0=5"}, nil, 5},
		{"a milestone together", 2, 2, []string{"merge 2=4"}, []string{"topping@3"}, 4},
		{"a milestone that came along", 4, 1, []string{"merge 4=5"}, []string{"topping@3"}, 5},
		{"one that both had, and one together", 4, 4, []string{"merge 4=8"}, []string{"topping@0", "topping@6"}, 8},
		{"just full", 5, 5, []string{"merge 5=10", "complete -10=0"}, []string{"topping@0", "topping@6", "cone@10"}, 0},
		{"full, with both milestones had twice", 7, 7, []string{"merge 7=14", "complete -10=4"}, []string{"topping@0", "topping@0", "cone@10"}, 4},
		{"full cards of before", 12, 3, []string{"merge 2=5"}, []string{"topping@0", "topping@0", "cone@0"}, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := openCouple(t, loyaltytest.Program(t, twoMilestones))
			if tt.ours > 0 {
				shop.Do(loyalty.Earning{Units: tt.ours})
			}
			if tt.theirs > 0 {
				shop.Do(loyalty.Earning{Units: tt.theirs}, shop.onBerta)
			}
			d := shop.merge()
			if got := lines(d.Entries); !slices.Equal(got, tt.entries) {
				t.Errorf("entries %q, want %q", got, tt.entries)
			}
			if got := rights(d.Issued); !slices.Equal(got, tt.issued) {
				t.Errorf("issued %q, want %q", got, tt.issued)
			}
			card, ended := shop.Card(), shop.Book.Cards[shop.berta]
			if card.Balance != tt.balance || card.Earned() != tt.ours+tt.theirs {
				t.Errorf("the survivor: %+v", card)
			}
			if ended.Balance != 0 || ended.MergedInto != card.ID || ended.Earned() != tt.theirs {
				t.Errorf("the card that ended: %+v", ended)
			}
			gone, came := d.From.Entries[0], d.Entries[0]
			if gone.Origin != came.ID || came.Origin != gone.ID || came.Commitment != gone.Hash || gone.Units != -came.Units {
				t.Errorf("the two sides: %+v\n%+v", gone, came)
			}
		})
	}
}

// What stamps had earned is taken back with them, also where they came from
// another card; what is older was earned for good.
func TestMergedStampsTakenBack(t *testing.T) {
	t.Parallel()
	shop := openCouple(t, loyaltytest.Program(t, twoMilestones))
	shop.Do(loyalty.Earning{Units: 14}, shop.onBerta) // cone@10, topping@3, @6 and @13
	old := shop.Entry(loyalty.Earning{Units: 2})
	shop.merge()
	shop.Do(loyalty.Reversal{Entry: old.ID}) // 6 → 4: topping@6 goes
	if got, want := states(shop.Shop), []string{
		"topping@0 issued", "topping@0 issued", "cone@0 issued", "topping@3 issued", "topping@6 withdrawn",
	}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	shop.Do(loyalty.Adjustment{Units: -2}, loyaltytest.AtOffice) // 4 → 2: the one that came along goes too
	if got := states(shop.Shop)[3]; got != "topping@3 withdrawn" {
		t.Error(got)
	}
	if card := shop.Card(); card.Balance != 2 || card.Earned() != 12 {
		t.Errorf("%+v", card)
	}
}

// A full card that both cards' stamps made is undone by what takes them back.
func TestMergedFullCardIsUndone(t *testing.T) {
	t.Parallel()
	shop := openCouple(t, loyaltytest.Program(t))
	earn := shop.Entry(loyalty.Earning{Units: 7})
	shop.Do(loyalty.Earning{Units: 5}, shop.onBerta)
	shop.merge()
	shop.Do(loyalty.Reversal{Entry: earn.ID})
	if card := shop.Card(); card.Balance != 5 || card.Cycle != 0 {
		t.Errorf("%+v", card)
	}
	if got := states(shop.Shop); !slices.Equal(got, []string{"cone@10 withdrawn"}) {
		t.Errorf("%q", got)
	}
}

func TestMergeVouchersKeepTheirEnds(t *testing.T) {
	t.Parallel()
	shop := openCouple(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = 30 }))
	shop.Do(loyalty.Earning{Units: 20}, shop.onBerta)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone}, shop.onBerta) // one is used
	issued := shop.Now
	shop.After(24 * time.Hour)
	shop.Do(loyalty.Earning{Units: 10})
	shop.After(24 * time.Hour)
	d := shop.merge()
	if len(d.Issued) != 1 || !d.Issued[0].Issued.Equal(issued) || !d.Issued[0].Expires.Equal(issued.AddDate(0, 0, 30)) {
		t.Fatalf("issued %+v", d.Issued)
	}
	if d.Vouchers[0].ID != d.Issued[0].ID {
		t.Error("the oldest voucher does not come first")
	}
	used := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
	if used.Voucher != d.Issued[0].ID {
		t.Errorf("%s was used, not the oldest", used.Voucher)
	}
	shop.Do(loyalty.Reversal{Entry: used.ID, Reward: used.Reward})
	shop.After(28 * 24 * time.Hour)
	shop.Do(loyalty.Earning{Units: 1})
	if got := states(shop.Shop); !slices.Equal(got, []string{"cone@10 issued", "cone@0 expired"}) {
		t.Errorf("%q", got)
	}
}

// Limits that a card has used up are used up on the survivor.
func TestMergeInheritsLimits(t *testing.T) {
	t.Parallel()
	t.Run("per card", func(t *testing.T) {
		t.Parallel()
		shop := openCouple(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.Rewards[0].PerCard = 2 }))
		for _, on := range []func(*loyalty.Command){shop.onBerta, func(*loyalty.Command) {}} {
			shop.Do(loyalty.Adjustment{Units: 20}, on, loyaltytest.AtOffice)
			shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping}, on)
		}
		shop.merge()
		shop.Refused(loyalty.RewardLimitReached, loyalty.Redemption{Reward: loyaltytest.Topping})
		if card := shop.Card(); card.Balance != 30 || card.Earned() != 40 {
			t.Errorf("%+v", card)
		}
	})
	t.Run("cooldown and daily cap", func(t *testing.T) {
		t.Parallel()
		shop := openCouple(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.Cooldown, r.Earn.DailyCap = 600, 5 }))
		earn := shop.Entry(loyalty.Earning{Units: 2})
		shop.After(time.Hour)
		shop.Do(loyalty.Earning{Units: 2}, shop.onBerta)
		shop.merge()
		shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1})
		shop.After(10 * time.Minute)
		shop.Refused(loyalty.DailyCapReached, loyalty.Earning{Units: 2})
		shop.Refused(loyalty.OpeningTooLate, loyalty.OpeningBalance{Units: 1}, loyaltytest.AtOffice)
		shop.Do(loyalty.Reversal{Entry: earn.ID}, loyaltytest.Approved(loyalty.Manager))
		shop.Do(loyalty.Earning{Units: 3})
		shop.After(24 * time.Hour)
		shop.Do(loyalty.Earning{Units: 5})
	})
	t.Run("lapsing", func(t *testing.T) {
		t.Parallel()
		shop := openCouple(t, loyaltytest.Program(t, lapsing))
		shop.Do(loyalty.Earning{Units: 2})
		shop.After(daysLast / 2)
		shop.Do(loyalty.Earning{Units: 2}, shop.onBerta)
		shop.After(daysLast/2 - time.Microsecond)
		shop.merge() // ours would have lapsed a moment later
		shop.After(time.Microsecond)
		if card := shop.Card(); card.Spendable(shop.Program(), nil, shop.Now) != 4 {
			t.Errorf("%+v", card)
		}
		shop.After(daysLast / 2)
		if card := shop.Card(); card.Spendable(shop.Program(), nil, shop.Now) != 0 {
			t.Errorf("%+v", card)
		}
	})
	t.Run("what has lapsed before", func(t *testing.T) {
		t.Parallel()
		shop := openCouple(t, loyaltytest.Program(t, lapsing))
		shop.Do(loyalty.Earning{Units: 2}, shop.onBerta)
		shop.After(daysLast)
		if d := shop.merge(); d.Card.Balance != 0 || d.Card.Earned() != 2 || len(d.From.Entries) != 2 {
			t.Errorf("%+v", d)
		}
	})
}

// A debt goes along.
func TestMergeOfADebt(t *testing.T) {
	t.Parallel()
	shop := openCouple(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.AllowNegative = true }))
	shop.Do(loyalty.Adjustment{Units: -7}, shop.onBerta, loyaltytest.AtOffice)
	shop.Do(loyalty.Adjustment{Units: 5}, loyaltytest.AtOffice)
	if d := shop.merge(); d.Card.Balance != -2 || d.Card.Earned() != -2 {
		t.Errorf("%+v", d.Card)
	}
}

func TestMergeRefused(t *testing.T) {
	t.Parallel()
	shop := openCouple(t, loyaltytest.Program(t))
	points := loyaltytest.Points(t)
	shop.Book.Programs[points.ID] = points
	add := func(name string, p *loyalty.Program, changes ...func(*loyalty.Card)) loyalty.CardID {
		card := loyaltytest.Card(p, name, changes...)
		shop.Book.Cards[card.ID] = card
		return card.ID
	}
	other := add("other program", points)
	foreign := add("foreign", shop.Program(), func(c *loyalty.Card) { c.Merchant = loyaltytest.Stranger })
	blocked := add("blocked", shop.Program(), func(c *loyalty.Card) { c.Blocked = true })
	office := loyaltytest.AtOffice

	shop.Refused(loyalty.CardMergeSelf, loyalty.Merger{Into: shop.CardID}, office)
	shop.Refused(loyalty.ProgramsDiffer, loyalty.Merger{Into: other}, office)
	shop.Refused(loyalty.CardNotFound, loyalty.Merger{Into: foreign}, office)
	shop.Refused(loyalty.CardNotFound, loyalty.Merger{Into: loyalty.CardID(loyaltytest.ID("no card"))}, office)
	shop.Refused(loyalty.CardNotFound, loyalty.Merger{Into: shop.CardID}, office, func(c *loyalty.Command) { c.Card = foreign })
	shop.Refused(loyalty.CardBlocked, loyalty.Merger{Into: blocked}, office)
	shop.Refused(loyalty.PINRequired, loyalty.Merger{Into: shop.berta})

	shop.merge()
	if r := shop.Refused(loyalty.CardMerged, loyalty.Merger{Into: shop.CardID}, shop.onBerta, office); r.Card != shop.CardID {
		t.Errorf("merged again: %+v", r)
	}
	if r := shop.Refused(loyalty.CardMerged, loyalty.Merger{Into: shop.berta}, office); r.Card != shop.CardID {
		t.Errorf("merged back: %+v", r)
	}
	shop.Do(loyalty.Merger{Into: shop.CardID}, office, func(c *loyalty.Command) { c.Card = blocked }) // a lost one
	shop.Refused(loyalty.CardBlocked, loyalty.Earning{Units: 1}, func(c *loyalty.Command) { c.Card = blocked })
}

// A card that has ended does nothing any more, whoever asks.
func TestMergedCardHasEnded(t *testing.T) {
	t.Parallel()
	shop := openCouple(t, loyaltytest.Program(t))
	earn := shop.Entry(loyalty.Earning{Units: 10}, shop.onBerta)
	shop.merge()
	for _, do := range []loyalty.Action{
		loyalty.Earning{Units: 1},
		loyalty.Redemption{Reward: loyaltytest.Cone},
		loyalty.Reversal{Entry: earn.ID},
		loyalty.Adjustment{Units: 1},
		loyalty.OpeningBalance{Units: 1},
	} {
		r := shop.Refused(loyalty.CardMerged, do, shop.onBerta, loyaltytest.Approved(loyalty.Owner))
		if r.Card != shop.CardID {
			t.Errorf("%T: %+v does not name the survivor", do, r)
		}
	}
	merged := shop.Book.Entries[shop.berta][2]
	if merged.Kind != loyalty.Merge {
		t.Fatalf("%+v", merged)
	}
	came := shop.Entries()[0]
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: came.ID}, loyaltytest.AtOffice)
}

// A code acts on the survivor as it would have on its own card: once, and if it
// was replaced not at all.
func TestCodesFollowAMerge(t *testing.T) {
	t.Parallel()
	shop := openCouple(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 1}, shop.onBerta, loyaltytest.Presenting("used"))
	shop.Do(loyalty.Earning{Units: 9})
	shop.merge()
	follow := func(code loyalty.Code, do loyalty.Action, changes ...func(*loyalty.Command)) {
		t.Helper()
		c := shop.Command(do, append([]func(*loyalty.Command){shop.onBerta}, changes...)...)
		batch := []*loyalty.Command{c}
		var results []loyaltytest.Result
		for next := batch; len(next) > 0; next = loyaltytest.Follow(next, results) {
			var err error
			if results, err = shop.Book.Post(next, shop.Now); err != nil {
				t.Fatal(err)
			}
		}
		refusal, _ := results[0].Err.(*loyalty.Refusal)
		switch {
		case refusal == nil && code != "", refusal != nil && refusal.Code != code:
			t.Errorf("%T: got %v, want %q", do, results[0].Err, code)
		case refusal == nil && results[0].Decision.Card.ID != shop.CardID:
			t.Errorf("%T was posted to %s", do, results[0].Decision.Card.ID)
		}
	}
	earn, redeem := loyalty.Earning{Units: 1}, loyalty.Redemption{Reward: loyaltytest.Cone}
	follow("", earn, loyaltytest.Presenting("fresh"))
	follow(loyalty.CredentialUsed, earn, loyaltytest.Presenting("fresh"))
	follow(loyalty.CredentialUsed, earn, loyaltytest.Presenting("used"))
	follow("", earn, loyaltytest.Photographable(loyalty.Print, 1))
	follow(loyalty.CredentialReplaced, earn, loyaltytest.Photographable(loyalty.Print, 2))
	follow(loyalty.PINRequired, redeem, loyaltytest.Photographable(loyalty.Print, 1))
	follow(loyalty.PINRequired, redeem, loyaltytest.Photographable(loyalty.Wallet, 1), loyaltytest.Approved(loyalty.Cashier))
	follow("", redeem, loyaltytest.Photographable(loyalty.Wallet, 1), loyaltytest.Approved(loyalty.Manager))
}
