package api_test

import (
	"encoding/base32"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// offline is a phone that makes codes by itself, from what it was once told.
type offline struct {
	gen.DeviceToken
	card   loyalty.CardID
	secret credential.RotatingSecret
	told   gen.RotatingSecret
}

// secretOf asks for the secret with a phone's own token.
func secretOf(card loyalty.CardID, token string) apitest.Call {
	return apitest.Call{Path: "/v1/cards/" + card.String() + "/rotating", Token: token}
}

func newOffline(t testing.TB, a *apitest.API, card loyalty.CardID) *offline {
	t.Helper()
	p := &offline{DeviceToken: a.Phone(t, a.Shop, card), card: card}
	p.learn(t, a)
	return p
}

// learn asks for the secret.
func (p *offline) learn(t testing.TB, a *apitest.API) {
	t.Helper()
	p.told = apitest.Read[gen.RotatingSecret](t, a.Do(t, secretOf(p.card, p.Token)))
	key, err := base32.StdEncoding.DecodeString(p.told.Secret)
	if err != nil {
		t.Fatal(err)
	}
	p.secret = credential.RotatingSecret{Prefix: p.told.Prefix, Key: [20]byte(key)}
}

func (p *offline) to(what, token string) apitest.Call {
	return apitest.Call{Path: "/v1/cards/" + p.card.String() + "/devices/" + p.ID.String() + "/" + what, Token: token}
}

// scanned is the answer to a scan that must be good.
func scanned(t testing.TB, a *apitest.API, c apitest.Call) gen.Scan {
	t.Helper()
	return apitest.Read[gen.Scan](t, a.Do(t, c))
}

// A phone learns its secret once and then shows codes in flight mode: each earns
// and redeems once, and is told when and where it was used.
func TestRotatingStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	phone := newOffline(t, a, card)
	told := phone.told
	if told.Device != phone.ID || told.Number != 1 || told.Epoch != 1 || told.Digits != 8 || told.PeriodSeconds != 30 || !told.ServerTime.Equal(a.Clock.Now()) {
		t.Errorf("told %+v", told)
	}
	text := phone.secret.Text(a.Clock.Now())
	looked := scanned(t, a, apitest.Scan(shop.Front, text, nil))
	if looked.Card.ID != card || len(looked.Entries) > 0 {
		t.Errorf("looked at: %+v", looked)
	}
	stamped := scanned(t, a, apitest.Scan(shop.Front, text, apitest.Units(10)))
	if stamped.Entries[0].Method != gen.MethodRotating || len(stamped.Offers) != 1 || stamped.Offers[0].NeedsPIN != "" {
		t.Fatalf("stamped: %+v", stamped)
	}
	if p := a.Refused(t, apitest.Scan(shop.Back, text, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed); p.Used.Till != shop.Front.ID {
		t.Errorf("used: %+v", p.Used)
	}
	a.Refused(t, apitest.Scan(shop.Front, text, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	a.Refused(t, apitest.Earn(shop.Front, stamped.Scan, apitest.Map{"units": 1}), gen.ProblemCodeScanAlreadyUsed)
	redeemed := a.Post(t, apitest.Redeem(shop.Front, stamped.Scan, apitest.Map{"voucher": stamped.Offers[0].Voucher}))
	if redeemed.Entries[0].Method != gen.MethodRotating {
		t.Errorf("redeemed: %+v", redeemed.Entries)
	}

	a.Clock.Advance(credential.RotatingPeriod)
	next := phone.secret.Text(a.Clock.Now())
	scanned(t, a, apitest.Scan(shop.Back, next, apitest.Units(1)))
	a.Clock.Advance(2 * credential.RotatingPeriod)
	a.Refused(t, apitest.Scan(shop.Back, phone.secret.Text(a.Clock.Now().Add(-2*credential.RotatingPeriod)), nil), gen.ProblemCodeCredentialExpired)
	a.Refused(t, apitest.Scan(shop.Back, phone.secret.Text(a.Clock.Now().Add(2*credential.RotatingPeriod)), nil), gen.ProblemCodeCredentialFromFuture)
	if got := a.GetCard(t, shop, card); got.Balance != 1 {
		t.Errorf("the card has %d stamps", got.Balance)
	}
}

// Only a phone is told its secret: no key reads one, nor a new one that it hands
// out by renewing, so that revoking the key and the phones made with it ends all
// that a thief of the key has.
func TestNoKeyReadsASecret(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	phone, second := newOffline(t, a, card), newOffline(t, a, card)
	if second.told.Number != 2 || second.told.Secret == phone.told.Secret {
		t.Errorf("the second phone's: %+v, the first one's %+v", second.told, phone.told)
	}
	for _, key := range []string{shop.App, shop.Admin} {
		a.Refused(t, secretOf(card, key), gen.ProblemCodeForbidden)
		named := secretOf(card, key)
		named.Body = apitest.Map{"device": phone.ID}
		a.Refused(t, named, gen.ProblemCodeForbidden)
	}
	renewed := a.Do(t, phone.to("renew", shop.App))
	before := phone.told.Secret
	if phone.learn(t, a); phone.told.Epoch != 2 || phone.told.Secret == before {
		t.Errorf("renewed: %+v", phone.told)
	}
	if renewed.Status != http.StatusOK || strings.Contains(string(renewed.Body), phone.told.Secret) {
		t.Errorf("the key was told %d %s", renewed.Status, renewed.Body)
	}
	a.Refused(t, phone.to("renew", second.Token), gen.ProblemCodeDeviceNotFound)
	a.Do(t, phone.to("revoke", shop.App))
	a.Refused(t, phone.to("renew", shop.App), gen.ProblemCodeDeviceNotFound)
	a.Do(t, apitest.Call{Path: "/v1/cards/" + card.String() + "/block", Token: shop.Admin, Body: apitest.Map{"note": "why"}})
	a.Refused(t, secretOf(card, second.Token), gen.ProblemCodeCardBlocked)
}

// What a revoked or renewed phone shows is refused from then on, in every process,
// also by a scan that was begun before. Other phones of the card go on.
func TestRotatingEnds(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"revoke", "renew"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			a := apitest.Boot(t)
			beside := a.Beside(t)
			shop := a.Shop
			card := a.NewCard(t, shop, shop.Stamps).ID
			phone, other := newOffline(t, a, card), newOffline(t, a, card)
			begun := scanned(t, a, apitest.Scan(shop.Front, phone.secret.Text(a.Clock.Now()), nil))
			if answer := a.Do(t, phone.to(what, phone.Token)); answer.Status != http.StatusOK {
				t.Fatalf("%d %s", answer.Status, answer.Body)
			}
			text := phone.secret.Text(a.Clock.Now())
			for _, at := range []*apitest.API{beside, a} {
				at.Refused(t, apitest.Scan(shop.Front, text, nil), gen.ProblemCodeCredentialRevoked)
				at.Refused(t, apitest.Scan(shop.Front, text, apitest.Units(1)), gen.ProblemCodeCredentialRevoked)
				at.Refused(t, apitest.Earn(shop.Front, begun.Scan, apitest.Map{"units": 1}), gen.ProblemCodeCredentialRevoked)
				at.Refused(t, apitest.Redeem(shop.Front, begun.Scan, apitest.Map{"reward": shop.Stamps.Rewards[0]}), gen.ProblemCodeCredentialRevoked)
			}
			scanned(t, a, apitest.Scan(shop.Front, other.secret.Text(a.Clock.Now()), apitest.Units(1)))
			if what == "revoke" {
				a.Refused(t, secretOf(card, phone.Token), gen.ProblemCodeUnauthorized)
				return
			}
			before := phone.told
			phone.learn(t, a)
			if phone.told.Epoch != 2 || phone.told.Number != before.Number || phone.told.Secret == before.Secret {
				t.Errorf("renewed: %+v", phone.told)
			}
			scanned(t, beside, apitest.Scan(shop.Front, phone.secret.Text(a.Clock.Now()), apitest.Units(1)))
		})
	}
}

// A phone of a card that was merged goes on making codes, which lead to the
// survivor until the phone is revoked.
func TestRotatingOfMergedCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	old, kept := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	phone := newOffline(t, a, old)
	newOffline(t, a, kept) // whose secret has the same number
	begun := scanned(t, a, apitest.Scan(shop.Front, phone.secret.Text(a.Clock.Now()), nil))
	a.Post(t, mergeInto(a, old, kept))
	earned := a.Post(t, apitest.Earn(shop.Front, begun.Scan, apitest.Map{"units": 1}))
	if earned.Card.ID != kept || earned.Entries[0].Method != gen.MethodRotating {
		t.Errorf("a scan of before: %+v", earned)
	}
	a.Clock.Advance(credential.RotatingPeriod)
	before := phone.told.Secret
	if phone.learn(t, a); phone.told.Secret != before {
		t.Error("the phone's secret has changed")
	}
	text := phone.secret.Text(a.Clock.Now())
	if stamped := scanned(t, a, apitest.Scan(shop.Front, text, apitest.Units(1))); stamped.Card.ID != kept || stamped.Card.Balance != 2 {
		t.Errorf("a code of after: %+v", stamped.Card)
	}
	a.Refused(t, apitest.Scan(shop.Back, text, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	a.Do(t, phone.to("revoke", shop.App))
	a.Clock.Advance(credential.RotatingPeriod)
	a.Refused(t, apitest.Scan(shop.Front, phone.secret.Text(a.Clock.Now()), nil), gen.ProblemCodeCredentialRevoked)
}

// The phone of a card that was merged, which knows the old id alone, renews its
// secret by it, and gets none when the survivor is blocked.
func TestRotatingByTheOldID(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	old, kept := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	phone := newOffline(t, a, old)
	a.Post(t, mergeInto(a, old, kept))
	if renewed := a.Do(t, phone.to("renew", phone.Token)); renewed.Status != http.StatusOK {
		t.Errorf("%d %s", renewed.Status, renewed.Body)
	}
	if phone.learn(t, a); phone.told.Epoch != 2 {
		t.Errorf("renewed: %+v", phone.told)
	}
	a.Do(t, apitest.Call{Path: "/v1/cards/" + kept.String() + "/block", Token: shop.Admin, Body: apitest.Map{"note": "why"}})
	for _, ask := range []apitest.Call{secretOf(old, phone.Token), secretOf(kept, phone.Token)} {
		a.Refused(t, ask, gen.ProblemCodeCardBlocked)
	}
}

// Phones whose clocks are off by up to a period are scanned at two tills at once,
// in processes without a guard: each step of each secret earns once, whatever the
// order.
func TestEachStepEarnsOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	processes := []*apitest.API{a, a.Beside(t, apitest.Unguarded)}
	card := a.NewCard(t, a.Shop, a.Shop.Points).ID
	phones := []*offline{newOffline(t, a, card), newOffline(t, a, card)}
	seen := map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		now := a.Clock.Now()
		skew := rapid.SampledFrom([]time.Duration{-credential.RotatingPeriod, 0, credential.RotatingPeriod})
		texts := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
			return rapid.SampledFrom(phones).Draw(rt, "phone").secret.Text(now.Add(skew.Draw(rt, "skew")))
		}), 1, 8).Draw(rt, "shown")
		calls := make([]apitest.Call, len(texts))
		fresh := map[string]bool{}
		for i, text := range texts {
			purchase := apitest.Map{"earn": apitest.Map{"purchase": bought(apitest.Key(), 100)}}
			calls[i] = apitest.Scan([]apitest.Till{a.Shop.Front, a.Shop.Back}[rapid.IntRange(0, 1).Draw(rt, "till")], text, purchase)
			if !seen[text] {
				fresh[text] = true
			}
		}
		before := a.GetCard(t, a.Shop, card).Balance
		answers := atOnce(t, processes, calls)
		won := map[string]int{}
		for i, answer := range answers {
			switch {
			case answer.Status == http.StatusOK:
				won[texts[i]]++
			case answer.Problem().Code != gen.ProblemCodeCredentialAlreadyUsed:
				rt.Errorf("%d %s", answer.Status, answer.Body)
			}
		}
		for text, times := range won {
			if times != 1 || !fresh[text] {
				rt.Errorf("%s earned %d times now, before: %v", text, times, seen[text])
			}
		}
		for text := range fresh {
			if seen[text] = true; won[text] == 0 {
				rt.Errorf("%s was new and earned nothing", text)
			}
		}
		if got := a.GetCard(t, a.Shop, card).Balance; got != before+int64(len(won)) {
			rt.Errorf("%d points after %d and %d scans", got, before, len(won))
		}
		if rapid.Bool().Draw(rt, "time passes") {
			a.Clock.Advance(credential.RotatingPeriod)
		}
	})
}

// Two phones renew at once under one key: it is done once.
func TestRenewedOncePerKey(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t))
	b := a.Beside(t, apitest.Alone)
	phone := newOffline(t, a, a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	renew := phone.to("renew", phone.Token)
	renew.Key = apitest.Key()
	if n := successes(atOnce(t, []*apitest.API{a, b}, []apitest.Call{renew, renew, renew, renew})); n != 4 {
		t.Errorf("%d of 4 were answered", n)
	}
	if phone.learn(t, a); phone.told.Epoch != 2 {
		t.Errorf("epoch %d", phone.told.Epoch)
	}
}
