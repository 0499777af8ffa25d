package main

import (
	"archive/zip"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stempel/passes/apple"
	"stempel/passes/apple/apnstest"
	"stempel/passes/google/googletest"
)

// Somebody is erased while Google and Apple are away. When they are back, Google shows
// nothing of the card any more, and the phone, told once, fetches a void pass that is as
// empty, with the token it always had.
func TestErasedMembersWallets(t *testing.T) {
	g := googletest.Start(time.Now)
	t.Cleanup(g.Close)
	kept, on := in(t.TempDir()), googleAt(g)
	closeServer(t, bootAt(t, kept, on)) // makes the test chain
	root, err := os.ReadFile(filepath.Join(kept.Data, "pass-test-ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(root)
	push := apnstest.Start(apple.TestType, clients)
	t.Cleanup(push.Close)
	on.ApplePush, on.pushRoots = push.URL, push.Roots
	s := bootAt(t, kept, on)
	t.Cleanup(func() { closeServer(t, s) })

	h := openShop(t, s)
	card := h.card(t)
	do := func(method, path string, body any) answer {
		t.Helper()
		got := call(t, method, s.URL()+path, h.notes.APIKey, body)
		if got.status >= 300 {
			t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
		}
		return got
	}
	var member struct{ ID string }
	if err := json.Unmarshal([]byte(do(http.MethodPost, "/v1/members", map[string]any{"name": "Anna Nowak", "external_id": "crm-1"}).body), &member); err != nil {
		t.Fatal(err)
	}
	do(http.MethodPut, "/v1/cards/"+card.String()+"/member", map[string]any{"member": member.ID})
	link := do(http.MethodGet, "/v1/cards/"+card.String()+"/google-wallet", nil).body
	link = link[strings.Index(link, "https://"):]
	object, err := g.Save(link[:strings.IndexByte(link, '"')])
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Call(t.Context(), http.DefaultClient, s.URL()+"/passes/google/callbacks", g.Callback(object, "save")); err != nil {
		t.Fatal(err)
	}
	token := strings.Repeat("a", 64)
	phone := h.addPass(t, card, "phone-of-anna", token)
	if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
		t.Fatalf("a stamp: %d %s", got.status, got.body)
	}
	idle := func() bool {
		families := scrape(t, s)
		return sum(families["stempel_jobs_waiting"], nil) == 0 && sum(families["stempel_passes_waiting"], nil) == 0
	}
	eventually(t, "both show the stamp", func() bool {
		return g.Object(object).LoyaltyPoints.Balance.Int == 1 && push.Pushed(token) > 0 && idle()
	})
	before := push.Pushed(token)

	g.Answer(http.StatusServiceUnavailable, http.StatusTooManyRequests)
	push.Answer(token, apnstest.Shutdown, apnstest.TooMany)
	do(http.MethodDelete, "/v1/members/"+member.ID, nil)
	eventually(t, "Google shows nothing of the card", func() bool {
		o := g.Object(object)
		return o.State == "INACTIVE" && o.RotatingBarcode == nil && o.LoyaltyPoints == nil && o.AccountName == "" && len(o.Messages) == 0
	})
	eventually(t, "the phone is told", func() bool { return push.Pushed(token) > before && idle() })
	if got := push.Pushed(token) - before; got != 1 {
		t.Errorf("the phone was told %d times", got)
	}
	text := phone.fetch(t)
	if !strings.Contains(text, `"voided":true`) || strings.Contains(text, `"barcodes"`) {
		t.Errorf("the pass is not void: %s", text)
	}
	for _, told := range []string{"Anna", "Nowak", card.String(), "1 of 10"} {
		if strings.Contains(text, told) {
			t.Errorf("the pass still says %q", told)
		}
	}
	if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
		t.Fatalf("a stamp on the card, which is nobody's: %d %s", got.status, got.body)
	}
	eventually(t, "nothing waits", idle)
	if got := push.Pushed(token) - before; got != 1 {
		t.Errorf("of what happens to the card afterwards the phone was told, too")
	}
	if dead := sum(scrape(t, s)["stempel_jobs_dead"], nil); dead != 0 {
		t.Errorf("%v updates are dead", dead)
	}
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
