package api_test

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// from is the visitor at another address of this machine.
func (v *visitor) from(address string) *visitor {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	client := v.client
	client.Transport = &http.Transport{DialContext: dialer.DialContext}
	return &visitor{v.API, client}
}

// busy holds that an answer is the page that asks to wait.
func busy(t *testing.T, answer *http.Response, text string) {
	t.Helper()
	wait, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if answer.StatusCode != http.StatusTooManyRequests || err != nil || wait < 1 || !strings.Contains(text, "One moment, please") {
		t.Errorf("%d, Retry-After %q: %.300s", answer.StatusCode, answer.Header.Get("Retry-After"), text)
	}
}

// One address opens a hundred cards at once and no more for now. Whoever is refused
// has left nothing behind, and sends the same form later.
func TestAFloodOfRegistrations(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := func(once string) url.Values {
		return url.Values{"once": {strings.Repeat("A", 26-len(once)) + once}, "email": {once + "@mail.example"}}
	}
	for i := range 100 {
		v.send(t, form(strconv.Itoa(i)))
	}
	before := v.Book(t)
	late := form("late")
	late.Add("consent", "marketing_email")
	for range 20 {
		answer, text := v.ask(t, v.door(), late)
		busy(t, answer, text)
	}
	if v.Book(t) != before {
		t.Error("the ledger has changed")
	}
	v.from("127.0.0.2").send(t, form("elsewhere"))

	v.Clock.Advance(time.Second)
	at := v.send(t, late)
	if kept := v.consents(t, at); len(kept) != 1 {
		t.Errorf("kept %+v", kept)
	}
	if text := v.read(t, at); !strings.Contains(text, "late@mail.example") {
		t.Error("whoever was refused before is taken for somebody else")
	}
}

// A flood from many addresses fills one program's bucket, and no other's.
func TestAFloodFromEverywhere(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	for i := range 10 {
		visitor := v.from("127.0.1." + strconv.Itoa(i+1))
		for range 100 {
			if answer, _ := visitor.ask(t, v.door(), url.Values{}); answer.StatusCode != http.StatusForbidden {
				t.Fatalf("%d", answer.StatusCode)
			}
		}
	}
	stranger := v.from("127.0.2.1")
	good := v.form(t)
	answer, text := stranger.ask(t, v.door(), good)
	busy(t, answer, text)
	if answer, text := stranger.ask(t, "/join/"+v.Rival.Stamps.ID.String(), good); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("another program: %d %.300s", answer.StatusCode, text)
	}
	v.Clock.Advance(time.Second)
	stranger.send(t, good)
}

// Whoever guesses addresses of cards is asked to wait; whoever has shown a right one
// is not, from the same network.
func TestGuessingCards(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	mine, other := v.send(t, v.form(t)), v.send(t, v.form(t))
	v.read(t, mine)
	var answer *http.Response
	var text string
	for range 300 {
		token, _ := credential.NewDeviceSecret(loyalty.DeviceID(loyalty.NewID()))
		if answer, text = v.ask(t, "/card/"+token, nil); answer.StatusCode != http.StatusNotFound {
			break
		}
	}
	busy(t, answer, text)
	v.read(t, mine)
	answer, text = v.ask(t, other, nil)
	busy(t, answer, text)
	v.from("127.0.0.2").read(t, other)
	v.Clock.Advance(time.Minute)
	v.read(t, other)
}
