package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// codesShop has a program whose points buy codes of a partner, three each.
func codesShop(t *testing.T, fresh func(testing.TB) string) (*Shop, *loyalty.Program) {
	shop := NewShop(t, fresh(t))
	program := partnerProgram(t)
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
	return shop, program
}

func partnerProgram(t testing.TB) *loyalty.Program {
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Partner, Name: "A book voucher", Cost: 3, CodesLow: 2, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}}}
	})
	program.ID = loyaltytest.ID("partner program")
	return program
}

// batchOf are so many codes of an import.
func batchOf(name string, n int, changes ...func(*loyalty.GiftCode)) *loyalty.CodeBatch {
	b := &loyalty.CodeBatch{Merchant: loyaltytest.Merchant, Reward: loyaltytest.Partner, Import: loyaltytest.ID("import " + name)}
	for i := range n {
		c := loyaltytest.Code(fmt.Sprint(name, i), loyaltytest.Partner, func(c *loyalty.GiftCode) {
			c.ID, c.Import, c.Imported = loyalty.NewID(), b.Import, loyaltytest.Now
			c.Sealed = []byte("sealed " + name)
			id := loyaltytest.ID(fmt.Sprint("text ", name, i))
			copy(c.Fingerprint[:], id[:])
		})
		for _, change := range changes {
			change(&c)
		}
		b.Codes = append(b.Codes, loyalty.NewCode{GiftCode: c})
	}
	return b
}

func (s *Shop) importCodes(t testing.TB, b *loyalty.CodeBatch) (there []int, left int64) {
	t.Helper()
	_, err := s.ImportCodes(t.Context(), loyalty.Answer{}, b, loyaltytest.Now, func(again []int, n int64) (loyalty.Answer, error) {
		there, left = again, n
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return there, left
}

func (s *Shop) counts(t testing.TB) loyalty.CodeCounts {
	t.Helper()
	pool, err := s.CodePool(t.Context(), loyaltytest.Merchant, loyaltytest.Partner, loyaltytest.Now)
	if err != nil {
		t.Fatal(err)
	}
	return pool.CodeCounts
}

// buy redeems so often, in one batch, and returns what was handed out.
func (s *Shop) buy(t testing.TB, card loyalty.CardID, name string, times int) (handed []loyalty.GiftCode, results []loyaltytest.Result) {
	t.Helper()
	batch := make([]*loyalty.Command, times)
	for i := range batch {
		batch[i] = loyaltytest.Command(fmt.Sprint(name, i), card, s.Front, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Partner})
	}
	keys := loyaltytest.Keys(batch)
	keys.At = loyaltytest.Now
	err := s.Post(t.Context(), *keys, func(f *loyalty.Facts) loyalty.Writes {
		var w *loyalty.Writes
		w, results = loyaltytest.Decide(f, batch, loyaltytest.Now)
		return *w
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Decision != nil {
			handed = append(handed, r.Decision.Codes...)
		}
	}
	return handed, results
}

// What was imported once is not imported again, under old keys' fingerprints neither,
// and what was not handed out can be withdrawn.
func testCodes(t *testing.T, fresh func(testing.TB) string) {
	shop, program := codesShop(t, fresh)
	card := shop.Card(t, program, "anna", func(c *loyalty.Card) { c.Balance, c.Lifetime = 300, 300 })
	first := batchOf("first", 700)
	if there, left := shop.importCodes(t, first); len(there) != 0 || left != 700 {
		t.Errorf("%d there, %d left", len(there), left)
	}
	second := batchOf("second", 3)
	second.Codes[1].Fingerprint = first.Codes[600].Fingerprint
	second.Codes[2].Former = []loyalty.Hash{{1}, first.Codes[5].Fingerprint}
	if there, left := shop.importCodes(t, second); !slices.Equal(there, []int{1, 2}) || left != 701 {
		t.Errorf("%v there, %d left", there, left)
	}
	handed, _ := shop.buy(t, card.ID, "buy", 2)
	if handed[0].ID != first.Codes[0].ID || handed[1].ID != first.Codes[1].ID {
		t.Errorf("handed out %+v, want the two imported first", handed)
	}
	same := *first
	same.Import = loyalty.NewID()
	if there, _ := shop.importCodes(t, &same); len(there) != 700 {
		t.Errorf("%d of 700 were known, two of them handed out", len(there))
	}
	imports, err := shop.CodeImports(t.Context(), loyaltytest.Merchant, loyaltytest.Partner, loyalty.ImportID{}, 10, loyaltytest.Now)
	if err != nil || len(imports) != 2 || imports[0].ID.Compare(imports[1].ID) <= 0 {
		t.Fatalf("%+v, %v", imports, err)
	}
	var removed int64
	count := func(n int64) (loyalty.Answer, error) { removed = n; return loyalty.Answer{}, nil }
	_, err = shop.WithdrawCodes(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, loyaltytest.Partner, first.Codes[0].Import, count)
	if err != nil || removed != 698 {
		t.Errorf("%d removed, %v", removed, err)
	}
	if counts := shop.counts(t); counts != (loyalty.CodeCounts{Free: 1, Taken: 2}) {
		t.Errorf("%+v", counts)
	}
	for name, err := range map[string]error{
		"no such import": failure(shop.WithdrawCodes(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, loyaltytest.Partner, loyaltytest.ID("none"), count)),
		"a stranger's":   failure(shop.WithdrawCodes(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, loyaltytest.Partner, first.Codes[0].Import, count)),
		"a free code":    failure(shop.GiftCode(t.Context(), loyaltytest.Merchant, second.Codes[0].ID)),
		"another's code": failure(shop.GiftCode(t.Context(), loyaltytest.Stranger, handed[0].ID)),
	} {
		if !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if code, err := shop.GiftCode(t.Context(), loyaltytest.Merchant, handed[0].ID); err != nil || string(code.Sealed) != "sealed first" || code.Entry != handed[0].Entry {
		t.Errorf("%+v, %v", code, err)
	}
}

func failure[T any](_ T, err error) error { return err }

// Those that end first go first, and those that have ended stay, however many are in
// front; a pool that is not a pool takes nothing.
func testCodesEnd(t *testing.T, fresh func(testing.TB) string) {
	shop, program := codesShop(t, fresh)
	card := shop.Card(t, program, "anna", func(c *loyalty.Card) { c.Balance, c.Lifetime = 300, 300 })
	end := func(at time.Time) func(*loyalty.GiftCode) { return func(c *loyalty.GiftCode) { c.Expires = at } }
	shop.importCodes(t, batchOf("for ever", 2))
	shop.importCodes(t, batchOf("ended", 20, end(loyaltytest.Now)))
	shop.importCodes(t, batchOf("soon", 1, end(loyaltytest.Now.Add(time.Hour))))
	handed, results := shop.buy(t, card.ID, "buy", 4)
	if len(handed) != 3 || handed[0].Expires.IsZero() || !handed[1].Expires.IsZero() || !handed[2].Expires.IsZero() {
		t.Errorf("handed out %+v", handed)
	}
	var refusal *loyalty.Refusal
	if !errors.As(results[3].Err, &refusal) || refusal.Code != loyalty.RewardOutOfStock {
		t.Errorf("the fourth: %v", results[3].Err)
	}
	if counts := shop.counts(t); counts != (loyalty.CodeCounts{Taken: 3, Expired: 20}) {
		t.Errorf("%+v", counts)
	}
	shown, err := shop.CardCodes(t.Context(), loyaltytest.Merchant, card.ID, loyaltytest.Now.Add(time.Hour), loyalty.EntryID{}, 10)
	if err != nil || len(shown) != 2 {
		t.Errorf("%d codes show when one has ended, %v", len(shown), err)
	}
	none := batchOf("none", 1)
	none.Reward = loyaltytest.Topping
	_, err = shop.ImportCodes(t.Context(), loyalty.Answer{}, none, loyaltytest.Now, nil)
	if !errors.As(err, &refusal) || refusal.Code != loyalty.ActionNotOffered {
		t.Errorf("into a reward that is no code: %v", err)
	}
}

// A hundred redemptions of three processes at once, over sixty codes: each goes once.
func testCodesRace(t *testing.T, fresh func(testing.TB) string) {
	shop, program := codesShop(t, fresh)
	shops := []*Shop{shop, shop.sibling(t), shop.sibling(t)}
	shop.importCodes(t, batchOf("race", 60))
	cards := make([]loyalty.Card, 100)
	for i := range cards {
		cards[i] = shop.Card(t, program, fmt.Sprint("racer ", i), func(c *loyalty.Card) { c.Balance, c.Lifetime = 3, 3 })
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	went, refused := map[loyalty.GiftCodeID]int{}, 0
	for i, card := range cards {
		all.Go(func() {
			handed, _ := shops[i%3].buy(t, card.ID, fmt.Sprint("race ", i), 1)
			mu.Lock()
			defer mu.Unlock()
			if len(handed) == 0 {
				refused++
			}
			for _, code := range handed {
				went[code.ID]++
			}
		})
	}
	all.Wait()
	if len(went) != 60 || refused != 40 {
		t.Errorf("%d codes went, %d redemptions were refused", len(went), refused)
	}
	if counts := shop.counts(t); counts != (loyalty.CodeCounts{Taken: 60}) {
		t.Errorf("%+v", counts)
	}
	seen := map[loyalty.EntryID]bool{}
	err := shop.EachCode(t.Context(), func(c *loyalty.GiftCode, e *loyalty.Entry) error {
		seen[e.ID] = true
		return loyalty.VerifyCode(c, e)
	})
	if err != nil || len(seen) != 60 {
		t.Errorf("%d entries have a code, %v", len(seen), err)
	}
}

// Codes go along with a merge, and are nobody's when their holder is erased; a void
// spoils them.
func testCodesOfCards(t *testing.T, fresh func(testing.TB) string) {
	shop, program := codesShop(t, fresh)
	rich := func(c *loyalty.Card) { c.Balance, c.Lifetime = 300, 300 }
	anna, berta := shop.Card(t, program, "anna", rich), shop.Card(t, program, "berta")
	shop.importCodes(t, batchOf("few", 3))
	handed, _ := shop.buy(t, anna.ID, "buy", 2)
	shown := func(card loyalty.CardID) int {
		t.Helper()
		codes, err := shop.CardCodes(t.Context(), loyaltytest.Merchant, card, loyaltytest.Now, loyalty.EntryID{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(codes)
	}
	if n := shown(anna.ID); n != 2 {
		t.Errorf("%d codes of the card", n)
	}
	void := loyaltytest.Command("void", anna.ID, shop.Front, loyaltytest.Now,
		loyalty.Reversal{Entry: handed[0].Entry, Reward: loyaltytest.Partner}, loyaltytest.Approved(loyalty.Manager))
	shop.Must(t, void)
	if counts := shop.counts(t); counts != (loyalty.CodeCounts{Free: 1, Taken: 1, Spoiled: 1}) {
		t.Errorf("%+v", counts)
	}
	shop.Must(t, loyaltytest.Command("merge", anna.ID, loyalty.Till{}, loyaltytest.Now, loyalty.Merger{Into: berta.ID}))
	if a, b := shown(anna.ID), shown(berta.ID); a != 0 || b != 1 {
		t.Errorf("after the merge %d and %d codes", a, b)
	}
	member := shop.member(t, "berta", 1)
	shop.attach(t, berta, member)
	_, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, member.ID, loyaltytest.Now,
		func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	if n := shown(berta.ID); n != 0 {
		t.Errorf("%d codes of the erased member's card", n)
	}
}

// Resealing goes through more codes than one transaction takes.
func testResealCodes(t *testing.T, fresh func(testing.TB) string) {
	shop, _ := codesShop(t, fresh)
	shop.importCodes(t, batchOf("many", 450))
	rows, err := shop.ResealCodes(t.Context(), func(c *loyalty.GiftCode) (bool, error) {
		c.Sealed, c.Fingerprint[31] = []byte("anew"), 7
		return true, nil
	})
	if err != nil || rows != 450 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	changed, err := shop.ResealCodes(t.Context(), func(c *loyalty.GiftCode) (bool, error) {
		return string(c.Sealed) != "anew" || c.Fingerprint[31] != 7, nil
	})
	if err != nil || changed != 0 {
		t.Errorf("%d rows are not as they were written, %v", changed, err)
	}
}
