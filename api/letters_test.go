package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	letter "stempel/internal/mail"
	"stempel/internal/personal"
	"stempel/internal/store"
)

// postbox keeps what was asked for, and what was sent.
type postbox struct {
	asked []api.LetterRequest
	sent  []letter.Letter
	fail  error
	away  error // of asking
}

func (p *postbox) Ask(_ context.Context, about api.LetterRequest) error {
	if p.away == nil {
		p.asked = append(p.asked, about)
	}
	return p.away
}

func (p *postbox) Send(_ context.Context, l *letter.Letter) error {
	if p.fail == nil {
		p.sent = append(p.sent, *l)
	}
	return p.fail
}

// postOffice is an API that has letters written.
type postOffice struct {
	*visitor
	*postbox
	letters api.Letters
}

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	box := new(postbox)
	a := apitest.Boot(t, func(s *apitest.Setup) { s.Post = box })
	return &postOffice{newVisitor(a), box, api.Letters{
		Store: a.Store, Personal: personal.NewBox(a.Ring.MACs(keys.Personal), a.Ring.MACs(keys.Index)),
		Mail: box, PublicURL: "https://cards.example.com", Now: a.Clock.Now,
	}}
}

// join opens a card with an address, and returns its page.
func (o *postOffice) join(t *testing.T, email string) string {
	t.Helper()
	form := o.form(t)
	form.Set("email", email)
	return o.send(t, form)
}

// write writes all that was asked for.
func (o *postOffice) write(t *testing.T) (errs error) {
	t.Helper()
	for _, about := range o.asked {
		errs = errors.Join(errs, o.letters.Write(t.Context(), about))
	}
	o.asked = nil
	return errs
}

func (o *postOffice) lost(t *testing.T, email string) (int, string) {
	t.Helper()
	answer, text := o.ask(t, o.door()+"/recover?lang=ro", url.Values{"email": {email}})
	if answer.StatusCode == http.StatusOK {
		text = unaddressed(t, text, email)
	}
	return answer.StatusCode, text
}

// paths are where the links of a letter lead.
func paths(l *letter.Letter) (all []string) {
	for line := range strings.Lines(l.Text) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "https://cards.example.com"); ok {
			all = append(all, path)
		}
	}
	return all
}

// A letter goes to the member's own address, at most every ten minutes, and ends
// the links of the one before, but not that on paper.
func TestLettersOfAMember(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t)
	at := o.join(t, "zofia@example.com")
	_, text := o.visitor.ask(t, at+"/recovery", url.Values{})
	paper := recoveryLink.FindStringSubmatch(text)[1]
	if err := o.write(t); err != nil || len(o.sent) != 1 || o.sent[0].To != "zofia@example.com" || len(paths(&o.sent[0])) != 1 {
		t.Fatalf("%v; sent %+v", err, o.sent)
	}
	for range 3 {
		if status, _ := o.lost(t, "zofia@example.com"); status != http.StatusOK {
			t.Fatalf("asked in vain: %d", status)
		}
	}
	if err := o.write(t); err != nil || len(o.sent) != 1 {
		t.Errorf("%v; a flood of %d letters", err, len(o.sent))
	}
	o.Clock.Advance(11 * time.Minute)
	o.lost(t, "zofia@example.com")
	if err := o.write(t); err != nil || len(o.sent) != 2 || o.sent[1].Language != "ro" {
		t.Fatalf("%v; sent %+v", err, o.sent)
	}
	for path, want := range map[string]int{
		paths(&o.sent[0])[0]: http.StatusNotFound, paths(&o.sent[1])[0]: http.StatusOK, paper: http.StatusOK, at: http.StatusOK,
	} {
		if answer, _ := o.visitor.ask(t, path, nil); answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, answer.StatusCode, want)
		}
	}
}

// A letter that did not go out leaves nothing behind, and the links of the one
// before stay good.
func TestLetterThatFails(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t)
	o.join(t, "zofia@example.com")
	if err := o.write(t); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(11 * time.Minute)
	o.fail = &letter.RefusedError{Code: 550, At: "sending"}
	o.lost(t, "zofia@example.com")
	again := slices.Clone(o.asked)
	if err := o.write(t); !errors.Is(err, o.fail) {
		t.Errorf("it failed with %v", err)
	}
	if answer, _ := o.visitor.ask(t, paths(&o.sent[0])[0], nil); answer.StatusCode != http.StatusOK {
		t.Errorf("the link before opens with %d", answer.StatusCode)
	}
	o.fail, o.asked = nil, again // at once: nothing was sent
	if err := o.write(t); err != nil || len(o.sent) != 2 {
		t.Errorf("%v; sent %d letters", err, len(o.sent))
	}
}

// A process that is killed while it sends a letter has sent none, as far as anybody
// knows: the same letter is written again, though its links are there already, and
// another one waits for it.
func TestLetterAfterAKill(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t)
	o.join(t, "zofia@example.com")
	o.lost(t, "zofia@example.com")
	first, second := o.asked[0], o.asked[1]
	killed := o.letters
	killed.Store = deadStore{o.Store}
	o.fail = errors.New("killed") // before anything was answered
	if err := killed.Write(t.Context(), first); err == nil {
		t.Fatal("it was sent")
	}
	o.fail = nil
	if err := o.letters.Write(t.Context(), second); err != nil || len(o.sent) != 0 {
		t.Errorf("another letter beside the first: %v; sent %d", err, len(o.sent))
	}
	if err := o.letters.Write(t.Context(), first); err != nil || len(o.sent) != 1 {
		t.Fatalf("%v; sent %d letters", err, len(o.sent))
	}
	if answer, _ := o.visitor.ask(t, paths(&o.sent[0])[0], nil); answer.StatusCode != http.StatusOK {
		t.Errorf("its link opens with %d", answer.StatusCode)
	}
	if err := o.letters.Write(t.Context(), second); err != nil || len(o.sent) != 1 {
		t.Errorf("%v; a flood of %d letters", err, len(o.sent))
	}
	devices, err := o.Store.Devices(t.Context(), o.Shop.ID, o.cardOfMember(t, first), loyalty.DeviceID{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	live := 0
	for _, d := range devices {
		if d.Kind == loyalty.Recovery && d.Revoked.IsZero() {
			live++
		}
	}
	if live != 1 {
		t.Errorf("%d links are good", live)
	}
}

func (o *postOffice) cardOfMember(t *testing.T, about api.LetterRequest) loyalty.CardID {
	t.Helper()
	cards, err := o.Store.MemberCards(t.Context(), about.Merchant, about.Member, loyalty.CardID{}, 2)
	if err != nil || len(cards) != 1 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	return cards[0].Card.ID
}

// deadStore is what a killed process leaves: it cleans nothing up.
type deadStore struct{ *store.Store }

func (deadStore) RevokeDevice(context.Context, loyalty.Answer, loyalty.MerchantID, loyalty.CardID, loyalty.DeviceID, time.Time, store.RenderDevice) (loyalty.Answer, error) {
	return loyalty.Answer{}, errors.New("killed")
}

// A card that can have no more links keeps the letter from no other card.
func TestLetterSkipsACardThatCanHaveNoLink(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t)
	o.join(t, "zofia@example.com")
	about := o.asked[0]
	used := o.cardOfMember(t, about)
	o.letters.Store = usedUpStore{o.Store, used}
	refusal := new(loyalty.Refusal)
	if err := o.letters.Write(t.Context(), about); !errors.As(err, &refusal) || refusal.Code != loyalty.SecretsUsedUp || len(o.sent) != 0 {
		t.Errorf("its only card: %v; sent %d", err, len(o.sent))
	}
	body := apitest.Map{"program": o.Shop.Cafe.ID, "member": about.Member}
	o.Do(t, apitest.Call{Path: "/v1/cards", Token: o.Shop.Admin, Body: body})
	if err := o.letters.Write(t.Context(), about); err != nil || len(o.sent) != 1 || len(paths(&o.sent[0])) != 1 {
		t.Errorf("%v; sent %+v", err, o.sent)
	}
}

// usedUpStore has one card to which no device can be added.
type usedUpStore struct {
	*store.Store
	card loyalty.CardID
}

func (u usedUpStore) AddDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, d loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error) {
	if d.Card == u.card {
		return loyalty.Answer{}, &loyalty.Refusal{Code: loyalty.SecretsUsedUp}
	}
	return u.Store.AddDevice(ctx, r, m, d, token, answer)
}

// Whom there is nothing to write to gets no letter, and nobody learns of it.
func TestLettersToNobody(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t)
	at := o.join(t, "zofia@example.com")
	o.join(t, "zofia@example.com") // an anonymous card: who fills in a form may be anybody
	if len(o.asked) != 1 {
		t.Errorf("%d letters were asked for, and one address was new", len(o.asked))
	}
	_, known := o.lost(t, "zofia@example.com")
	status, unknown := o.lost(t, "nobody@example.com")
	if status != http.StatusOK || known != unknown {
		t.Errorf("the page tells: %d\n%s\n%s", status, known, unknown)
	}
	if status, _ := o.lost(t, "nobody"); status != http.StatusUnprocessableEntity {
		t.Errorf("what is no address: %d", status)
	}
	rival := o.asked[0]
	rival.Merchant = loyalty.NewID()
	o.asked = append(o.asked[1:], rival)
	if answer, _ := o.visitor.ask(t, at+"/erase", url.Values{"sure": {"yes"}}); answer.StatusCode != http.StatusOK {
		t.Fatalf("erase: %d", answer.StatusCode)
	}
	if err := o.write(t); err != nil || len(o.sent) != 0 {
		t.Errorf("%v; sent %+v", err, o.sent)
	}
}

func TestFloodOfLetters(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t)
	for range 30 {
		if status, _ := o.lost(t, "nobody@example.com"); status == http.StatusTooManyRequests {
			if len(o.asked) < 10 {
				t.Errorf("shut after %d", len(o.asked))
			}
			return
		}
	}
	t.Errorf("%d letters were asked for at once", len(o.asked))
}

func TestNoLettersWithoutMail(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	if text := v.read(t, v.door()); strings.Contains(text, "/recover") {
		t.Error("the page leads to letters that nobody sends")
	}
	if answer, _ := v.ask(t, v.door()+"/recover", nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("the page for lost cards: %d", answer.StatusCode)
	}
	if answer, _ := v.ask(t, v.door()+"/recover", url.Values{"email": {"zofia@example.com"}}); answer.StatusCode != http.StatusNotFound {
		t.Errorf("its form: %d", answer.StatusCode)
	}
}
