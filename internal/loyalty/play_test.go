package loyalty_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// Whatever is asked in whatever order, the ledger proves itself, nothing is
// negative, lost or doubled, and a refusal has changed nothing.
func TestPlay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		play := loyaltytest.NewPlay(t, "play")
		stock := maps.Clone(play.Book.Stock)
		t.Repeat(map[string]func(*rapid.T){
			"step": func(t *rapid.T) {
				for step := play.Next(t); len(step.Batch) > 0; {
					play.Publish(step)
					writes, results := decideStep(t, play.Book, step)
					checkTouched(t, play.Book, writes)
					step = step.Follow(results)
				}
			},
			"": func(t *rapid.T) {
				if err := play.Book.Verify(); err != nil {
					t.Fatal(err)
				}
				checkCounts(t, play.Book, stock)
				checkNothingLost(t, play.Book)
				checkLots(t, play.Book)
				checkTakings(t, play.Book)
				checkEarnings(t, play.Book)
				checkMoney(t, play.Book)
			},
		})
	})
}

// decideStep decides a batch command by command and writes it.
func decideStep(t *rapid.T, book *loyaltytest.Book, step loyaltytest.Step) (*loyalty.Writes, []loyaltytest.Result) {
	facts := book.Read(loyaltytest.Keys(step.Batch))
	had := membersHad(book)
	writes, results := &loyalty.Writes{}, []loyaltytest.Result{}
	for _, c := range step.Batch {
		before := clone(facts)
		d, err := loyalty.Decide(facts, c, step.Now, loyaltytest.IDs(string(c.Request[:])))
		if !reflect.DeepEqual(facts, before) {
			t.Fatalf("deciding %+v has changed the facts", c.Do)
		}
		if err == nil {
			facts.Apply(d)
			writes.Add(d)
		}
		results = append(results, loyaltytest.Result{Decision: d, Err: err})
	}
	if err := book.Write(writes); err != nil {
		t.Fatal(err)
	}
	checkFolded(t, book, facts)
	checkMembers(t, book, facts, had, writes)
	return writes, results
}

// membersHad is how often each member has had each reward.
func membersHad(book *loyaltytest.Book) map[loyalty.MemberID]loyalty.MemberTallies {
	had := map[loyalty.MemberID]loyalty.MemberTallies{}
	for _, member := range book.Holders {
		had[member] = book.Had(member)
	}
	return had
}

// checkMembers holds that members have not redeemed more than they may, with however
// many cards, and that facts that were folded are those that are read. A merge brings
// along what was redeemed, so that somebody may have had more then; and it may end a
// memory of cards of before, which the batch goes on counting.
func checkMembers(t *rapid.T, book *loyaltytest.Book, facts *loyalty.Facts, before map[loyalty.MemberID]loyalty.MemberTallies, writes *loyalty.Writes) {
	for card, member := range book.Holders {
		program := book.Programs[book.Cards[card].Program]
		for reward, n := range book.Had(member) {
			r, there := program.Reward(reward)
			if there && r.PerMember > 0 && n > max(r.PerMember, before[member][reward]) && len(writes.Merged) == 0 {
				t.Fatalf("%s has had %s %d times, and may have it %d times", member, r.Name, n, r.PerMember)
			}
			if folded, there := facts.Members[member]; there && (folded[reward] < n || folded[reward] > n && len(writes.Merged) == 0) {
				t.Fatalf("%s has had %s %d times, in the folded facts %d times", member, reward, n, folded[reward])
			}
		}
	}
}

// checkFolded holds the written book against the facts as the batch left them.
func checkFolded(t *rapid.T, book *loyaltytest.Book, facts *loyalty.Facts) {
	for id, state := range facts.Cards {
		if book.Cards[id] != state.Card {
			t.Fatalf("card %s\nwritten %+v\ndecided %+v", id, book.Cards[id], state.Card)
		}
		for _, v := range state.Vouchers {
			if !slices.Contains(book.Vouchers[id], v) {
				t.Fatalf("voucher %+v was not written so", v)
			}
		}
		for _, l := range state.Lots {
			if !slices.Contains(book.Lots[id], l) {
				t.Fatalf("lot %+v was not written so: %+v", l, book.Lots[id])
			}
		}
		for reward, count := range state.Tallies {
			if written := book.Tallies[loyaltytest.TallyKey{Card: id, Reward: reward}]; written != count {
				t.Fatalf("tally of %s: written %d, decided %d", reward, written, count)
			}
		}
		for _, use := range state.Uses {
			use.TillName, use.Merchant = "", loyalty.MerchantID{} // not columns
			if written := book.Uses[loyaltytest.UseKey{Nonce: use.Nonce, Action: use.Action}]; written != use {
				t.Fatalf("use: written %+v, decided %+v", written, use)
			}
		}
	}
	for reward, left := range facts.Stock {
		if book.Stock[reward] != left {
			t.Fatalf("stock of %s: written %d, decided %d", reward, book.Stock[reward], left)
		}
	}
	for credit, entry := range facts.Credits {
		if book.Credits[credit] != entry {
			t.Fatalf("credit %x: written %s, decided %s", credit.Purchase, book.Credits[credit], entry)
		}
	}
	for id, code := range facts.Claims {
		if written := book.Claims[id]; written.Claimed != code.Claimed || written.Card != code.Card || written.Entry != code.Entry {
			t.Fatalf("claim %s: written %+v, decided %+v", id, written, code)
		}
	}
	for id, origin := range facts.Origins {
		again := book.Read(&loyalty.Keys{Origins: []loyalty.EntryID{id}}).Origins[id]
		if again.Voided != origin.Voided || again.Refunded != origin.Refunded {
			t.Fatalf("entry %s: voided %t, decided %t", id, again.Voided, origin.Voided)
		}
	}
}

// checkTouched looks at the cards that a batch has written.
func checkTouched(t *rapid.T, book *loyaltytest.Book, writes *loyalty.Writes) {
	for _, card := range writes.Cards {
		rules := book.Programs[card.Program].Rules
		if rules.Kind == loyalty.Stamps && (card.Balance < 0 || card.Balance >= rules.Card.Size) {
			t.Fatalf("balance %d on a card of %d", card.Balance, rules.Card.Size)
		}
		if card.MayOwe != (rules.AllowNegative || card.Balance < 0) {
			t.Fatalf("card %+v", card)
		}
	}
}

// checkLots holds that what is left of lots is the balance, also where the audit
// would not know that there ought to be lots.
func checkLots(t *rapid.T, book *loyaltytest.Book) {
	for id, card := range book.Cards {
		lots := book.Lots[id]
		var left int64
		for _, l := range lots {
			left += l.Left
		}
		if len(lots) > 0 && left != max(0, card.Balance) {
			t.Fatalf("%d left in lots, a balance of %d: %+v", left, card.Balance, lots)
		}
	}
}

// checkTakings holds that expiring and refunding only ever take, and no more of an
// entry than it brought in: not of one after the other, either.
func checkTakings(t *rapid.T, book *loyaltytest.Book) {
	for id, entries := range book.Entries {
		refunded := map[loyalty.EntryID]int64{}
		for _, e := range entries {
			if (e.Kind == loyalty.Expire || e.Kind == loyalty.Refund) && e.Units > 0 {
				t.Fatalf("%s brings in %d", e.Kind, e.Units)
			}
			if e.Kind == loyalty.Refund {
				refunded[e.Origin] -= e.Units
			}
		}
		for _, e := range entries {
			gone := refunded[e.ID]
			if kept := book.Refunds[e.ID].Units; kept != gone {
				t.Fatalf("%d of entry %s were refunded, kept are %d", gone, e.ID, kept)
			}
			if i := slices.IndexFunc(book.Lots[id], func(l loyalty.Lot) bool { return l.Entry == e.ID }); i >= 0 {
				gone += book.Lots[id][i].Expired
			}
			if e.Kind == loyalty.Earn && gone > e.Units {
				t.Fatalf("%d of the %d of entry %s are gone", gone, e.Units, e.ID)
			}
		}
	}
}

// checkEarnings holds that visits and what counts against caps are the earns that
// were not taken back. What a merged card brings along is not among its entries.
func checkEarnings(t *rapid.T, book *loyaltytest.Book) {
	for id, card := range book.Cards {
		entries := book.Entries[id]
		if slices.ContainsFunc(entries, func(e loyalty.Entry) bool { return e.Kind == loyalty.Merge }) {
			continue
		}
		var visits, ofDay, ofMonth int64
		for _, e := range entries {
			void := func(v loyalty.Entry) bool { return v.Kind == loyalty.Void && v.Origin == e.ID }
			if e.Kind != loyalty.Earn || slices.ContainsFunc(entries, void) {
				continue
			}
			visits++
			if e.Seq >= card.DayFrom {
				ofDay += e.Units
			}
			if e.Seq >= card.MonthFrom {
				ofMonth += e.Units
			}
		}
		if card.Visits != visits || card.DayUnits != ofDay || card.MonthUnits != ofMonth {
			t.Fatalf("%d visits, %d units of the day and %d of the month, the card has %d, %d and %d",
				visits, ofDay, ofMonth, card.Visits, card.DayUnits, card.MonthUnits)
		}
	}
}

// checkNothingLost holds, over each program as a whole, that merging has made and
// taken nothing, and that cards which have ended hold nothing.
func checkNothingLost(t *rapid.T, book *loyaltytest.Book) {
	type sums struct{ balance, earned, spent int64 }
	posted, held := map[loyalty.ProgramID]sums{}, map[loyalty.ProgramID]sums{}
	for id, card := range book.Cards {
		sum := posted[card.Program]
		for _, e := range book.Entries[id] {
			if e.Kind != loyalty.Merge {
				sum.balance += e.Units
			}
			kind := e.Kind
			if kind == loyalty.Void {
				kind = kindOf(book.Entries[id], e.Origin)
			}
			sum.spent += e.Counted.Spend
			switch kind {
			case loyalty.Earn, loyalty.Opening, loyalty.Adjust, loyalty.Refund:
				sum.earned += e.Units
			}
		}
		posted[card.Program] = sum
		if !card.MergedInto.IsZero() {
			if card.Balance != 0 || slices.ContainsFunc(book.Vouchers[id], func(v loyalty.Voucher) bool { return v.State == loyalty.Issued }) {
				t.Fatalf("a card that has ended holds %+v, %+v", card, book.Vouchers[id])
			}
			continue
		}
		now := held[card.Program]
		held[card.Program] = sums{now.balance + card.Balance, now.earned + card.Earned(), now.spent + card.Counts.Total().Spend}
	}
	if !maps.Equal(posted, held) {
		t.Fatalf("posted %v, on the cards %v", posted, held)
	}
}

// checkCounts derives stock, tallies, credits and uses from the entries.
func checkCounts(t *rapid.T, book *loyaltytest.Book, stock map[loyalty.RewardID]int64) {
	left, tallies := maps.Clone(stock), map[loyaltytest.TallyKey]int64{}
	for card, entries := range book.Entries {
		for _, e := range entries {
			key := loyaltytest.TallyKey{Card: card, Reward: e.Reward}
			switch {
			case ofGiftCard(book, &e):
			case e.Kind == loyalty.Redeem:
				tallies[key]++
			case e.Kind == loyalty.Void && kindOf(entries, e.Origin) == loyalty.Redeem:
				tallies[key]--
			}
		}
	}
	for key, count := range tallies {
		if all := count + inherited(book, key, tallies); book.Tallies[key] != all {
			t.Fatalf("%s was redeemed %d times, the tally says %d", key.Reward, all, book.Tallies[key])
		}
		if _, limited := stock[key.Reward]; limited {
			left[key.Reward] -= count
		}
	}
	for reward, count := range left {
		if book.Stock[reward] != count || count < 0 {
			t.Fatalf("%d of %s should be left, the stock says %d", count, reward, book.Stock[reward])
		}
	}
	for key, use := range book.Uses {
		if got := kindOf(book.Entries[use.Card], use.Entry); got != key.Action {
			t.Fatalf("a use of %s belongs to an entry of kind %s", key.Action, got)
		}
	}
	for id, code := range book.Claims {
		if entry := book.Read(&loyalty.Keys{Origins: []loyalty.EntryID{code.Entry}}).Origins[code.Entry].Entry; code.Claimed.IsZero() != code.Entry.IsZero() ||
			!code.Entry.IsZero() && (entry.Card != code.Card || entry.Method != loyalty.Slip || entry.Till != code.Till) {
			t.Fatalf("claim %s %+v earned %+v", id, code, entry)
		}
	}
	for credit, entry := range book.Credits {
		if origin := book.Read(&loyalty.Keys{Origins: []loyalty.EntryID{entry}}).Origins[entry]; (origin.Entry.Kind != loyalty.Earn && origin.Entry.Kind != loyalty.Grant) || origin.Voided {
			t.Fatalf("purchase %x is credited to %+v", credit.Purchase, origin)
		}
	}
}

// ofGiftCard reports whether an entry is about using a gift card, which was handed out
// before.
func ofGiftCard(book *loyaltytest.Book, e *loyalty.Entry) bool {
	return slices.ContainsFunc(book.Vouchers[e.Card], func(v loyalty.Voucher) bool { return v.ID == e.Voucher && v.Value > 0 })
}

// checkMoney holds that what gift cards were issued with was used or is left, wherever
// they went with a merge, and that no purchase is paid below zero.
func checkMoney(t *rapid.T, book *loyaltytest.Book) {
	for id := range book.Cards {
		for _, v := range book.Vouchers[id] {
			var used int64
			for _, e := range book.Entries[id] {
				if e.Voucher == v.ID {
					used += e.Counted.Off
				}
			}
			if v.Value > 0 && (v.Value != used+v.Left || v.Left < 0 || (v.Left == 0) != (v.State == loyalty.Redeemed)) {
				t.Fatalf("gift card %+v, used %d", v, used)
			}
		}
		for _, e := range book.Entries[id] {
			if e.Kind != loyalty.Redeem || e.Commitment == (loyalty.Hash{}) {
				continue
			}
			var p loyalty.Purchase
			if err := json.Unmarshal(book.Details[e.ID].Body, &p); err != nil || e.Counted.Off < 0 || e.Counted.Off > p.Total-p.PaidWithReward {
				t.Fatalf("%d off %+v, %v", e.Counted.Off, p, err)
			}
		}
	}
}

// inherited is how often the cards merged into one have redeemed a reward.
func inherited(book *loyaltytest.Book, key loyaltytest.TallyKey, own map[loyaltytest.TallyKey]int64) (n int64) {
	for id, card := range book.Cards {
		if card.MergedInto == key.Card {
			from := loyaltytest.TallyKey{Card: id, Reward: key.Reward}
			n += own[from] + inherited(book, from, own)
		}
	}
	return n
}

func kindOf(entries []loyalty.Entry, id loyalty.EntryID) loyalty.EntryKind {
	for _, e := range entries {
		if e.ID == id {
			return e.Kind
		}
	}
	return 0
}

func clone(f *loyalty.Facts) *loyalty.Facts {
	c := *f
	c.Cards = map[loyalty.CardID]*loyalty.State{}
	for id, state := range f.Cards {
		s := *state
		s.Lots = slices.Clone(s.Lots)
		s.Vouchers, s.Uses, s.Tallies = slices.Clone(s.Vouchers), slices.Clone(s.Uses), maps.Clone(s.Tallies)
		c.Cards[id] = &s
	}
	c.Tills, c.Stock, c.Origins = maps.Clone(f.Tills), maps.Clone(f.Stock), maps.Clone(f.Origins)
	c.Members = maps.Clone(f.Members)
	for member, had := range c.Members {
		c.Members[member] = maps.Clone(had)
	}
	c.Handed, c.Pools = maps.Clone(f.Handed), maps.Clone(f.Pools)
	for reward, codes := range c.Pools {
		c.Pools[reward] = slices.Clone(codes)
	}
	c.Credits, c.Answers, c.Claims = maps.Clone(f.Credits), maps.Clone(f.Answers), maps.Clone(f.Claims)
	return &c
}

// Keys names all that deciding looks at: with every row of the book at hand the
// outcome is the same.
func TestPlayKeysSuffice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		play := loyaltytest.NewPlay(t, "keys")
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			step := play.Next(t)
			step.Batch = step.Batch[:1]
			play.Publish(step)
			_, few := loyaltytest.Decide(play.Book.Read(loyaltytest.Keys(step.Batch)), step.Batch, step.Now)
			_, all := loyaltytest.Decide(play.Book.Read(everything(play.Book, step.Batch[0])), step.Batch, step.Now)
			for _, r := range []*loyaltytest.Result{&few[0], &all[0]} {
				if r.Decision != nil {
					r.Decision.Vouchers, r.Decision.Lots = nil, nil // all known ones: more with more facts
					if r.Decision.From != nil {
						r.Decision.From.Vouchers, r.Decision.From.Lots = nil, nil
					}
				} else {
					r.Err.(*loyalty.Refusal).Message = "" // may say more of what is not live
				}
			}
			if !reflect.DeepEqual(few, all) {
				t.Fatalf("%+v\nwith its keys:   %+v\nwith everything: %+v", step.Batch[0].Do, few[0], all[0])
			}
			if _, err := play.Post(step); err != nil {
				t.Fatal(err)
			}
		}})
	})
}

func everything(book *loyaltytest.Book, c *loyalty.Command) *loyalty.Keys {
	keys := loyaltytest.Keys([]*loyalty.Command{c})
	keys.Tills = slices.Collect(maps.Keys(book.Tills))
	keys.Rewards = slices.AppendSeq(keys.Rewards, maps.Keys(book.Stock))
	for id := range book.Cards {
		keys.Histories, keys.Tallies = append(keys.Histories, id), append(keys.Tallies, id)
		for _, e := range book.Entries[id] {
			keys.Origins = append(keys.Origins, e.ID)
		}
	}
	for key := range book.Uses {
		keys.Nonces = append(keys.Nonces, key.Nonce)
	}
	for credit := range book.Credits {
		keys.Purchases = append(keys.Purchases, credit.Purchase)
	}
	keys.Claims = slices.Collect(maps.Keys(book.Claims))
	return keys
}

// An earn or a grant that is voided at once has never been: balance, lifetime, cycle and
// all vouchers that are not withdrawn are as before.
func TestPlayVoidUndoesEarn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		play := loyaltytest.NewPlay(t, "undo")
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			step := play.Next(t)
			step.Batch = step.Batch[:1]
			play.Publish(step)
			card := step.Batch[0].Card
			before, stood := play.Book.Cards[card], standing(play.Book, card)
			results, err := play.Post(step)
			if err != nil {
				t.Fatal(err)
			}
			earn := results[0].Decision
			kind := step.Batch[0].Kind()
			if earn == nil || kind != loyalty.Earn && kind != loyalty.Grant || len(earn.Changed) > 0 || earn.Entries[0].Kind != kind {
				return // refused, something else, or something else fell due with it
			}
			undo := loyaltytest.Command(fmt.Sprint("undo ", earn.Card.Seq), card, loyalty.Till{}, step.Now, loyalty.Reversal{Entry: earn.Entries[0].ID})
			if results, err = play.Book.Post([]*loyalty.Command{undo}, step.Now); err != nil {
				t.Fatal(err)
			}
			if before.Balance < 0 && !earn.Program.AllowNegative {
				return // a debt from an earlier version: it may not grow again
			}
			if results[0].Err != nil {
				t.Fatal(results[0].Err)
			}
			after := play.Book.Cards[card]
			if after.Counts.Total() != before.Counts.Total() {
				t.Fatalf("before %+v\nafter  %+v", before.Counts.Months(), after.Counts.Months())
			}
			if after.Balance != before.Balance || after.Lifetime != before.Lifetime || after.Cycle != before.Cycle {
				t.Fatalf("before %+v\nafter  %+v", before, after)
			}
			if got := standing(play.Book, card); !slices.Equal(got, stood) {
				t.Fatalf("vouchers before %+v\nafter %+v", stood, got)
			}
		}})
	})
}

func standing(book *loyaltytest.Book, card loyalty.CardID) []loyalty.Voucher {
	return slices.DeleteFunc(slices.Clone(book.Vouchers[card]), func(v loyalty.Voucher) bool { return v.State == loyalty.Withdrawn })
}
