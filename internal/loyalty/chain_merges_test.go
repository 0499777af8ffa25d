package loyalty_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// audited are the books of one card, as they may be forged.
type audited struct {
	card     loyalty.Card
	vouchers []loyalty.Voucher
	entries  []loyalty.Entry
}

// mergedBooks are berta's and anna's after a merge with a voucher, anna's last.
func mergedBooks(t *testing.T) (berta, anna *audited) {
	t.Helper()
	shop := openCouple(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 13}, shop.onBerta)
	shop.Do(loyalty.Earning{Units: 4})
	shop.merge()
	books := func(id loyalty.CardID) *audited {
		return &audited{shop.Book.Cards[id], slices.Clone(shop.Book.Vouchers[id]), slices.Clone(shop.Book.Entries[id])}
	}
	return books(shop.berta), books(shop.CardID)
}

func audit(t *testing.T, since time.Time, books ...*audited) []*loyalty.Flaw {
	t.Helper()
	var auditor loyalty.Auditor
	for _, b := range books {
		if err := auditor.Card(&b.card, b.vouchers, nil, loyaltytest.Stream(b.entries)); err != nil {
			t.Fatal(err)
		}
	}
	return auditor.Merges(since)
}

// relinked computes the hashes anew and lets the card agree.
func (b *audited) relinked() {
	b.entries = relink(rebalance(b.entries))
	last := b.entries[len(b.entries)-1]
	b.card.Head, b.card.Balance = last.Hash, last.Balance
}

// A forger who makes each chain hold by itself is found by the other one.
func TestAuditorHoldsBothSidesOfAMerge(t *testing.T) {
	t.Parallel()
	later := loyaltytest.Now.Add(time.Hour)
	tests := []struct {
		name   string
		forge  func(berta, anna *audited)
		saying string // of the survivor; empty: it is the card that ended
	}{
		{"units appear", func(_, anna *audited) {
			anna.entries[1].Units++
			anna.card.Lifetime++
			anna.relinked()
		}, "what has not left"},
		{"history of the card that ended is rewritten", func(berta, _ *audited) {
			berta.entries[0].Version++
			berta.relinked()
		}, "what has not left"},
		{"goes elsewhere", func(berta, _ *audited) { berta.card.MergedInto[0]++ }, "what has not left"},
		{"names another merge", func(berta, anna *audited) {
			berta.entries[2].Origin[0]++
			berta.relinked()
			anna.entries[1].Commitment = berta.entries[2].Hash
			anna.relinked()
		}, "what has not left"},
		{"lifetime appears", func(_, anna *audited) { anna.card.Inherited++ }, "has inherited 11, the cards merged into it had 10"},
		{"does not arrive", func(_, anna *audited) {
			anna.entries = anna.entries[:1]
			anna.card.Seq, anna.card.Lifetime, anna.card.Inherited, anna.vouchers = 1, 4, 0, nil
			anna.relinked()
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			berta, anna := mergedBooks(t)
			for _, order := range [][]*audited{{berta, anna}, {anna, berta}} {
				if flaws := audit(t, later, order...); len(flaws) != 0 {
					t.Fatalf("honest books: %v", flaws)
				}
			}
			tt.forge(berta, anna)
			flaws := audit(t, later, berta, anna)
			if len(flaws) == 0 {
				t.Fatal("no flaw was found")
			}
			of, saying := anna, tt.saying
			if saying == "" {
				of, saying = berta, "has not arrived on "+anna.card.ID.String()
			}
			if !slices.ContainsFunc(flaws, func(f *loyalty.Flaw) bool {
				return f.Card == of.card.ID && strings.Contains(f.Error(), saying)
			}) {
				t.Errorf("%v, want %q", flaws, saying)
			}
		})
	}
}

// An audit of a shop that is open may read one card before a merge and the other
// after it.
func TestAuditorWaitsForFreshMerges(t *testing.T) {
	t.Parallel()
	berta, anna := mergedBooks(t)
	for name, only := range map[string]*audited{"the card that ended": berta, "the survivor": anna} {
		if flaws := audit(t, loyaltytest.Now, only); len(flaws) != 0 {
			t.Errorf("%s alone, fresh: %v", name, flaws)
		}
		if flaws := audit(t, loyaltytest.Now.Add(time.Microsecond), only); len(flaws) != 1 {
			t.Errorf("%s alone, old: %v, want a flaw", name, flaws)
		}
	}
}

// Merges that contradict their own card are found without the other one.
func TestVerifyCardFindsWrongMerges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		ended  bool // forges berta's books, else anna's
		forge  func(*audited)
		saying string
	}{
		{"leaves something", true, func(b *audited) { b.entries[2].Units++; b.relinked() }, "ends the card with a balance of 1"},
		{"names nothing", true, func(b *audited) { b.entries[2].Origin = loyalty.EntryID{}; b.relinked() }, "names no merge"},
		{"no survivor", true, func(b *audited) { b.card.MergedInto = loyalty.CardID{} }, "has a survivor: false"},
		{"a live voucher", true, func(b *audited) { b.vouchers[0].State = loyalty.Issued }, "on a card that has ended"},
		{"goes on", true, func(b *audited) {
			b.entries = append(b.entries, with(b.entries[0], loyalty.Entry{ID: b.entries[0].ID, Seq: 4}))
			b.entries[3].ID[15] += 100
			b.card.Seq++
			b.relinked()
		}, "comes after the merge"},
		{"ends without a merge", false, func(b *audited) { b.card.MergedInto = loyaltytest.ID("somebody") }, "has a survivor: true"},
		{"a voucher from nowhere", false, func(b *audited) {
			b.vouchers[0].Entry = b.entries[0].ID
		}, "came with no merge"},
		{"lifetime from nowhere", false, func(b *audited) {
			b.entries, b.vouchers = b.entries[:1], nil
			b.card.Seq, b.card.Lifetime = 1, 4
			b.relinked()
		}, "has inherited 10, and nothing was merged into it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			berta, anna := mergedBooks(t)
			b := anna
			if tt.ended {
				b = berta
			}
			tt.forge(b)
			err := loyalty.VerifyCard(&b.card, b.vouchers, nil, loyaltytest.Stream(b.entries))
			if flaw := flawOf(err); flaw == nil || !strings.Contains(flaw.Error(), tt.saying) {
				t.Errorf("got %v, want %q", err, tt.saying)
			}
		})
	}
}
