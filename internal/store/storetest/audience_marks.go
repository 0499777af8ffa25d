package storetest

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// testAudienceMarks holds that cards are marked whose holders are something else to the
// shop from now on, and no others: their passes may promise what they do not get any
// more.
func testAudienceMarks(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	staff := loyaltytest.Points(t, func(r *loyalty.Rules) { r.Rewards[0].Only.Audiences = []loyalty.Audience{loyalty.PartnerStaff} })
	staff.ID = loyaltytest.ID("program with a reward for partners")
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*staff, loyaltytest.Now) })
	watched := func(p *loyalty.Program, name string) loyalty.Card {
		card := shop.Card(t, p, name)
		shop.register(t, shop.pass(t, card.ID), loyalty.Hash{1}, "aa", loyaltytest.Now)
		return card
	}
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	annas, bertas, other := watched(staff, "annas"), watched(shop.Stamps, "bertas"), watched(shop.Stamps, "nobody's")
	unseen := shop.Card(t, staff, "nothing shows it")
	shop.attach(t, annas, anna)
	shop.attach(t, unseen, anna)
	shop.attach(t, bertas, berta)
	a := shop.agreement(t, "harbour", "harbour.example")
	shop.roster(t, a, false, 1, 2)
	shop.everyMark(t)

	join := func(m loyalty.Member, who byte, domain string) {
		t.Helper()
		if err := shop.affiliate(t, loyalty.Affiliation{Member: m.ID, Agreement: a.ID, Who: loyalty.Hash{who}, Domain: domain}); err != nil {
			t.Fatal(err)
		}
	}
	later := loyaltytest.Now
	change := func(change func(*loyalty.Agreement)) {
		t.Helper()
		later = later.Add(time.Minute)
		_, err := shop.ChangeAgreement(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, a.ID, func(a *loyalty.Agreement) error {
			a.Changed = later
			change(a)
			return nil
		}, func(*loyalty.Agreement) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name string
		do   func()
		want []loyalty.Card
	}{
		{"anna has tags", func() { shop.label(t, anna.ID, "vip") }, []loyalty.Card{annas}},
		{"anna works there", func() { join(anna, 1, "") }, []loyalty.Card{annas}},
		{"berta has shown anna's number", func() { join(berta, 1, "") }, []loyalty.Card{annas, bertas}},
		{"anna has shown another one", func() { join(anna, 2, "") }, []loyalty.Card{annas}},
		{"a longer roster", func() { shop.roster(t, a, true, 3) }, nil},
		{"a roster without berta", func() { shop.roster(t, a, false, 2, 3) }, []loyalty.Card{bertas}},
		{"the agreement has another name", func() { change(func(a *loyalty.Agreement) { a.Name = "Port" }) }, nil},
		// Berta belongs to it, but her card's program asks nothing.
		{"berta is back by her address", func() { join(berta, 9, "harbour.example") }, []loyalty.Card{bertas}},
		{"the agreement has ended", func() { change(func(a *loyalty.Agreement) { a.Ends = later }) }, []loyalty.Card{annas}},
		{"it goes on, without a domain", func() { change(func(a *loyalty.Agreement) { a.Ends, a.Domains = time.Time{}, nil }) }, []loyalty.Card{annas, bertas}},
		{"anna is a customer", func() {
			if err := shop.affiliate(t, loyalty.Affiliation{Member: anna.ID, Audience: loyalty.Customer}); err != nil {
				t.Fatal(err)
			}
		}, []loyalty.Card{annas}},
	} {
		step.do()
		want := idsInOrder(step.want)
		if got := shop.everyMark(t); !slices.Equal(got, want) {
			t.Errorf("%s: marked %v, want %v; there is also %s", step.name, got, want, other.ID)
		}
	}
}

func idsInOrder(cards []loyalty.Card) (ids []loyalty.CardID) {
	for i := range cards {
		ids = append(ids, cards[i].ID)
	}
	slices.SortFunc(ids, loyalty.CardID.Compare)
	return ids
}
