package api_test

import (
	"bytes"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// googleLink asks for the link that adds a card.
func googleLink(a *apitest.API, card loyalty.CardID, token string) apitest.Call {
	return apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.String() + "/google-wallet", Token: token}
}

// hear sends a callback as Google would.
func hear(t *testing.T, a *apitest.API, body []byte) *apitest.Answer {
	t.Helper()
	return a.Do(t, apitest.Call{Path: "/passes/google/callbacks", Body: body})
}

func outcome(t *testing.T, a *apitest.API, body []byte) gen.GoogleHeardOutcome {
	t.Helper()
	return apitest.Read[gen.GoogleHeard](t, hear(t, a, body)).Outcome
}

// A card is added, Google says so, and from then on its changes are marked; when
// it is deleted, no longer.
func TestGoogleWalletStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	stamp := func(want int) {
		t.Helper()
		a.Clock.Advance(time.Minute)
		a.Stamp(t, a.Shop, a.Shop.Front, card, 1)
		marks, err := a.Store.Dirty(t.Context(), loyalty.Dirt{}, 10)
		if err != nil || len(marks) != want {
			t.Errorf("%d cards wait to be told, %v; want %d", len(marks), err, want)
		}
		for _, mark := range marks {
			if err := a.Store.Settle(t.Context(), []loyalty.Turn{{Dirt: mark}}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	object := a.AddToGoogle(t, a.Shop, card)
	stamp(0)
	save := a.Google.Callback(object, "save")
	if got := outcome(t, a, save); got != gen.GoogleHeardOutcomeDone {
		t.Errorf("a save is %s", got)
	}
	stamp(1)
	if got := outcome(t, a, save); got != gen.GoogleHeardOutcomeRepeated {
		t.Errorf("the same again is %s", got)
	}
	if got := outcome(t, a, a.Google.Callback(object, "del")); got != gen.GoogleHeardOutcomeDone {
		t.Errorf("a deletion is %s", got)
	}
	stamp(0)

	again := a.AddToGoogle(t, a.Shop, card)
	if again != object {
		t.Errorf("added again it is another pass: %s", again)
	}
	if got := a.Google.Object(object).LoyaltyPoints.Balance.Int; got != 3 {
		t.Errorf("and shows %d stamps", got)
	}
}

// Whoever may have the link: keys, the card's own phone, and who holds a signed
// link, for ten minutes.
func TestGoogleWalletLinkIsSigned(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card, other := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	phone := a.Phone(t, a.Shop, card).Token
	answer := a.Do(t, googleLink(a, card, phone))
	made := apitest.Read[gen.GoogleWalletLink](t, answer)
	if got := answer.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	signed := apitest.Call{Method: http.MethodGet, Path: made.SignedURL, For: a.Shop}
	again := apitest.Read[gen.GoogleWalletLink](t, a.Do(t, signed))
	first, _ := a.Google.Read(made.URL)
	if object, err := a.Google.Read(again.URL); err != nil || object != first {
		t.Errorf("the signed link leads to %s, %v, want %s", object, err, first)
	}
	elsewhere := signed
	elsewhere.Path = strings.Replace(signed.Path, card.String(), other.String(), 1)
	a.Refused(t, elsewhere, gen.ProblemCodeLinkInvalid)
	elsewhere.Path = strings.Replace(signed.Path, "google-wallet", "qr.png", 1)
	a.Refused(t, elsewhere, gen.ProblemCodeLinkInvalid)
	a.Clock.Advance(10*time.Minute + 6*time.Second)
	a.Refused(t, signed, gen.ProblemCodeLinkExpired)
}

// The language of a pass is that of who asked first; the card says it all in three.
func TestGoogleWalletLanguage(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	c := googleLink(a, card, a.Shop.App)
	c.Header = map[string]string{"Accept-Language": "ro-MD, en;q=0.5"}
	made := apitest.Read[gen.GoogleWalletLink](t, a.Do(t, c))
	object, err := a.Google.Read(made.URL)
	if err != nil {
		t.Fatal(err)
	}
	label := a.Google.Object(object).LoyaltyPoints.LocalizedLabel
	if label.DefaultValue.Language != "ro" || len(label.TranslatedValues) != 2 {
		t.Errorf("its label is %+v", label)
	}
}

func TestGoogleWalletRefusals(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	a.Refused(t, googleLink(a, card, a.Rival.App), gen.ProblemCodeCardNotFound)
	a.Google.Answer(http.StatusTooManyRequests)
	a.Refused(t, googleLink(a, card, a.Shop.App), gen.ProblemCodeUnavailable)
	block := apitest.Call{Path: "/v1/cards/" + card.String() + "/block", Token: a.Shop.Admin}
	a.Do(t, block)
	a.Refused(t, googleLink(a, card, a.Shop.App), gen.ProblemCodeCardBlocked)
}

// Without its settings the wallet says which one is missing.
func TestGoogleWalletNotConfigured(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, func(s *apitest.Setup) { s.NoGoogle = true })
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	problem := a.Refused(t, googleLink(a, card, a.Shop.App), gen.ProblemCodeWalletNotConfigured)
	if !strings.Contains(problem.Detail, "STEMPEL_GOOGLE_ISSUER") {
		t.Errorf("it says %q", problem.Detail)
	}
	body := apitest.Map{
		"protocolVersion": "ECv2SigningOnly", "signature": "MEU=", "signedMessage": "{}",
		"intermediateSigningKey": apitest.Map{"signedKey": "{}", "signatures": []string{"MEU="}},
	}
	a.Refused(t, apitest.Call{Path: "/passes/google/callbacks", Body: body}, gen.ProblemCodeWalletNotConfigured)
}

// Forged, changed, late and oversize callbacks change nothing, and one address
// cannot keep us busy with them; Google's are heard again a while later.
func TestForgedCallbacks(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	stranger := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	object := a.AddToGoogle(t, a.Shop, card)
	good := a.Google.Callback(object, "save")
	callback := func(body []byte) apitest.Call { return apitest.Call{Path: "/passes/google/callbacks", Body: body} }
	theirs := stranger.Google.Callback(stranger.AddToGoogle(t, stranger.Shop, stranger.NewCard(t, stranger.Shop, stranger.Shop.Stamps).ID), "save")
	forged := bytes.Replace(good, []byte(`eventType\":\"save`), []byte(`eventType\":\"del`), 1)
	if bytes.Equal(forged, good) {
		t.Fatal("nothing was forged")
	}
	a.Refused(t, callback(theirs), gen.ProblemCodeCallbackInvalid)
	a.Refused(t, callback(forged), gen.ProblemCodeCallbackInvalid)
	a.Refused(t, callback(append(good, bytes.Repeat([]byte(" "), 300<<10)...)), gen.ProblemCodeBodyTooLarge)
	a.Clock.Advance(time.Hour)
	a.Refused(t, callback(good), gen.ProblemCodeCallbackExpired)
	state, err := a.Store.Card(t.Context(), a.Shop.ID, card)
	if err != nil || state.Watched != 0 {
		t.Errorf("the card is watched until %d, %v", state.Watched, err)
	}
	for range 100 {
		if p := hear(t, a, forged).Problem(); p.Code == gen.ProblemCodeRateLimited {
			break
		}
	}
	good = a.Google.Callback(object, "save")
	a.Refused(t, callback(good), gen.ProblemCodeRateLimited)
	a.Clock.Advance(time.Minute)
	if got := outcome(t, a, good); got != gen.GoogleHeardOutcomeDone {
		t.Errorf("later it is %s", got)
	}
}

// A callback about a pass that is no longer known is taken, so that Google does
// not send it for ever.
func TestCallbackOfUnknownPass(t *testing.T) {
	t.Parallel()
	a, beside := apitest.Boot(t), apitest.Boot(t)
	a.AddToGoogle(t, a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	card := beside.NewCard(t, beside.Shop, beside.Shop.Stamps).ID
	answer := apitest.Read[gen.GoogleWalletLink](t, beside.Do(t, googleLink(beside, card, beside.Shop.App)))
	object, err := beside.Google.Read(answer.URL)
	if err != nil {
		t.Fatal(err)
	}
	a.Google.Put(beside.Google.Object(object))
	if got := outcome(t, a, a.Google.Callback(object, "del")); got != gen.GoogleHeardOutcomeUnknownPass {
		t.Errorf("it is %s", got)
	}
}

// What Google shows is read at the till as a rotating code, earns once, and does no
// longer when the pass is revoked as a device of its card. Added again, the card has
// another pass.
func TestGoogleBarcodeIsScanned(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	object := a.AddToGoogle(t, a.Shop, card)
	code := a.Google.Code(object)
	scan := apitest.Call{Path: "/v1/scans", Token: a.Shop.Front.Token, Key: apitest.Key(), Body: apitest.Map{
		"credential": code, "earn": apitest.Map{"units": 1},
	}}
	if got := apitest.Read[gen.Scan](t, a.Do(t, scan)); got.Card.ID != card || got.Card.Balance != 1 {
		t.Errorf("scanned it is %+v", got.Card)
	}
	scan.Key = apitest.Key()
	a.Refused(t, scan, gen.ProblemCodeCredentialAlreadyUsed)
	pass, err := loyalty.ParseID[loyalty.PassID](strings.SplitN(object, ".", 2)[1])
	if err != nil {
		t.Fatal(err)
	}
	revoke := "/v1/cards/" + card.String() + "/devices/" + loyalty.DeviceID(pass).String() + "/revoke"
	a.Do(t, apitest.Call{Path: revoke, Token: a.Shop.Admin})
	a.Clock.Advance(time.Minute)
	scan.Key, scan.Body = apitest.Key(), apitest.Map{"credential": a.Google.Code(object)}
	a.Refused(t, scan, gen.ProblemCodeCredentialRevoked)
	again := a.AddToGoogle(t, a.Shop, card)
	if again == object {
		t.Fatal("added again it is the pass that was revoked, which somebody else may hold")
	}
	a.Clock.Advance(6 * time.Hour)
	scan.Key, scan.Body = apitest.Key(), apitest.Map{"credential": a.Google.Code(again), "earn": apitest.Map{"units": 1}}
	if got := apitest.Read[gen.Scan](t, a.Do(t, scan)); got.Card.Balance != 2 {
		t.Errorf("added again and scanned it is %+v", got.Card)
	}
}

// What a reader gets of a pass over Smart Tap is a text of its own, which the till
// reads by NFC.
func TestGooglePassIsTapped(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	object := a.AddToGoogle(t, a.Shop, card)
	value := a.Google.Object(object).SmartTapRedemptionValue
	got := apitest.Read[gen.Scan](t, a.Do(t, apitest.Tapped(a.Shop.Front, value, apitest.Units(1))))
	if got.Card.ID != card || got.Card.Balance != 1 {
		t.Errorf("tapped it is %+v", got)
	}
}

// Google fetches the pictures of a pass, without a key, as it finds them there.
func TestGooglePictures(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	object := a.AddToGoogle(t, a.Shop, card)
	hero := a.Google.Object(object).HeroImage.SourceUri.Uri
	logo := a.Google.Class(a.Google.Object(object).ClassId).ProgramLogo.SourceUri.Uri
	const base = "https://shop.example"
	for address, width := range map[string]int{hero: 1032, logo: 660} {
		answer := a.Do(t, apitest.Call{Method: http.MethodGet, Path: strings.TrimPrefix(address, base), For: a.Shop})
		picture, err := png.DecodeConfig(bytes.NewReader(answer.Body))
		if err != nil || picture.Width != width || answer.Header.Get("Cache-Control") != "public, max-age=86400" {
			t.Errorf("%s: %+v, %v, %q", address, picture, err, answer.Header.Get("Cache-Control"))
		}
		for _, wrong := range []string{address[:len(address)-1], address + "A", strings.Replace(address, "pictures/", "pictures/x", 1)} {
			c := apitest.Call{Method: http.MethodGet, Path: strings.TrimPrefix(wrong, base)}
			a.Refused(t, c, gen.ProblemCodeImageNotFound)
		}
	}
	a.Clock.Advance(time.Minute)
	a.Stamp(t, a.Shop, a.Shop.Front, card, 1)
	a.AddToGoogle(t, a.Shop, card)
	if now := a.Google.Object(object).HeroImage.SourceUri.Uri; now == hero {
		t.Error("with a stamp more the picture has the same address")
	}
}
