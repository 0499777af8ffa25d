package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

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
	push := pushesOf(t, kept, &on)
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
	object := h.addObject(t, g, card)
	token := strings.Repeat("a", 64)
	phone := h.addPass(t, card, "phone-of-anna", token)
	if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
		t.Fatalf("a stamp: %d %s", got.status, got.body)
	}
	eventually(t, "both show the stamp", func() bool {
		return g.Object(object).LoyaltyPoints.Balance.Int == 1 && push.Pushed(token) > 0 && idle(t, s)
	})
	before := push.Pushed(token)

	g.Answer(http.StatusServiceUnavailable, http.StatusTooManyRequests)
	push.Answer(token, apnstest.Shutdown, apnstest.TooMany)
	do(http.MethodDelete, "/v1/members/"+member.ID, nil)
	eventually(t, "Google shows nothing of the card", func() bool {
		o := g.Object(object)
		return o.State == "INACTIVE" && o.RotatingBarcode == nil && o.LoyaltyPoints == nil && o.AccountName == "" && len(o.Messages) == 0
	})
	eventually(t, "the phone is told", func() bool { return push.Pushed(token) > before && idle(t, s) })
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
	quiet(t, s)
	if got := push.Pushed(token) - before; got != 1 {
		t.Errorf("of what happens to the card afterwards the phone was told, too")
	}
	if dead := sum(scrape(t, s)["stempel_jobs_dead"], nil); dead != 0 {
		t.Errorf("%v updates are dead", dead)
	}
}
