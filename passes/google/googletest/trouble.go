package googletest

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// troubles are what Google answers on a bad day.
var troubles = [...]int{
	http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
}

// Trouble makes one of so many requests to the API fail from now on, by chance that is
// the same for the same seed, as Answer does.
func (g *Google) Trouble(seed uint64, oneOf int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.chance, g.oneOf = rand.New(rand.NewPCG(seed, seed)), oneOf
}

// trouble is what a request is answered with; 200: as it should be.
func (g *Google) trouble() int {
	if len(g.refusals) > 0 {
		status := g.refusals[0]
		g.refusals = g.refusals[1:]
		return status
	}
	if g.chance != nil && g.chance.IntN(g.oneOf) == 0 {
		return troubles[g.chance.IntN(len(troubles))]
	}
	return http.StatusOK
}

// Busiest is how many requests to the API came within one second, at most, by the
// stand-in's clock, since Requests was called.
func (g *Google) Busiest() (most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var within []time.Time
	for _, r := range g.requests {
		if r.Path == "/token" || r.Path == "/keys" {
			continue
		}
		within = append(within, r.At)
		for r.At.Sub(within[0]) >= time.Second {
			within = within[1:]
		}
		most = max(most, len(within))
	}
	return most
}
