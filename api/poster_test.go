package api_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
)

// The poster leads to the public address, in every format and language.
func TestPoster(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, func(s *apitest.Setup) { s.PublicURL = "https://cards.example.com" })
	at := "/v1/programs/" + a.Shop.Stamps.ID.String() + "/poster"
	for query, begins := range map[string]string{
		"": "%PDF-", "?format=pdf&language=ro&paper=a6": "%PDF-", "?format=svg&language=pl": "<svg ", "?format=png": "\x89PNG",
	} {
		if got := a.Do(t, office(a.Shop, http.MethodGet, at+query, nil)); got.Status != http.StatusOK || !bytes.HasPrefix(got.Body, []byte(begins)) {
			t.Errorf("%q: %d %.20q", query, got.Status, got.Body)
		}
	}
	picture := a.Do(t, office(a.Shop, http.MethodGet, at+"?format=png", nil)).Body
	if got, want := enginetest.ReadQR(t, picture), "https://cards.example.com/join/"+a.Shop.Stamps.ID.String(); got != want {
		t.Errorf("it leads to %q, want %q", got, want)
	}
}

func TestPosterThatCannotBe(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	at := func(id string) string { return "/v1/programs/" + id + "/poster" }
	stamps := at(a.Shop.Stamps.ID.String())
	for _, query := range []string{"?format=gif", "?format=", "?language=de", "?language=PL", "?paper=a3", "?paper="} {
		if got := a.Do(t, office(a.Shop, http.MethodGet, stamps+query, nil)); got.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	draft := apitest.Read[gen.Program](t, a.Do(t, office(a.Shop, http.MethodPost, "/v1/programs", apitest.Map{"template": "cafe", "name": "Corner", "draft": true})))
	for name, call := range map[string]apitest.Call{
		"a draft":       office(a.Shop, http.MethodGet, at(draft.ID.String()), nil),
		"a rival's own": office(a.Rival, http.MethodGet, stamps, nil),
	} {
		if got := a.Do(t, call); got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

// Links on paper lead to the public address, also where the request came by another
// one.
func TestRecoveryLinkLeadsToThePublicAddress(t *testing.T) {
	t.Parallel()
	v := newVisitor(apitest.Boot(t, func(s *apitest.Setup) { s.PublicURL = "https://cards.example.com" }))
	_, text := v.ask(t, v.send(t, v.form(t))+"/recovery", url.Values{})
	if !strings.Contains(text, `href="https://cards.example.com/recover/`) {
		t.Errorf("the page is %s", text)
	}
}
