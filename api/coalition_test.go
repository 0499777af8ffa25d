package api_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// street is a bakery, whose program it is, a bookshop and a cinema that are its
// partners, and a stranger.
type street struct {
	*apitest.API
	bakery, books, cinema *apitest.Shop
	program               apitest.Program
	card                  loyalty.CardID
}

func newStreet(t *testing.T, changes ...func(*apitest.Setup)) *street {
	t.Helper()
	a := apitest.Boot(t, append(changes, apitest.IDsByClock)...)
	s := &street{API: a, bakery: a.Shop, books: a.OpenShop(t, "River Bookshop"), cinema: a.OpenShop(t, "Kino Apollo")}
	s.program = a.NewProgram(t, s.bakery, "coalition")
	a.Partner(t, s.bakery, s.program, s.books)
	a.Partner(t, s.bakery, s.program, s.cinema)
	s.card = a.NewCard(t, s.bakery, s.program).ID
	return s
}

// show scans a fresh code of the card at a till.
func (s *street) show(t *testing.T, till apitest.Till) gen.Scan {
	t.Helper()
	return apitest.Read[gen.Scan](t, s.Do(t, apitest.Scan(till, s.Token(t, s.bakery, s.card), nil)))
}

// buys earns on a purchase of so many euros.
func (s *street) buys(t *testing.T, till apitest.Till, euros int64) gen.Posting {
	t.Helper()
	return s.Post(t, apitest.Earn(till, s.show(t, till).Scan, apitest.Map{
		"purchase": apitest.Map{"ref": apitest.Key(), "total": euros * 100, "currency": "EUR"},
	}))
}

func (s *street) settle(t *testing.T, shop *apitest.Shop, month string) gen.Settlement {
	t.Helper()
	return apitest.Read[gen.Settlement](t, s.Do(t, s.settlement(shop, month)))
}

func (s *street) settlement(shop *apitest.Shop, month string) apitest.Call {
	return apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + s.program.ID.String() + "/settlement?month=" + month, Token: shop.Admin}
}

// One card honoured by several merchants who are partners: earned at the bakery and
// the bookshop, spent at the cinema, and settled at the end of the month.
func TestCoalitionStory(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	month := s.Clock.Now().In(s.bakery.Front.Zone).Format("2006-01")

	// The customer buys at two shops, with the same card.
	if earned := s.buys(t, s.bakery.Front, 200); earned.Card.Balance != 200 {
		t.Fatalf("at the bakery: %+v", earned.Card)
	}
	seen := s.show(t, s.books.Front)
	if seen.Card.Balance != 200 || seen.Card.ProgramName != "Old Town card" || len(seen.Offers) != 3 || !seen.Earn.Allowed {
		t.Fatalf("the bookshop sees %+v", seen)
	}
	earned := s.buys(t, s.books.Front, 120)
	if earned.Card.Balance != 320 || earned.Entries[0].Units != 120 {
		t.Fatalf("at the bookshop: %+v", earned)
	}
	wrong := s.buys(t, s.books.Front, 40)

	// The bookshop takes back what it gave, and not what the bakery gave.
	if void := s.Post(t, apitest.Void(s.books.Front, wrong.Entries[0].ID, nil)); void.Card.Balance != 320 {
		t.Errorf("after the void: %+v", void.Card)
	}
	bread := s.buys(t, s.bakery.Front, 30).Entries[0].ID
	s.Refused(t, apitest.Void(s.books.Front, bread, apitest.Map{"pin": s.books.PINs.Manager}), gen.ProblemCodeEntryNotFound)

	// A ticket at the cinema, which sees who it is for only as the program says.
	ticket := s.Post(t, apitest.Redeem(s.cinema.Front, s.show(t, s.cinema.Front).Scan, apitest.Map{"reward": s.program.Rewards[1]}))
	if ticket.Card.Balance != 100 || ticket.Entries[0].Units != -250 {
		t.Fatalf("at the cinema: %+v", ticket)
	}

	// Each sees the card's ledger as far as it is its own.
	entries := func(shop *apitest.Shop) []gen.Entry {
		return apitest.Read[gen.EntryList](t, s.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/entries", Token: shop.Admin})).Entries
	}
	if list := entries(s.cinema); len(list) != 1 || list[0].Kind != "redeem" {
		t.Errorf("the cinema sees %+v", list)
	}
	if list := entries(s.books); len(list) != 3 {
		t.Errorf("the bookshop sees %+v", list)
	}
	if list := entries(s.bakery); len(list) != 6 {
		t.Errorf("the bakery sees %d entries", len(list))
	}
	s.Refused(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String(), Token: s.cinema.Admin}, gen.ProblemCodeCardNotFound)

	// The month adds up.
	all := s.settle(t, s.bakery, month)
	want := []gen.SettlementLine{
		{Merchant: s.bakery.ID, Name: s.bakery.Name, Operator: true, Issued: 230, Pays: 690},
		{Merchant: s.books.ID, Name: s.books.Name, Issued: 160, TakenBack: 40, Pays: 360, Due: -360},
		{Merchant: s.cinema.ID, Name: s.cinema.Name, Redeemed: 250, Redemptions: 1, Gets: 750, Due: 750},
	}
	if all.Closed || all.Currency != "EUR" || !sameLines(all.Lines, want) {
		t.Errorf("the month: %+v, want %+v", all, want)
	}
	for i, shop := range []*apitest.Shop{s.books, s.cinema} {
		if own := s.settle(t, shop, month); !sameLines(own.Lines, want[i+1:i+2]) {
			t.Errorf("%s sees %+v", shop.Name, own.Lines)
		}
	}
	s.Refused(t, s.settlement(s.Rival, month), gen.ProblemCodeProgramNotFound)

	// The cinema leaves: its tills know the card no more, and the month stays.
	handle := s.show(t, s.cinema.Front).Scan
	left := apitest.Read[gen.Partner](t, s.Do(t, apitest.Call{Path: "/v1/partnerships/" + s.program.ID.String() + "/end", Token: s.cinema.Admin}))
	if left.State != gen.PartnerStateEnded {
		t.Errorf("it left: %+v", left)
	}
	s.Refused(t, apitest.Scan(s.cinema.Front, s.Token(t, s.bakery, s.card), nil), gen.ProblemCodeCardNotFound)
	s.Refused(t, apitest.Redeem(s.cinema.Front, handle, apitest.Map{"reward": s.program.Rewards[0]}), gen.ProblemCodeCardNotFound)
	s.Refused(t, apitest.Void(s.cinema.Front, ticket.Entries[0].ID, nil), gen.ProblemCodeCardNotFound)

	// What the operator takes back next month counts there, for the cinema.
	s.Clock.Advance(31 * 24 * time.Hour)
	s.Post(t, apitest.Void(s.bakery.Front, ticket.Entries[0].ID, apitest.Map{"pin": s.bakery.PINs.Manager}))
	if before := s.settle(t, s.bakery, month); !before.Closed || !sameLines(before.Lines, want) {
		t.Errorf("the closed month: %+v", before)
	}
	next := s.settle(t, s.cinema, s.Clock.Now().In(s.bakery.Front.Zone).Format("2006-01")).Lines
	if !sameLines(next, []gen.SettlementLine{{
		Merchant: s.cinema.ID, Name: s.cinema.Name, GivenBack: 250, Redemptions: -1, Gets: -750, Due: -750,
	}}) {
		t.Errorf("the next month: %+v", next)
	}
}

func sameLines(a, b []gen.SettlementLine) bool {
	if len(a) != len(b) {
		return false
	}
	by := map[loyalty.MerchantID]gen.SettlementLine{}
	for _, line := range a {
		by[line.Merchant] = line
	}
	for _, line := range b {
		if by[line.Merchant] != line {
			return false
		}
	}
	return true
}

// One settlement at a time is added up for a merchant.
func TestSettlementsTakeTurns(t *testing.T) {
	t.Parallel()
	l := lingering{inside: make(chan struct{}), let: make(chan struct{}), program: new(loyalty.ProgramID)}
	s := newStreet(t, func(setup *apitest.Setup) {
		setup.Wrap = func(store api.Store) api.Store { l.Store = store; return l }
	})
	*l.program = s.program.ID
	settlement := func(shop *apitest.Shop, p loyalty.ProgramID) apitest.Call {
		return apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + p.String() + "/settlement", Token: shop.Admin}
	}
	oneAtATime(t, s.API, l, settlement(s.bakery, s.program.ID), settlement(s.books, s.NewProgram(t, s.books, "coalition").ID))
}

// The code of a partner's card is used once for all of them, and whose till was first
// only that merchant is told.
func TestCodeIsUsedAtAPartner(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*apitest.Setup){"guarded": func(*apitest.Setup) {}, "unguarded": apitest.Unguarded} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, change)
			token := s.Token(t, s.bakery, s.card)
			earn := func(till apitest.Till) apitest.Call {
				return apitest.Scan(till, token, apitest.Map{"earn": apitest.Map{
					"purchase": apitest.Map{"ref": apitest.Key(), "total": 1000, "currency": "EUR"},
				}})
			}
			if first := s.Do(t, earn(s.bakery.Front)); first.Status != http.StatusOK {
				t.Fatalf("%d %s", first.Status, first.Body)
			}
			for _, call := range []apitest.Call{earn(s.books.Front), apitest.Scan(s.cinema.Front, token, nil)} {
				used := s.Refused(t, call, gen.ProblemCodeCredentialAlreadyUsed).Used
				if !used.AtPartner || used.TillName != "" || !used.Till.IsZero() || !used.Entry.IsZero() {
					t.Errorf("a partner hears %+v", used)
				}
			}
			if used := s.Refused(t, earn(s.bakery.Back), gen.ProblemCodeCredentialAlreadyUsed).Used; used.AtPartner || used.TillName == "" {
				t.Errorf("the operator hears %+v", used)
			}
		})
	}
}

// What a partner's till did without a network counts as of when it was done: also when
// it is told only after the partnership, and not when it was done before it.
func TestPartnersQueue(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	tablet := s.NewTablet(t, s.books.Front)
	late := s.NewTablet(t, s.Rival.Front)
	purchase := func() apitest.Map {
		return apitest.Map{"units": nil, "purchase": apitest.Map{"ref": apitest.Key(), "total": 1000, "currency": "EUR"}}
	}
	s.Clock.Advance(time.Minute)
	at := s.Clock.Now()
	earned := tablet.Earn(t, s.Token(t, s.bakery, s.card), at, purchase())
	early := late.Earn(t, s.Token(t, s.bakery, s.card), at, purchase())
	s.Clock.Advance(time.Hour)
	after := tablet.Earn(t, s.Token(t, s.bakery, s.card), s.Clock.Now(), purchase())
	if ended := s.Do(t, apitest.Call{
		Path: "/v1/programs/" + s.program.ID.String() + "/partners/" + s.books.ID.String() + "/end", Token: s.bakery.Admin,
	}); ended.Status != http.StatusOK {
		t.Fatalf("%d %s", ended.Status, ended.Body)
	}
	s.Partner(t, s.bakery, s.program, s.Rival)
	s.Clock.Advance(time.Minute)
	results := s.Sync(t, tablet, earned, after)
	wantState(t, results[0], gen.SyncStatePosted, "")
	wantState(t, results[1], gen.SyncStateContested, gen.ProblemCodeCardNotFound)
	wantState(t, s.Sync(t, late, early)[0], gen.SyncStateContested, gen.ProblemCodeCardNotFound)
	if card := s.GetCard(t, s.bakery, s.card); card.Balance != 10 {
		t.Errorf("balance %d", card.Balance)
	}
}

// A partner's till is told the program's rules, and the customer where the card is
// honoured.
func TestWhereACardIsHonoured(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	setup := func(till apitest.Till) gen.TillSetup {
		return apitest.Read[gen.TillSetup](t, s.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/till", Token: till.Token}))
	}
	knows := func(till apitest.Till) bool {
		return slices.ContainsFunc(setup(till).Programs, func(p gen.Program) bool { return p.ID == s.program.ID })
	}
	if !knows(s.bakery.Front) || !knows(s.books.Front) || knows(s.Rival.Front) {
		t.Error("the program is not known where it should be, or where it should not")
	}
	phone := s.Phone(t, s.bakery, s.card)
	page := string(pageOf(t, s.API, "/card/"+phone.Token+"?lang=en"))
	for _, name := range []string{s.bakery.Name, s.books.Name, s.cinema.Name} {
		if !strings.Contains(page, name) {
			t.Errorf("the page does not name %s", name)
		}
	}
	list := apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + s.program.ID.String() + "/partners?limit=1", Token: s.bakery.Admin}
	first := apitest.Read[gen.PartnerPage](t, s.Do(t, list))
	list.Path += "&after=" + first.Next
	second := apitest.Read[gen.PartnerPage](t, s.Do(t, list))
	if len(first.Partners) != 1 || len(second.Partners) != 1 || second.Next != "" || first.Partners[0].Merchant == second.Partners[0].Merchant {
		t.Errorf("the partners are %+v and %+v", first, second)
	}
}

// Invitations that cannot be.
func TestBadInvitations(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	invite := func(program loyalty.ProgramID, body apitest.Map) apitest.Call {
		return apitest.Call{Path: "/v1/programs/" + program.String() + "/partners", Token: s.bakery.Admin, Body: body}
	}
	nobody := loyalty.MerchantID(loyalty.NewID())
	s.Refused(t, invite(s.program.ID, apitest.Map{}), gen.ProblemCodeMissingField)
	s.Refused(t, invite(s.program.ID, apitest.Map{"merchant": s.bakery.ID}), gen.ProblemCodeInvalidField)
	s.Refused(t, invite(s.program.ID, apitest.Map{"merchant": nobody}), gen.ProblemCodeMerchantNotFound)
	s.Refused(t, invite(s.bakery.Points.ID, apitest.Map{"merchant": s.books.ID}), gen.ProblemCodeNotCoalition)
	s.Refused(t, apitest.Call{
		Method: http.MethodGet, Path: "/v1/programs/" + s.bakery.Points.ID.String() + "/settlement", Token: s.bakery.Admin,
	}, gen.ProblemCodeNotCoalition)
	for _, month := range []string{"", "2026-13", "November", s.Clock.Now().AddDate(0, -1, -1).Format("2006-01")} {
		s.Refused(t, s.settlement(s.bakery, month), gen.ProblemCodeInvalidField)
	}
	path := "/v1/partnerships/" + s.program.ID.String()
	s.Do(t, apitest.Call{Path: path + "/end", Token: s.books.Admin})
	s.Refused(t, apitest.Call{Path: path + "/accept", Token: s.books.Admin}, gen.ProblemCodePartnershipEnded)
	s.Refused(t, apitest.Call{Path: path + "/accept", Token: s.Rival.Admin}, gen.ProblemCodeProgramNotFound)
}

// An audit holds what a partner's tills posted against when it was a partner, also
// before it was invited anew.
func TestAuditOfPartners(t *testing.T) {
	t.Parallel()
	var database string
	s := newStreet(t, apitest.Postgres(t), func(setup *apitest.Setup) { database = setup.Database })
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	s.buys(t, s.books.Front, 10)
	audit := func() (flaws []string) {
		t.Helper()
		found, err := ledger.Audit(t.Context(), s.Store, s.Clock.Now().Add(time.Hour))
		if err != nil || found.Partnerships != 2 {
			t.Fatalf("%+v, %v", found, err)
		}
		for _, flaw := range found.Flaws {
			flaws = append(flaws, flaw.Error())
		}
		return flaws
	}
	program := "/v1/programs/" + s.program.ID.String() + "/partners/" + s.books.ID.String()
	s.Clock.Advance(time.Hour)
	s.Do(t, apitest.Call{Path: program + "/end", Token: s.bakery.Admin})
	s.Clock.Advance(time.Hour)
	s.Partner(t, s.bakery, s.program, s.books)
	s.buys(t, s.books.Front, 20)
	if flaws := audit(); len(flaws) != 0 {
		t.Errorf("invited anew: %v", flaws)
	}
	forge := func(statement string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	forge("UPDATE partner_terms SET since = since + 1800000000") // half an hour later than it was
	want := s.card.String() + ": entry 1 "
	if flaws := audit(); len(flaws) != 1 || !strings.HasPrefix(flaws[0], want) || !strings.HasSuffix(flaws[0], s.books.ID.String()+", which was no partner then") {
		t.Errorf("without its first time: %v", flaws)
	}
	forge("UPDATE partner_terms SET since = since - 1800000000") // or the test's own audit would find it
}
