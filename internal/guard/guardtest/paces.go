package guardtest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// perHour and perMinute are limits of things that no other test uses.
func perHour(most int64) loyalty.Count {
	return loyalty.Count{Limit: loyalty.TillPerHour, Of: loyalty.NewID(), Most: most, Window: time.Hour}
}

func perMinute(most int64) loyalty.Count {
	return loyalty.Count{Limit: loyalty.TillPerMinute, Of: loyalty.NewID(), Most: most, Window: time.Minute}
}

// Paced is an action by owner n.
func Paced(n int, counts ...loyalty.Count) loyalty.Paced {
	return loyalty.Paced{Merchant: merchant, Owner: owner(n), Counts: counts}
}

// pace counts actions and returns which were let through.
func (b *bench) pace(t testing.TB, actions ...loyalty.Paced) []loyalty.Reached {
	t.Helper()
	answered, err := b.guard.Exchange(t.Context(), loyalty.Told{}, loyalty.Asked{Paced: actions})
	if err != nil {
		t.Fatal(err)
	}
	if len(answered.Reached) != len(actions) {
		t.Fatalf("%d answers for %d actions", len(answered.Reached), len(actions))
	}
	return answered.Reached
}

func (b *bench) undo(t testing.TB, undone ...loyalty.Paced) {
	t.Helper()
	if _, err := b.guard.Exchange(t.Context(), loyalty.Told{Undone: undone}, loyalty.Asked{}); err != nil {
		t.Fatal(err)
	}
}

// passes wants an action to be counted and held back by nothing.
func (b *bench) passes(t testing.TB, p loyalty.Paced) {
	t.Helper()
	if got := b.pace(t, p)[0]; got != (loyalty.Reached{Counted: counted(p)}) {
		t.Errorf("got %+v, want to pass and be counted", got)
	}
}

// counted is what an action counts against where nothing holds it back.
func counted(p loyalty.Paced) (all loyalty.Lifted) {
	for _, c := range p.Counts {
		all = all.With(c.Limit)
	}
	return all
}

// held wants an action to be held back, by one limit.
func (b *bench) held(t testing.TB, p loyalty.Paced, by loyalty.Limit) time.Time {
	t.Helper()
	got := b.pace(t, p)[0]
	if got.Limits != loyalty.Lifted(0).With(by) || got.Counted != 0 || got.Until.IsZero() {
		t.Errorf("got %+v, want to be held back by %v until some time", got, by)
	}
	return got.Until
}

func limitHoldsBack(t *testing.T, b *bench) {
	limit := perHour(2)
	b.passes(t, Paced(1, limit))
	b.advance(10 * time.Minute)
	b.passes(t, Paced(2, limit))
	b.advance(10 * time.Minute)
	until := b.held(t, Paced(3, limit), loyalty.TillPerHour)
	b.advance(10 * time.Minute)
	if again := b.held(t, Paced(4, limit), loyalty.TillPerHour); !again.Equal(until) {
		t.Errorf("room at %v, and later at %v: to be held back must not prolong it", until, again)
	}
	b.advance(30 * time.Minute) // an hour after the first
	b.passes(t, Paced(5, limit))
	if later := b.held(t, Paced(6, limit), loyalty.TillPerHour); later.Sub(until) != 10*time.Minute {
		t.Errorf("room %v later, want when the second has passed", later.Sub(until))
	}
}

func ownerCountsOnce(t *testing.T, b *bench) {
	limit := perHour(2)
	b.passes(t, Paced(1, limit))
	b.passes(t, Paced(2, limit))
	for range 3 {
		if got := b.pace(t, Paced(1, limit))[0]; got != (loyalty.Reached{}) {
			t.Errorf("a retry: got %+v, want to pass and count no more", got)
		}
	}
	b.held(t, Paced(3, limit), loyalty.TillPerHour)
}

func undoneIsTakenBack(t *testing.T, b *bench) {
	hour, minute := perHour(1), perMinute(1)
	b.passes(t, Paced(1, hour, minute))
	b.undo(t, Paced(2, hour, minute)) // never counted
	if got := b.pace(t, Paced(3, hour, minute))[0]; !got.Limits.Has(loyalty.TillPerHour) || !got.Limits.Has(loyalty.TillPerMinute) {
		t.Errorf("got %+v, want to be held back by both", got)
	}
	b.undo(t, Paced(1, hour, minute))
	b.passes(t, Paced(4, hour, minute))
}

// An attempt that counts in one place more and comes to nothing takes back that one,
// and not what the success before it counted, under the same owner.
func undoneIsTheAttempts(t *testing.T, b *bench) {
	hour, minute, other := perHour(1), perMinute(1), perMinute(1)
	b.passes(t, Paced(1, hour, minute))
	again := Paced(1, hour, other)
	got := b.pace(t, again)[0]
	if want := (loyalty.Reached{Counted: loyalty.Lifted(0).With(loyalty.TillPerMinute)}); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	undone, ok := got.Undone(again)
	if !ok || len(undone.Counts) != 1 || undone.Counts[0] != other {
		t.Fatalf("%+v is to take back", undone)
	}
	b.undo(t, undone)
	b.held(t, Paced(2, hour), loyalty.TillPerHour)
	b.held(t, Paced(3, minute), loyalty.TillPerMinute)
	b.passes(t, Paced(4, other))
}

// Two attempts of one owner are under way, and the one that was counted comes to
// nothing: the other one may have succeeded.
func attemptsAtOnce(t *testing.T, b *bench) {
	limit := perHour(1)
	b.passes(t, Paced(1, limit))
	for range 2 {
		if got := b.pace(t, Paced(1, limit))[0]; got != (loyalty.Reached{}) {
			t.Errorf("the other: got %+v, want to pass and count no more", got)
		}
	}
	b.undo(t, Paced(1, limit))
	b.held(t, Paced(2, limit), loyalty.TillPerHour)
	b.advance(time.Hour)
	b.passes(t, Paced(1, limit))
}

// What one limit holds back does not count against another, which would hold back
// others.
func heldBackCountsNowhere(t *testing.T, b *bench) {
	full, free := perMinute(1), perHour(1)
	b.passes(t, Paced(1, full))
	b.held(t, Paced(2, free, full), loyalty.TillPerMinute)
	b.passes(t, Paced(3, free))
}

func managerGoesOn(t *testing.T, b *bench) {
	limit := perHour(1)
	b.passes(t, Paced(1, limit))
	manager := Paced(2, limit)
	manager.Manager = true
	if got := b.pace(t, manager)[0]; got.Counted != counted(manager) || !got.Limits.Has(loyalty.TillPerHour) {
		t.Errorf("got %+v, want to pass, be counted, and hear of the limit", got)
	}
	b.advance(30 * time.Minute)
	later := Paced(3, limit)
	later.Manager = true
	b.pace(t, later)
	b.advance(30 * time.Minute) // the first two have passed
	b.held(t, Paced(4, limit), loyalty.TillPerHour)
	b.advance(30 * time.Minute)
	b.passes(t, Paced(5, limit))
}

func limitsApart(t *testing.T, b *bench) {
	limit := perHour(1)
	b.passes(t, Paced(1, limit))
	other := limit
	other.Of = loyalty.NewID()
	b.passes(t, Paced(2, other))
	other = limit
	other.Limit = loyalty.CardPerHour
	b.passes(t, Paced(3, other))
	elsewhere := Paced(4, limit)
	elsewhere.Merchant = loyalty.MerchantID(loyalty.NewID())
	b.passes(t, elsewhere)
}

func loweredLimit(t *testing.T, b *bench) {
	limit := perHour(3)
	for n := range 3 {
		b.passes(t, Paced(n, limit))
		b.advance(time.Minute)
	}
	before := b.held(t, Paced(10, limit), loyalty.TillPerHour)
	limit.Most = 1
	if now := b.held(t, Paced(11, limit), loyalty.TillPerHour); now.Sub(before) != 2*time.Minute {
		t.Errorf("room %v later, want when all but none have passed", now.Sub(before))
	}
}

func crowdSharesLimit(t *testing.T, b *bench) {
	const most, crowd = 20, 200
	limit := perHour(most)
	var passed atomic.Int32
	var group sync.WaitGroup
	for n := range crowd {
		group.Go(func() {
			p := Paced(n, limit)
			answered, err := b.guard.Exchange(t.Context(), loyalty.Told{}, loyalty.Asked{Paced: []loyalty.Paced{p}})
			switch {
			case err != nil:
				t.Error(err)
			case !answered.Reached[0].Refuses(&p):
				passed.Add(1)
			}
		})
	}
	group.Wait()
	if n := passed.Load(); n != most {
		t.Errorf("%d of a crowd passed a limit of %d", n, most)
	}
}

// randomPaces compares with the simplest count that could be.
func randomPaces(t *testing.T, b *bench) {
	type made struct {
		owner int
		at    time.Duration
	}
	rapid.Check(t, func(rt *rapid.T) {
		limits := []loyalty.Count{perMinute(2), perHour(3)}
		model := make([][]made, len(limits))
		now := time.Duration(0)
		for range rapid.IntRange(1, 15).Draw(rt, "actions") {
			pause := time.Duration(rapid.IntRange(0, 30).Draw(rt, "seconds")) * time.Second
			now += pause
			b.advance(pause)
			n := rapid.IntRange(0, 9).Draw(rt, "owner")
			p := Paced(n, limits...)
			p.Manager = rapid.Bool().Draw(rt, "manager")
			var want loyalty.Reached
			for i, limit := range limits {
				var live []made
				known := false
				for _, m := range model[i] {
					if m.at+limit.Window > now {
						live = append(live, m)
						known = known || m.owner == n
					}
				}
				model[i] = live
				if !known && len(live) >= int(limit.Most) {
					want.Limits = want.Limits.With(limit.Limit)
				}
			}
			if !want.Refuses(&p) {
				for i := range limits {
					known := false
					for _, m := range model[i] {
						known = known || m.owner == n
					}
					if !known {
						model[i] = append(model[i], made{n, now})
						want.Counted = want.Counted.With(limits[i].Limit)
					}
				}
			}
			got := b.pace(t, p)[0]
			got.Until = time.Time{}
			if got != want {
				rt.Fatalf("after %v: got %+v, want %+v", now, got, want)
			}
		}
	})
}
