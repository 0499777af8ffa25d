package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

const remindDays = 7

// remindingShop has a program whose points last into summer time, and say so before.
func remindingShop(t *testing.T, fresh func(testing.TB) string) (*Shop, *loyalty.Program) {
	shop := NewShop(t, fresh(t))
	program := loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Lots = &loyalty.LotRule{Expires: loyalty.AfterDays, After: 30, Remind: remindDays}
	})
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
	return shop, program
}

func (s *Shop) unreminded(t testing.TB, p *loyalty.Program, now time.Time) []loyalty.Reminder {
	t.Helper()
	list, err := s.Unreminded(t.Context(), p.ID, now, now.Add(remindDays*24*time.Hour), loyalty.Due{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A card is reminded of each of its days once, from when its program says so, whoever
// is killed meanwhile.
func testReminders(t *testing.T, fresh func(testing.TB) string) {
	shop, program := remindingShop(t, fresh)
	none := func() bool {
		programs, err := shop.Reminding(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(programs) == 0
	}
	shop.hook(t, "entries", func(w *loyalty.Webhook) { w.Kinds = loyalty.KindsOf(loyalty.Earn) })
	shop.hook(t, "disabled", func(w *loyalty.Webhook) { w.Disabled = loyaltytest.Now })
	if !none() {
		t.Error("nobody listens, and still there is something to look for")
	}
	hook := shop.hook(t, "all")
	if none() {
		t.Error("somebody listens, and there is nothing to look for")
	}

	card, other := shop.Card(t, program, "anna"), shop.Card(t, shop.Points, "berta")
	for i, units := range []int64{7, 5} {
		shop.Must(t, loyaltytest.Command(fmt.Sprint("earn ", i), card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: units}))
	}
	shop.Must(t, loyaltytest.Command("other", other.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Purchase: loyaltytest.Purchase("r", 1000)}))

	local := loyaltytest.Now.In(shop.Front.Zone)
	expires := time.Date(local.Year(), local.Month(), local.Day()+31, 0, 0, 0, 0, shop.Front.Zone).UTC()
	begins := program.Reminds(expires)
	if got := shop.unreminded(t, program, begins.Add(-time.Microsecond)); len(got) != 0 {
		t.Errorf("too early: %+v", got)
	}
	want := loyalty.Reminder{
		Card: card.ID, Program: program.ID, Merchant: loyaltytest.Merchant, Balance: 12, Units: 12, Expires: expires, At: begins,
	}
	list := shop.unreminded(t, program, begins)
	if len(list) != 1 || list[0] != want {
		t.Fatalf("got %+v, want %+v", list, want)
	}

	killed := errors.New("killed")
	if _, err := shop.Remind(t.Context(), list, func(*sql.Tx, []loyalty.Reminder, []loyalty.Webhook) error { return killed }); !errors.Is(err, killed) {
		t.Errorf("got %v", err)
	}
	told := 0
	tell := func(_ *sql.Tx, fresh []loyalty.Reminder, hooks []loyalty.Webhook) error {
		if len(fresh) != 1 || fresh[0] != want || len(hooks) != 1 || hooks[0].ID != hook.ID {
			t.Errorf("told %+v to %+v", fresh, hooks)
		}
		told++
		return nil
	}
	for range 2 {
		if _, err := shop.Remind(t.Context(), list, tell); err != nil {
			t.Fatal(err)
		}
	}
	if told != 1 || len(shop.unreminded(t, program, begins.Add(time.Hour))) != 0 {
		t.Errorf("told %d times", told)
	}

	// What comes in later has a day of its own; when it is over, nothing is kept of it.
	late := loyaltytest.Command("late", card.ID, shop.Front, loyaltytest.Now.Add(24*time.Hour), loyalty.Earning{Units: 3})
	err := shop.Post(t.Context(), *loyaltytest.Keys([]*loyalty.Command{late}), func(f *loyalty.Facts) loyalty.Writes {
		w, _ := loyaltytest.Decide(f, []*loyalty.Command{late}, loyaltytest.Now.Add(24*time.Hour))
		return *w
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := shop.unreminded(t, program, begins.Add(24*time.Hour)); len(got) != 1 || got[0].Units != 3 || got[0].Balance != 15 {
		t.Errorf("the next day: %+v", got)
	}
	if _, err := shop.Prune(t.Context(), expires); err != nil {
		t.Fatal(err)
	}
	if got := shop.unreminded(t, program, begins.Add(time.Hour)); len(got) != 1 {
		t.Errorf("it was not forgotten: %+v", got)
	}
}

// Of several processes one tells.
func testRemindersAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop, program := remindingShop(t, fresh)
	shop.hook(t, "all")
	const cards = 40
	for i := range cards {
		card := shop.Card(t, program, fmt.Sprint(i))
		shop.Must(t, loyaltytest.Command(fmt.Sprint("earn ", i), card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
	}
	now := loyaltytest.Now.Add(28 * 24 * time.Hour)
	list := shop.unreminded(t, program, now)
	if len(list) != cards {
		t.Fatalf("%d cards", len(list))
	}
	var mu sync.Mutex
	told := map[string]int{}
	var running sync.WaitGroup
	for _, s := range []*Shop{shop, shop.sibling(t), shop.sibling(t)} {
		running.Go(func() {
			for i := range list {
				var mine []loyalty.Reminder
				if _, err := s.Remind(t.Context(), list[i:i+1], func(_ *sql.Tx, fresh []loyalty.Reminder, _ []loyalty.Webhook) error {
					mine = fresh
					return nil
				}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				for j := range mine {
					told[mine[j].ID()]++
				}
				mu.Unlock()
			}
		})
	}
	running.Wait()
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
	}
	if len(told) != cards {
		t.Errorf("%d of %d cards were told", len(told), cards)
	}
}
