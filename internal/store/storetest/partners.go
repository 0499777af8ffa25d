package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// street is a coalition of the shop's, of which the stranger is a partner.
type street struct {
	*Shop
	Abroad loyalty.Till // the stranger's
	Joint  *loyalty.Program
}

// newStreet makes the program and, where the stranger is to be a partner, has it
// accept at once.
func newStreet(t *testing.T, shop *Shop, joins bool, changes ...func(*loyalty.Rules)) *street {
	t.Helper()
	shared := func(r *loyalty.Rules) { r.Coalition = &loyalty.CoalitionRule{Units: 1, Value: 2, Currency: "EUR"} }
	s := &street{Shop: shop, Joint: loyaltytest.Points(t, append(changes, shared)...)}
	s.Joint.ID = loyaltytest.ID("program of the street")
	s.Abroad = loyaltytest.Till(t, "abroad", func(till *loyalty.Till) {
		till.Merchant, till.Location = loyaltytest.Stranger, loyaltytest.ID("abroad")
	})
	s.Do(t, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertProgram(*s.Joint, loyaltytest.Now),
			tx.InsertLocation(loyalty.Location{ID: s.Abroad.Location, Merchant: loyaltytest.Stranger, Name: "Abroad", Zone: s.Abroad.Zone}),
			tx.InsertTill(s.Abroad, loyalty.Hash{3}, loyaltytest.Now),
		)
	})
	if joins {
		s.invite(t)
		s.accept(t)
	}
	return s
}

func (s *street) name() loyalty.Partnership {
	return loyalty.Partnership{Program: s.Joint.ID, Merchant: loyaltytest.Stranger}
}

// testHonouredCoalitions holds that a till is told of coalitions alone, whomever it was
// a partner of before.
func testHonouredCoalitions(t *testing.T, fresh func(testing.TB) string) {
	s := newStreet(t, NewShop(t, fresh(t)), true)
	if programs, err := s.HonouredPrograms(t.Context(), loyaltytest.Stranger); err != nil || len(programs) != 1 {
		t.Fatalf("%v, %v", programs, err)
	}
	alone := *s.Joint
	alone.Version, alone.Coalition = 2, nil // as long as there are no cards
	s.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(alone, loyaltytest.Now) })
	if programs, err := s.HonouredPrograms(t.Context(), loyaltytest.Stranger); err != nil || len(programs) != 0 {
		t.Errorf("%v, %v", programs, err)
	}
}

// kept renders nothing and keeps what it was given.
func kept(into *loyalty.PartnerListing) store.RenderPartner {
	return func(p *loyalty.PartnerListing) (loyalty.Answer, error) { *into = *p; return loyalty.Answer{}, nil }
}

func (s *street) invite(t *testing.T) (p loyalty.PartnerListing) {
	t.Helper()
	invited := loyalty.Partner{Program: s.Joint.ID, Merchant: loyaltytest.Stranger, Invited: loyaltytest.Now.Add(-time.Hour)}
	if _, err := s.InvitePartner(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, invited, kept(&p)); err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *street) accept(t *testing.T) (p loyalty.PartnerListing) {
	t.Helper()
	if _, err := s.AcceptPartnership(t.Context(), loyalty.Answer{}, s.name(), loyaltytest.Now.Add(-time.Minute), kept(&p)); err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *street) end(t *testing.T, asks loyalty.MerchantID) (p loyalty.PartnerListing) {
	t.Helper()
	at, err := loyaltytest.Now.Add(-time.Second), error(nil)
	if asks == loyaltytest.Merchant {
		_, err = s.EndPartnership(t.Context(), loyalty.Answer{}, asks, s.name(), at, kept(&p))
	} else {
		_, err = s.LeavePartnership(t.Context(), loyalty.Answer{}, s.name(), at, kept(&p))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// there makes a command that of the stranger's till.
func (s *street) there(c *loyalty.Command) {
	c.Merchant, c.Till, c.Location = loyaltytest.Stranger, s.Abroad.ID, s.Abroad.Location
	if c.Scan.Nonce != (loyalty.Nonce{}) {
		c.Scan.ID = loyaltytest.ScanID(c.Scan.Nonce, c.Till)
	}
}

// testPartners goes the way of a partnership twice, and looks who honours cards
// after each step, also in a process that has just begun.
func testPartners(t *testing.T, fresh func(testing.TB) string) {
	s := newStreet(t, NewShop(t, fresh(t)), false)
	card := s.Card(t, s.Joint, "anna")
	honoured := func() bool {
		t.Helper()
		_, _, err := s.Look(t.Context(), loyaltytest.Stranger, card.ID, loyalty.Scanned{}, s.Abroad.ID)
		_, _, begun := open(t, s.URL).Look(t.Context(), loyaltytest.Stranger, card.ID, loyalty.Scanned{}, s.Abroad.ID)
		programs, listed := s.HonouredPrograms(t.Context(), loyaltytest.Stranger)
		names, named := s.HonouredAt(t.Context(), s.Joint.ID)
		if listed != nil || named != nil || (len(programs) == 1) != (err == nil) || len(names) != len(programs) || (begun == nil) != (err == nil) {
			t.Errorf("programs %v, %v; names %v, %v; looks %v, %v", programs, listed, names, named, err, begun)
		}
		if err != nil && !errors.Is(err, loyalty.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	if honoured() {
		t.Error("a stranger honours the card")
	}
	for _, ends := range []loyalty.MerchantID{loyaltytest.Merchant, loyaltytest.Stranger} {
		if p := s.invite(t); p.State() != loyalty.PartnerInvited || p.Name != "Stranger" || p.OperatorName != "Shop" || p.ProgramName != s.Joint.Name {
			t.Errorf("invited %+v", p)
		}
		if honoured() {
			t.Error("who was only invited honours the card")
		}
		if p := s.accept(t); p.State() != loyalty.PartnerActive || !honoured() {
			t.Errorf("accepted %+v", p)
		}
		if again := s.accept(t); again.Since != s.invite(t).Since { // neither begins anew
			t.Errorf("accepted again %+v", again)
		}
		if p := s.end(t, ends); p.State() != loyalty.PartnerEnded || honoured() {
			t.Errorf("ended %+v", p)
		}
		if _, err := s.AcceptPartnership(t.Context(), loyalty.Answer{}, s.name(), loyaltytest.Now, nil); !refused(err, loyalty.PartnershipEnded) {
			t.Errorf("accepted what has ended: %v", err)
		}
	}
	if _, _, err := s.Look(t.Context(), loyaltytest.Stranger, card.ID, loyalty.Scanned{}, loyalty.TillID{}); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a stranger's office: %v", err)
	}
	testTenures(t, s)
	testBadPartners(t, s)
}

// testTenures holds that an audit learns when the stranger was a partner, both times.
func testTenures(t *testing.T, s *street) {
	t.Helper()
	tenures, err := s.Tenures(t.Context())
	if err != nil || len(tenures) != 1 {
		t.Fatalf("%+v, %v", tenures, err)
	}
	since, until := loyaltytest.Now.Add(-time.Minute), loyaltytest.Now.Add(-time.Second)
	want := loyalty.Tenure{
		Partner:  loyalty.Partner{Program: s.Joint.ID, Merchant: loyaltytest.Stranger, Invited: loyaltytest.Now.Add(-time.Hour), Since: since, Until: until},
		Over:     []loyalty.Term{{Since: since, Until: until}},
		Operator: loyaltytest.Merchant, Coalition: true,
	}
	if !reflect.DeepEqual(tenures[0], want) {
		t.Errorf("%+v\nwant %+v", tenures[0], want)
	}
}

func testBadPartners(t *testing.T, s *street) {
	t.Helper()
	none := loyalty.MerchantID(loyaltytest.ID("nobody"))
	var field *loyalty.FieldError
	for _, tt := range []struct {
		asks loyalty.MerchantID
		p    loyalty.Partner
		code loyalty.Code // empty: a field is wrong
	}{
		{loyaltytest.Stranger, loyalty.Partner{Program: s.Joint.ID, Merchant: loyaltytest.Merchant}, loyalty.ProgramNotFound},
		{loyaltytest.Merchant, loyalty.Partner{Program: s.Points.ID, Merchant: loyaltytest.Stranger}, loyalty.NotCoalition},
		{loyaltytest.Merchant, loyalty.Partner{Program: s.Joint.ID, Merchant: none}, loyalty.MerchantNotFound},
		{loyaltytest.Merchant, loyalty.Partner{Program: s.Joint.ID, Merchant: loyaltytest.Merchant}, ""},
	} {
		_, err := s.InvitePartner(t.Context(), loyalty.Answer{}, tt.asks, tt.p, nil)
		if tt.code != "" && !refused(err, tt.code) || tt.code == "" && !errors.As(err, &field) {
			t.Errorf("want %q, got %v", tt.code, err)
		}
	}
	for _, name := range []loyalty.Partnership{{Program: s.Joint.ID, Merchant: none}, {Program: s.Points.ID, Merchant: loyaltytest.Stranger}} {
		_, accept := s.AcceptPartnership(t.Context(), loyalty.Answer{}, name, loyaltytest.Now, nil)
		_, end := s.LeavePartnership(t.Context(), loyalty.Answer{}, name, loyaltytest.Now, nil)
		_, unknown := s.EndPartnership(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, name, loyaltytest.Now, nil)
		if !refused(accept, loyalty.ProgramNotFound) || !refused(end, loyalty.ProgramNotFound) || !refused(unknown, loyalty.MerchantNotFound) {
			t.Errorf("%v, %v, %v", accept, end, unknown)
		}
	}
	if _, err := s.EndPartnership(t.Context(), loyalty.Answer{}, none, s.name(), loyaltytest.Now, nil); !refused(err, loyalty.ProgramNotFound) {
		t.Errorf("somebody else ended it: %v", err)
	}
}

// testLastPoints has tills of two merchants spend the last points of a card at the
// same moment, through two processes: one of them does.
func testLastPoints(t *testing.T, fresh func(testing.TB) string) {
	s := newStreet(t, NewShop(t, fresh(t)), true)
	twin := *s
	twin.Shop = s.sibling(t)
	for round := range 10 {
		card := s.Card(t, s.Joint, fmt.Sprint("last points ", round))
		name := fmt.Sprint("last points ", round)
		s.Must(t, loyaltytest.Command(name, card.ID, s.Front, loyaltytest.Now, loyalty.Earning{Purchase: loyaltytest.Purchase(name, 500)}))
		var won, lost atomic.Int64
		var both sync.WaitGroup
		spend := func(at *street, name string, changes ...func(*loyalty.Command)) {
			c := loyaltytest.Command(name, card.ID, s.Front, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Topping}, changes...)
			results, err := at.Decide(t, c)
			switch {
			case err != nil:
				t.Error(err)
			case results[0].Err == nil:
				won.Add(1)
			case refused(results[0].Err, loyalty.InsufficientBalance):
				lost.Add(1)
			default:
				t.Error(results[0].Err)
			}
		}
		both.Go(func() { spend(s, name+" here") })
		both.Go(func() { spend(&twin, name+" there", s.there) })
		both.Wait()
		if won.Load() != 1 || lost.Load() != 1 {
			t.Errorf("%d got the topping, %d did not", won.Load(), lost.Load())
		}
	}
}
