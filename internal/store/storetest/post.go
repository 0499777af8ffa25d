package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// write posts rows as they are.
func (s *Shop) write(t testing.TB, w loyalty.Writes) error {
	t.Helper()
	return s.Post(t.Context(), loyalty.Keys{}, func(*loyalty.Facts) loyalty.Writes { return w })
}

// read posts nothing and returns the facts.
func (s *Shop) read(t testing.TB, k loyalty.Keys) *loyalty.Facts {
	t.Helper()
	var facts *loyalty.Facts
	err := s.Post(t.Context(), k, func(f *loyalty.Facts) loyalty.Writes {
		facts = f
		return loyalty.Writes{}
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// rows are one filled row of each kind, which belong together.
type rows struct {
	card    loyalty.Card
	entry   loyalty.Entry
	void    loyalty.Entry
	voucher loyalty.Voucher
	use     loyalty.Use
	answer  loyalty.Answer
	tally   loyalty.Tally
	credit  loyalty.Credited
	claim   loyalty.ClaimCode
}

func newRows(s *Shop) *rows {
	r := &rows{}
	for _, row := range []any{&r.card, &r.entry, &r.void, &r.voucher, &r.use, &r.answer, &r.tally} {
		fill(row)
	}
	r.card.Merchant, r.card.Program = loyaltytest.Merchant, s.Stamps.ID
	r.entry.Card, r.entry.Kind, r.entry.Method = r.card.ID, loyalty.Earn, loyalty.Live
	r.void = loyalty.Entry{ // every field that may be empty is
		ID: loyaltytest.ID("void"), Card: r.card.ID, Seq: r.entry.Seq + 1, Kind: loyalty.Void,
		Merchant: loyaltytest.Merchant, Operator: loyaltytest.Merchant, Program: s.Stamps.ID, Posted: loyaltytest.Now,
		Origin: r.entry.ID, Hash: loyalty.Hash{3},
	}
	r.voucher.Card, r.voucher.State = r.card.ID, loyalty.Reserved
	r.use.Card, r.use.Till, r.use.TillName, r.use.Action = r.card.ID, s.Front.ID, s.Front.Name, loyalty.Redeem
	r.use.Merchant, r.use.Partner = s.Front.Merchant, false
	r.answer.Replayed, r.answer.Secret = false, false
	r.tally.Card, r.tally.First = r.card.ID, true
	r.credit.Entry = r.entry.ID
	r.credit.Purchase, r.credit.Program = loyalty.PurchaseKey{7}, r.entry.Program
	r.claim = newClaim(s, "every field")
	return r
}

func (r *rows) keys(s *Shop) loyalty.Keys {
	cards := []loyalty.CardID{r.card.ID, r.card.ID, loyaltytest.ID("no card")}
	return loyalty.Keys{
		Cards: cards, Tallies: cards,
		Tills:     []loyalty.TillID{s.Front.ID},
		Rewards:   []loyalty.RewardID{loyaltytest.Machine, loyaltytest.Cone},
		Origins:   []loyalty.EntryID{r.entry.ID, r.void.ID},
		Nonces:    []loyalty.Nonce{r.use.Nonce, {9}},
		Requests:  []loyalty.RequestID{r.answer.Request, {9}},
		Purchases: []loyalty.PurchaseKey{r.credit.Purchase},
		Claims:    []loyalty.ClaimID{r.claim.ID, loyaltytest.ID("no claim")},
	}
}

// testEveryField writes a row of each kind with every field set, finds it among
// the facts, changes what can be changed, and finds that.
func testEveryField(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	r := newRows(shop)
	if err := shop.InsertCards(t.Context(), []loyalty.Card{loyaltytest.Card(shop.Stamps, "x", func(c *loyalty.Card) {
		c.ID, c.Created = r.card.ID, r.card.Created
	})}); err != nil {
		t.Fatal(err)
	}
	shop.issue(t, r.claim)
	err := shop.write(t, loyalty.Writes{
		Cards: []loyalty.Card{r.card}, Rechosen: []loyalty.Card{r.card}, Entries: []loyalty.Entry{r.entry, r.void},
		Details: []loyalty.Detail{{Entry: r.entry.ID, Salt: [16]byte{1}, Body: []byte("{}")}},
		Issued:  []loyalty.Voucher{r.voucher}, Tallies: []loyalty.Tally{r.tally},
		Stock: []loyalty.Stock{{Reward: loyaltytest.Machine, Left: 2}},
		Uses:  []loyalty.Use{r.use}, Credited: []loyalty.Credited{r.credit}, Answers: []loyalty.Answer{r.answer},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.compare(t, shop, loyalty.Facts{
		Stock:   map[loyalty.RewardID]int64{loyaltytest.Machine: 2},
		Credits: map[loyalty.Credit]loyalty.EntryID{r.credit.Credit: r.entry.ID},
		Origins: map[loyalty.EntryID]loyalty.Origin{
			r.entry.ID: {Entry: r.entry, Voided: true, Credit: r.credit.Credit}, r.void.ID: {Entry: r.void},
		},
	})

	r.card.Blocked, r.card.MayOwe, r.card.Balance, r.card.LastEarn = false, false, 0, time.Time{}
	r.voucher.State = loyalty.Issued
	r.tally.Count, r.tally.First = 0, false
	moved := r.credit
	moved.Entry = r.void.ID
	err = shop.write(t, loyalty.Writes{
		Cards: []loyalty.Card{r.card}, Changed: []loyalty.Voucher{r.voucher}, Tallies: []loyalty.Tally{r.tally},
		Stock: []loyalty.Stock{{Reward: loyaltytest.Machine, Left: 0}},
		Freed: []loyalty.Credit{r.credit.Credit}, Credited: []loyalty.Credited{moved}, // freed and credited anew
		Claimed: []loyalty.Claimed{{Claim: r.claim.ID, At: r.use.At, Card: r.card.ID, Entry: r.entry.ID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.claim.Claimed, r.claim.Card, r.claim.Entry = r.use.At, r.card.ID, r.entry.ID
	r.compare(t, shop, loyalty.Facts{
		Stock:   map[loyalty.RewardID]int64{loyaltytest.Machine: 0},
		Credits: map[loyalty.Credit]loyalty.EntryID{r.credit.Credit: r.void.ID},
		Origins: map[loyalty.EntryID]loyalty.Origin{
			r.entry.ID: {Entry: r.entry, Voided: true},
			r.void.ID:  {Entry: r.void, Credit: loyalty.Credit{Purchase: r.credit.Purchase, Program: shop.Stamps.ID}},
		},
	})
}

// compare holds that the facts are the rows, and the rest as wanted.
func (r *rows) compare(t *testing.T, shop *Shop, want loyalty.Facts) {
	t.Helper()
	want.Tills = map[loyalty.TillID]loyalty.Till{shop.Front.ID: shop.Front}
	want.Answers = map[loyalty.RequestID]loyalty.Answer{r.answer.Request: r.answer}
	want.Claims = map[loyalty.ClaimID]loyalty.ClaimCode{r.claim.ID: decisive(r.claim)}
	want.Cards = map[loyalty.CardID]*loyalty.State{r.card.ID: {
		Program: shop.Stamps, Card: r.card, Vouchers: []loyalty.Voucher{r.voucher}, Uses: []loyalty.Use{r.use},
		Tallies: map[loyalty.RewardID]int64{r.tally.Reward: r.tally.Count},
	}}
	got := shop.read(t, r.keys(shop))
	if !reflect.DeepEqual(got, &want) {
		t.Errorf("facts\n got %+v\nwant %+v", got, want)
		for id, state := range want.Cards {
			t.Errorf("card\n got %+v\nwant %+v", got.Cards[id], state)
		}
	}
}

func testNothingToWrite(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	facts := shop.read(t, loyalty.Keys{Cards: []loyalty.CardID{loyaltytest.ID("no card")}})
	if len(facts.Cards) != 0 {
		t.Errorf("facts about a card that is not there: %+v", facts.Cards)
	}
	if err := shop.write(t, loyalty.Writes{}); err != nil {
		t.Error(err)
	}
}

// testAllOrNothing breaks each rule of the tables in a batch that writes other
// rows too, and finds none of those.
func testAllOrNothing(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	r := newRows(shop)
	card := shop.Card(t, shop.Stamps, "anna")
	err := shop.write(t, loyalty.Writes{
		Entries: []loyalty.Entry{r.entry, r.void}, Issued: []loyalty.Voucher{r.voucher}, Tallies: []loyalty.Tally{r.tally},
		Uses: []loyalty.Use{r.use}, Credited: []loyalty.Credited{r.credit}, Answers: []loyalty.Answer{r.answer},
	})
	if err != nil {
		t.Fatal(err)
	}
	owing, sameSeq, sameVoid := card, r.entry, r.void
	owing.Balance = -1
	sameSeq.ID = loyaltytest.ID("same seq")
	sameVoid.ID, sameVoid.Seq = loyaltytest.ID("same void"), r.void.Seq+1
	missing := loyaltytest.Card(shop.Stamps, "missing")
	missingVoucher := r.voucher
	missingVoucher.ID = loyaltytest.ID("missing voucher")
	otherTally := loyalty.Tally{Card: loyaltytest.ID("other")}

	tests := []struct {
		name   string
		writes loyalty.Writes
		want   error // nil: internal
	}{
		{"negative balance", loyalty.Writes{Cards: []loyalty.Card{owing}}, loyalty.ErrConflict},
		{"entry twice", loyalty.Writes{Entries: []loyalty.Entry{r.entry}}, loyalty.ErrConflict},
		{"seq twice", loyalty.Writes{Entries: []loyalty.Entry{sameSeq}}, loyalty.ErrConflict},
		{"void twice", loyalty.Writes{Entries: []loyalty.Entry{sameVoid}}, loyalty.ErrConflict},
		{"nonce twice", loyalty.Writes{Uses: []loyalty.Use{r.use}}, loyalty.ErrConflict},
		{"purchase twice", loyalty.Writes{Credited: []loyalty.Credited{r.credit}}, loyalty.ErrConflict},
		{"answer twice", loyalty.Writes{Answers: []loyalty.Answer{r.answer}}, loyalty.ErrConflict},
		{"voucher twice", loyalty.Writes{Issued: []loyalty.Voucher{r.voucher}}, loyalty.ErrConflict},
		{"first tally twice", loyalty.Writes{Tallies: []loyalty.Tally{r.tally}}, loyalty.ErrConflict},
		{"negative stock", loyalty.Writes{Stock: []loyalty.Stock{{Reward: loyaltytest.Machine, Left: -1}}}, loyalty.ErrConflict},
		{"no such card", loyalty.Writes{Cards: []loyalty.Card{missing}}, nil},
		{"no such voucher", loyalty.Writes{Changed: []loyalty.Voucher{missingVoucher}}, nil},
		{"no such stock", loyalty.Writes{Stock: []loyalty.Stock{{Reward: loyaltytest.Cone}}}, nil},
		{"no such tally", loyalty.Writes{Tallies: []loyalty.Tally{otherTally}}, nil},
		{"no such claim", loyalty.Writes{Claimed: []loyalty.Claimed{{Claim: loyaltytest.ID("no claim"), Card: card.ID, Entry: r.entry.ID}}}, nil},
		{"no such purchase", loyalty.Writes{Freed: []loyalty.Credit{{Purchase: loyalty.PurchaseKey{8}}}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := test.writes
			after := card
			after.Balance, after.Seq = 5, 1
			entry := loyalty.Entry{ID: loyaltytest.ID(test.name), Card: card.ID, Seq: 1, Kind: loyalty.Earn}
			fillIDs(&entry)
			if len(w.Cards) == 0 {
				w.Cards = []loyalty.Card{after}
			}
			w.Entries = append([]loyalty.Entry{entry}, w.Entries...)
			err := shop.write(t, w)
			if err == nil || !errors.Is(err, test.want) && test.want != nil {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if known := errors.Is(err, loyalty.ErrConflict) || errors.Is(err, loyalty.ErrUnavailable); test.want == nil && known {
				t.Errorf("got %v, want something internal", err)
			}
			facts := shop.read(t, loyalty.Keys{Cards: []loyalty.CardID{card.ID}, Origins: []loyalty.EntryID{entry.ID}})
			if facts.Cards[card.ID].Card != card || len(facts.Origins) > 0 {
				t.Errorf("a part was written: %+v", facts.Cards[card.ID].Card)
			}
		})
	}
}

// testCancelled cancels before the transaction and within it.
func testCancelled(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Stamps, "anna")
	for _, when := range []string{"before", "while deciding"} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if when == "before" {
			cancel()
		}
		err := shop.Post(ctx, loyalty.Keys{Cards: []loyalty.CardID{card.ID}}, func(*loyalty.Facts) loyalty.Writes {
			cancel()
			after := card
			after.Balance = 5
			return loyalty.Writes{Cards: []loyalty.Card{after}}
		})
		if !errors.Is(err, loyalty.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled %s: %v", when, err)
		}
	}
	if got := shop.read(t, loyalty.Keys{Cards: []loyalty.CardID{card.ID}}).Cards[card.ID].Card; got != card {
		t.Errorf("a cancelled post wrote %+v", got)
	}
}

// testPanic lets a callback panic: nothing is written and nothing stays locked.
func testPanic(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Stamps, "anna")
	keys := loyalty.Keys{Cards: []loyalty.CardID{card.ID}}
	for range 20 { // more than there are connections
		func() {
			defer func() { _ = recover() }()
			_ = shop.Post(t.Context(), keys, func(*loyalty.Facts) loyalty.Writes { panic("while deciding") })
		}()
	}
	if got := shop.read(t, keys).Cards[card.ID].Card; got != card {
		t.Errorf("got %+v", got)
	}
}
