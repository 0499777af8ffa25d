package api_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// Each till and each key has a limit of its own, and may go on when it has waited
// as long as it is told.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, func(s *apitest.Setup) { s.TillRate, s.CardRate = 2, 2 })
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	phone := func() apitest.Call {
		return apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.String(), Token: a.Phone(t, shop, card).Token}
	}
	first, second := phone(), phone()
	a = a.Beside(t, func(s *apitest.Setup) { s.KeyRate = 2 })
	programs := func(key string) apitest.Call {
		return apitest.Call{Method: http.MethodGet, Path: "/v1/programs", Token: key}
	}
	scan := func(till apitest.Till) apitest.Call { return apitest.Scan(till, "x", nil) }
	for name, tt := range map[string]struct{ asks, others apitest.Call }{
		"till":  {scan(shop.Front), scan(shop.Back)},
		"key":   {programs(shop.App), programs(shop.Admin)},
		"phone": {first, second},
	} {
		allowed := 0
		for a.Do(t, tt.asks).Status != http.StatusTooManyRequests && allowed < 50 {
			allowed++
		}
		if allowed != 8 {
			t.Errorf("%s: %d requests at once were taken", name, allowed)
		}
		answer := a.Do(t, tt.asks)
		if p := answer.Problem(); p.Code != gen.ProblemCodeRateLimited || !p.RetryAt.Equal(a.Clock.Now().Add(500*time.Millisecond)) ||
			answer.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: %s, Retry-After %s", name, answer.Body, answer.Header.Get("Retry-After"))
		}
		if other := a.Do(t, tt.others); other.Status == http.StatusTooManyRequests {
			t.Errorf("%s: another one has to wait, too", name)
		}
		a.Clock.Advance(time.Second)
		if later := a.Do(t, tt.asks); later.Status == http.StatusTooManyRequests {
			t.Errorf("%s: still limited after a second", name)
		}
	}
	forbidden := apitest.Call{Path: "/v1/cards", Token: shop.Front.Token, Body: apitest.Map{"program": shop.Stamps.ID}}
	for range 10 {
		a.Do(t, forbidden)
	}
	a.Refused(t, forbidden, gen.ProblemCodeRateLimited) // what it may not do is limited as well
}

// counting is a store that counts who is looked up.
type counting struct {
	api.Store
	lookups *atomic.Int64
}

func (c counting) KeyAccess(ctx context.Context, id loyalty.APIKeyID) (loyalty.Access, error) {
	c.lookups.Add(1)
	return c.Store.KeyAccess(ctx, id)
}

func (c counting) TillAccess(ctx context.Context, id loyalty.TillID) (loyalty.Access, error) {
	c.lookups.Add(1)
	return c.Store.TillAccess(ctx, id)
}

// Tokens that prove nothing cannot keep the database busy, and do not lock out,
// from the same address, who has proven it.
func TestStrangersAreLimited(t *testing.T) {
	t.Parallel()
	var lookups atomic.Int64
	a := apitest.Boot(t, func(s *apitest.Setup) {
		s.Wrap = func(store api.Store) api.Store { return counting{store, &lookups} }
	})
	programs := func(key string) apitest.Call {
		return apitest.Call{Method: http.MethodGet, Path: "/v1/programs", Token: key}
	}
	regulars := []apitest.Call{programs(a.Shop.App), apitest.Scan(a.Shop.Front, "x", nil)}
	for _, c := range regulars {
		a.Do(t, c)
	}
	strangers := func() apitest.Call {
		token, _ := credential.NewKeySecret(loyalty.NewID())
		return programs(token)
	}
	lookups.Store(0)
	limited := 0
	for range 260 {
		switch answer := a.Do(t, strangers()); answer.Problem().Code {
		case gen.ProblemCodeRateLimited:
			limited++
		case gen.ProblemCodeUnauthorized:
		default:
			t.Fatalf("a stranger: %d %s", answer.Status, answer.Body)
		}
	}
	if n := lookups.Load(); n > 201 || limited < 59 { // the last one costs a look-up, and shuts the door
		t.Errorf("260 strangers: %d look-ups, %d told to wait", n, limited)
	}
	a.Refused(t, programs(a.Shop.Admin), gen.ProblemCodeRateLimited) // genuine, but not yet proven
	for range 2 {
		for _, c := range regulars {
			if answer := a.Do(t, c); answer.Status == http.StatusTooManyRequests || answer.Status == http.StatusUnauthorized {
				t.Errorf("%s: %d %s", c.Path, answer.Status, answer.Body)
			}
		}
		a.Clock.Advance(api.TillMemory) // now the till has to be read again
	}
	if answer := a.Do(t, programs(a.Shop.Admin)); answer.Status != http.StatusOK {
		t.Errorf("later: %d %s", answer.Status, answer.Body)
	}
}

// A till is read once in a while, a key each time, so that a revoked one stops at once.
func TestWhoIsReadWhen(t *testing.T) {
	t.Parallel()
	var lookups atomic.Int64
	a := apitest.Boot(t, func(s *apitest.Setup) {
		s.Wrap = func(store api.Store) api.Store { return counting{store, &lookups} }
	})
	for range 10 {
		a.Do(t, apitest.Scan(a.Shop.Front, "x", nil))
	}
	if n := lookups.Load(); n != 1 {
		t.Errorf("ten scans have read their till %d times", n)
	}
	lookups.Store(0)
	for range 10 {
		a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/programs", Token: a.Shop.App})
	}
	if n := lookups.Load(); n != 10 {
		t.Errorf("ten requests have read their key %d times", n)
	}
}

// Readiness is asked by anybody, so it asks the database once a second.
func TestReadinessIsRemembered(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	a := apitest.Boot(t, func(s *apitest.Setup) {
		s.Wrap = func(store api.Store) api.Store { return probed{store, &asked} }
	})
	ask := apitest.Call{Method: http.MethodGet, Path: "/readyz"}
	for range 10 {
		a.Do(t, ask)
	}
	a.Clock.Advance(time.Second)
	if ready := apitest.Read[gen.Readiness](t, a.Do(t, ask)); ready.Status != gen.ReadinessStatusReady || asked.Load() != 2 {
		t.Errorf("%+v, asked %d times", ready, asked.Load())
	}
}

type probed struct {
	api.Store
	asked *atomic.Int64
}

func (p probed) Ready(ctx context.Context) error {
	p.asked.Add(1)
	return p.Store.Ready(ctx)
}
