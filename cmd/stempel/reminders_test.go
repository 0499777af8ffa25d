package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// listener is a merchant's server that fails at the first event.
type listener struct {
	mu     sync.Mutex
	ids    []string
	bodies []string
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids, l.bodies = append(l.ids, r.Header.Get("webhook-id")), append(l.bodies, string(body))
	if len(l.ids) == 1 {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func (l *listener) heard() (ids, bodies []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ids), slices.Clone(l.bodies)
}

// A merchant's server is told once that points run out soon, also when it fails at
// first and ours is restarted.
func TestTellsOfPointsThatRunOut(t *testing.T) {
	t.Parallel()
	ears := &listener{}
	theirs := httptest.NewServer(ears)
	defer theirs.Close()
	folder, on := in(t.TempDir()), anyPort()
	on.WebhooksPrivate.value = true
	s := bootAt(t, folder, on)
	h := openShop(t, s)
	do := func(path string, body map[string]any) (made struct{ ID string }) {
		t.Helper()
		got := call(t, http.MethodPost, h.url+path, h.notes.APIKey, body)
		if err := json.Unmarshal([]byte(got.body), &made); err != nil || got.status >= 300 {
			t.Fatalf("%s: %d %s", path, got.status, got.body)
		}
		return made
	}
	program := do("/v1/programs", map[string]any{"rules": map[string]any{
		"name": "Points", "kind": "points", "earn": map[string]any{"by": "units"}, "lots": map[string]any{"expires": "days", "after": 30, "remind_days": 366},
	}}).ID
	do("/v1/webhooks", map[string]any{"url": theirs.URL, "events": []string{"points.expiring"}})
	card := do("/v1/cards", map[string]any{"program": program}).ID
	do("/v1/cards/"+card+"/adjustments", map[string]any{"units": 120, "note": "found"})

	now := time.Now().UTC()
	for i, want := range []int{1, 0} {
		if noted, err := s.remindOnce(t.Context(), loyalty.NewID(), now.Add(time.Duration(i)*2*remindTurn)); err != nil || noted != want {
			t.Fatalf("noted %d: %v", noted, err)
		}
	}
	eventually(t, "the first attempt", func() bool { ids, _ := ears.heard(); return len(ids) > 0 })
	closeServer(t, s)
	s = bootAt(t, folder, on)
	defer closeServer(t, s)
	eventually(t, "the second attempt", func() bool { ids, _ := ears.heard(); return len(ids) > 1 })
	ids, bodies := ears.heard()
	if len(ids) != 2 || ids[0] != ids[1] || !strings.HasPrefix(ids[0], "expiring_") || len(ids[0]) > 64 || bodies[0] != bodies[1] {
		t.Errorf("%q told %q", ids, bodies)
	}
	for _, part := range []string{`"type":"points.expiring"`, `"units":120`, `"balance":120`, card, program} {
		if !strings.Contains(bodies[0], part) {
			t.Errorf("%s is missing in %s", part, bodies[0])
		}
	}
}

// One that was deleted meanwhile is told nothing, and nothing is tried again.
func TestReminderForNobody(t *testing.T) {
	t.Parallel()
	s := bootAt(t, in(t.TempDir()), anyPort())
	defer closeServer(t, s)
	if err := s.tellReminder(t.Context(), reminder{Webhook: loyalty.NewID(), Merchant: loyalty.NewID()}); err != nil {
		t.Error(err)
	}
}
