package storetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/whatif"
)

// ask asks what other rules would have meant, and holds that asking writes nothing.
func ask(t *testing.T, shop *Shop, p *loyalty.Program, change func(*loyalty.Rules)) *whatif.Report {
	t.Helper()
	before := everything(t, shop)
	q := &whatif.Question{Current: p, Rules: p.Rules, Top: 10, To: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	change(&q.Rules)
	report, err := whatif.Ask(t.Context(), shop.Store, q)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(everything(t, shop), before) {
		t.Error("asking has changed the database")
	}
	return report
}

// everything is a backup of the database.
func everything(t *testing.T, shop *Shop) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := shop.Backup(t.Context(), &file, loyaltytest.Now); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// unchanged holds that a program which was never changed decides its whole history
// again as it was.
func unchanged(t *testing.T, shop *Shop, p *loyalty.Program) {
	t.Helper()
	report := ask(t, shop, p, func(*loyalty.Rules) {})
	if report.Ledger.Cards != 0 || len(report.Kept) > 0 || len(report.Before.Refused) > 0 || report.Better+report.Worse > 0 || report.Entries == 0 {
		t.Errorf("%s: %+v", p.Name, report)
	}
}

// A history of more than a page of cards and a chunk of entries, with a card that was
// merged and one whose purchases were erased.
func testWhatIf(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	const cards, each = 60, 20
	list := make([]loyalty.Card, cards)
	for i := range list {
		list[i] = loyaltytest.Card(shop.Points, fmt.Sprint("replayed ", i))
	}
	if err := shop.InsertCards(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for n := range each {
		var batch []*loyalty.Command
		for i := range list {
			name := fmt.Sprint(i, " ", n)
			batch = append(batch, loyaltytest.Command(name, list[i].ID, shop.Front, loyaltytest.Now, loyalty.Earning{Purchase: loyaltytest.Purchase(name, 1000)}))
		}
		if _, err := shop.Decide(t, batch...); err != nil {
			t.Fatal(err)
		}
	}
	rich := shop.Must(t, loyaltytest.Command("spend", list[3].ID, shop.Front, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Machine}))
	shop.Must(t, loyaltytest.Command("merge", list[1].ID, loyalty.Till{}, loyaltytest.Now, loyalty.Merger{Into: list[2].ID}))
	anna := shop.member(t, "anna", 1)
	shop.attach(t, list[0], anna)
	erased := func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now, erased); err != nil {
		t.Fatal(err)
	}

	got := ask(t, shop, shop.Points, func(r *loyalty.Rules) { r.Earn.Units *= 2 })
	if !got.Complete || got.Cards != cards-1 || got.Entries != cards*each+3 || got.Ledger.Cards != 0 {
		t.Errorf("replayed %+v", got)
	}
	if kept := got.Kept[loyalty.KeptErased]; kept.Entries != each || kept.Units != 10*each || len(got.Kept) != 1 {
		t.Errorf("kept %+v", got.Kept)
	}
	const issued = 10 * each * cards
	spent := -rich.Entries[0].Units
	if got.Before.Issued != issued || got.Before.Outstanding != issued-spent || got.After.Issued != 2*issued-10*each || got.After.Redeemed != spent {
		t.Errorf("before %+v, after %+v", got.Before, got.After)
	}
	if got.Same != 1 || got.Better != cards-2 || got.Winners[0].Card != list[2].ID || got.Winners[0].Change() != 20*each {
		t.Errorf("%d gain, %d are the same: %+v", got.Better, got.Same, got.Winners)
	}

	// Of so much, as much as there is time for.
	q := &whatif.Question{Current: shop.Points, Rules: shop.Points.Rules, Top: 1, To: loyaltytest.Now.Add(time.Hour), Entries: 100}
	part, err := whatif.Ask(t.Context(), shop.Store, q)
	if err != nil || part.Complete || part.Entries < 100 || part.Entries > 150 || part.Note() == "" {
		t.Errorf("%+v, %v", part, err)
	}
}
