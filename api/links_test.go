package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// A signed link opens one thing of one card until its end. Whoever guesses, waits, or
// makes another link of it is refused, whatever the link is for.
func TestSignedLinksOfACard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card, other := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	rival := a.NewCard(t, a.Rival, a.Rival.Stamps).ID
	of := "/v1/cards/" + card.String()
	links := map[string]string{
		"pass.pkpass":   apitest.Read[gen.PassLink](t, a.Do(t, apitest.Call{Path: of + "/pass-links", Token: a.Shop.App})).AppleURL,
		"google-wallet": apitest.Read[gen.GoogleWalletLink](t, a.Do(t, googleLink(a, card, a.Shop.App))).SignedURL,
	}
	get := func(link string) apitest.Call { return apitest.Call{Method: http.MethodGet, Path: link, For: a.Shop} }
	for what, link := range links {
		opened := a.Do(t, get(link))
		if opened.Status != http.StatusOK {
			t.Fatalf("%s: %d %s", what, opened.Status, opened.Body)
		}
		if what == "pass.pkpass" {
			a.Shop.Trust(readPass(t, opened).Token)
		}
		for wrong, link := range map[string]string{
			"a guess":         changed(t, link, "signature", func(v string) string { return v[:4] + strings.Repeat("A", len(v)-4) }),
			"another key":     changed(t, link, "signature", func(v string) string { return "u02" + v[3:] }),
			"a longer life":   changed(t, link, "expires", func(v string) string { return v + "0" }),
			"another card":    strings.Replace(link, card.String(), other.String(), 1),
			"a rival's card":  strings.Replace(link, card.String(), rival.String(), 1),
			"another purpose": purposes.Replace(link),
			"a picture":       strings.Replace(link, what, "qr.png", 1),
		} {
			if got := a.Do(t, get(link)).Problem(); got.Code != gen.ProblemCodeLinkInvalid {
				t.Errorf("%s by %s: %+v", what, wrong, got)
			}
		}
		a.Refused(t, get(changed(t, link, "expires", func(string) string { return "-1" })), gen.ProblemCodeInvalidField)
	}
	a.Clock.Advance(10*time.Minute + time.Second)
	for _, link := range links {
		a.Refused(t, get(link), gen.ProblemCodeLinkExpired)
	}
}

// purposes makes a link for the one wallet of a link for the other.
var purposes = strings.NewReplacer("pass.pkpass", "google-wallet", "google-wallet", "pass.pkpass")
