package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Whoever reads mail to an address that is confirmed on somebody's card gets no card of
// that person, whatever program they ask at, and is told so in three languages.
func TestMailboxOpensNoHeldCard(t *testing.T) {
	t.Parallel()
	w := newStaffReward(t)
	staff := "/join/" + w.NewProgram(t, w.Shop, "employees").ID.String()
	at := w.holds(t, url.Values{"email": {"zofia@home.example"}})
	w.postbox.asked = nil
	w.asksFrom(t, at, "zofia@harbour.example")
	if answer, _ := w.ask(t, w.link(t), url.Values{}); answer.StatusCode != http.StatusOK || w.people(t) != 1 {
		t.Fatalf("confirmed: %d, %d people", answer.StatusCode, w.people(t))
	}

	w.Clock.Advance(time.Hour)
	w.asksFrom(t, staff, "zofia@harbour.example")
	link, _, _ := strings.Cut(paths(&w.sent[len(w.sent)-1])[0], "?")
	for language, sentence := range map[string]string{"en": "confirmed on another card", "pl": "potwierdzony na innej karcie", "ro": "confirmată pe alt card"} {
		answer, text := w.ask(t, link+"?lang="+language, url.Values{})
		if answer.StatusCode != http.StatusConflict || !strings.Contains(text, sentence) || strings.Contains(text, "/card/") {
			t.Errorf("%s: %d, to %q: %s", language, answer.StatusCode, answer.Header.Get("Location"), text)
		}
	}
	if got := w.members(t); len(got) != 1 || got[0] != 1 || w.people(t) != 1 {
		t.Errorf("cards of members: %v, %d people", got, w.people(t))
	}
}

// Whoever joined by an address alone comes back by it, until the shop knows more of them:
// not even the link that they joined by opens the card then.
func TestMailboxUntilMoreIsKnown(t *testing.T) {
	t.Parallel()
	for name, learn := range map[string]func(t *testing.T, w *workplace, m gen.Member){
		"a name": func(t *testing.T, w *workplace, m gen.Member) {
			w.Do(t, office(w.Shop, "PATCH", "/v1/members/"+m.ID.String(), apitest.Map{"name": "Zofia", "email": "zofia@home.example"}))
		},
		"another member": func(t *testing.T, w *workplace, m gen.Member) {
			w.Do(t, office(w.Shop, "POST", "/v1/members/"+w.NewMember(t, w.Shop).ID.String()+"/merge", apitest.Map{"into": m.ID}))
		},
		"a card": func(t *testing.T, w *workplace, m gen.Member) {
			w.Attach(t, w.Shop, w.NewCard(t, w.Shop, w.NewProgram(t, w.Shop, "supermarket")).ID, m.ID)
		},
		"what the office says": func(t *testing.T, w *workplace, m gen.Member) {
			w.Do(t, apitest.Audience(w.Shop, m.ID, apitest.Map{"audience": "employee"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkplace(t)
			w.asks(t, "anna@harbour.example")
			first := paths(&w.sent[0])[0]
			w.confirms(t, first)
			w.Clock.Advance(10 * time.Minute)
			w.asks(t, "anna@harbour.example")
			second := paths(&w.sent[1])[0]
			w.confirms(t, first)
			list := apitest.Read[gen.MemberPage](t, w.Do(t, office(w.Shop, "GET", "/v1/members", nil)))
			learn(t, w, list.Members[0])
			links := []string{first, second}
			if name == "what the office says" { // the address is nobody's then
				links = links[:1]
			}
			for _, link := range links {
				if answer, _ := w.ask(t, link, url.Values{}); answer.StatusCode != http.StatusConflict {
					t.Errorf("%d, to %q", answer.StatusCode, answer.Header.Get("Location"))
				}
			}
		})
	}
}
