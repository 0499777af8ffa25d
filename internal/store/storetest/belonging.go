package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

func answered(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error) {
	return loyalty.Answer{}, nil
}

func (s *Shop) label(t testing.TB, m loyalty.MemberID, words ...string) {
	t.Helper()
	labels, err := loyalty.NewLabels(words)
	if err == nil {
		_, err = s.SetLabels(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, m, labels, loyaltytest.Now, answered)
	}
	if err != nil {
		t.Fatalf("label: %v", err)
	}
}

func (s *Shop) affiliate(t testing.TB, f loyalty.Affiliation) error {
	f.Since = loyaltytest.Now
	_, err := s.Affiliate(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, f, answered)
	return err
}

// beside is what stands beside a card, as a till sees it.
func (s *Shop) beside(t testing.TB, card loyalty.Card) loyalty.Belonging {
	t.Helper()
	state, err := s.Store.Card(t.Context(), loyaltytest.Merchant, card.ID)
	if err != nil {
		t.Fatal(err)
	}
	return state.Belonging
}

// agreement adds one with a company until tomorrow.
func (s *Shop) agreement(t testing.TB, name string, domains ...string) loyalty.Agreement {
	t.Helper()
	a := loyalty.Agreement{
		ID: loyaltytest.ID("agreement " + name), Merchant: loyaltytest.Merchant, Kind: loyalty.WithCompany, Name: name, Domains: domains,
		Ends: loyaltytest.Now.Add(24 * time.Hour), Created: loyaltytest.Now, Changed: loyaltytest.Now, RosterKey: []byte("sealed"),
	}
	if _, err := s.AddAgreement(t.Context(), loyalty.Answer{}, a); err != nil {
		t.Fatal(err)
	}
	return a
}

// roster uploads hashes of one byte each, and returns who has gone.
func (s *Shop) roster(t testing.TB, a loyalty.Agreement, add bool, who ...byte) (gone int) {
	t.Helper()
	var hashes []loyalty.Hash
	for _, w := range who {
		hashes = append(hashes, loyalty.Hash{w})
	}
	_, err := s.PutRoster(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, a.ID, hashes, add, loyaltytest.Now.Add(time.Second),
		func(_ *loyalty.Agreement, n int) (loyalty.Answer, error) {
			gone = n
			return loyalty.Answer{}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return gone
}

// testLabels holds that the tags of members stand beside their cards, whatever becomes
// of both.
func testLabels(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	hers, free := shop.Card(t, shop.Stamps, "hers"), shop.Card(t, shop.Stamps, "free")
	is := func(when string, card loyalty.Card, want loyalty.Labels) {
		t.Helper()
		if got := shop.beside(t, card).Labels; got != want {
			t.Errorf("%s: %q stands beside the card, want %q", when, got, want)
		}
	}
	shop.attach(t, hers, anna)
	shop.label(t, anna.ID, "vip", "parents")
	is("labelled", hers, "parents vip")
	is("nobody's", free, "")
	if m, err := shop.Member(t.Context(), loyaltytest.Merchant, anna.ID); err != nil || m.Belonging.Labels != "parents vip" {
		t.Errorf("the member is %+v, %v", m.Belonging, err)
	}
	shop.attach(t, free, anna)
	is("attached", free, "parents vip")
	shop.Must(t, &loyalty.Command{
		Merchant: loyaltytest.Merchant, Card: free.ID, Till: shop.Front.ID, Do: loyalty.Earning{Units: 1}, Captured: loyaltytest.Now,
		Scan: loyalty.Scanned{Method: loyalty.Live, Nonce: loyalty.Nonce{1}, ID: loyalty.ScanID{1}, Expires: loyaltytest.Now.Add(time.Minute)},
	})
	is("after an earn", free, "parents vip")
	if err := shop.tryDetach(t, free); err != nil {
		t.Fatal(err)
	}
	is("detached", free, "")

	// A merge of cards takes them along, one of members puts them together.
	shop.Must(t, merging(hers, free))
	is("the survivor of a merge", free, "parents vip")
	bertas := shop.Card(t, shop.Stamps, "bertas")
	shop.attach(t, bertas, berta)
	shop.label(t, berta.ID, "early-bird")
	_, err := shop.MergeMembers(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, berta.ID,
		func(into, _ *loyalty.Member, _ []loyalty.Consent) (loyalty.Answer, error) {
			if into.Belonging.Labels != "early-bird parents vip" {
				t.Errorf("together they are %q", into.Belonging.Labels)
			}
			return loyalty.Answer{}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	for _, card := range []loyalty.Card{free, bertas} {
		is("merged members", card, "early-bird parents vip")
	}
	_, err = shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, berta.ID, loyaltytest.Now,
		func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, card := range []loyalty.Card{hers, free, bertas} {
		is("erased", card, "")
	}
}

// testAffiliations holds that people belong to an agreement as long as roster, domain
// and office say, and that their cards know it.
func testAffiliations(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	a := shop.agreement(t, "harbour", "harbour.example")
	shop.roster(t, a, false, 1, 2)
	cards := map[string]loyalty.Card{}
	people := map[string]loyalty.Member{}
	for i, name := range []string{"listed", "gone", "domain", "assigned", "late"} {
		people[name], cards[name] = shop.member(t, name, byte(i+1)), shop.Card(t, shop.Stamps, name)
		shop.attach(t, cards[name], people[name])
	}
	join := func(name string, who byte, domain string) error {
		f := loyalty.Affiliation{Member: people[name].ID, Audience: loyalty.PartnerStaff, Agreement: a.ID, Domain: domain}
		if who != 0 {
			f.Who = loyalty.Hash{who}
		}
		return shop.affiliate(t, f)
	}
	are := func(when string, want ...string) {
		t.Helper()
		for name, card := range cards {
			b := shop.beside(t, card)
			if partner := b.AudienceAt(loyaltytest.Now) == loyalty.PartnerStaff; partner != slices.Contains(want, name) || partner && !b.Until.Equal(a.Ends) {
				t.Errorf("%s: beside the card of %s stands %+v", when, name, b)
			}
		}
		if found, err := shop.Agreement(t.Context(), loyaltytest.Merchant, a.ID); err != nil || found.People != int64(len(want)) {
			t.Errorf("%s: %d people, %v", when, found.People, err)
		}
	}
	for name, err := range map[string]error{
		"listed": join("listed", 1, ""), "gone": join("gone", 2, ""), "domain": join("domain", 3, "harbour.example"), "assigned": join("assigned", 0, ""),
	} {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	isRefused(t, join("late", 9, "elsewhere.example"), loyalty.NotOnRoster)
	are("joined", "listed", "gone", "domain", "assigned")

	if n := shop.roster(t, a, true, 9); n != 0 {
		t.Errorf("%d have gone as the roster grew", n)
	}
	if n := shop.roster(t, a, false, 1, 9); n != 1 {
		t.Errorf("%d have gone, want one", n)
	}
	are("the next roster", "listed", "domain", "assigned")

	// One number makes one member: whoever comes later with it.
	if err := join("late", 1, ""); err != nil {
		t.Fatal(err)
	}
	are("another with the same number", "late", "domain", "assigned")

	_, err := shop.ChangeAgreement(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, a.ID,
		func(a *loyalty.Agreement) error {
			a.Domains, a.Changed = nil, loyaltytest.Now.Add(time.Minute)
			return nil
		}, func(*loyalty.Agreement) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	are("without its domain", "late", "assigned")

	// When it ends is read with the card: nobody writes beside all of them.
	a.Ends = loyaltytest.Now.Add(-time.Hour)
	_, err = shop.ChangeAgreement(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, a.ID,
		func(next *loyalty.Agreement) error {
			next.Ends, next.Changed = a.Ends, loyaltytest.Now.Add(2*time.Minute)
			return nil
		}, func(*loyalty.Agreement) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	if b := shop.beside(t, cards["late"]); b.Audience != loyalty.PartnerStaff || b.AudienceAt(loyaltytest.Now) != loyalty.Customer {
		t.Errorf("after its end: %+v", b)
	}
	isRefused(t, join("gone", 9, ""), loyalty.AgreementOver)
	if err := shop.affiliate(t, loyalty.Affiliation{Member: people["late"].ID, Audience: loyalty.Customer}); err != nil {
		t.Fatal(err)
	}
	if b := shop.beside(t, cards["late"]); b != (loyalty.Belonging{}) {
		t.Errorf("a customer again: %+v", b)
	}
	if _, err := shop.Agreement(t.Context(), loyaltytest.Stranger, a.ID); err == nil {
		t.Error("another merchant reads it")
	}
}

// testOnlyForMembers holds that a card is opened for whom its program is, and for nobody
// else.
func testOnlyForMembers(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	program := loyaltytest.Program(t, func(r *loyalty.Rules) { r.Only.Tags = []string{"parents"} })
	program.ID = loyaltytest.ID("program for parents")
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
	anna := shop.member(t, "anna", 1)
	open := func(m loyalty.MemberID, card string) error {
		id := loyalty.CardID(loyaltytest.ID(card))
		command := loyalty.Command{Merchant: loyaltytest.Merchant, Card: id, Captured: loyaltytest.Now}
		decide := func(p *loyalty.Program) (*loyalty.Decision, loyalty.Answer, error) {
			d, err := loyalty.OpenCard(p, command, loyaltytest.Now, loyalty.NewID)
			return d, loyalty.Answer{}, err
		}
		if m.IsZero() {
			_, err := shop.OpenCard(t.Context(), command, program.ID, decide)
			return err
		}
		_, err := shop.OpenMemberCard(t.Context(), command, program.ID, m, decide)
		return err
	}
	isRefused(t, open(loyalty.MemberID{}, "nobody's"), loyalty.NotEligible)
	isRefused(t, open(anna.ID, "early"), loyalty.NotEligible)
	shop.label(t, anna.ID, "parents")
	if err := open(anna.ID, "annas"); err != nil {
		t.Fatal(err)
	}
	state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, loyaltytest.ID("annas"))
	if err != nil || state.Belonging.Labels != "parents" {
		t.Errorf("beside her card stands %+v, %v", state, err)
	}
}

func isRefused(t testing.TB, err error, code loyalty.Code) {
	t.Helper()
	var refused *loyalty.Refusal
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}
