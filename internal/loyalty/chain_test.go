package loyalty_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// storied is a card with an entry of every kind: opening, earn, complete, redeem,
// void, adjust, expire, and an earn after it.
func storied(t *testing.T) *loyaltytest.Shop {
	t.Helper()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones, lapsing))
	shop.Do(loyalty.OpeningBalance{Units: 2}, loyaltytest.AtOffice)
	shop.Do(loyalty.Earning{Units: 9, Purchase: loyaltytest.Purchase("r1", 900)})
	redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
	shop.Do(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Do(loyalty.Adjustment{Units: 3, Note: "n"}, loyaltytest.AtOffice)
	shop.After(daysLast)
	shop.Do(loyalty.Earning{Units: 1})
	if got, want := len(shop.Entries()), 9; got != want {
		t.Fatalf("%d entries, want %d: %q", got, want, lines(shop.Entries()))
	}
	return shop
}

// Whichever field of whichever entry is changed, that entry is named.
func TestVerifyChainFindsEachChange(t *testing.T) {
	t.Parallel()
	shop := storied(t)
	changes := map[string]func(*loyalty.Entry){
		"id":         func(e *loyalty.Entry) { e.ID[15]++ },
		"merchant":   func(e *loyalty.Entry) { e.Merchant[15]++ },
		"operator":   func(e *loyalty.Entry) { e.Operator[15]++ },
		"card":       func(e *loyalty.Entry) { e.Card[15]++ },
		"seq":        func(e *loyalty.Entry) { e.Seq++ },
		"kind":       func(e *loyalty.Entry) { e.Kind++ },
		"units":      func(e *loyalty.Entry) { e.Units++ },
		"balance":    func(e *loyalty.Entry) { e.Balance++ },
		"program":    func(e *loyalty.Entry) { e.Program[15]++ },
		"version":    func(e *loyalty.Entry) { e.Version++ },
		"location":   func(e *loyalty.Entry) { e.Location[15]++ },
		"till":       func(e *loyalty.Entry) { e.Till[15]++ },
		"staff":      func(e *loyalty.Entry) { e.Staff[15]++ },
		"method":     func(e *loyalty.Entry) { e.Method++ },
		"captured":   func(e *loyalty.Entry) { e.Captured = e.Captured.Add(time.Microsecond) },
		"posted":     func(e *loyalty.Entry) { e.Posted = e.Posted.Add(time.Microsecond) },
		"origin":     func(e *loyalty.Entry) { e.Origin[15]++ },
		"reward":     func(e *loyalty.Entry) { e.Reward[15]++ },
		"voucher":    func(e *loyalty.Entry) { e.Voucher[15]++ },
		"commitment": func(e *loyalty.Entry) { e.Commitment[31]++ },
		"explained":  func(e *loyalty.Entry) { e.Explained = "0123456789abcdef{}" },
		"hash":       func(e *loyalty.Entry) { e.Hash[31]++ },
	}
	card := shop.Card()
	for name, change := range changes {
		for i := range shop.Entries() {
			entries := slices.Clone(shop.Entries())
			change(&entries[i])
			flaw := flawOf(loyalty.VerifyChain(&card, entries))
			if flaw == nil || flaw.Seq != int64(i+1) || flaw.Entry != entries[i].ID || flaw.Card != card.ID {
				t.Errorf("%s of entry %d: %v", name, i+1, flaw)
			}
		}
	}
}

func flawOf(err error) *loyalty.Flaw {
	var flaw *loyalty.Flaw
	errors.As(err, &flaw)
	return flaw
}

// A forger who computes all hashes anew is found by what the entries mean, or by
// what the card says.
func TestVerifyChainFindsForgery(t *testing.T) {
	t.Parallel()
	const opening, earn, complete, redeem, void, _, _, expire, last = 0, 1, 2, 3, 4, 5, 6, 7, 8
	tests := []struct {
		name   string
		forge  func([]loyalty.Entry) []loyalty.Entry
		seq    int64 // 0: found on the card
		saying string
	}{
		{"swapped", func(e []loyalty.Entry) []loyalty.Entry { e[3], e[4] = e[4], e[3]; return e }, 4, "number"},
		{"left out", func(e []loyalty.Entry) []loyalty.Entry { return slices.Delete(e, 3, 4) }, 4, "number"},
		{"cut off", func(e []loyalty.Entry) []loyalty.Entry { return e[:8] }, 0, "9 entries, of which 8"},
		{"none left", func([]loyalty.Entry) []loyalty.Entry { return nil }, 0, "9 entries, of which 0"},
		{"rewritten", func(e []loyalty.Entry) []loyalty.Entry { e[last].Version++; return relink(e) }, 0, "hash of its last entry"},
		{"one id twice", func(e []loyalty.Entry) []loyalty.Entry { e[earn].ID = e[opening].ID; return relink(e) }, 2, "twice"},
		{"foreign program", func(e []loyalty.Entry) []loyalty.Entry { e[earn].Program[0]++; return relink(e) }, 2, "program_"},
		{"foreign operator", func(e []loyalty.Entry) []loyalty.Entry { e[earn].Operator[0]++; return relink(e) }, 2, "merchant_"},
		{"foreign card", func(e []loyalty.Entry) []loyalty.Entry { e[earn].Card[0]++; return relink(e) }, 2, "belongs to"},
		{"wrong sum", func(e []loyalty.Entry) []loyalty.Entry { e[earn].Balance++; return relink(e) }, 2, "where 2+9 is 11"},
		{"unknown kind", func(e []loyalty.Entry) []loyalty.Entry { e[earn].Kind = 77; return relink(e) }, 2, "unknown kind: 77"},
		{"earn of nothing", func(e []loyalty.Entry) []loyalty.Entry { e[opening].Units = 0; return relink(rebalance(e)) }, 1, "brings 0 units in"},
		{"earn that takes", func(e []loyalty.Entry) []loyalty.Entry { e[earn].Units = -1; return relink(rebalance(e)) }, 2, "brings -1 units in"},
		{"completion that gives", func(e []loyalty.Entry) []loyalty.Entry { e[complete].Units = 1; return relink(rebalance(e)) }, 3, "completes"},
		{"lapse of more than there is", func(e []loyalty.Entry) []loyalty.Entry { e[expire].Units--; return relink(rebalance(e)) }, 8, "lapse"},
		{"redemption of nothing", func(e []loyalty.Entry) []loyalty.Entry { e[redeem].Reward = loyalty.RewardID{}; return relink(e) }, 4, "no reward"},
		{"redemption that pays twice", func(e []loyalty.Entry) []loyalty.Entry { e[redeem].Units = -1; return relink(rebalance(e)) }, 4, "redeems for 1"},
		{"redemption for free", func(e []loyalty.Entry) []loyalty.Entry { e[redeem].Voucher = loyalty.VoucherID{}; return relink(e) }, 4, "redeems for 0"},
		{"voucher used twice", func(e []loyalty.Entry) []loyalty.Entry {
			e[void].Kind, e[void].Origin = loyalty.Redeem, loyalty.EntryID{}
			return relink(e)
		}, 5, "second time"},
		{"void of nothing", func(e []loyalty.Entry) []loyalty.Entry { e[void].Origin = loyalty.EntryID{}; return relink(e) }, 5, "not before it"},
		{"void of what follows", func(e []loyalty.Entry) []loyalty.Entry { e[void].Origin = e[last].ID; return relink(e) }, 5, "not before it"},
		{"void of too much", func(e []loyalty.Entry) []loyalty.Entry { e[void].Units = 1; return relink(rebalance(e)) }, 5, "takes back -1 units of an entry of 0"},
		{"void of another voucher", func(e []loyalty.Entry) []loyalty.Entry { e[void].Voucher[0]++; return relink(e) }, 5, "something else"},
		{"void twice", func(e []loyalty.Entry) []loyalty.Entry { e[5] = with(e[void], e[5]); return relink(e) }, 6, "second time"},
		{"void of a lapse", func(e []loyalty.Entry) []loyalty.Entry {
			e[last].Kind, e[last].Origin, e[last].Units = loyalty.Void, e[expire].ID, -e[expire].Units
			return relink(rebalance(e))
		}, 9, "of kind expire"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := storied(t)
			card := shop.Card()
			flaw := flawOf(loyalty.VerifyChain(&card, tt.forge(slices.Clone(shop.Entries()))))
			if flaw == nil || flaw.Seq != tt.seq || !strings.Contains(flaw.Error(), tt.saying) {
				t.Errorf("got %v, want entry %d and %q", flaw, tt.seq, tt.saying)
			}
		})
	}
}

// with is an entry in the place of another.
func with(e, place loyalty.Entry) loyalty.Entry {
	e.ID, e.Seq, e.Balance = place.ID, place.Seq, place.Balance
	return e
}

// rebalance computes all balances anew.
func rebalance(entries []loyalty.Entry) []loyalty.Entry {
	balance := int64(0)
	for i := range entries {
		balance += entries[i].Units
		entries[i].Balance = balance
	}
	return entries
}

// relink computes all hashes anew.
func relink(entries []loyalty.Entry) []loyalty.Entry {
	previous := loyalty.FirstLink(entries[0].Card)
	for i := range entries {
		entries[i].Hash = entries[i].Link(previous)
		previous = entries[i].Hash
	}
	return entries
}

func TestVerifyChainHoldsTheCardToItsEntries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		saying string
		change func(*loyalty.Card)
	}{
		{"has 10 entries", func(c *loyalty.Card) { c.Seq++ }},
		{"hash of its last entry", func(c *loyalty.Card) { c.Head[0]++ }},
		{"balance of 2", func(c *loyalty.Card) { c.Balance++ }},
		{"lifetime of 16", func(c *loyalty.Card) { c.Lifetime++ }},
		{"cycle 3", func(c *loyalty.Card) { c.Cycle++ }},
		{"lapsed at entry 9", func(c *loyalty.Card) { c.Floor++ }},
	}
	shop := storied(t)
	for _, tt := range tests {
		card := shop.Card()
		tt.change(&card)
		flaw := flawOf(loyalty.VerifyChain(&card, shop.Entries()))
		if flaw == nil || flaw.Seq != 0 || !strings.Contains(flaw.Error(), tt.saying) {
			t.Errorf("got %v, want %q", flaw, tt.saying)
		}
	}
	card := shop.Card()
	if err := loyalty.VerifyChain(&card, shop.Entries()); err != nil {
		t.Error(err)
	}
	card = loyaltytest.Card(shop.Program(), "new")
	if err := loyalty.VerifyChain(&card, nil); err != nil {
		t.Errorf("a card without entries: %v", err)
	}
}

func TestVerifyChainFindsADebtThatMayNotBe(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.AllowNegative = true }))
	shop.Do(loyalty.Adjustment{Units: -1}, loyaltytest.AtOffice)
	card := shop.Card()
	if err := loyalty.VerifyChain(&card, shop.Entries()); err != nil {
		t.Error(err)
	}
	card.MayOwe = false
	if flaw := flawOf(loyalty.VerifyChain(&card, shop.Entries())); flaw == nil || !strings.Contains(flaw.Error(), "may not owe") {
		t.Errorf("got %v", flaw)
	}
}

func TestVerifyCardFindsWrongVouchers(t *testing.T) {
	t.Parallel()
	// After the story: topping@3 redeemed, topping@6 and cone@10 and topping@13 issued.
	const usedTopping, topping, cone = 0, 1, 2
	lapse := storied(t).Entries()[7].ID // ids are the same in every run
	tests := []struct {
		name   string
		change func([]loyalty.Voucher) []loyalty.Voucher
		saying string
	}{
		{"foreign card", func(v []loyalty.Voucher) []loyalty.Voucher { v[cone].Card[0]++; return v }, "belongs to"},
		{"unknown issue", func(v []loyalty.Voucher) []loyalty.Voucher { v[cone].Entry[0]++; return v }, "not there"},
		{"unpaid", func(v []loyalty.Voucher) []loyalty.Voucher { v[cone].Spent = 9; return v }, "9 units, which no entry took"},
		{"paid by an earn", func(v []loyalty.Voucher) []loyalty.Voucher { v[topping].Spent = 9; return v }, "9 units, which no entry took"},
		{"withdrawn, its card not taken back", func(v []loyalty.Voucher) []loyalty.Voucher { v[cone].State = loyalty.Withdrawn; return v }, "taken back: false"},
		{"issued by a lapse", func(v []loyalty.Voucher) []loyalty.Voucher { v[topping].Entry = lapse; return v }, "of kind expire"},
		{"redeemed by nobody", func(v []loyalty.Voucher) []loyalty.Voucher { v[cone].State = loyalty.Redeemed; return v }, "is redeemed, and an entry redeems it: false"},
		{"redeemed and still there", func(v []loyalty.Voucher) []loyalty.Voucher { v[usedTopping].State = loyalty.Issued; return v }, "is issued, and an entry redeems it: true"},
		{"no such state", func(v []loyalty.Voucher) []loyalty.Voucher { v[topping].State = 77; return v }, "unknown state: 77"},
		{"no state", func(v []loyalty.Voucher) []loyalty.Voucher { v[topping].State = 0; return v }, "unknown state"},
		{"expired too soon", func(v []loyalty.Voucher) []loyalty.Voucher { v[topping].State = loyalty.Expired; return v }, "without an end"},
		{"not earned yet", func(v []loyalty.Voucher) []loyalty.Voucher { v[topping].Threshold = 16; return v }, "earned at 16, the card has come to 15"},
		{"issued twice", func(v []loyalty.Voucher) []loyalty.Voucher {
			again := v[topping]
			again.ID[0]++
			return append(v, again)
		}, "second for reaching 6"},
		{"stands twice", func(v []loyalty.Voucher) []loyalty.Voucher { return append(v, v[topping]) }, "stands twice"},
		{"redeemed one is gone", func(v []loyalty.Voucher) []loyalty.Voucher { return v[1:] }, "was redeemed, and is not there"},
		{"redeemed one is for another reward", func(v []loyalty.Voucher) []loyalty.Voucher { v[usedTopping].Reward = loyaltytest.Cone; return v }, "was redeemed, and is not there"},
		{"full card's one is gone", func(v []loyalty.Voucher) []loyalty.Voucher { return slices.Delete(v, cone, cone+1) }, "has no voucher for what it completed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := storied(t)
			card := shop.Card()
			flaw := flawOf(loyalty.VerifyCard(&card, tt.change(slices.Clone(shop.Vouchers())), nil, loyaltytest.Stream(shop.Entries())))
			if flaw == nil || flaw.Seq != 0 || !strings.Contains(flaw.Error(), tt.saying) {
				t.Errorf("got %v, want %q", flaw, tt.saying)
			}
		})
	}
}

func TestVerifyCardPassesOnWhatTheStreamYields(t *testing.T) {
	t.Parallel()
	shop := storied(t)
	card, lost := shop.Card(), errors.New("the connection was lost")
	err := loyalty.VerifyCard(&card, shop.Vouchers(), nil, func(yield func(loyalty.Entry, error) bool) {
		_ = yield(shop.Entries()[0], nil) && yield(loyalty.Entry{}, lost)
	})
	if !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
	broken := slices.Clone(shop.Entries())
	broken[4].Units++
	if flaw := flawOf(loyalty.VerifyCard(&card, shop.Vouchers(), nil, loyaltytest.Stream(broken))); flaw == nil || flaw.Seq != 5 {
		t.Errorf("got %v", flaw)
	}
}
