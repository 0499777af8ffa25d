package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"stempel/internal/loyalty"
)

const someSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDmZ5tNKbUhns="

// registered is a receiver whose webhook is made by the smallest API.
func registered(t *testing.T) *receiver {
	t.Helper()
	r, err := openReceiver()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		var body webhookBody
		if err := json.NewDecoder(request.Body).Decode(&body); err != nil || body.URL != r.url || request.Header.Get("Authorization") != "Bearer admin" {
			t.Errorf("asked for %+v by %v (%v)", body, request.Header, err)
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"secret":%q}`, someSecret)
	}))
	t.Cleanup(api.Close)
	client := newClient([]string{strings.TrimPrefix(api.URL, "http://")}, 1)
	t.Cleanup(client.close)
	if err := r.register(t.Context(), client, "admin"); err != nil {
		t.Fatal(err)
	}
	return r
}

// tell delivers an entry's event and returns the answer's status.
func (r *receiver) tell(t *testing.T, e *loyalty.Entry, secret string) int {
	t.Helper()
	var told event
	told.Data.Entry.ID, told.Data.Entry.Seq, told.Data.Card.ID = e.ID.String(), e.Seq, e.Card.String()
	body, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	library, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signature, err := library.Sign(e.ID.String(), now, body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("webhook-id", e.ID.String())
	request.Header.Set("webhook-timestamp", fmt.Sprint(now.Unix()))
	request.Header.Set("webhook-signature", signature)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

func ledgerOf(cards, each int) []loyalty.Entry {
	var ledger []loyalty.Entry
	for range cards {
		card := loyalty.CardID(loyalty.NewID())
		for seq := range each {
			ledger = append(ledger, loyalty.Entry{ID: loyalty.NewID(), Card: card, Seq: int64(seq) + 1})
		}
	}
	return ledger
}

// It refuses some entries once, and knows in the end what it was never told.
func TestReceiver(t *testing.T) {
	t.Parallel()
	r := registered(t)
	ledger := ledgerOf(20, 6)
	refused := 0
	for i := range ledger[:110] {
		if r.tell(t, &ledger[i], someSecret) == http.StatusInternalServerError {
			refused++
			if r.tell(t, &ledger[i], someSecret) != http.StatusOK {
				t.Error("refused twice")
			}
		}
	}
	if status := r.tell(t, &ledger[3], someSecret); status != http.StatusOK || refused != 2 {
		t.Errorf("told again it answers %d; %d refused", status, refused)
	}
	if h := r.hears(ledger); h != (hearing{told: 110, jobsLost: 10}) || h.holds() {
		t.Errorf("%+v", h)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if h := r.await(ended, ledger); h.jobsLost != 10 {
		t.Errorf("waited for %+v", h)
	}
	for i := range ledger[110:] {
		r.tell(t, &ledger[110+i], someSecret)
	}
	if h := r.await(t.Context(), ledger); h != (hearing{told: 120}) || !h.holds() {
		t.Errorf("%+v", h)
	}
}

// What comes in the wrong order, or from somebody else, is noticed.
func TestReceiverIsStrict(t *testing.T) {
	t.Parallel()
	r := registered(t)
	ledger := ledgerOf(1, 3)
	r.tell(t, &ledger[0], someSecret)
	r.tell(t, &ledger[2], someSecret)
	r.tell(t, &ledger[1], someSecret)
	if h := r.hears(ledger); h != (hearing{told: 3, astray: 1}) || h.holds() {
		t.Errorf("%+v", h)
	}
	other := ledgerOf(1, 1)
	if status := r.tell(t, &other[0], "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="); status != http.StatusUnauthorized {
		t.Errorf("a forged event is answered %d", status)
	}
	if h := r.hears(other); h.jobsLost != 1 || h.forged != 1 || h.holds() {
		t.Errorf("%+v", h)
	}
}
