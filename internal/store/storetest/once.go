package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

func request(name string) loyalty.Answer {
	return loyalty.Answer{
		Request: loyalty.RequestID(bytes.Repeat([]byte(name[:1]), 32)), BodyHash: loyalty.Hash{1},
		Expires: loyaltytest.Now.Add(time.Hour),
	}
}

func location(name string) loyalty.Location {
	return loyalty.Location{ID: loyaltytest.ID("location " + name), Merchant: loyaltytest.Merchant, Name: name, Zone: time.UTC}
}

func testOnce(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	calls := 0
	open := func(tx *store.Tx) (loyalty.Answer, error) {
		calls++
		return loyalty.Answer{Status: 201, Body: fmt.Appendf(nil, "call %d", calls)}, tx.InsertLocation(location("a"))
	}
	r := request("a")
	first, err := shop.Once(t.Context(), r, open)
	if err != nil || first.Replayed || string(first.Body) != "call 1" {
		t.Fatalf("got %+v, %v", first, err)
	}
	again, err := shop.Once(t.Context(), r, open)
	first.Replayed = true
	if err != nil || calls != 1 || fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("again: %+v, %v", again, err)
	}

	secret := request("s")
	give := func(*store.Tx) (loyalty.Answer, error) {
		calls++
		return loyalty.Answer{Status: 201, Body: []byte("the secret"), Secret: true}, nil
	}
	if answer, err := shop.Once(t.Context(), secret, give); err != nil || string(answer.Body) != "the secret" {
		t.Errorf("a secret: %+v, %v", answer, err)
	}
	var told *loyalty.Refusal
	if answer, err := shop.Once(t.Context(), secret, give); !errors.As(err, &told) || told.Code != loyalty.NotRepeatable || calls != 2 || len(answer.Body) > 0 {
		t.Errorf("a secret again: %+v, %v", answer, err)
	}

	other := r
	other.BodyHash = loyalty.Hash{2}
	var refusal *loyalty.Refusal
	if _, err := shop.Once(t.Context(), other, open); !errors.As(err, &refusal) || refusal.Code != loyalty.KeyReused {
		t.Errorf("another body: %v", err)
	}
	if _, err := shop.Once(t.Context(), request("b"), open); !errors.Is(err, loyalty.ErrConflict) {
		t.Errorf("a location twice: %v", err)
	}
	if _, err := shop.Answer(t.Context(), request("b").Request); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a failure was answered: %v", err)
	}

	boom := errors.New("boom")
	_, err = shop.Once(t.Context(), request("c"), func(tx *store.Tx) (loyalty.Answer, error) {
		return loyalty.Answer{Body: []byte("never")}, errors.Join(tx.InsertLocation(location("c")), boom)
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	// What failed left nothing; an answer without a body is not kept.
	silent := request("c")
	for range 2 {
		name := fmt.Sprint("c", calls)
		calls++
		answer, err := shop.Once(t.Context(), silent, func(tx *store.Tx) (loyalty.Answer, error) {
			return loyalty.Answer{Status: 204}, tx.InsertLocation(location(name))
		})
		if err != nil || answer.Replayed {
			t.Errorf("got %+v, %v", answer, err)
		}
	}
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertLocation(location("c")) })
}

// testOnceAtTheSameTime makes one request at two stores at once: what it does is
// done once, and all are told the same.
func testOnceAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	for round := range 10 {
		name := fmt.Sprint(round, " round")
		var made atomic.Int64
		var bodies sync.Map
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				answer, err := stores[i%2].Once(t.Context(), request(name), func(tx *store.Tx) (loyalty.Answer, error) {
					// An id of its own: only the request keeps it from being made twice.
					place := location(fmt.Sprint(name, i))
					return loyalty.Answer{Status: 201, Body: []byte(place.Name)}, tx.InsertLocation(place)
				})
				if err != nil {
					t.Error(err)
					return
				}
				if !answer.Replayed {
					made.Add(1)
				}
				bodies.Store(string(answer.Body), true)
			})
		}
		all.Wait()
		different := 0
		bodies.Range(func(any, any) bool { different++; return true })
		if made.Load() != 1 || different != 1 {
			t.Errorf("round %d: made %d times, %d different answers", round, made.Load(), different)
		}
	}
}

func testOpenCard(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	generous := loyaltytest.Next(t, shop.Stamps, func(r *loyalty.Rules) { r.Welcome = 12 })
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*generous, loyaltytest.Now) })
	c := loyalty.Command{
		Merchant: loyaltytest.Merchant, Captured: loyaltytest.Now, Request: loyalty.RequestID{1}, BodyHash: loyalty.Hash{1},
	}
	open := func(p *loyalty.Program) (*loyalty.Decision, loyalty.Answer, error) {
		c.Card = loyalty.NewID()
		d, err := loyalty.OpenCard(p, c, loyaltytest.Now, loyalty.NewID)
		return d, loyalty.Answer{Status: 201, Body: []byte(c.Card.String())}, err
	}
	answer, err := shop.OpenCard(t.Context(), c, shop.Stamps.ID, open)
	if err != nil {
		t.Fatal(err)
	}
	state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, answer.Card)
	if err != nil || state.Card.Balance != 2 || state.Card.Cycle != 1 || len(state.Vouchers) != 1 || state.Program.Version != 2 {
		t.Errorf("got %+v, %v", state, err)
	}
	again, err := shop.OpenCard(t.Context(), c, shop.Stamps.ID, open)
	if err != nil || !again.Replayed || again.Card != answer.Card || string(again.Body) != string(answer.Body) {
		t.Errorf("again: %+v, %v", again, err)
	}
	c.Request, c.Merchant = loyalty.RequestID{2}, loyaltytest.Stranger
	if _, err := shop.OpenCard(t.Context(), c, shop.Stamps.ID, open); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's program: %v", err)
	}
}
