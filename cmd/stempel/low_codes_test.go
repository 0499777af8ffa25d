package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/giftcodes"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

// fill imports codes into a pool, as one import.
func fill(t *testing.T, s *server, m loyalty.MerchantID, reward loyalty.RewardID, texts ...string) loyalty.ImportID {
	t.Helper()
	var rows []giftcodes.Row
	for i, text := range texts {
		rows = append(rows, giftcodes.Row{Line: i + 1, Text: text})
	}
	now := time.Now()
	batch := giftcodes.NewBox(s.ring.MACs(keys.Code), s.ring.MACs(keys.Index)).Batch(m, reward, rows, now)
	_, err := s.store.ImportCodes(t.Context(), loyalty.Answer{}, batch, now, func([]int, int64) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	return batch.Import
}

// look looks after the pools as the loop does.
func look(t *testing.T, s *server) {
	t.Helper()
	if err := s.watchCodesOnce(t.Context(), newCodeMetrics(prometheus.NewRegistry()), time.Now()); err != nil {
		t.Fatal(err)
	}
}

// A merchant's server is told once that few codes are left, also when it fails at
// first and ours is restarted; and again when the pool was filled in between.
func TestTellsOfCodesThatRunLow(t *testing.T) {
	t.Parallel()
	ears := &listener{}
	theirs := httptest.NewServer(ears)
	defer theirs.Close()
	folder, on := in(t.TempDir()), anyPort()
	on.WebhooksPrivate.value = true
	s := bootAt(t, folder, on)
	h := openShop(t, s)
	do := func(method, path string, body, into any) {
		t.Helper()
		got := call(t, method, h.url+path, h.notes.APIKey, body)
		if got.status >= 300 {
			t.Fatalf("%s: %d %s", path, got.status, got.body)
		}
		if into == nil {
			return
		}
		if err := json.Unmarshal([]byte(got.body), into); err != nil {
			t.Fatal(err)
		}
	}
	var program struct {
		Rewards []struct{ ID loyalty.RewardID }
	}
	do(http.MethodPost, "/v1/programs", map[string]any{"rules": map[string]any{
		"name": "Points", "kind": "points", "earn": map[string]any{"by": "units"},
		"rewards": []any{map[string]any{"name": "A book voucher", "kind": "code", "cost": 10, "codes_low": 2}},
	}}, &program)
	do(http.MethodPost, "/v1/webhooks", map[string]any{"url": theirs.URL, "events": []string{"codes.low"}}, nil)
	reward := program.Rewards[0].ID
	withdraw := func(id loyalty.ImportID) {
		do(http.MethodDelete, fmt.Sprintf("/v1/rewards/%s/codes/%s", reward, id), nil, nil)
	}

	fill(t, s, h.notes.Merchant, reward, "BOOK-1")
	rest := fill(t, s, h.notes.Merchant, reward, "BOOK-2", "BOOK-3")
	look(t, s)
	withdraw(rest)
	look(t, s)
	look(t, s)
	eventually(t, "the first attempt", func() bool { ids, _ := ears.heard(); return len(ids) > 0 })
	closeServer(t, s)
	s = bootAt(t, folder, on)
	defer closeServer(t, s)
	h.url = s.URL()
	eventually(t, "the second attempt", func() bool { ids, _ := ears.heard(); return len(ids) > 1 })

	more := fill(t, s, h.notes.Merchant, reward, "BOOK-4", "BOOK-5")
	look(t, s)
	withdraw(more)
	look(t, s)
	eventually(t, "another event", func() bool { ids, _ := ears.heard(); return len(ids) > 2 })
	ids, bodies := ears.heard()
	if len(ids) != 3 || ids[0] != ids[1] || ids[1] == ids[2] || !strings.HasPrefix(ids[0], "codes_low_") || bodies[0] != bodies[1] {
		t.Errorf("%q told %q", ids, bodies)
	}
	data := fmt.Sprintf(`"data":{"left":1,"reward":{"id":"%s","name":"A book voucher"}}`, reward)
	for _, body := range bodies {
		if !strings.Contains(body, `"type":"codes.low"`) || !strings.Contains(body, data) || strings.Contains(body, "BOOK-") {
			t.Errorf("told %s, want %s", body, data)
		}
	}
}

// One that was deleted meanwhile is told nothing, and nothing is tried again.
func TestLowCodesForNobody(t *testing.T) {
	t.Parallel()
	s := bootAt(t, in(t.TempDir()), anyPort())
	defer closeServer(t, s)
	if err := s.tellLowCodes(t.Context(), lowCodes{Webhook: loyalty.NewID(), Merchant: loyalty.NewID(), Reward: loyalty.NewID()}); err != nil {
		t.Error(err)
	}
}
