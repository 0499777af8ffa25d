package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// anyPort is a network on loopback with nothing else configured.
func anyPort() network {
	return network{Listen: "127.0.0.1:0", LogLevel: "info", Posters: number{value: 2}}
}

// in is storage in a folder.
func in(folder string) sealed { return sealed{storage: storage{Data: folder}} }

// bootAt boots the real server. The test closes it.
func bootAt(t *testing.T, kept sealed, on network) *server {
	t.Helper()
	s, err := boot(t.Context(), &kept, &on, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeServer(t *testing.T, s *server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// shop is a seeded merchant of a running server.
type shop struct {
	url   string
	notes *demoNotes
}

func openShop(t *testing.T, s *server) shop {
	t.Helper()
	notes, err := seed(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	notes.BaseURL = s.URL()
	return shop{s.URL(), notes}
}

// card enrols a new ice cream card.
func (h shop) card(t *testing.T) loyalty.CardID {
	t.Helper()
	if err := (shopper{h.notes}).newCards(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h.notes.Cards["ice-cream"]
}

func (h shop) token(t *testing.T, card loyalty.CardID) string {
	t.Helper()
	token, err := shopper{h.notes}.token(t.Context(), card)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// stamp lets the till scan a code for one stamp.
func (h shop) stamp(t *testing.T, token string) answer {
	t.Helper()
	return call(t, http.MethodPost, h.url+"/v1/scans", h.notes.TillToken,
		map[string]any{"credential": token, "earn": map[string]int{"units": 1}})
}

func (h shop) balance(t *testing.T, card loyalty.CardID) int64 { return h.view(t, card).Balance }

// lifetime is all that a card ever earned.
func (h shop) lifetime(t *testing.T, card loyalty.CardID) int64 { return h.view(t, card).Lifetime }

type cardView struct{ Balance, Lifetime int64 }

func (h shop) view(t *testing.T, card loyalty.CardID) (view cardView) {
	t.Helper()
	got := call(t, http.MethodGet, h.url+"/v1/cards/"+card.String(), h.notes.APIKey, nil)
	if err := json.Unmarshal([]byte(got.body), &view); err != nil || got.status != http.StatusOK {
		t.Fatalf("card: %d %s (%v)", got.status, got.body, err)
	}
	return view
}

// visit is the story that must work wherever a server runs: a card, a stamp, and
// a refusal of the same code.
func (h shop) visit(t *testing.T) loyalty.CardID {
	t.Helper()
	card := h.card(t)
	token := h.token(t, card)
	if got := h.stamp(t, token); got.status != http.StatusOK {
		t.Fatalf("first use: %d %s", got.status, got.body)
	}
	if got := h.stamp(t, token); got.status != http.StatusConflict || !strings.Contains(got.body, "credential_already_used") {
		t.Errorf("second use: %d %s", got.status, got.body)
	}
	if got := h.balance(t, card); got != 1 {
		t.Errorf("balance %d, want 1", got)
	}
	return card
}

type answer struct {
	status int
	body   string
}

// call makes a request of its own, never the repetition of an earlier one.
func call(t *testing.T, method, url, bearer string, body any) answer {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", rand.Text())
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, string(read)}
}

// eventually waits for something that other goroutines or processes bring about.
func eventually(t interface{ Fatalf(string, ...any) }, what string, reached func() bool) {
	for range 3000 {
		if reached() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func refused(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		conn.Close()
	}
	return err != nil
}
