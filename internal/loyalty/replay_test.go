package loyalty_test

import (
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// historyOf is that of a card which was opened before all that is in the book.
func historyOf(book *loyaltytest.Book, id loyalty.CardID) *loyalty.History {
	card := book.Cards[id]
	card.Created = loyaltytest.Now.Add(-time.Hour)
	return &loyalty.History{Card: card, Vouchers: book.Vouchers[id], Entries: detailed(book, id)}
}

func detailed(book *loyaltytest.Book, card loyalty.CardID) iter.Seq2[loyalty.DetailedEntry, error] {
	return func(yield func(loyalty.DetailedEntry, error) bool) {
		for _, e := range book.Entries[card] {
			detail := book.Details[e.ID]
			if !yield(loyalty.DetailedEntry{Entry: e, Salt: detail.Salt, Detail: detail.Body}, nil) {
				return
			}
		}
	}
}

// replayOf is one by changed rules, over all that is in a book.
func replayOf(book *loyaltytest.Book, current, changed *loyalty.Program, to time.Time) *loyalty.Replay {
	r := &loyalty.Replay{Current: current, Changed: changed, To: to, Zones: map[loyalty.LocationID]*time.Location{}, Versions: map[int32]*loyalty.Program{current.Version: current}}
	for _, till := range book.Tills {
		r.Zones[till.Location] = till.Zone
	}
	return r
}

func find(book *loyaltytest.Book) loyalty.Find {
	return func(ended loyalty.EntryID) (*loyalty.History, error) {
		for card, entries := range book.Entries {
			if slices.ContainsFunc(entries, func(e loyalty.Entry) bool { return e.ID == ended }) {
				return historyOf(book, card), nil
			}
		}
		return nil, loyalty.ErrNotFound
	}
}

func replayed(t loyaltytest.TB, book *loyaltytest.Book, r *loyalty.Replay, card loyalty.CardID) *loyalty.Replayed {
	t.Helper()
	result, err := r.Card(historyOf(book, card), find(book))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return result
}

// Whatever was asked in whatever order, a history that one version has decided is
// decided by it again to the last unit and voucher, and nothing is refused.
func TestReplayOfUnchangedRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		play := loyaltytest.NewPlay(t, "replay")
		clear(play.Book.Holders) // a replay looks at cards one by one
		now := loyaltytest.Now
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			for step := play.Next(t); len(step.Batch) > 0; {
				step.Publish = nil
				now = step.Now
				results, err := play.Post(step)
				if err != nil {
					t.Fatal(err)
				}
				step = step.Follow(results)
			}
		}
		for card := range play.Book.Cards {
			program, to := play.Book.Programs[play.Book.Cards[card].Program], now.Add(time.Hour)
			got := replayed(t, play.Book, replayOf(play.Book, program, program, to), card)
			if got.Ended { // it comes with the survivor
				continue
			}
			if !got.Exact() || len(got.Kept) > 0 || len(got.Before.Refused) > 0 {
				t.Fatalf("a balance of %d, replayed %d; %d taken off, replayed %+v; kept %v, refused %v",
					got.Balance, got.Replay, got.Off, got.Before.Sums, got.Kept, got.Before.Refused)
			}
			checkSums(t, got)
			checkVouchersAgain(t, play.Book, card, got)
			checkGiftCards(t, play.Book.Vouchers[card], to, got)
		}
	})
}

// checkSums holds that the same rules end alike, and that sums make the balance.
func checkSums(t *rapid.T, r *loyalty.Replayed) {
	b, a := &r.Before, &r.After
	if b.Balance != a.Balance || b.Worth != a.Worth || b.Issued != a.Issued || b.Discount != a.Discount || b.Earns != a.Earns {
		t.Fatalf("before %+v\nafter  %+v", b, a)
	}
	if b.Issued-b.Redeemed-b.Expired-b.Filled != b.Balance {
		t.Fatalf("%+v", b)
	}
}

// checkVouchersAgain holds the vouchers that were redeemed against the ledger's.
func checkVouchersAgain(t *rapid.T, book *loyaltytest.Book, card loyalty.CardID, got *loyalty.Replayed) {
	redeemed := map[loyalty.RewardID]int64{}
	var count func(card loyalty.CardID)
	count = func(card loyalty.CardID) {
		for _, e := range book.Entries[card] {
			switch {
			case e.Kind == loyalty.Redeem:
				redeemed[e.Reward]++
			case e.Kind == loyalty.Void && kindOf(book.Entries[card], e.Origin) == loyalty.Redeem:
				redeemed[e.Reward]--
			}
		}
		for other, c := range book.Cards {
			if c.MergedInto == card {
				count(other)
			}
		}
	}
	count(card)
	for reward, n := range redeemed {
		if sums := got.Before.Rewards[reward]; sums == nil || sums.Redeemed != n {
			t.Fatalf("%s was redeemed %d times, replayed %+v", reward, n, sums)
		}
	}
}

// checkGiftCards holds what is on the gift cards of a replay against the ledger's.
func checkGiftCards(t *rapid.T, vouchers []loyalty.Voucher, at time.Time, got *loyalty.Replayed) {
	left := map[loyalty.RewardID]int64{}
	for i := range vouchers {
		if v := &vouchers[i]; v.Live(at) {
			left[v.Reward] += v.Left
		}
	}
	for reward, sums := range got.Before.Rewards {
		if sums.Left != left[reward] {
			t.Fatalf("%s: gift cards hold %d, replayed %d", reward, left[reward], sums.Left)
		}
		if after := got.After.Rewards[reward]; *after != *sums {
			t.Fatalf("%s: before %+v, after %+v", reward, sums, after)
		}
	}
}
