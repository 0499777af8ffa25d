package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// newStaffReward is a workplace whose points buy something that only people of the
// company can have; everybody may have the card.
func newStaffReward(t *testing.T) *workplace {
	t.Helper()
	w := newWorkplace(t)
	w.program = w.NewProgram(t, w.Shop, "supermarket")
	w.Publish(t, w.Shop, w.program.ID, func(r *loyalty.Rules) {
		r.Rewards[0].Only = loyalty.Only{Agreements: []loyalty.AgreementID{w.company}}
	})
	return w
}

// holds opens a card as anybody may, and returns its page.
func (w *workplace) holds(t *testing.T, contact url.Values) string {
	t.Helper()
	answer, text := w.ask(t, w.staffDoor()+"?lang=en", nil)
	if answer.StatusCode != http.StatusOK || strings.Contains(text, w.staffDoor()+"/work") {
		t.Fatalf("the door: %d %s", answer.StatusCode, text)
	}
	once := strings.SplitN(strings.SplitN(text, `name="once" value="`, 2)[1], `"`, 2)[0]
	form := url.Values{"once": {once}}
	for k, v := range contact {
		form[k] = v
	}
	answer, _ = w.ask(t, w.staffDoor()+"?lang=en", form)
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("joined: %d", answer.StatusCode)
	}
	at, _, _ := strings.Cut(answer.Header.Get("Location"), "?")
	return at
}

// asksFrom asks on a card's page, and has the letter written.
func (w *workplace) asksFrom(t *testing.T, at, email string) string {
	t.Helper()
	answer, text := w.ask(t, at+"/work?lang=en", url.Values{"email": {email}})
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("asked for a letter to %s: %d", email, answer.StatusCode)
	}
	if err := w.write(t); err != nil {
		t.Fatal(err)
	}
	return unaddressed(t, text, email)
}

func (w *workplace) people(t *testing.T) int64 {
	t.Helper()
	return apitest.Read[gen.Agreement](t, w.Do(t, office(w.Shop, "GET", "/v1/agreements/"+w.company.String(), nil))).People
}

// link of the letter that was sent last.
func (w *workplace) link(t *testing.T) string {
	t.Helper()
	last := w.sent[len(w.sent)-1]
	if len(paths(&last)) != 1 || !strings.Contains(last.Text, "another card would get what is yours") {
		t.Fatalf("the letter: %s", last.Text)
	}
	return paths(&last)[0]
}

// Whoever has a card already confirms a work address from its page: a member, and
// somebody of whom nothing is known. No letter tells who is on a roster, and its link
// opens no card.
func TestHoldersConfirmWork(t *testing.T) {
	t.Parallel()
	w := newStaffReward(t)
	for name, contact := range map[string]url.Values{"a member": {"email": {"zofia@home.example"}}, "nobody known": nil} {
		at := w.holds(t, contact)
		w.postbox.asked = nil // the letter for a member that joins
		sent, people := len(w.sent), w.people(t)
		_, text := w.ask(t, at+"?lang=en", nil)
		if !strings.Contains(text, at+"/work?lang=en") {
			t.Fatalf("%s: the card does not ask: %s", name, text)
		}
		if answer, _ := w.ask(t, at+"/work", url.Values{"email": {"nonsense"}}); answer.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: nonsense: %d", name, answer.StatusCode)
		}
		mailbox := fmt.Sprintf("worker-%d@harbour.example", sent)
		known := w.asksFrom(t, at, mailbox)
		if stranger := w.asksFrom(t, at, "mallory@elsewhere.example"); stranger != known || len(w.sent) != sent+1 {
			t.Errorf("%s: a stranger is told something else, or gets one of %d letters", name, len(w.sent)-sent)
		}
		link := w.link(t)
		if answer, text := w.ask(t, link, nil); answer.StatusCode != http.StatusOK || !strings.Contains(text, "If you did not ask for it, do nothing") || w.people(t) != people {
			t.Errorf("%s: the link: %d %s", name, answer.StatusCode, text)
		}
		for range 2 {
			answer, text := w.ask(t, link, url.Values{})
			if answer.StatusCode != http.StatusOK || !strings.Contains(text, "knows now that you work there") || strings.Contains(text, "/card/") || w.people(t) != people+1 {
				t.Errorf("%s: confirmed: %d %s", name, answer.StatusCode, text)
			}
		}
		if _, text := w.ask(t, at+"?lang=en", nil); strings.Contains(text, at+"/work") {
			t.Errorf("%s: the card asks again", name)
		}
		if answer, _ := w.ask(t, at+"/work", nil); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: the page is there again: %d", name, answer.StatusCode)
		}
	}
	if got := w.members(t); len(got) != 2 || got[0] != 1 || got[1] != 1 {
		t.Errorf("cards of members: %v", got)
	}
}

// A link ends with the hour, the agreement and the member; and one card asks for few
// letters.
func TestHeldWorkLinkEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, w *workplace, at string){
		"an hour later": func(_ *testing.T, w *workplace, _ string) { w.Clock.Advance(time.Hour) },
		"the agreement is over": func(t *testing.T, w *workplace, _ string) {
			w.Do(t, office(w.Shop, "PATCH", "/v1/agreements/"+w.company.String(), apitest.Map{"ends_at": w.Clock.Now()}))
		},
		"the member is erased": func(t *testing.T, w *workplace, at string) {
			if answer, _ := w.ask(t, at+"/erase", url.Values{"sure": {"yes"}}); answer.StatusCode >= 400 {
				t.Fatalf("erased: %d", answer.StatusCode)
			}
		},
		"the shop made them its own": func(t *testing.T, w *workplace, _ string) {
			list := apitest.Read[gen.MemberPage](t, w.Do(t, office(w.Shop, "GET", "/v1/members", nil)))
			w.Do(t, apitest.Audience(w.Shop, list.Members[0].ID, apitest.Map{"audience": "employee"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStaffReward(t)
			at := w.holds(t, url.Values{"email": {"zofia@home.example"}})
			w.postbox.asked = nil
			w.asksFrom(t, at, "zofia@harbour.example")
			end(t, w, at)
			before := len(w.members(t))
			if answer, _ := w.ask(t, w.link(t), url.Values{}); answer.StatusCode != http.StatusGone || w.people(t) != 0 {
				t.Errorf("%d, %d people", answer.StatusCode, w.people(t))
			}
			if after := len(w.members(t)); after != before {
				t.Errorf("%d members, before there were %d", after, before)
			}
		})
	}
	t.Run("many letters", func(t *testing.T) {
		t.Parallel()
		w := newStaffReward(t)
		at := w.holds(t, nil)
		for i := range 5 {
			w.asksFrom(t, at, fmt.Sprintf("someone-%d@harbour.example", i))
		}
		if len(w.sent) != 3 {
			t.Errorf("%d letters were sent at once from one card", len(w.sent))
		}
	})
}
