package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

// openPage is a card's page that somebody has open.
type openPage struct {
	at     string // its address
	card   loyalty.CardID
	events chan string
	leave  func()
}

var (
	onceInForm = regexp.MustCompile(`name="once" value="(\w+)"`)
	cardInPage = regexp.MustCompile(`data-card="(card_\w+)"`)
)

func fetch(t *testing.T, r *http.Request) string {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %.200s (%v)", r.URL, answer.StatusCode, text, err)
	}
	return string(text)
}

// join opens a card as people do, and its page.
func (h shop) join(t *testing.T) *openPage {
	t.Helper()
	door := h.url + "/join/" + h.notes.Programs["ice-cream"].String()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, door, nil)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"once": {onceInForm.FindStringSubmatch(fetch(t, r))[1]}}
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, door, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(r) // which follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	path, _, _ := strings.Cut(answer.Header.Get("Location"), "?")
	page := &openPage{at: h.url + path}
	if r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, page.at, nil); err != nil {
		t.Fatal(err)
	}
	if page.card, err = loyalty.ParseID[loyalty.CardID](cardInPage.FindStringSubmatch(fetch(t, r))[1]); err != nil {
		t.Fatal(err)
	}
	return page
}

// listen opens the page's stream of events.
func (p *openPage) listen(t *testing.T) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.at+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	events := make(chan string, 100)
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if version, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- version
			}
		}
	}()
	p.events = events
	p.leave = func() { leave(); answer.Body.Close(); <-done }
}

// The page of a card is open at one process and scanned at another. It is told
// through Redis, and without Redis later; whoever listens again begins with what
// the card shows now.
func TestPagesAreToldAcrossProcesses(t *testing.T) {
	t.Parallel()
	kept := sealed{storage{DatabaseURL: enginetest.Postgres(t)}, keys.NewMaster()}
	redis := enginetest.PrivateRedis(t)
	on := anyPort()
	on.RedisURL = redis.URL()
	a := bootAt(t, kept, on)
	defer closeServer(t, a)
	b := bootAt(t, kept, on)
	defer closeServer(t, b)
	here := openShop(t, a)
	there := shop{b.URL(), here.notes}

	page := here.join(t)
	page.listen(t)
	defer func() { page.leave() }()
	shown := <-page.events
	stampedThere := func(what string) {
		t.Helper()
		if got := there.stamp(t, here.token(t, page.card)); got.status != http.StatusOK {
			t.Fatalf("%s: %d %s", what, got.status, got.body)
		}
		if now := <-page.events; now == shown {
			t.Errorf("%s: told %s again", what, now)
		} else {
			shown = now
		}
	}
	stampedThere("with Redis")
	if got := sum(scrape(t, a)["stempel_open_pages"], nil); got != 1 {
		t.Errorf("%v pages are open", got)
	}
	redis.Kill()
	stampedThere("without Redis")
	if err := redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	stampedThere("with Redis again")

	page.leave()
	if got := there.stamp(t, here.token(t, page.card)); got.status != http.StatusOK {
		t.Fatalf("while nobody listens: %d %s", got.status, got.body)
	}
	page.listen(t)
	if now := <-page.events; now == shown {
		t.Error("whoever listens again is told what was shown before")
	}
}
