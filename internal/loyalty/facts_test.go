package loyalty_test

import (
	"reflect"
	"slices"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// batch posts several commands at once and returns what was written.
func batch(t *testing.T, shop *loyaltytest.Shop, commands ...*loyalty.Command) *loyalty.Writes {
	t.Helper()
	writes, results := loyaltytest.Decide(shop.Book.Read(loyaltytest.Keys(commands)), commands, shop.Now)
	for i, r := range results {
		if r.Err != nil {
			t.Fatalf("command %d: %v", i, r.Err)
		}
	}
	if err := shop.Book.Write(writes); err != nil {
		t.Fatal(err)
	}
	return writes
}

// A purchase that is freed and credited again in one batch ends credited, to the
// later entry.
func TestWritesFoldCredits(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t))
	earn := loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 700)}
	first := shop.Entry(earn)
	writes := batch(t, shop, shop.Command(loyalty.Reversal{Entry: first.ID}), shop.Command(earn))
	if len(writes.Freed) != 1 || len(writes.Credited) != 1 {
		t.Errorf("freed %d, credited %d", len(writes.Freed), len(writes.Credited))
	}
	if refusal := shop.Refused(loyalty.PurchaseCredited, earn); refusal.Entry != writes.Credited[0].Entry || refusal.Entry == first.ID {
		t.Errorf("credited to %s", refusal.Entry)
	}
}

// Freed by a later decision, a credit of the same batch was never there.
func TestWritesForgetWhatWasUndone(t *testing.T) {
	t.Parallel()
	credit := loyalty.Credit{Purchase: loyalty.PurchaseKey{1}, Program: loyalty.ProgramID{2}}
	other := loyalty.Credited{Credit: loyalty.Credit{Purchase: loyalty.PurchaseKey{3}}}
	var w loyalty.Writes
	w.Add(&loyalty.Decision{Credited: []loyalty.Credited{{Credit: credit}}})
	w.Add(&loyalty.Decision{Credited: []loyalty.Credited{other}})
	w.Add(&loyalty.Decision{Freed: []loyalty.Credit{credit}})
	if !slices.Equal(w.Credited, []loyalty.Credited{other}) || len(w.Freed) != 0 {
		t.Errorf("credited %+v, freed %+v", w.Credited, w.Freed)
	}
}

// A voucher that is issued and redeemed in one batch is one new row.
func TestWritesFoldVouchers(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	writes := batch(t, shop,
		shop.Command(loyalty.Earning{Units: 20}),
		shop.Command(loyalty.Redemption{Reward: loyaltytest.Cone}),
	)
	if got := len(writes.Issued); got != 2 || len(writes.Changed) != 0 || writes.Issued[0].State != loyalty.Redeemed {
		t.Errorf("issued %+v, changed %+v", writes.Issued, writes.Changed)
	}
	if writes = batch(t, shop, shop.Command(loyalty.Redemption{Reward: loyaltytest.Cone})); len(writes.Issued) != 0 || len(writes.Changed) != 1 {
		t.Errorf("issued %+v, changed %+v", writes.Issued, writes.Changed)
	}
}

// Cards, stock and tallies stand once, as the last decision left them; a tally
// that is new stays new.
func TestWritesFoldCounters(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].Limited = true }))
	shop.Do(loyalty.Earning{Units: 30})
	redeem := func() *loyalty.Command { return shop.Command(loyalty.Redemption{Reward: loyaltytest.Cone}) }
	for _, first := range []bool{true, false} {
		writes := batch(t, shop, redeem(), shop.Command(loyalty.Earning{Units: 10}))
		if first {
			shop.Do(loyalty.Reversal{Entry: shop.Book.Uses[useOf(writes)].Entry, Reward: loyaltytest.Cone})
		}
		want := loyalty.Tally{Card: shop.CardID, Reward: loyaltytest.Cone, Count: 1, First: first}
		if !slices.Equal(writes.Tallies, []loyalty.Tally{want}) || len(writes.Cards) != 1 || len(writes.Stock) != 1 {
			t.Errorf("tallies %+v, %d cards, stock %+v", writes.Tallies, len(writes.Cards), writes.Stock)
		}
	}
	writes := batch(t, shop, redeem(), redeem())
	want := loyalty.Tally{Card: shop.CardID, Reward: loyaltytest.Cone, Count: 3}
	if !slices.Equal(writes.Tallies, []loyalty.Tally{want}) || !slices.Equal(writes.Stock, []loyalty.Stock{{Reward: loyaltytest.Cone}}) {
		t.Errorf("tallies %+v, stock %+v", writes.Tallies, writes.Stock)
	}
}

// useOf is the use that a batch's redemption made.
func useOf(w *loyalty.Writes) loyaltytest.UseKey {
	i := slices.IndexFunc(w.Uses, func(u loyalty.Use) bool { return u.Action == loyalty.Redeem })
	return loyaltytest.UseKey{Nonce: w.Uses[i].Nonce, Action: loyalty.Redeem}
}

func TestPrimary(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, lapsing))
	shop.Do(loyalty.Earning{Units: 3})
	shop.After(daysLast)
	decision := shop.Do(loyalty.Earning{Units: 10})
	if primary := decision.Primary(loyalty.Earn); primary == nil || primary.Units != 10 || primary.Seq != 3 {
		t.Errorf("got %+v", primary)
	}
	if primary := decision.Primary(loyalty.Redeem); primary != nil {
		t.Errorf("got %+v", primary)
	}
}

func TestKeysNameEachRow(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	card, till := []loyalty.CardID{shop.CardID}, []loyalty.TillID{shop.Till.ID}
	entry, survivor := loyalty.EntryID(loyaltytest.ID("entry")), loyalty.CardID(loyaltytest.ID("survivor"))
	purchase := loyaltytest.Purchase("r1", 1)
	tests := []struct {
		name string
		do   loyalty.Action
		want loyalty.Keys
	}{
		{"earning", loyalty.Earning{Units: 1}, loyalty.Keys{}},
		{"earning on a purchase", loyalty.Earning{Purchase: purchase}, loyalty.Keys{
			Purchases: []loyalty.PurchaseKey{purchase.Key(loyaltytest.Merchant, loyaltytest.Location)},
		}},
		{"redemption", loyalty.Redemption{Reward: loyaltytest.Cone}, loyalty.Keys{
			Tallies: card, Rewards: []loyalty.RewardID{loyaltytest.Cone},
		}},
		{"choice", loyalty.Choosing{Redemption: loyalty.Redemption{Reward: loyaltytest.Cone}}, loyalty.Keys{}},
		{"reversal", loyalty.Reversal{Entry: entry}, loyalty.Keys{
			Histories: card, Tallies: card, Origins: []loyalty.EntryID{entry},
		}},
		{"reversal of a redemption", loyalty.Reversal{Entry: entry, Reward: loyaltytest.Cone}, loyalty.Keys{
			Histories: card, Tallies: card, Origins: []loyalty.EntryID{entry}, Rewards: []loyalty.RewardID{loyaltytest.Cone},
		}},
		{"adjustment", loyalty.Adjustment{Units: 1}, loyalty.Keys{Histories: card}},
		{"opening", loyalty.OpeningBalance{Units: 1}, loyalty.Keys{}},
		{"merger", loyalty.Merger{Into: survivor}, loyalty.Keys{Tallies: []loyalty.CardID{shop.CardID, survivor}}},
	}
	for _, tt := range tests {
		c := shop.Command(tt.do)
		want := tt.want
		want.Cards, want.Tills, want.Requests = card, till, []loyalty.RequestID{c.Request}
		want.Merchants = []loyalty.MerchantID{loyaltytest.Merchant}
		want.Shown = []loyalty.Shown{{Card: shop.CardID, Merchant: loyaltytest.Merchant}}
		if c.Scan.Nonce != (loyalty.Nonce{}) {
			want.Nonces = []loyalty.Nonce{c.Scan.Nonce}
		}
		if do, ok := tt.do.(loyalty.Merger); ok {
			want.Cards = []loyalty.CardID{shop.CardID, do.Into}
			want.Shown = append(want.Shown, loyalty.Shown{Card: do.Into, Merchant: loyaltytest.Merchant})
		}
		var got loyalty.Keys
		if got.Add(c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tt.name, got, want)
		}
		got = loyalty.Keys{}
		if got.Add(shop.Command(tt.do, loyaltytest.AtOffice)); len(got.Tills) != 0 || len(got.Nonces) != 0 {
			t.Errorf("%s at the office: %+v", tt.name, got)
		}
	}
}

func TestRefusalAndFieldErrorsSayWhat(t *testing.T) {
	t.Parallel()
	refusal := &loyalty.Refusal{Code: loyalty.CardBlocked, Message: "This card is blocked."}
	if got := refusal.Error(); got != "card_blocked: This card is blocked." {
		t.Errorf("got %q", got)
	}
	field := &loyalty.FieldError{Field: "card.size", Problem: "must lie between 1 and 1000"}
	if got := field.Error(); got != "card.size must lie between 1 and 1000" {
		t.Errorf("got %q", got)
	}
}

// Marks stand in the order of ids, each card's once, and a card that nothing shows
// has none.
func TestMark(t *testing.T) {
	t.Parallel()
	now := loyaltytest.Now
	facts := &loyalty.Facts{Cards: map[loyalty.CardID]*loyalty.State{{2}: {}}}
	var w loyalty.Writes
	card := func(id byte) loyalty.Card { return loyalty.Card{ID: loyalty.CardID{id}} }
	for _, id := range []byte{1, 3, 5, 7, 9} {
		facts.Cards[loyalty.CardID{id}] = &loyalty.State{Watched: loyalty.WatchedForEver}
	}
	w.Mark(facts, &loyalty.Decision{Card: card(2)}, now)
	if w.Dirty != nil {
		t.Errorf("nothing shows it: %v", w.Dirty)
	}
	for _, id := range []byte{9, 3, 9, 5, 2} {
		w.Mark(facts, &loyalty.Decision{Card: card(id)}, now)
	}
	w.Mark(facts, &loyalty.Decision{Card: card(1), From: &loyalty.Decision{Card: card(7)}}, now)
	var marked []byte
	for _, d := range w.Dirty {
		marked = append(marked, d.Card[0])
	}
	if want := []byte{1, 3, 5, 7, 9}; !slices.Equal(marked, want) {
		t.Errorf("marked %v, want %v", marked, want)
	}
}
