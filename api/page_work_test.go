package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// workplace is a shop with a staff card, and a company whose people may have it.
type workplace struct {
	*postOffice
	program apitest.Program
	company loyalty.AgreementID
}

func newWorkplace(t *testing.T) *workplace {
	t.Helper()
	o := newPostOffice(t)
	w := &workplace{postOffice: o, program: o.NewProgram(t, o.Shop, "employees")}
	w.company = o.NewAgreement(t, o.Shop, apitest.Map{"name": "Harbour Works", "domains": []any{"harbour.example"}})
	o.PutRoster(t, o.Shop, w.company, "email\nzofia@freelance.example\n", false)
	return w
}

func (w *workplace) staffDoor() string { return "/join/" + w.program.ID.String() }

// asks for a letter, and has it written.
func (w *workplace) asks(t *testing.T, email string) string {
	t.Helper()
	answer, text := w.ask(t, w.staffDoor()+"/work?lang=pl", url.Values{"email": {email}})
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("asked for a letter to %s: %d", email, answer.StatusCode)
	}
	if err := w.write(t); err != nil {
		t.Fatal(err)
	}
	return text
}

// confirms opens a link and presses its button; the card is where that leads.
func (w *workplace) confirms(t *testing.T, link string) string {
	t.Helper()
	if answer, text := w.ask(t, link, nil); answer.StatusCode != http.StatusOK || !strings.Contains(text, "Potwierdź i odbierz kartę") {
		t.Fatalf("the link: %d %s", answer.StatusCode, text)
	}
	answer, _ := w.ask(t, link, url.Values{})
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("confirmed: %d", answer.StatusCode)
	}
	return answer.Header.Get("Location")
}

// Whoever has a work address of the company shows that it is theirs, and gets the card;
// whether somebody has one is told to nobody else.
func TestWorkAddress(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	answer, text := w.ask(t, w.staffDoor()+"?lang=en", nil)
	if answer.StatusCode != http.StatusForbidden || !strings.Contains(text, "not for everybody") || !strings.Contains(text, w.staffDoor()+"/work?lang=en") {
		t.Fatalf("the page: %d %s", answer.StatusCode, text)
	}
	if answer, _ := w.ask(t, w.staffDoor(), url.Values{"once": {strings.Repeat("A", 26)}}); answer.StatusCode != http.StatusForbidden {
		t.Errorf("joined without: %d", answer.StatusCode)
	}
	if answer, _ := w.ask(t, w.staffDoor()+"/work", url.Values{"email": {"nonsense"}}); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("nonsense: %d", answer.StatusCode)
	}

	known := w.asks(t, "Anna@Harbour.example")
	if len(w.sent) != 1 || w.sent[0].To != "anna@harbour.example" || len(paths(&w.sent[0])) != 1 {
		t.Fatalf("sent %+v", w.sent)
	}
	for _, stranger := range []string{"mallory@elsewhere.example", "anna@sub.harbour.example"} {
		if text := w.asks(t, stranger); text != known || len(w.sent) != 1 {
			t.Errorf("%s is told something else, or gets one of %d letters", stranger, len(w.sent))
		}
	}
	w.asks(t, "anna@harbour.example")
	if len(w.sent) != 1 {
		t.Errorf("%d letters within a minute", len(w.sent))
	}

	card := w.confirms(t, paths(&w.sent[0])[0])
	if answer, text := w.ask(t, card, nil); answer.StatusCode != http.StatusOK || !strings.Contains(text, "Staff card") {
		t.Fatalf("the card: %d", answer.StatusCode)
	}
	// The link, pressed again, leads to the same card and not to another one.
	w.confirms(t, paths(&w.sent[0])[0])
	list := apitest.Read[gen.MemberPage](t, w.Do(t, office(w.Shop, "GET", "/v1/members", nil)))
	if len(list.Members) != 1 || list.Members[0].Audience != "partner" || list.Members[0].Email != "" {
		t.Fatalf("members: %+v", list.Members)
	}
	cards := apitest.Read[gen.MemberCardPage](t, w.Do(t, office(w.Shop, "GET", "/v1/members/"+list.Members[0].ID.String()+"/cards", nil)))
	if len(cards.Cards) != 1 {
		t.Fatalf("cards: %+v", cards.Cards)
	}
	grant := func(ref string) apitest.Call {
		return apitest.Grant(w.Shop.Front, w.Look(t, w.Shop, w.Shop.Front, cards.Cards[0].ID).Scan, ref, 5_000, nil)
	}
	w.Post(t, grant("1"))

	// Who is on the roster needs no domain; the domain goes, and with it Anna.
	w.asks(t, "zofia@freelance.example")
	w.confirms(t, paths(&w.sent[1])[0])
	change := office(w.Shop, "PATCH", "/v1/agreements/"+w.company.String(), apitest.Map{"clear": []any{"domains"}})
	if after := apitest.Read[gen.Agreement](t, w.Do(t, change)); after.People != 1 {
		t.Errorf("after the domain is gone: %+v", after)
	}
	w.Refused(t, grant("2"), gen.ProblemCodeNotEligible)
}

// A link is good for an hour, for its program alone, and as long as the agreement holds.
func TestWorkLinkEnds(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	w.asks(t, "anna@harbour.example")
	link := paths(&w.sent[0])[0]
	other := w.NewProgram(t, w.Shop, "employees")
	for _, wrong := range []string{
		strings.Replace(link, w.program.ID.String(), other.ID.String(), 1), strings.Replace(link, "/work/", "/work/A", 1),
	} {
		if answer, _ := w.ask(t, wrong, url.Values{}); answer.StatusCode != http.StatusGone {
			t.Errorf("%s: %d", wrong, answer.StatusCode)
		}
	}
	end := office(w.Shop, "PATCH", "/v1/agreements/"+w.company.String(), apitest.Map{"ends_at": w.Clock.Now()})
	w.Do(t, end)
	if answer, _ := w.ask(t, link, url.Values{}); answer.StatusCode != http.StatusGone {
		t.Errorf("after the agreement: %d", answer.StatusCode)
	}
	w.Do(t, office(w.Shop, "PATCH", "/v1/agreements/"+w.company.String(), apitest.Map{"clear": []any{"ends_at"}}))
	w.Clock.Advance(time.Hour)
	for _, body := range []url.Values{nil, {}} {
		if answer, text := w.ask(t, link, body); answer.StatusCode != http.StatusGone || !strings.Contains(text, "/work?lang=pl") {
			t.Errorf("an hour later: %d", answer.StatusCode)
		}
	}
	if answer, _ := w.ask(t, w.door()+"/work", nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a program for everybody: %d", answer.StatusCode)
	}
}
