package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// client is how tills reach several API processes: it goes on to the next one
// when one gives no definite answer, as a good till's software would.
type client struct {
	http      *http.Client
	addresses []string
	retries   atomic.Int64 // requests that had to be sent again
}

const (
	attemptLimit = 10 * time.Second // longer than the server takes to say that it does not know
	patience     = 50 * time.Second // to a definite answer; a live token's minute is then almost over
	firstPause   = 10 * time.Millisecond
	longestPause = 300 * time.Millisecond
)

// errUnsettled says that patience ran out: it is not known what happened.
var errUnsettled = errors.New("no definite answer")

func newClient(addresses []string, connections int) *client {
	return &client{
		http: &http.Client{
			Timeout:   attemptLimit,
			Transport: &http.Transport{MaxIdleConnsPerHost: connections},
		},
		addresses: addresses,
	}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// call is one request of a till, the same however often it is sent.
type call struct {
	token  string
	method string // empty for POST
	path   string
	key    string // Idempotency-Key; empty for none
	body   any
}

// reply is a definite answer.
type reply struct {
	status   int
	replayed bool
	body     []byte
}

// ask sends a call, first to the address of that number, until it is definitely
// answered. Errors wrap errUnsettled.
func (c *client) ask(ctx context.Context, first int, what call) (reply, error) {
	body, err := json.Marshal(what.body)
	if err != nil {
		return reply{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pause := firstPause
	for attempt := first; ; attempt++ {
		r, err := c.send(ctx, c.addresses[attempt%len(c.addresses)], what, body)
		if err == nil && definite(r.status) {
			return r, nil
		}
		if err == nil {
			err = fmt.Errorf("status %d: %s", r.status, r.body)
		}
		c.retries.Add(1)
		select {
		case <-ctx.Done():
			return reply{}, fmt.Errorf("%w: %w", errUnsettled, err)
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
		pause = min(2*pause, longestPause)
	}
}

// definite reports whether a status says what happened. All others ask for the
// same request again.
func definite(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return status < http.StatusInternalServerError
}

// send makes one attempt.
func (c *client) send(ctx context.Context, address string, what call, body []byte) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, cmp.Or(what.method, http.MethodPost), "http://"+address+what.path, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Authorization", "Bearer "+what.token)
	request.Header.Set("Content-Type", "application/json")
	if what.key != "" {
		request.Header.Set("Idempotency-Key", what.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return reply{}, err
	}
	return reply{response.StatusCode, response.Header.Get("Idempotent-Replayed") == "true", text}, nil
}
