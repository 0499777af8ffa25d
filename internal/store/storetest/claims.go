package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// newClaim is a code with every field set that one has when it is given out.
func newClaim(s *Shop, name string, changes ...func(*loyalty.ClaimCode)) loyalty.ClaimCode {
	k := loyalty.ClaimCode{
		ID: loyaltytest.ID("claim " + name), Merchant: loyaltytest.Merchant, Program: s.Stamps.ID,
		Till: s.Front.ID, Location: s.Front.Location, Staff: Manager.ID, Role: loyalty.Manager,
		Earning: loyalty.Earning{Units: 2, Purchase: loyaltytest.Purchase("claim "+name, 700)}, Worth: 3,
		Hash: sha256.Sum256([]byte(name)), Key: "c01",
		Issued: loyaltytest.Now.Add(-time.Microsecond), Expires: loyaltytest.Now.Add(loyalty.ClaimLife),
	}
	for _, change := range changes {
		change(&k)
	}
	return k
}

// decisive is what the facts know of a code.
func decisive(k loyalty.ClaimCode) loyalty.ClaimCode {
	k.Purchase, k.Hash, k.Key = nil, loyalty.Hash{}, ""
	return k
}

// issue stores a code as it is.
func (s *Shop) issue(t testing.TB, k loyalty.ClaimCode) {
	t.Helper()
	if err := s.tryIssue(t, k); err != nil {
		t.Fatalf("issue: %v", err)
	}
}

// Issue lets the front till give a code out.
func Issue(t testing.TB, s *Shop, name string, p *loyalty.Program, do loyalty.Earning) loyalty.ClaimCode {
	t.Helper()
	c := loyaltytest.Command("issue "+name, loyalty.CardID{}, s.Front, loyaltytest.Now, do)
	k, err := loyalty.IssueClaim(p, s.Front, *c, loyalty.EntryID{})
	if err != nil {
		t.Fatalf("issue: %v", err)
	}
	k.ID, k.Hash, k.Key = loyaltytest.ID("claim "+name), sha256.Sum256([]byte(name)), "c01"
	s.issue(t, k)
	return k
}

func claiming(name string, k loyalty.ClaimCode, card loyalty.CardID) *loyalty.Command {
	return loyaltytest.Command(name, card, loyalty.Till{}, loyaltytest.Now, loyalty.Claiming{}, k.Present)
}

func testClaims(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	want := newClaim(shop, "a")
	shop.issue(t, want)
	read := func(what string) {
		t.Helper()
		if got, err := shop.Claim(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", what, got, err, want)
		}
		if got, err := shop.ClaimByCode(t.Context(), want.Hash); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, by its code\n got %+v, %v\nwant %+v", what, got, err, want)
		}
	}
	read("given out")
	if _, err := shop.Claim(t.Context(), loyaltytest.ID("no claim")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("no such claim: %v", err)
	}
	if _, err := shop.ClaimByCode(t.Context(), loyalty.Hash{9}); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("no such code: %v", err)
	}

	withdraw := func(m loyalty.MerchantID, till loyalty.TillID, at time.Time) error {
		_, err := shop.WithdrawClaim(t.Context(), loyalty.Answer{}, m, till, want.ID, at,
			func(k *loyalty.ClaimCode) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
		return err
	}
	if err := withdraw(loyaltytest.Stranger, shop.Front.ID, loyaltytest.Now); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant withdraws: %v", err)
	}
	if err := withdraw(loyaltytest.Merchant, shop.Back.ID, loyaltytest.Now); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another till withdraws: %v", err)
	}
	read("before")
	for i := range 2 {
		if err := withdraw(loyaltytest.Merchant, loyalty.TillID{}, loyaltytest.Now.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Error(err)
		}
		want.Withdrawn, want.Purchase = loyaltytest.Now, nil
		read("withdrawn")
	}

	want = Issue(t, shop, "b", shop.Stamps, loyalty.Earning{Units: 1, Purchase: loyaltytest.Purchase("b", 100)})
	card := shop.Card(t, shop.Stamps, "anna")
	entry := shop.Must(t, claiming("claim b", want, card.ID)).Entries[0]
	want.Claimed, want.Card, want.Entry, want.Purchase = loyaltytest.Now, card.ID, entry.ID, nil
	read("claimed")
	var refusal *loyalty.Refusal
	if err := withdraw(loyaltytest.Merchant, shop.Front.ID, loyaltytest.Now); !errors.As(err, &refusal) || refusal.Code != loyalty.ClaimUsed {
		t.Errorf("withdrawn after the claim: %v", err)
	}
	read("claimed")
}

// testIssueOnce holds that the purchase's entry is shown to who decides on a
// code, and that the same request gives out one.
func testIssueOnce(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	bought := loyalty.Earning{Purchase: loyaltytest.Purchase("receipt", 30_000)}
	card := shop.Card(t, shop.Points, "anna")
	c := *loyaltytest.Command("issue", loyalty.CardID{}, shop.Front, loyaltytest.Now, bought)
	var seen []loyalty.EntryID
	issue := func(p *loyalty.Program, credited loyalty.EntryID) (*loyalty.ClaimCode, loyalty.Answer, error) {
		seen = append(seen, credited)
		k := newClaim(shop, fmt.Sprint("once ", len(seen)), func(k *loyalty.ClaimCode) { k.Program = p.ID })
		return &k, loyalty.Answer{Status: 201, Body: []byte("the code"), Secret: true}, nil
	}
	if answer, err := shop.IssueClaim(t.Context(), c, shop.Points.ID, issue); err != nil || string(answer.Body) != "the code" {
		t.Fatalf("%+v, %v", answer, err)
	}
	var refusal *loyalty.Refusal
	if _, err := shop.IssueClaim(t.Context(), c, shop.Points.ID, issue); !errors.As(err, &refusal) || refusal.Code != loyalty.NotRepeatable {
		t.Errorf("again: %v", err)
	}
	earned := shop.Must(t, loyaltytest.Command("earn", card.ID, shop.Front, loyaltytest.Now, bought)).Entries[0].ID
	for i, program := range []loyalty.ProgramID{shop.Points.ID, shop.Stamps.ID} { // each credits it once
		c.Request = loyalty.RequestID{byte(i + 1)}
		if _, err := shop.IssueClaim(t.Context(), c, program, issue); err != nil {
			t.Error(err)
		}
	}
	if want := []loyalty.EntryID{{}, earned, {}}; !reflect.DeepEqual(seen, want) {
		t.Errorf("the purchase was credited by %v, want %v", seen, want)
	}
	c.Request, c.Merchant = loyalty.RequestID{9}, loyaltytest.Stranger
	if _, err := shop.IssueClaim(t.Context(), c, shop.Points.ID, issue); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's program: %v", err)
	}
}

// testOneClaim claims one code to many cards at once, through two stores: one has
// it, the others are told.
func testOneClaim(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	code := Issue(t, shop, "slip", shop.Stamps, loyalty.Earning{Units: 1})
	cards := make([]loyalty.Card, 40)
	for i := range cards {
		cards[i] = shop.Card(t, shop.Stamps, fmt.Sprint("card ", i))
	}
	var won, lost atomic.Int64
	var all sync.WaitGroup
	for i, card := range cards {
		all.Go(func() {
			results, err := stores[i%2].Decide(t, claiming(fmt.Sprint("claim ", i), code, card.ID))
			var refusal *loyalty.Refusal
			switch {
			case err != nil:
				t.Error(err)
			case results[0].Err == nil:
				won.Add(1)
			case errors.As(results[0].Err, &refusal) && refusal.Code == loyalty.ClaimUsed && refusal.Used.At.Equal(loyaltytest.Now):
				lost.Add(1)
			default:
				t.Error(results[0].Err)
			}
		})
	}
	all.Wait()
	var units int64
	for _, card := range cards {
		state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card.ID)
		if err != nil {
			t.Fatal(err)
		}
		units += state.Card.Lifetime
	}
	if won.Load() != 1 || lost.Load() != 39 || units != 1 {
		t.Errorf("%d claimed, %d were refused, %d units", won.Load(), lost.Load(), units)
	}
}

// testWithdrawOrClaim does both at once: one of them is too late.
func testWithdrawOrClaim(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	card := shop.Card(t, shop.Stamps, "anna")
	for round := range 10 {
		name := fmt.Sprint("round ", round)
		code := Issue(t, shop, name, shop.Stamps, loyalty.Earning{Units: 1})
		var claimed, withdrawn atomic.Bool
		var all sync.WaitGroup
		all.Go(func() {
			results, err := stores[0].Decide(t, claiming(name, code, card.ID))
			if err != nil {
				t.Error(err)
				return
			}
			claimed.Store(results[0].Err == nil)
		})
		all.Go(func() {
			_, err := stores[1].WithdrawClaim(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, code.Till, code.ID, loyaltytest.Now,
				func(*loyalty.ClaimCode) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
			var refusal *loyalty.Refusal
			if err != nil && !errors.As(err, &refusal) {
				t.Error(err)
			}
			withdrawn.Store(err == nil)
		})
		all.Wait()
		got, err := shop.Claim(t.Context(), code.ID)
		if err != nil || claimed.Load() == withdrawn.Load() || got.Claimed.IsZero() == claimed.Load() || got.Withdrawn.IsZero() == withdrawn.Load() {
			t.Errorf("claimed %t, withdrawn %t: %+v, %v", claimed.Load(), withdrawn.Load(), got, err)
		}
	}
}
