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

// A card opens on ten phones. The eleventh is told so in words for people, and what
// helps; afterwards it opens.
func TestTheEleventhPhone(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := v.form(t)
	at := v.send(t, form)
	for range 9 {
		v.send(t, form)
	}
	for l, want := range map[string]string{"en": "ten phones", "pl": "dziesięciu telefonach", "ro": "zece telefoane"} {
		answer, text := v.ask(t, v.door()+"?lang="+l, form)
		if answer.StatusCode != http.StatusConflict || !strings.Contains(text, want) {
			t.Errorf("in %s: %d %s", l, answer.StatusCode, text)
		}
		if strings.Contains(text, "too_many_phones") || strings.Contains(text, "Revoke the token") {
			t.Errorf("in %s it shows internals: %s", l, text)
		}
	}
	_, text := v.ask(t, at+"/recovery", url.Values{}) // no phone, and what helps
	v.read(t, recoveryLink.FindStringSubmatch(text)[1])
	answer, _ := v.ask(t, at+"/others?lang=pl", url.Values{})
	if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || !strings.Contains(v.read(t, to), "odłączone") {
		t.Errorf("signing out the others: %d %s", answer.StatusCode, to)
	}
	v.read(t, v.send(t, form))
}

// Who stays signs out the others, and their recovery link, and is not signed out.
func TestSignOutOthers(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	form := v.form(t)
	lost, kept := v.send(t, form), v.send(t, form)
	_, text := v.ask(t, lost+"/recovery", url.Values{})
	link := recoveryLink.FindStringSubmatch(text)[1]
	if answer, _ := v.ask(t, kept+"/others", url.Values{}, "Sec-Fetch-Site", "cross-site"); answer.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", answer.StatusCode)
	}
	v.read(t, lost)
	v.ask(t, kept+"/others", url.Values{})
	v.read(t, kept)
	for _, gone := range []string{lost, link} {
		if answer, _ := v.ask(t, gone, nil); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%.20s is still good: %d", gone, answer.StatusCode)
		}
	}
}

func TestABlockedCardGetsNoPass(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	at := v.send(t, v.form(t))
	v.Do(t, apitest.Call{Path: "/v1/cards/" + v.cardOf(t, at).String() + "/block", Token: v.Shop.Admin})
	if answer, text := v.ask(t, at+"/google", nil); answer.StatusCode != http.StatusConflict || !strings.Contains(text, "This card is blocked") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
}

// A wallet that is not set up is told in words as well; and each page of a refusal
// leads to one that can be opened.
func TestPagesSayWhatWentWrong(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t, func(s *apitest.Setup) { s.NoGoogle = true }))
	at := v.send(t, v.form(t))
	answer, text := v.ask(t, at+"/google", nil)
	if answer.StatusCode != http.StatusNotFound || answer.Header.Get("Retry-After") != "" || !strings.Contains(text, "This wallet is not offered here") || !strings.Contains(text, `href="`+at+`?lang=en"`) {
		t.Errorf("no wallet: %d %s", answer.StatusCode, text)
	}
	if answer, text := v.ask(t, v.door(), url.Values{}); answer.StatusCode != http.StatusForbidden || !strings.Contains(text, `href="`+v.door()+`?lang=en"`) {
		t.Errorf("an empty form: %d %s", answer.StatusCode, text)
	}
}

// Programs that are not for everybody, or not now, have a page that says so, and
// open no card.
func TestClosedDoors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*loyalty.Rules, time.Time)
		status int
		says   string
	}{
		"by invitation": {func(r *loyalty.Rules, _ time.Time) { r.Invitation = true }, http.StatusForbidden, "given out by invitation"},
		"over":          {func(r *loyalty.Rules, now time.Time) { r.Ends = now }, http.StatusGone, "No new cards"},
		"not yet":       {func(r *loyalty.Rules, now time.Time) { r.Starts = now.Add(48 * time.Hour) }, http.StatusNotFound, "Cards are given out from"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisitor(apitest.Boot(t))
			form := v.form(t)
			v.Publish(t, v.Shop, v.Shop.Stamps.ID, func(r *loyalty.Rules) { c.change(r, v.Clock.Now()) })
			v.shut(t, form, c.status, c.says)
		})
	}
	t.Run("archived", func(t *testing.T) {
		t.Parallel()
		v := newVisitor(apitest.Boot(t))
		form, at := v.form(t), v.send(t, v.form(t))
		v.Do(t, apitest.Call{Path: "/v1/programs/" + v.Shop.Stamps.ID.String() + "/archive", Token: v.Shop.Admin})
		v.shut(t, form, http.StatusGone, "No new cards")
		v.read(t, at)
	})
}

// shut holds that the door says so, has no form, and takes none.
func (v *visitor) shut(t *testing.T, form url.Values, status int, says string) {
	t.Helper()
	before := v.Book(t)
	for what, form := range map[string]url.Values{"looking": nil, "sending": form} {
		answer, text := v.ask(t, v.door(), form)
		if answer.StatusCode != status || !strings.Contains(text, says) || strings.Contains(text, "<form") {
			t.Errorf("%s: %d %s", what, answer.StatusCode, text)
		}
	}
	if v.Book(t) != before {
		t.Error("the ledger has changed")
	}
}

// A program says in its rules that it is by invitation, from the first version on.
func TestInvitationOnlyInRules(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	made := apitest.Read[gen.Program](t, v.Do(t, office(v.Shop, "POST", "/v1/programs", apitest.Map{"rules": apitest.Map{
		"name": "Our staff", "kind": "points", "earn": apitest.Map{"by": "units"}, "invitation_only": true,
	}})))
	versions := apitest.Read[gen.VersionPage](t, v.Do(t, office(v.Shop, "GET", "/v1/programs/"+made.ID.String()+"/versions", nil)))
	if len(versions.Versions) != 1 || !versions.Versions[0].Rules.InvitationOnly {
		t.Errorf("the rules are %+v", versions.Versions)
	}
	if answer, text := v.ask(t, "/join/"+made.ID.String(), nil); answer.StatusCode != http.StatusForbidden || strings.Contains(text, "<form") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
}

// The merchant's app opens cards of a program that is by invitation.
func TestInvitationsAreTheMerchants(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t))
	v.Publish(t, v.Shop, v.Shop.Stamps.ID, func(r *loyalty.Rules) { r.Invitation = true })
	v.NewCard(t, v.Shop, v.Shop.Stamps)
}
