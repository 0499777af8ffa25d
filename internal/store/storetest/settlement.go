package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// streetCard is the reward of the street that is money.
var streetCard = loyalty.RewardID(loyaltytest.ID("gift card of the street"))

// everyReward makes a program one of a topping, a gift card and a code of a partner,
// whose points lapse after a month.
func everyReward(r *loyalty.Rules) {
	r.UnitsLast = 30
	r.Rewards = []loyalty.Reward{
		{ID: loyaltytest.Topping, Name: "A topping", Cost: 5},
		{ID: streetCard, Name: "A gift card", Cost: 10, RewardTerms: loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 900, Currency: "EUR"}},
		{ID: loyaltytest.Partner, Name: "A book voucher", Cost: 7, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}},
	}
}

// testSettlement posts whatever, here and at a partner, and holds that the lines of the
// settlement add up to the entries, and those to the balances.
func testSettlement(t *testing.T, fresh func(testing.TB) string) {
	s := newStreet(t, NewShop(t, fresh(t)), true, everyReward)
	s.importCodes(t, batchOf("street", 200))
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		play := &streetPlay{street: s, name: fmt.Sprint("settled ", run), now: loyaltytest.Now, details: map[loyalty.EntryID]loyalty.Detail{}}
		for i := range 2 {
			play.cards = append(play.cards, s.Card(t, s.Joint, fmt.Sprint(play.name, " ", i)).ID)
		}
		before := s.dues(t)
		for range rapid.IntRange(5, 12).Draw(rt, "commands") {
			play.act(t, rt)
		}
		after := s.dues(t)
		for merchant, was := range before {
			now := after[merchant]
			after[merchant] = due{now.units - was.units, now.cards - was.cards, now.money - was.money}
		}
		want := play.expected()
		for _, m := range []loyalty.MerchantID{loyaltytest.Merchant, loyaltytest.Stranger} {
			if after[m] != want[m] {
				rt.Fatalf("%s: settled %+v, posted %+v", m, after[m], want[m])
			}
		}
		var units, balance int64
		for _, d := range after {
			units += d.units
		}
		for _, id := range play.cards {
			card, err := s.Store.Card(t.Context(), loyaltytest.Merchant, id)
			if err != nil {
				rt.Fatal(err)
			}
			balance += card.Card.Balance
		}
		if units != balance {
			rt.Fatalf("the lines add up to %d, the balances to %d", units, balance)
		}
	})
}

// due is what a settlement says of a merchant, or its entries do.
type due struct{ units, cards, money int64 }

// dues settles more than a year.
func (s *street) dues(t *testing.T) map[loyalty.MerchantID]due {
	t.Helper()
	turnovers, versions, err := s.Settlement(t.Context(), s.Joint.ID, loyaltytest.Now.AddDate(0, 0, -1), loyaltytest.Now.AddDate(2, 0, 0))
	if err != nil || versions[1].Coalition == nil || *versions[1].Coalition != *s.Joint.Coalition {
		t.Fatalf("rules %v, %v", versions, err)
	}
	lines, err := loyalty.Settle(loyaltytest.Merchant, turnovers, versions)
	if err != nil {
		t.Fatal(err)
	}
	dues := map[loyalty.MerchantID]due{}
	for i := range lines {
		dues[lines[i].Merchant] = due{lines[i].Sum(), lines[i].Cards, lines[i].Due()}
	}
	return dues
}

// streetPlay is what tills of the street and its office do to two cards.
type streetPlay struct {
	*street
	name    string
	now     time.Time
	cards   []loyalty.CardID
	entries []loyalty.Entry
	details map[loyalty.EntryID]loyalty.Detail
	steps   int
}

// act does something that may be refused, here or there.
func (p *streetPlay) act(t *testing.T, rt *rapid.T) {
	p.steps++
	p.now = p.now.Add(rapid.SampledFrom([]time.Duration{0, 0, 0, time.Hour, 20 * 24 * time.Hour, 40 * 24 * time.Hour}).Draw(rt, "time passes"))
	name := fmt.Sprint(p.name, " ", p.steps)
	changes := []func(*loyalty.Command){loyaltytest.Approved(loyalty.Manager)}
	if rapid.Bool().Draw(rt, "abroad") {
		changes = append(changes, p.there)
	}
	c := loyaltytest.Command(name, rapid.SampledFrom(p.cards).Draw(rt, "card"), p.Front, p.now, p.action(rt, name), changes...)
	var w loyalty.Writes
	err := p.Post(t.Context(), *loyaltytest.Keys([]*loyalty.Command{c}), func(f *loyalty.Facts) loyalty.Writes {
		w = loyalty.Writes{}
		ids := 0
		d, err := loyalty.Decide(f, c, p.now, func() [16]byte { ids++; return idAt(p.now, fmt.Sprint(name, " ", ids)) })
		var refusal *loyalty.Refusal
		switch {
		case err == nil:
			w.Add(d)
		case !errors.As(err, &refusal):
			rt.Fatal(err)
		}
		return w
	})
	if err != nil {
		rt.Fatal(err)
	}
	p.entries = append(p.entries, w.Entries...)
	for _, d := range w.Details {
		p.details[d.Entry] = d
	}
}

func (p *streetPlay) action(rt *rapid.T, name string) loyalty.Action {
	var of loyalty.Entry // that may be taken back
	if n := len(p.entries); n > 0 {
		of = p.entries[n-1-rapid.IntRange(0, n-1).Draw(rt, "entry")] // mostly a late one
	}
	switch rapid.IntRange(0, 14).Draw(rt, "action") {
	case 3, 4:
		return loyalty.Redemption{Reward: streetCard}
	case 5, 6:
		return loyalty.Redemption{Reward: streetCard, Amount: rapid.Int64Range(1, 900).Draw(rt, "amount")}
	case 7:
		return loyalty.Redemption{Reward: loyaltytest.Topping}
	case 8:
		return loyalty.Redemption{Reward: loyaltytest.Partner}
	case 9, 10:
		return loyalty.Reversal{Entry: of.ID, Reward: of.Reward}
	case 11:
		return loyalty.Refunding{Entry: of.ID, Detail: p.details[of.ID], Amount: 500}
	case 12:
		return loyalty.Adjustment{Units: rapid.Int64Range(-3, 3).Draw(rt, "units")}
	case 13:
		return loyalty.Merger{Into: rapid.SampledFrom(p.cards).Draw(rt, "into")}
	}
	return loyalty.Earning{Purchase: loyaltytest.Purchase(name, 2000)} // the commonest
}

// expected is what the entries come to, one by one: two cents a point for whoever gave
// it or handed something out for it, and what gift cards have paid.
func (p *streetPlay) expected() map[loyalty.MerchantID]due {
	known := map[loyalty.EntryID]loyalty.Entry{}
	dues := map[loyalty.MerchantID]due{}
	for _, e := range p.entries {
		known[e.ID] = e
		of := e
		if e.Kind == loyalty.Void || e.Kind == loyalty.Refund {
			of = known[e.Origin]
		}
		who, moves := of.Merchant, due{units: e.Units}
		switch {
		case of.Kind == loyalty.Redeem && of.Reward == streetCard && !of.Voucher.IsZero():
			moves.cards, moves.money = e.Counted.Off, e.Counted.Off
		case of.Kind == loyalty.Earn, of.Kind == loyalty.Redeem && of.Reward == loyaltytest.Topping:
			moves.money = -2 * e.Units
		case of.Kind == loyalty.Redeem:
			who, moves.money = loyaltytest.Merchant, -2*e.Units
		default:
			who = loyaltytest.Merchant
		}
		all := dues[who]
		dues[who] = due{all.units + moves.units, all.cards + moves.cards, all.money + moves.money}
	}
	return dues
}

// testSettledItems holds that what was handed out for vouchers from before a reward
// became a gift card is counted beside what the gift cards have paid.
func testSettledItems(t *testing.T, fresh func(testing.TB) string) {
	s := newStreet(t, NewShop(t, fresh(t)), true, everyReward)
	var w loyalty.Writes
	redeem := func(name string, off int64) loyalty.Entry {
		n := int64(len(w.Entries) + 1)
		e := loyalty.Entry{
			ID: idAt(loyaltytest.Now, name), Seq: n, Merchant: loyaltytest.Stranger, Operator: loyaltytest.Merchant, Card: loyaltytest.ID("items"),
			Kind: loyalty.Redeem, Reward: streetCard, Voucher: loyaltytest.ID("voucher " + name), Program: s.Joint.ID, Version: 1,
			Captured: loyaltytest.Now, Posted: loyaltytest.Now, Hash: loyalty.Hash{1},
		}
		e.Counted.Off = off
		w.Entries = append(w.Entries, e)
		return e
	}
	redeem("paid", 300)
	redeem("an item", 0)
	redeem("another", 0)
	redeem("a third", 0)
	back := w.Entries[3]
	back.ID, back.Seq, back.Kind, back.Origin = idAt(loyaltytest.Now, "back"), 5, loyalty.Void, back.ID
	w.Entries = append(w.Entries, back)
	if err := s.write(t, w); err != nil {
		t.Fatal(err)
	}
	turnovers, versions, err := s.Settlement(t.Context(), s.Joint.ID, loyaltytest.Now, loyaltytest.Now.AddDate(0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := loyalty.Settle(loyaltytest.Merchant, turnovers, versions)
	if err != nil || len(lines) != 2 || lines[1].Redemptions != 2 || lines[1].Cards != 300 {
		t.Errorf("%+v, %v; want two items and 300 paid", lines, err)
	}
}

// testSettledTime holds what falls into a settled time: from its first microsecond to
// before its last, whatever clock has made the id, and nothing of another program.
func testSettledTime(t *testing.T, fresh func(testing.TB) string) {
	s := newStreet(t, NewShop(t, fresh(t)), true)
	from, to := loyaltytest.Now, loyaltytest.Now.AddDate(0, 1, 0)
	const day = 24 * time.Hour
	var w loyalty.Writes
	post := func(units int64, posted, made time.Time, changes ...func(*loyalty.Entry)) loyalty.EntryID {
		n := int64(len(w.Entries) + 1)
		e := loyalty.Entry{
			ID: idAt(made, fmt.Sprint("timed ", n)), Seq: n, Merchant: loyaltytest.Stranger, Operator: loyaltytest.Merchant,
			Card: loyaltytest.ID("timed"), Kind: loyalty.Earn, Units: units, Program: s.Joint.ID, Version: 1, Captured: posted, Posted: posted, Hash: loyalty.Hash{1},
		}
		for _, change := range changes {
			change(&e)
		}
		w.Entries = append(w.Entries, e)
		return e.ID
	}
	void := func(of loyalty.EntryID) func(*loyalty.Entry) {
		return func(e *loyalty.Entry) { e.Kind, e.Origin, e.Merchant = loyalty.Void, of, loyaltytest.Merchant }
	}
	before := post(1, from.Add(-time.Microsecond), from)
	first := post(2, from, from.Add(-time.Second))
	post(4, from.Add(time.Hour), from.Add(-day+2*time.Hour)) // a clock that was set by most of a day, …
	post(8, to.Add(-time.Microsecond), to.Add(day-time.Second))
	last := post(16, to.Add(-time.Microsecond), to.Add(time.Millisecond))
	post(32, to, to)
	post(64, to, to.Add(-time.Second))
	post(128, from.Add(time.Hour), from.Add(time.Hour), func(e *loyalty.Entry) { e.Program = s.Points.ID })
	post(-1, to.Add(-time.Hour), to.Add(-time.Hour), void(before)) // of another month
	post(-2, to.Add(-time.Hour), to.Add(-time.Hour), void(first))
	post(-16, to, to, void(last)) // in another month
	// Done before the month, and sent in it.
	post(256, from.Add(day), from.Add(day), func(e *loyalty.Entry) { e.Captured = from.Add(-day) })
	if err := s.write(t, w); err != nil {
		t.Fatal(err)
	}
	settled := func() []loyalty.Turnover {
		turnovers, _, err := s.Settlement(t.Context(), s.Joint.ID, from, to)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(turnovers, func(a, b loyalty.Turnover) int { return int(a.Kind) - int(b.Kind) })
		return turnovers
	}
	got := settled()
	want := []loyalty.Turnover{
		{Merchant: loyaltytest.Stranger, Version: 1, Kind: loyalty.Earn, Units: 2 + 4 + 8 + 16 + 256, Entries: 5},
		{Merchant: loyaltytest.Stranger, Version: 1, Kind: loyalty.Void, Of: loyalty.Earn, Units: -3, Entries: 2},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	later := w.Entries[0]
	later.ID, later.Seq, later.Posted = idAt(to.Add(40*day), "timed later"), 100, to.Add(40*day)
	if err := s.write(t, loyalty.Writes{Entries: []loyalty.Entry{later}}); err != nil {
		t.Fatal(err)
	}
	if again := settled(); !slices.Equal(again, got) {
		t.Errorf("asked again, after two months: %+v\nbefore %+v", again, got)
	}
}
