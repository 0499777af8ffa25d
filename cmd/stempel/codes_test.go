package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes/apple/apnstest"
	"stempel/passes/google/googletest"
)

// inWallets is a running program with a card that is in both wallets, and nothing left
// to be told of it.
type inWallets struct {
	shop
	server *server
	kept   sealed
	card   loyalty.CardID
	phone  *iPhone
	push   *apnstest.Server
	google *googletest.Google
	object string // at Google
}

const annasPhone = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func bothWallets(t *testing.T) *inWallets {
	t.Helper()
	w := &inWallets{kept: in(t.TempDir()), google: googletest.Start(time.Now)}
	t.Cleanup(w.google.Close)
	on := googleAt(w.google)
	w.push = pushesOf(t, w.kept, &on)
	w.server = bootAt(t, w.kept, on)
	t.Cleanup(func() { closeServer(t, w.server) })
	w.shop = openShop(t, w.server)
	w.card = w.shop.card(t)
	w.phone = w.addPass(t, w.card, "phone-of-anna", annasPhone)
	w.object = w.addObject(t, w.google, w.card)
	quiet(t, w.server)
	return w
}

// pattern is what Google makes the object's codes of; empty: none.
func (w *inWallets) pattern() string {
	if code := w.google.Object(w.object).RotatingBarcode; code != nil {
		return code.ValuePattern
	}
	return ""
}

func (w *inWallets) office(t *testing.T, path string, body any) {
	t.Helper()
	if got := call(t, http.MethodPost, w.url+"/v1/cards/"+w.card.String()+path, w.notes.APIKey, body); got.status >= http.StatusMultipleChoices {
		t.Fatalf("%s: %d %s", path, got.status, got.body)
	}
}

// Whoever's code is replaced has the new one on the phone, although nothing else of
// the card has changed.
func TestWalletsFollowTheirCodes(t *testing.T) {
	w := bothWallets(t)
	pushed, pattern := w.push.Pushed(annasPhone), w.pattern()
	w.office(t, "/reissue", map[string]any{"surface": "wallet", "keep_phones": true})
	eventually(t, "the phone is told of its new code", func() bool { return w.push.Pushed(annasPhone) == pushed+1 })
	if got := w.pattern(); pattern == "" || got != pattern {
		t.Errorf("Google's code was %q, and is %q", pattern, got)
	}

	pass := w.object[strings.IndexByte(w.object, '.')+1:]
	id, err := loyalty.ParseID[loyalty.PassID](pass)
	if err != nil {
		t.Fatal(err)
	}
	device := "/devices/" + loyalty.DeviceID(id).String()
	w.office(t, device+"/renew", nil)
	eventually(t, "Google has the new secret", func() bool { return w.pattern() != "" && w.pattern() != pattern })
	w.office(t, device+"/revoke", nil)
	eventually(t, "Google has no code any more", func() bool { return w.pattern() == "" })
	quiet(t, w.server)
	if got := w.push.Pushed(annasPhone); got != pushed+1 {
		t.Errorf("the phone was told %d times of one code", got-pushed)
	}
}

// Passes follow a rotated key as soon as it is in use, long before the older one is
// retired, although nobody touches their cards.
func TestWalletsFollowRotatedKeys(t *testing.T) {
	w := bothWallets(t)
	pushed, pattern := w.push.Pushed(annasPhone), w.pattern()
	for _, purpose := range []string{"static", "rotating"} {
		rotate := rotateKeys{sealed: w.kept, Ahead: leastAhead}
		rotate.Args.Purpose = purpose
		if err := rotate.Run(t.Context(), streams{out: &bytes.Buffer{}}); err != nil {
			t.Fatal(err)
		}
	}
	quiet(t, w.server)
	if w.push.Pushed(annasPhone) != pushed || w.pattern() != pattern {
		t.Error("a key that is not in use yet is on passes")
	}
	eventually(t, "the phone is told", func() bool { return w.push.Pushed(annasPhone) == pushed+1 })
	eventually(t, "Google is told", func() bool { return w.pattern() != "" && w.pattern() != pattern })
	quiet(t, w.server)
	if got := w.push.Pushed(annasPhone); got != pushed+1 {
		t.Errorf("the phone was told %d times of one key", got-pushed)
	}
}
