package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

// bookkeeper is the smallest server that keeps the promises a storm tests, and
// breaks one on demand. It answers every third request only when asked again.
type bookkeeper struct {
	shop *shop

	forgets        bool // acknowledges a scan and does not write it down
	creditsAgain   bool // takes a retry for a new scan
	redeemsAgain   bool // hands a voucher out as often as asked
	forgetsAnswers bool // answers a retry anew
	refuses        bool // refuses a fresh credential

	mu      sync.Mutex
	asked   int
	answers map[string][]byte
	stamps  map[loyalty.CardID]int
	issued  map[loyalty.CardID]loyalty.VoucherID
	used    map[string]bool
	ledger  []loyalty.Entry
}

func (b *bookkeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	key := r.Header.Get("Idempotency-Key")
	answer, known := b.answers[key]
	if known && b.creditsAgain && r.URL.Path == "/v1/scans" {
		known = false
	}
	status := http.StatusOK
	if !known {
		status, answer = b.answer(r)
		if status == http.StatusOK && key != "" {
			b.answers[key] = answer
		}
	} else if !b.forgetsAnswers {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	if b.asked%3 == 0 { // done, but the till will not know
		status = http.StatusServiceUnavailable
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer) // the client sees when that fails
}

func (b *bookkeeper) answer(r *http.Request) (int, []byte) {
	var body struct {
		Credential, Scan, Voucher string
		Earn                      *earnBody
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return http.StatusBadRequest, nil
	}
	var p posting
	switch {
	case r.URL.Path == "/v1/scans/redeem":
		if b.used[body.Voucher] && !b.redeemsAgain {
			return http.StatusConflict, []byte(`{"code":"voucher_not_redeemable"}`)
		}
		b.used[body.Voucher] = true
		var voucher loyalty.VoucherID
		if voucher.UnmarshalText([]byte(body.Voucher)) != nil {
			return http.StatusBadRequest, nil
		}
		p.Entries = b.post(loyalty.Entry{Kind: loyalty.Redeem, Voucher: voucher})
	case b.refuses:
		return http.StatusConflict, []byte(`{"code":"credential_already_used"}`)
	default:
		token, err := b.shop.tokens.Parse(body.Credential, time.Now())
		if err != nil {
			return http.StatusBadRequest, []byte(err.Error())
		}
		p.Scan = "scan"
		if body.Earn != nil {
			p.Entries = b.post(loyalty.Entry{Kind: loyalty.Earn})
			if b.stamps[token.Card]++; b.stamps[token.Card] == cardSize {
				b.issued[token.Card] = loyalty.NewID()
			}
		}
		if voucher, ok := b.issued[token.Card]; ok {
			p.Offers = append(p.Offers, offer{Voucher: voucher.String()})
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return http.StatusInternalServerError, nil
	}
	return http.StatusOK, text
}

func (b *bookkeeper) post(e loyalty.Entry) []entry {
	e.ID = loyalty.NewID()
	if !b.forgets || e.Kind != loyalty.Earn || len(b.ledger)%7 != 6 {
		b.ledger = append(b.ledger, e)
	}
	return []entry{{ID: e.ID.String(), Kind: e.Kind.String(), Voucher: e.Voucher.String()}}
}

func TestStorm(t *testing.T) {
	t.Parallel()
	shop := smallShop(t, 4, 3)
	tests := []struct {
		name  string
		spoil func(*bookkeeper)
		seen  func(verdict) bool
	}{
		{"promises kept", func(*bookkeeper) {}, func(v verdict) bool { return v.holds() && v.acknowledged == 60 && v.redeemed == 1 }},
		{"scans forgotten", func(b *bookkeeper) { b.forgets = true }, func(v verdict) bool { return v.lost > 0 }},
		{"retries credited", func(b *bookkeeper) { b.creditsAgain = true }, func(v verdict) bool { return v.doubled > 0 }},
		{"vouchers redeemed twice", func(b *bookkeeper) { b.redeemsAgain = true }, func(v verdict) bool { return v.doubleRedeemed == 1 && len(v.troubles) == 1 }},
		{"answers changed", func(b *bookkeeper) { b.forgetsAnswers = true }, func(v verdict) bool { return v.changed > 0 }},
		{"fresh codes refused", func(b *bookkeeper) { b.refuses = true }, func(v verdict) bool { return len(v.troubles) == 60 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &bookkeeper{
				shop: shop, answers: map[string][]byte{}, stamps: map[loyalty.CardID]int{},
				issued: map[loyalty.CardID]loyalty.VoucherID{}, used: map[string]bool{},
			}
			tt.spoil(b)
			server := httptest.NewServer(b)
			t.Cleanup(server.Close)
			client := newClient([]string{strings.TrimPrefix(server.URL, "http://")}, 4)
			t.Cleanup(client.close)
			struck := 0
			s := &storm{shop: shop, client: client, cards: 3, scans: 60, faults: []fault{
				{0.3, "one", func(context.Context) error { struck++; return nil }},
				{0.6, "two", func(context.Context) error { struck++; return nil }},
			}}
			told, err := s.run(t.Context())
			if err != nil || struck != 2 {
				t.Fatalf("%d of 2 faults, %v", struck, err)
			}
			if v := told.judge(b.ledger); !tt.seen(v) {
				t.Errorf("the verdict is %+v", v)
			}
		})
	}
}

func TestAStormEndsWhenAFaultFails(t *testing.T) {
	t.Parallel()
	shop := smallShop(t, 2, 3)
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	client := newClient([]string{strings.TrimPrefix(server.URL, "http://")}, 2)
	t.Cleanup(client.close)
	broken := errors.New("it would not come back")
	s := &storm{shop: shop, client: client, cards: 3, scans: 1 << 30, faults: []fault{
		{0, "restart", func(context.Context) error { return broken }},
	}}
	if _, err := s.run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// smallShop is a shop in a database of the test's own.
func smallShop(t *testing.T, tills, cards int) *shop {
	t.Helper()
	s, err := seed(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "stempel.db"), keys.NewMaster(), tills, cards)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
