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
)

// postbox keeps what was asked for, and what was sent.
type postbox struct {
	asked []api.LetterRequest
	sent  []letter.Letter
	fail  error
}

func (p *postbox) Ask(_ context.Context, about api.LetterRequest) error {
	p.asked = append(p.asked, about)
	return nil
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
