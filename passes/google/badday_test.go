package google_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stempel/internal/guard"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/passes"
	"stempel/passes/google"
	"stempel/passes/google/googletest"
)

// A bad day of Google's: one of four requests fails, with and without having been
// done. Two processes that share a limit send 80 passes, thrice each, and try again
// when they are told to; in the end every pass shows its last state, Google has seen
// no more than 20 requests in any second, and notified of no pass more than thrice.
// The clock is the bubble's: a minute of waiting takes none.
func TestBadDay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			googletest.Warm()
			synctest.Test(t, func(t *testing.T) { badDay(t, seed) })
		})
	}
}

func badDay(t *testing.T, seed uint64) {
	const many, rounds, oneOf = 80, 3, 4
	g := googletest.New(time.Now)
	s := &shop{Shop: loyaltytest.Open(t, loyaltytest.Program(t)), code: "STR.AAAA{totp_value_0}", edit: func(*passes.Subject) {}, t: t}
	store, limits := &memory{}, guard.NewMemory(time.Now)
	account, err := google.ReadAccount(g.AccountFile())
	if err != nil {
		t.Fatal(err)
	}
	var wallets [2]*google.Wallet
	for i := range wallets {
		wallets[i] = google.New(google.Config{
			Issuer: googletest.Issuer, Account: account, Endpoint: g.Endpoint(), HTTP: g.Client(), Origins: []string{"https://shop.example"},
			Limits: limits, Rate: google.MaxRate, Images: images{}, Barcodes: s, Store: store, Now: time.Now,
		})
	}
	g.Trouble(seed, oneOf)
	var all [many]loyalty.Pass
	for i := range all {
		digest := sha256.Sum256([]byte{byte(i)})
		all[i] = loyalty.Pass{ID: loyalty.PassID(digest[:16]), Merchant: loyaltytest.Merchant, Program: s.Program().ID, Card: s.CardID}
	}
	var waited sync.Map
	for range rounds {
		s.Now = time.Now()
		s.Do(loyalty.Earning{Units: 4})
		face := s.face()
		var sending sync.WaitGroup
		for i := range all {
			sending.Go(func() {
				if n := sendOnABadDay(t, wallets[i%len(wallets)], &all[i], face); n > 0 {
					waited.Store(i, true)
				}
			})
		}
		sending.Wait()
		for i := range all { // whoever has the pass is notified from now on
			store.change(all[i].ID, func(o *loyalty.GoogleObject) { o.Saved = time.Now() })
			g.Hold(googletest.Issuer + "." + all[i].ID.String())
		}
	}
	if most := g.Busiest(); most > google.MaxRate || most < google.MaxRate/2 {
		t.Errorf("Google saw %d requests in a second", most)
	}
	some := false
	waited.Range(func(any, any) bool { some = true; return false })
	if !some {
		t.Error("nothing ever failed")
	}
	for i := range all {
		id := googletest.Issuer + "." + all[i].ID.String()
		o := g.Object(id)
		if o == nil || o.LoyaltyPoints.Balance.Int != 2 || o.SecondaryLoyaltyPoints.Balance.Int != 1 || len(o.Messages) != 2 {
			t.Fatalf("pass %d is %+v", i, o)
		}
		if got := len(g.Notifications(id)); got > 3 {
			t.Errorf("of pass %d phones were notified %d times", i, got)
		}
		if known := store.objects[all[i].ID]; !known.Waiting.IsZero() {
			t.Errorf("pass %d still waits", i)
		}
	}
}

// sendOnABadDay sends a face until Google has it, and returns how often it had to wait.
func sendOnABadDay(t *testing.T, w *google.Wallet, pass *loyalty.Pass, face *passes.Face) (waits int) {
	for ; waits < 100; waits++ {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // as a job has
		result, err := w.Update(ctx, pass, face)
		cancel()
		switch {
		case err != nil:
			t.Error(err)
			return waits
		case result.Outcome == google.Done:
			return waits
		case result.Outcome != google.Later || result.After <= 0:
			t.Errorf("ended %s after %s: %v", result.Outcome, result.After, result.Err)
			return waits
		}
		time.Sleep(result.After)
	}
	t.Errorf("%s never arrived", pass.ID)
	return waits
}
