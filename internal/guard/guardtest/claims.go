package guardtest

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

func claimsWithoutOutcome(t *testing.T, b *bench) {
	c := Claim(1)
	for _, claim := range []loyalty.Claim{c, c, by(2, c), c, by(2, c)} {
		want(t, b.claim(t, claim)[0], nil)
	}
}

func outcomeAnswersOthers(t *testing.T, b *bench) {
	c := Claim(1)
	o := Outcome(c)
	b.claim(t, c, by(2, c))
	b.tell(t, o)
	want(t, b.claim(t, by(2, c))[0], &o)
	want(t, b.claim(t, by(3, c))[0], &o)
	want(t, b.claim(t, c)[0], nil) // a retry: the database has its answer
	want(t, b.claim(t, by(2, c))[0], &o)
}

func outcomeIsForOneSpending(t *testing.T, b *bench) {
	c := Claim(1)
	b.tell(t, Outcome(c))
	redeem := by(2, c)
	redeem.Action = loyalty.Redeem
	want(t, b.claim(t, redeem)[0], nil)
	want(t, b.claim(t, Claim(2))[0], nil)

	o := Outcome(redeem)
	b.tell(t, o)
	want(t, b.claim(t, by(3, redeem))[0], &o)
}

// A till of another merchant reads the same code, and must not learn where it was
// used.
func outcomeIsItsMerchants(t *testing.T, b *bench) {
	c := Claim(1)
	o := Outcome(c)
	b.tell(t, o)
	elsewhere := by(2, c)
	elsewhere.Merchant = loyalty.MerchantID(loyalty.NewID())
	used := b.claim(t, elsewhere, by(2, c))
	want(t, used[0], nil)
	want(t, used[1], &o)
}

func batchInOrder(t *testing.T, b *bench) {
	var claims []loyalty.Claim
	var outcomes []loyalty.Outcome
	for i := range 100 {
		c := Claim(i)
		claims = append(claims, by(200, c))
		if i%3 == 0 {
			outcomes = append(outcomes, Outcome(c))
		}
	}
	b.tell(t, outcomes...)
	for i, got := range b.claim(t, claims...) {
		if i%3 == 0 {
			want(t, got, &outcomes[i/3])
		} else {
			want(t, got, nil)
		}
	}
}

func outcomesBeforeClaims(t *testing.T, b *bench) {
	c := Claim(1)
	o := Outcome(c)
	used := b.exchange(t, []loyalty.Outcome{o}, []loyalty.Claim{by(2, c), c, by(3, c)})
	want(t, used[0], &o)
	want(t, used[1], nil)
	want(t, used[2], &o)
}

func outcomeToldTwice(t *testing.T, b *bench) {
	c := Claim(1)
	o := Outcome(c)
	b.tell(t, o, o)
	b.tell(t, o)
	want(t, b.claim(t, by(2, c))[0], &o)
}

func outcomeAsItWas(t *testing.T, b *bench) {
	for _, name := range []string{"", "Till 1", "收银台 \x00\r\n}:$-1", strings.Repeat("ż", 200)} {
		o := Outcome(Claim(1))
		o.TillName = name
		b.tell(t, o)
		want(t, b.claim(t, by(2, o.Claim))[0], &o)
	}
	bare := loyalty.Outcome{
		Claim: Claim(1), Entry: loyalty.EntryID(loyalty.NewID()),
		At: time.Date(2026, 11, 21, 17, 30, 0, 0, time.UTC),
	}
	b.tell(t, bare)
	want(t, b.claim(t, by(2, bare.Claim))[0], &bare)
}

// A live token and its handle are over after 16 minutes.
func outcomeLives(t *testing.T, b *bench) {
	o := Outcome(Claim(1))
	b.claim(t, o.Claim) // which must not pass its shorter life on
	b.tell(t, o)
	b.advance(16 * time.Minute)
	want(t, b.claim(t, by(2, o.Claim))[0], &o)
}

func outcomeForgotten(t *testing.T, b *bench) {
	o := Outcome(Claim(1))
	b.tell(t, o)
	b.advance(time.Hour)
	want(t, b.claim(t, by(2, o.Claim))[0], nil)
}

func emptyExchange(t *testing.T, b *bench) {
	b.exchange(t, nil, nil)
	b.exchange(t, []loyalty.Outcome{}, []loyalty.Claim{})
}

func argumentsStayTheCallers(t *testing.T, b *bench) {
	o := Outcome(Claim(1))
	done := []loyalty.Outcome{o}
	claims := []loyalty.Claim{by(2, o.Claim)}
	used := b.exchange(t, done, claims)
	if done[0] != o || claims[0] != by(2, o.Claim) {
		t.Error("an argument was changed")
	}
	done[0], claims[0] = loyalty.Outcome{}, loyalty.Claim{}
	want(t, used[0], &o)
	*used[0] = loyalty.Outcome{}
	want(t, b.claim(t, by(3, o.Claim))[0], &o)
}

// flood has 500 owners claim one nonce at once, before, while and after one of
// them gets through.
func flood(t *testing.T, b *bench) {
	const owners = 500
	c := Claim(0)
	o := Outcome(c)
	all := func(check func(n int, got *loyalty.Outcome)) {
		var group sync.WaitGroup
		for n := range owners {
			group.Go(func() {
				answered, err := b.guard.Exchange(t.Context(), loyalty.Told{}, loyalty.Asked{Claims: []loyalty.Claim{by(n, c)}})
				used := answered.Used
				if err != nil || len(used) != 1 {
					t.Errorf("%d answers, error %v", len(used), err)
					return
				}
				check(n, used[0])
			})
		}
		group.Wait()
	}
	outcomeFor := func(n int) *loyalty.Outcome {
		if n == 0 {
			return nil // the one who got through
		}
		return &o
	}

	all(func(_ int, got *loyalty.Outcome) { want(t, got, nil) })

	var telling sync.WaitGroup
	telling.Go(func() {
		if _, err := b.guard.Exchange(t.Context(), loyalty.Told{Done: []loyalty.Outcome{o}}, loyalty.Asked{}); err != nil {
			t.Error(err)
		}
	})
	all(func(n int, got *loyalty.Outcome) {
		if got != nil {
			want(t, got, outcomeFor(n))
		}
	})
	telling.Wait()

	all(func(n int, got *loyalty.Outcome) { want(t, got, outcomeFor(n)) })
}

// randomHistories exchanges whatever, and compares with the simplest guard that
// could be.
func randomHistories(t *testing.T, b *bench) {
	rapid.Check(t, func(rt *rapid.T) {
		type spending struct {
			nonce  loyalty.Nonce
			action loyalty.EntryKind
		}
		model := map[spending]loyalty.Outcome{}
		nonces := []loyalty.Claim{Claim(0), Claim(0), Claim(0)}
		claims := rapid.Custom(func(rt *rapid.T) loyalty.Claim {
			c := by(rapid.IntRange(0, 3).Draw(rt, "owner"), rapid.SampledFrom(nonces).Draw(rt, "nonce"))
			c.Action = rapid.SampledFrom([]loyalty.EntryKind{loyalty.Earn, loyalty.Redeem}).Draw(rt, "action")
			return c
		})
		outcomes := rapid.Map(claims, Outcome)
		for range rapid.IntRange(1, 8).Draw(rt, "exchanges") {
			done := rapid.SliceOfN(outcomes, 0, 4).Draw(rt, "done")
			asked := rapid.SliceOfN(claims, 0, 8).Draw(rt, "claims")
			used := b.exchange(t, slices.Clone(done), slices.Clone(asked))
			for _, o := range done {
				model[spending{o.Nonce, o.Action}] = o
			}
			for i, c := range asked {
				if o, ok := model[spending{c.Nonce, c.Action}]; ok && o.Owner != c.Owner {
					want(t, used[i], &o)
				} else {
					want(t, used[i], nil)
				}
			}
			if t.Failed() {
				rt.FailNow()
			}
		}
	})
}

func notDegraded(t *testing.T, b *bench) {
	if b.guard.Degraded() {
		t.Error("degraded from the start")
	}
	o := Outcome(Claim(1))
	b.tell(t, o)
	if b.guard.Degraded() {
		t.Error("degraded after use")
	}
	want(t, b.claim(t, by(2, o.Claim))[0], &o)
}
