package api_test

import (
	"net/http"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty/loyaltytest"
)

// Coalition: "one card honoured by several merchants who are partners". What comes back to
// a partner counts for that partner, in the month in which it comes back; the points
// outlast the year, and the last month ends with it where the program is.
func TestCoalitionOverTheYear(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	c := &customer{API: s.API, program: s.program, card: s.card, zone: loyaltytest.Zone(t, "Europe/Warsaw")}
	c.until(t, "2026-03-31 23:59")
	books := c.earnsAt(t, s.books.Front, c.basket(piece("novel", 8_000), piece("map", 4_000)))
	bread := c.earns(t, c.basket(piece("bread", 2_000)))
	if bread.Card.Balance != 140 || bread.Card.Expiring != nil {
		t.Errorf("in the last minute of March: %+v", bread.Card)
	}
	c.until(t, "2026-04-01 00:00")
	march := []gen.SettlementLine{{Merchant: s.books.ID, Name: s.books.Name, Issued: 120, Pays: 360, Due: -360}}
	if month := s.settle(t, s.books, "2026-03"); !sameLines(month.Lines, march) {
		t.Errorf("March: %+v", month)
	}

	// The map comes back: a third of the points, which the bookshop need not pay for. No
	// other partner can do that for it.
	entry, part := books.Entries[0].ID, apitest.Map{"lines": []any{2}}
	c.Refused(t, refund(s.cinema.Front.Token, entry, with(part, "pin", s.cinema.PINs.Cashier)), gen.ProblemCodeEntryNotFound)
	back := c.Post(t, refund(s.books.Front.Token, entry, with(part, "pin", s.books.PINs.Cashier)))
	if back.Entries[0].Units != -40 || back.Card.Balance != 100 {
		t.Errorf("the map: %+v, %+v", back.Entries[0], back.Card)
	}
	april := []gen.SettlementLine{{Merchant: s.books.ID, Name: s.books.Name, TakenBack: 40, Pays: -120, Due: 120}}
	if month := s.settle(t, s.books, "2026-04"); month.Closed || !sameLines(month.Lines, april) {
		t.Errorf("April: %+v", month)
	}
	if month := s.settle(t, s.books, "2026-03"); !sameLines(month.Lines, march) {
		t.Errorf("March stays: %+v", month)
	}

	// The year ends at midnight in Warsaw, and takes nothing away.
	now := apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + s.program.ID.String() + "/settlement", Token: s.books.Admin}
	c.until(t, "2026-12-31 23:59")
	if settled := apitest.Read[gen.Settlement](t, c.Do(t, now)); settled.Month != "2026-12" || !settled.To.Equal(c.moment(t, "2027-01-01")) {
		t.Errorf("in the last minute of the year: %+v", settled)
	}
	c.until(t, "2027-01-01 00:00")
	if settled := apitest.Read[gen.Settlement](t, c.Do(t, now)); settled.Month != "2027-01" {
		t.Errorf("in the first minute of the next: %+v", settled)
	}
	if seen := s.show(t, s.cinema.Front); seen.Card.Balance != 100 || !seen.Offers[0].Available {
		t.Errorf("at the cinema: %+v", seen)
	}
}
