package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func testGoogleObjects(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	at := func(n time.Duration) time.Time { return loyaltytest.Now.Add(n * time.Minute) }
	want := loyalty.GoogleObject{
		Pass: loyaltytest.ID("pass"), Inserted: at(1), Saved: at(2), Sent: loyaltytest.ID("sent"), Told: at(3), Waiting: at(4), Deleted: at(8),
		Notified: [3]time.Time{at(5), at(6), at(7)},
	}
	if got, err := shop.GoogleObject(t.Context(), want.Pass); err != nil || got != (loyalty.GoogleObject{Pass: want.Pass}) {
		t.Errorf("of one that was never sent is known %+v, %v", got, err)
	}
	err := shop.ChangeGoogleObject(t.Context(), want.Pass, func(o *loyalty.GoogleObject) {
		if *o != (loyalty.GoogleObject{Pass: want.Pass}) {
			t.Errorf("it begins as %+v", o)
		}
		*o = want
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := shop.sibling(t).GoogleObject(t.Context(), want.Pass); err != nil || got != want {
		t.Errorf("read %+v, %v, want %+v", got, err, want)
	}
}

// testGoogleObjectsAtTheSameTime holds that of many who want to notify, three may.
func testGoogleObjectsAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere := shop.sibling(t)
	pass := loyalty.PassID(loyaltytest.ID("pass"))
	var notified atomic.Int64
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			at := []*Shop{shop, elsewhere}[i%2]
			var may bool
			err := at.ChangeGoogleObject(t.Context(), pass, func(o *loyalty.GoogleObject) {
				may = o.Notify(loyaltytest.Now.Add(time.Duration(i)*time.Second), 0)
			})
			if err != nil {
				t.Error(err)
			}
			if may {
				notified.Add(1)
			}
		})
	}
	all.Wait()
	if n := notified.Load(); n != 3 {
		t.Errorf("%d notifications were taken", n)
	}
}

// testGoogleEvents holds that a card is watched while Google's wallet, or another,
// shows it, and that an event counts once.
func testGoogleEvents(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna := shop.Card(t, shop.Stamps, "anna")
	pass := openPass(t, shop, anna.ID, loyalty.GoogleWallet)
	now := loyaltytest.Now
	hear := func(nonce string, saved bool) bool {
		t.Helper()
		fresh, err := shop.HearGoogle(t.Context(), googleEvent(pass, nonce, saved), now)
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	watched := func(want bool) {
		t.Helper()
		state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, anna.ID)
		if err != nil || (state.Watched == loyalty.WatchedForEver) != want {
			t.Errorf("watched until %d, %v; want %t", state.Watched, err, want)
		}
		o, err := shop.GoogleObject(t.Context(), pass.ID)
		if err != nil || o.Saved.Equal(now) != want {
			t.Errorf("saved %v, %v; want %t", o.Saved, err, want)
		}
	}
	watched(false)
	if !hear("1", true) {
		t.Error("the first event is not new")
	}
	watched(true)
	if marks, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10); err != nil || len(marks) != 1 || marks[0].Card != anna.ID {
		t.Errorf("what happened before it was saved is not told: %+v, %v", marks, err)
	}
	if !hear("2", false) {
		t.Error("the second event is not new")
	}
	watched(false)
	if hear("1", true) {
		t.Error("the first event again is new")
	}
	watched(false)
	if _, err := shop.Prune(t.Context(), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if !hear("1", true) {
		t.Error("its nonce is known for longer than it can be used")
	}

	apple := openPass(t, shop, anna.ID, loyalty.AppleWallet)
	shop.register(t, apple, loyalty.Hash{1}, "aa", now)
	hear("3", false)
	if state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, anna.ID); err != nil || state.Watched == 0 {
		t.Errorf("Apple's wallet still shows it: %v", err)
	}
	for name, event := range map[string]loyalty.GoogleEvent{
		"Apple's pass":    googleEvent(apple, "4", true),
		"no pass":         googleEvent(loyalty.Pass{ID: loyaltytest.ID("no pass"), Program: pass.Program}, "4", true),
		"another program": googleEvent(loyalty.Pass{ID: pass.ID, Program: loyaltytest.ID("another")}, "4", true),
	} {
		if fresh, err := shop.HearGoogle(t.Context(), event, now); fresh || !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("%s: %t, %v", name, fresh, err)
		}
	}
}

func googleEvent(p loyalty.Pass, nonce string, saved bool) loyalty.GoogleEvent {
	e := loyalty.GoogleEvent{Pass: p.ID, Program: p.Program, Saved: saved, Expires: loyaltytest.Now.Add(time.Hour)}
	copy(e.Nonce[:], nonce)
	return e
}

func openPass(t *testing.T, shop *Shop, card loyalty.CardID, in loyalty.WalletKind) loyalty.Pass {
	t.Helper()
	pass, err := shop.OpenPass(t.Context(), loyalty.Pass{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: card, Wallet: in, Created: loyaltytest.Now, Changed: loyaltytest.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return pass
}

// testGoogleBacklog holds that what waits is seen, each pass once, whether nobody
// has tried to send it yet or somebody could not.
func testGoogleBacklog(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	backlog := func(want int64, since time.Time) {
		t.Helper()
		n, oldest, err := shop.GoogleBacklog(t.Context())
		if err != nil || n != want || !oldest.Equal(since) {
			t.Errorf("%d wait since %v, %v; want %d since %v", n, oldest, err, want, since)
		}
	}
	now := loyaltytest.Now
	backlog(0, time.Time{})
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	first, second := openPass(t, shop, anna.ID, loyalty.GoogleWallet), openPass(t, shop, bert.ID, loyalty.GoogleWallet)
	if _, err := shop.HearGoogle(t.Context(), googleEvent(first, "1", true), now); err != nil {
		t.Fatal(err)
	}
	if err := shop.Watch(t.Context(), bert.ID, loyalty.WatchedForEver, now); err != nil { // its pass is not saved
		t.Fatal(err)
	}
	backlog(1, now)
	wait := func(pass loyalty.Pass, since time.Time) {
		t.Helper()
		if err := shop.ChangeGoogleObject(t.Context(), pass.ID, func(o *loyalty.GoogleObject) { o.Waiting = since }); err != nil {
			t.Fatal(err)
		}
	}
	wait(first, now.Add(time.Minute))
	backlog(1, now.Add(time.Minute))
	wait(second, now.Add(-time.Minute))
	backlog(2, now.Add(-time.Minute))
}
