package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"stempel/internal/loyalty"
)

// receiver is a merchant's server: it notes of which entries it is told, and has
// its bad moments.
type receiver struct {
	url    string
	server *http.Server

	mu      sync.Mutex
	library *standardwebhooks.Webhook // knows the secret
	told    map[string]bool           // entries it has taken
	refused map[string]bool           // entries it did not take at first
	last    map[string]int64          // Seq of the latest entry of each card
	asked   int
	calm    bool // its bad moments are over
	astray  int  // entries that came before an earlier one of their card
	forged  int  // requests that nobody has signed
}

// refuseEvery is how often an entry is answered 500 when it comes for the first
// time, until the storm is over. It is taken when it comes again, five seconds
// later, with its card's later ones behind it.
const refuseEvery = 50

// openReceiver begins to listen.
func openReceiver() (*receiver, error) {
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := newReceiver()
	r.url = "http://" + on.Addr().String()
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: attemptLimit}
	go func() { _ = r.server.Serve(on) }() // ends with close; what it cannot take is not told, and counted
	return r, nil
}

func newReceiver() *receiver {
	return &receiver{told: map[string]bool{}, refused: map[string]bool{}, last: map[string]int64{}}
}

func (r *receiver) close() { _ = r.server.Close() }

// register asks the API to tell the receiver of every entry from now on.
func (r *receiver) register(ctx context.Context, by *client, adminKey string) error {
	answer, err := by.ask(ctx, 0, call{token: adminKey, path: "/v1/webhooks", key: rand.Text(), body: webhookBody{r.url}})
	if err != nil {
		return fmt.Errorf("register the webhook: %w", err)
	}
	made, err := read[webhook](answer)
	if err != nil || answer.status != http.StatusCreated {
		return fmt.Errorf("register the webhook: status %d: %.300s (%v)", answer.status, answer.body, err)
	}
	library, err := standardwebhooks.NewWebhook(made.Secret)
	if err != nil {
		return fmt.Errorf("the webhook's secret: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.library = library
	return nil
}

// ServeHTTP takes one event.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(io.LimitReader(request.Body, maxResponse))
	if err != nil {
		return // whoever sent it has gone
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.WriteHeader(r.take(request.Header, body))
}

// take returns the status to answer with.
func (r *receiver) take(header http.Header, body []byte) int {
	r.asked++
	if r.library == nil || r.library.Verify(body, header) != nil {
		r.forged++
		return http.StatusUnauthorized
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil || e.Data.Entry.ID != header.Get("webhook-id") {
		r.forged++
		return http.StatusBadRequest
	}
	id := e.Data.Entry.ID
	switch {
	case r.told[id]: // once more, as it may
		return http.StatusOK
	case !r.calm && r.asked%refuseEvery == 0 && !r.refused[id]:
		r.refused[id] = true
		return http.StatusInternalServerError
	}
	r.told[id] = true
	if e.Data.Entry.Seq < r.last[e.Data.Card.ID] {
		r.astray++
	}
	r.last[e.Data.Card.ID] = max(r.last[e.Data.Card.ID], e.Data.Entry.Seq)
	return http.StatusOK
}

// hearing is what a receiver was told of a ledger.
type hearing struct {
	told     int // entries
	jobsLost int // entries that it was never told of
	astray   int // as in receiver
	forged   int // as in receiver
}

func (h hearing) holds() bool { return h.jobsLost+h.astray+h.forged == 0 }

// hears compares what it was told with the ledger.
func (r *receiver) hears(ledger []loyalty.Entry) hearing {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := hearing{astray: r.astray, forged: r.forged}
	for i := range ledger {
		if r.told[ledger[i].ID.String()] {
			h.told++
		} else {
			h.jobsLost++
		}
	}
	return h
}

// tellingLimit is how long after the last scan all must be told. What a killed
// process had waits for its lease, some twenty seconds.
const tellingLimit = time.Minute

// await waits until it was told of all entries, or for tellingLimit, and says how
// it stands.
func (r *receiver) await(ctx context.Context, ledger []loyalty.Entry) hearing {
	r.mu.Lock()
	r.calm = true
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, tellingLimit)
	defer cancel()
	for {
		h := r.hears(ledger)
		if h.jobsLost == 0 {
			return h
		}
		select {
		case <-ctx.Done():
			return h
		case <-time.After(tellingPoll):
		}
	}
}

const tellingPoll = 100 * time.Millisecond
