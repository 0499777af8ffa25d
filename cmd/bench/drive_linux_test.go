package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// counter is a server that counts what it is asked, and answers as told.
type counter struct {
	*httptest.Server
	mu          sync.Mutex
	keys        map[string]int
	credentials map[string]int
	tills       map[string]int
}

func newCounter(t *testing.T, status int) *counter {
	t.Helper()
	c := &counter{keys: map[string]int{}, credentials: map[string]int{}, tills: map[string]int{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a broken one counts as another credential
		c.mu.Lock()
		c.keys[r.Header.Get("Idempotency-Key")]++
		c.credentials[string(body)]++
		c.tills[r.Header.Get("Authorization")]++
		c.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"said":"something"}`) // the client sees when that fails
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *counter) address() string { return strings.TrimPrefix(c.URL, "http://") }

func twoTills() []till {
	a, b := till{token: "a"}, till{token: "b"}
	a.Name, b.Name = "Till a", "Till b"
	return []till{a, b}
}

func TestDrive(t *testing.T) {
	c := newCounter(t, http.StatusOK)
	credentials := []string{"one", "two", "six", "ten"}
	m, err := drive(t.Context(), c.address(), twoTills(), credentials, oneUnit, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if m.count != 4 || len(m.latencies) != 4 || m.elapsed <= 0 || m.latencies[0] <= 0 || m.latencies[0] > m.latencies[3] {
		t.Errorf("measured %+v", m)
	}
	if len(c.keys) != 4 || len(c.credentials) != 4 || len(c.tills) == 0 {
		t.Errorf("the server was asked with keys %v, bodies %v, tills %v", c.keys, c.credentials, c.tills)
	}
}

func TestDriveEndsInTime(t *testing.T) {
	c := newCounter(t, http.StatusOK)
	credentials := make([]string, 1<<20)
	m, err := drive(t.Context(), c.address(), twoTills(), credentials, oneUnit, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if m.count == 0 || m.count == len(credentials) {
		t.Errorf("%d scans in %v", m.count, m.elapsed)
	}
}

func TestDriveTakesNothingButSuccess(t *testing.T) {
	c := newCounter(t, http.StatusConflict)
	_, err := drive(t.Context(), c.address(), twoTills(), []string{"one"}, oneUnit, time.Hour)
	if err == nil || !strings.Contains(err.Error(), `409: {"said":"something"}`) {
		t.Errorf("got %v, want the answer", err)
	}
	if _, err := drive(t.Context(), c.address(), twoTills(), nil, oneUnit, time.Hour); err == nil {
		t.Error("there was nothing to scan, and no error")
	}
	c.Close()
	if _, err := drive(t.Context(), c.address(), twoTills(), []string{"one"}, oneUnit, time.Hour); err == nil {
		t.Error("there was no server, and no error")
	}
}
