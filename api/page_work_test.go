package api_test

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
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
	return unaddressed(t, text, email)
}

// unaddressed is a page that says where a letter goes, without that, which whoever typed
// it is to see.
func unaddressed(t *testing.T, text, email string) string {
	t.Helper()
	without := strings.ReplaceAll(text, `<p class="wanted">`+html.EscapeString(email)+"</p>", "")
	if without == text || strings.Contains(without, email) {
		t.Errorf("the page does not say once that a letter goes to %s: %s", email, text)
	}
	return without
}

// Whoever mistyped an address sees it, as text, and goes back; the next one does not.
func TestTypedAddress(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	for at, says := range map[string]string{
		w.staffDoor() + "/work?lang=en": "Another address", w.staffDoor() + "/work?lang=pl": "Inny adres", w.door() + "/recover?lang=ro": "Altă adresă",
	} {
		_, text := w.ask(t, at, url.Values{"email": {" anna&<b>@habour.example"}})
		if strings.Contains(text, "<b>") {
			t.Errorf("%s: what was typed is no text: %s", at, text)
		}
		_, text = w.ask(t, at, url.Values{"email": {" Anna&amp@habour.example "}})
		if without := unaddressed(t, text, "Anna&amp@habour.example"); !strings.Contains(without, `href="`+at+`">`+says+"<") {
			t.Errorf("%s: there is no way back: %s", at, text)
		}
		if _, form := w.ask(t, at, nil); strings.Contains(form, "habour") {
			t.Errorf("%s tells it to others", at)
		}
	}
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

// members are all of the shop, and how many cards each has.
func (w *workplace) members(t *testing.T) (cards []int) {
	t.Helper()
	list := apitest.Read[gen.MemberPage](t, w.Do(t, office(w.Shop, "GET", "/v1/members", nil)))
	for _, m := range list.Members {
		page := apitest.Read[gen.MemberCardPage](t, w.Do(t, office(w.Shop, "GET", "/v1/members/"+m.ID.String()+"/cards", nil)))
		cards = append(cards, len(page.Cards))
	}
	return cards
}

// However many addresses are thought of, a company's domain gets letters in bounds, and
// whoever asks is told the same.
func TestWorkLettersInBulk(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	first := w.asks(t, "nobody@harbour.example")
	asked := 0
	for i := range 70 {
		w.Clock.Advance(time.Second) // as one network may
		answer, text := w.ask(t, w.staffDoor()+"/work?lang=pl", url.Values{"email": {fmt.Sprintf("nobody-%d@harbour.example", i)}})
		if answer.StatusCode != http.StatusOK || unaddressed(t, text, fmt.Sprintf("nobody-%d@harbour.example", i)) != first {
			t.Fatalf("asked %d times: %d %s", i, answer.StatusCode, text)
		}
		asked = len(w.postbox.asked)
	}
	if asked > 57 || asked < 49 {
		t.Errorf("%d letters within 70 seconds, want some 56", asked)
	}
	w.asks(t, "zofia@freelance.example")
	if sent := w.sent[len(w.sent)-1].To; sent != "zofia@freelance.example" {
		t.Errorf("another domain waits, too: the last letter is to %s", sent)
	}
}

// What follows a + is nobody else: one employee is one member with one card.
func TestWorkAddressWithPlus(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	w.asks(t, "anna+1@harbour.example")
	w.asks(t, "Anna+2@harbour.example")
	if len(w.sent) != 1 {
		t.Fatalf("%d letters to one mailbox", len(w.sent))
	}
	w.confirms(t, paths(&w.sent[0])[0])
	for i, address := range []string{"anna+2@harbour.example", "anna@harbour.example", "ben@harbour.example"} {
		w.Clock.Advance(10 * time.Minute)
		w.asks(t, address)
		w.confirms(t, paths(&w.sent[i+1])[0])
	}
	if got := w.members(t); !slices.Equal(got, []int{1, 1}) {
		t.Errorf("cards of members: %v, want Anna's and Ben's", got)
	}
}

// A letter that could not be asked for, or not be sent, does not stand in the way of the
// next attempt.
func TestWorkLetterTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	w.away = errors.New("no queue")
	form := url.Values{"email": {"anna@harbour.example"}}
	if answer, _ := w.ask(t, w.staffDoor()+"/work", form); answer.StatusCode < 500 {
		t.Fatalf("no queue: %d", answer.StatusCode)
	}
	w.away = nil
	w.ask(t, w.staffDoor()+"/work", form)
	again := slices.Clone(w.asked)
	w.fail = errors.New("no mail server")
	if err := w.write(t); err == nil {
		t.Fatal("sent without a mail server")
	}
	w.fail, w.asked = nil, again
	if err := w.write(t); err != nil || len(w.sent) != 1 {
		t.Errorf("%v, %d letters", err, len(w.sent))
	}
}

// A link that is no longer good leaves no member behind.
func TestWorkLinkRefusedLeavesNobody(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*workplace) apitest.Call{
		"the domain is gone": func(w *workplace) apitest.Call {
			return office(w.Shop, "PATCH", "/v1/agreements/"+w.company.String(), apitest.Map{"clear": []any{"domains"}})
		},
	} {
		w := newWorkplace(t)
		w.asks(t, "anna@harbour.example")
		w.Do(t, end(w))
		if answer, _ := w.ask(t, paths(&w.sent[0])[0], url.Values{}); answer.StatusCode != http.StatusGone {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
		if got := w.members(t); len(got) != 0 {
			t.Errorf("%s: %d members", name, len(got))
		}
	}
}

// Whose card is blocked is told so, and gets no other one in its place, however many
// cards of other programs there are.
func TestWorkCardBlocked(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	w.asks(t, "anna@harbour.example")
	link := paths(&w.sent[0])[0]
	w.confirms(t, link)
	list := apitest.Read[gen.MemberPage](t, w.Do(t, office(w.Shop, "GET", "/v1/members", nil)))
	member := "/v1/members/" + list.Members[0].ID.String()
	card := apitest.Read[gen.MemberCardPage](t, w.Do(t, office(w.Shop, "GET", member+"/cards", nil))).Cards[0].ID
	points := w.NewProgram(t, w.Shop, "restaurant")
	for range 60 {
		w.Do(t, apitest.Call{Path: "/v1/cards", Token: w.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{
			"program": points.ID, "member": list.Members[0].ID,
		}})
	}
	w.confirms(t, link)
	block := apitest.Call{Path: "/v1/cards/" + card.String() + "/block", Token: w.Shop.Admin, Key: apitest.Key()}
	w.Do(t, block)
	if answer, text := w.ask(t, link, url.Values{}); answer.StatusCode != http.StatusConflict || !strings.Contains(text, "jest zablokowana") {
		t.Errorf("blocked: %d %s", answer.StatusCode, text)
	}
	w.Clock.Advance(10 * time.Minute) // another letter names another form
	w.asks(t, "anna@harbour.example")
	if answer, _ := w.ask(t, paths(&w.sent[1])[0], url.Values{}); answer.StatusCode != http.StatusConflict {
		t.Errorf("blocked, with another link: %d", answer.StatusCode)
	}
}

// Where a tag is needed, no work address is enough, and no page asks for one.
func TestNoWorkPageForTags(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	program := "/v1/programs/" + w.program.ID.String()
	newest := apitest.Read[gen.VersionPage](t, w.Do(t, office(w.Shop, "GET", program+"/versions", nil))).Versions[0]
	newest.Rules.Only.Tags = []string{"night"}
	w.Do(t, office(w.Shop, "PUT", program+"/draft", apitest.Map{"based_on": newest.Version, "rules": newest.Rules}))
	w.Do(t, office(w.Shop, "POST", program+"/publish", apitest.Map{}))
	if answer, _ := w.ask(t, w.staffDoor()+"/work", nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("the page: %d", answer.StatusCode)
	}
	for language, sentence := range map[string]string{"en": "whom the shop has noted for it", "pl": "sklep do niej dopisał", "ro": "magazinul le-a notat"} {
		_, text := w.ask(t, w.staffDoor()+"?lang="+language, nil)
		if !strings.Contains(text, sentence) || strings.Contains(text, "/work") {
			t.Errorf("%s: %s", language, text)
		}
	}
}
