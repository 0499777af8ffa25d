package main

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/passes/apple"
	"stempel/passes/apple/apnstest"
	"stempel/passes/google/googletest"
)

// pushesOf is Apple's push service for a server that is booted next: it knows the
// test chain that signs the server's passes.
func pushesOf(t *testing.T, kept sealed, on *network) *apnstest.Server {
	t.Helper()
	closeServer(t, bootAt(t, kept, *on)) // makes the test chain
	root, err := os.ReadFile(filepath.Join(kept.Data, "pass-test-ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(root)
	push := apnstest.Start(apple.TestType, clients)
	t.Cleanup(push.Close)
	on.ApplePush, on.pushRoots = push.URL, push.Roots
	return push
}

// addObject puts a card into somebody's Google Wallet, which says so, and returns the
// id that it has there.
func (h shop) addObject(t *testing.T, g *googletest.Google, card loyalty.CardID) string {
	t.Helper()
	answer := call(t, http.MethodGet, h.url+"/v1/cards/"+card.String()+"/google-wallet", h.notes.APIKey, nil)
	if answer.status != http.StatusOK {
		t.Fatalf("the link: %d %s", answer.status, answer.body)
	}
	link := answer.body[strings.Index(answer.body, "https://"):]
	object, err := g.Save(link[:strings.IndexByte(link, '"')])
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Call(t.Context(), http.DefaultClient, h.url+"/passes/google/callbacks", g.Callback(object, "save")); err != nil {
		t.Fatal(err)
	}
	return object
}

// iPhone is a phone that holds a pass of a running server.
type iPhone struct {
	url           string
	Serial, Token string
}

// addPass lets a phone add a card's pass, and register for its changes.
func (h shop) addPass(t *testing.T, card loyalty.CardID, phone, pushToken string) *iPhone {
	t.Helper()
	got := call(t, http.MethodGet, h.url+"/v1/cards/"+card.String()+"/pass.pkpass", h.notes.APIKey, nil)
	if got.status != http.StatusOK {
		t.Fatalf("the pass: %d %s", got.status, got.body)
	}
	file, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	document, err := file.Open("pass.json")
	if err != nil {
		t.Fatal(err)
	}
	var pass struct {
		SerialNumber, AuthenticationToken string
	}
	if err := json.NewDecoder(document).Decode(&pass); err != nil {
		t.Fatal(err)
	}
	p := &iPhone{h.url + "/passes/apple/v1/", pass.SerialNumber, pass.AuthenticationToken}
	if status := p.do(t, http.MethodPost, "devices/"+phone+"/registrations/"+apple.TestType+"/"+p.Serial, `{"pushToken":"`+pushToken+`"}`); status != http.StatusCreated {
		t.Fatalf("registering: %d", status)
	}
	return p
}

func (p *iPhone) do(t *testing.T, method, path, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "ApplePass "+p.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// fetch is the pass.json of the pass as it is now.
func (p *iPhone) fetch(t *testing.T) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"passes/"+apple.TestType+"/"+p.Serial, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "ApplePass "+p.Token)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the pass: %s, %v: %s", response.Status, err, body)
	}
	file, err := zip.NewReader(strings.NewReader(string(body)), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	document, err := file.Open("pass.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// waiting is how much wallets have still to be told of.
func waiting(t *testing.T, s *server) float64 {
	t.Helper()
	families := scrape(t, s)
	return sum(families["stempel_jobs_waiting"], nil) + sum(families["stempel_passes_waiting"], nil)
}

func idle(t *testing.T, s *server) bool {
	t.Helper()
	return waiting(t, s) == 0 && sum(scrape(t, s)["stempel_passes_oldest_waiting_seconds"], nil) == 0
}

func quiet(t *testing.T, s *server) {
	t.Helper()
	eventually(t, "nothing waits", func() bool { return idle(t, s) })
}
