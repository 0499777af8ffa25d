package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes/google/googletest"
)

// tardy is Google when it answers nothing until it may.
type tardy struct {
	google *httputil.ReverseProxy
	closed atomic.Bool
	asked  atomic.Int64
	gaveUp atomic.Int64 // requests whose asker left
	open   chan struct{}
}

func (g *tardy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.closed.Load() {
		g.asked.Add(1)
		select {
		case <-g.open:
		case <-r.Context().Done():
			g.gaveUp.Add(1)
			return
		}
	}
	g.google.ServeHTTP(w, r)
}

// While every worker of Google's waits for Google, phones of Apple's are told.
func TestGoogleDelaysNoPushes(t *testing.T) {
	g := googletest.Start(time.Now)
	t.Cleanup(g.Close)
	slow := &tardy{google: &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: g}, open: make(chan struct{})}
	server := httptest.NewServer(slow)
	t.Cleanup(server.Close)
	kept, on := in(t.TempDir()), googleAt(g)
	on.GoogleEndpoint = server.URL
	push := pushesOf(t, kept, &on)
	s := bootAt(t, kept, on)
	t.Cleanup(func() { closeServer(t, s) })
	h := openShop(t, s)

	cards := make([]loyalty.CardID, googleWorkers)
	for i := range cards {
		cards[i] = h.card(t)
		h.addObject(t, g, cards[i])
	}
	token := strings.Repeat("a", 64)
	anna := h.card(t)
	h.addPass(t, anna, "phone-of-anna", token)
	quiet(t, s)
	before := push.Pushed(token)

	slow.closed.Store(true)
	stamp := func(card loyalty.CardID) {
		t.Helper()
		if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
			t.Fatalf("a stamp: %d %s", got.status, got.body)
		}
	}
	for _, card := range cards {
		stamp(card)
	}
	eventually(t, "all of Google's workers wait", func() bool { return slow.asked.Load() >= googleWorkers })
	stamp(anna)
	eventually(t, "the phone is told", func() bool { return push.Pushed(token) > before })
	if n := slow.gaveUp.Load(); n > 0 {
		t.Errorf("only after %d requests to Google had been given up", n)
	}
	families := scrape(t, s)
	if n := sum(families["stempel_jobs_waiting"], map[string]string{"kind": googleJob}); n < googleWorkers {
		t.Errorf("%v jobs wait for Google", n)
	}
	close(slow.open)
	quiet(t, s)
}
