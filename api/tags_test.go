package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/scanner/ntag/ntagtest"
)

// A key fob is registered, written, and tapped: each tap earns and redeems once, and
// none counts that is older than one that was used.
func TestTagStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	tag, chip := a.NewTag(t, shop, card)
	if tag.Card != card || tag.Epoch != 1 || tag.Counter != 0 || tag.State != gen.TagStateActive || tag.Chip.ChangeKey == tag.Chip.FileKey {
		t.Errorf("registered %+v", tag)
	}

	first := chip.Tap()
	looked := scanned(t, a, apitest.Tapped(shop.Front, first, nil))
	if looked.Card.ID != card || len(looked.Entries) > 0 {
		t.Errorf("looked at: %+v", looked)
	}
	stamped := scanned(t, a, apitest.Tapped(shop.Front, first, apitest.Units(10)))
	if stamped.Entries[0].Method != gen.MethodTap || len(stamped.Offers) != 1 || stamped.Offers[0].NeedsPIN != "" {
		t.Fatalf("stamped: %+v", stamped)
	}
	if p := a.Refused(t, apitest.Tapped(shop.Back, first, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed); p.Used.Till != shop.Front.ID {
		t.Errorf("used: %+v", p.Used)
	}
	a.Refused(t, apitest.Tapped(shop.Back, first, nil), gen.ProblemCodeCredentialAlreadyUsed)
	a.Refused(t, apitest.Tapped(shop.Front, first, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	redeemed := a.Post(t, apitest.Redeem(shop.Front, stamped.Scan, apitest.Map{"voucher": stamped.Offers[0].Voucher}))
	if redeemed.Entries[0].Method != gen.MethodTap {
		t.Errorf("redeemed: %+v", redeemed.Entries)
	}

	kept := chip.Tap() // copied, to be used later
	handle := scanned(t, a, apitest.Tapped(shop.Front, kept, nil)).Scan
	scanned(t, a, apitest.Tapped(shop.Back, chip.Tap(), apitest.Units(1)))
	a.Refused(t, apitest.Tapped(shop.Front, kept, nil), gen.ProblemCodeCredentialAlreadyUsed)
	a.Refused(t, apitest.Tapped(shop.Front, kept, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	a.Refused(t, apitest.Earn(shop.Front, handle, apitest.Map{"units": 1}), gen.ProblemCodeCredentialAlreadyUsed)
	for range 5 { // by a phone, out of curiosity
		chip.Tap()
	}
	scanned(t, a, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1)))
	if got := getTag(t, a, tag.ID); got.Counter != 9 || got.Chip != nil {
		t.Errorf("the tag is %+v", got)
	}
	if got := a.GetCard(t, shop, card); got.Balance != 2 {
		t.Errorf("the card has %d stamps", got.Balance)
	}
}

func getTag(t testing.TB, a *apitest.API, id loyalty.TagID) gen.Tag {
	t.Helper()
	return apitest.Read[gen.Tag](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/tags/" + id.String(), Token: a.Shop.Admin}))
}

// of is a change of a tag under a fresh key.
func ofTag(shop *apitest.Shop, id loyalty.TagID, what string) apitest.Call {
	return apitest.Call{Path: "/v1/tags/" + id.String() + "/" + what, Token: shop.Admin, Key: apitest.Key()}
}

// A scan by handle earns and redeems although the customer has tapped again since:
// that scan has begun.
func TestTapGoesOnByItsHandle(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	_, chip := a.NewTag(t, shop, a.NewCard(t, shop, shop.Stamps).ID)
	stamped := scanned(t, a, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(10)))
	scanned(t, a, apitest.Tapped(shop.Back, chip.Tap(), apitest.Units(1)))
	a.Post(t, apitest.Redeem(shop.Front, stamped.Scan, apitest.Map{"voucher": stamped.Offers[0].Voucher}))
	a.Refused(t, apitest.Tapped(shop.Back, chip.At(1), apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
}

// What a thief, a cloner or another shop can bring.
func TestTapsThatAreRefused(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	tag, chip := a.NewTag(t, shop, card)
	good := chip.Tap()
	plain := *chip
	plain.Template = "https://cards.example/t?uid=00000000000000&ctr=000000&cmac=0000000000000000"

	a.Refused(t, apitest.Tapped(a.Rival.Front, good, nil), gen.ProblemCodeTagNotFound)
	a.Refused(t, apitest.Tapped(a.Rival.Front, plain.At(1), apitest.Units(1)), gen.ProblemCodeTagNotFound)
	a.Refused(t, apitest.Scan(shop.Front, good, nil), gen.ProblemCodeCredentialUnknown)
	a.Refused(t, apitest.Tapped(shop.Front, "https://example.com/menu", nil), gen.ProblemCodeCredentialUnknown)
	a.Refused(t, apitest.Tapped(shop.Front, tag.Chip.URL, nil), gen.ProblemCodeTagNotFound)
	torn := apitest.Tapped(shop.Front, good[:len(good)-3], nil)
	a.Refused(t, torn, gen.ProblemCodeCredentialMalformed)
	higher := strings.Replace(plain.At(1), "ctr=000001", "ctr=000002", 1)
	a.Refused(t, apitest.Tapped(shop.Front, higher, apitest.Units(1)), gen.ProblemCodeCredentialInvalid)
	other := ntagtest.Chip{UID: [7]byte{4, 9}, Meta: chip.Meta, File: chip.File, Template: chip.Template}
	a.Refused(t, apitest.Tapped(shop.Front, other.Tap(), nil), gen.ProblemCodeTagNotFound)

	scanned(t, a, apitest.Tapped(shop.Front, plain.At(1), apitest.Units(1)))
	a.Refused(t, apitest.Tapped(shop.Back, good, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed) // the same tap, encrypted
}

// A lost tag is revoked; its chip can be registered again, and has other keys then.
func TestRevokedTag(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	tag, chip := a.NewTag(t, shop, card)
	again := apitest.Call{Path: "/v1/tags", Token: shop.Admin, Body: apitest.Map{"card": card, "uid": tag.UID}}
	a.Refused(t, again, gen.ProblemCodeTagExists)
	handle := scanned(t, a, apitest.Tapped(shop.Front, chip.Tap(), nil)).Scan
	if revoked := apitest.Read[gen.Tag](t, a.Do(t, ofTag(shop, tag.ID, "revoke"))); revoked.State != gen.TagStateRevoked || revoked.RevokedAt.IsZero() {
		t.Errorf("revoked: %+v", revoked)
	}
	a.Refused(t, apitest.Tapped(shop.Front, chip.Tap(), nil), gen.ProblemCodeCredentialRevoked)
	a.Refused(t, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1)), gen.ProblemCodeCredentialRevoked)
	a.Refused(t, apitest.Earn(shop.Front, handle, apitest.Map{"units": 1}), gen.ProblemCodeCredentialRevoked)
	a.Refused(t, ofTag(shop, tag.ID, "renew"), gen.ProblemCodeTagRevoked)

	other := a.NewCard(t, shop, shop.Stamps).ID
	again.Body = apitest.Map{"card": other, "uid": tag.UID, "label": "Found again"}
	second := apitest.Read[gen.Tag](t, a.Do(t, again))
	if second.Epoch != 2 || second.Label != "Found again" || second.Chip.FileKey == tag.Chip.FileKey || second.Chip.ChangeKey != tag.Chip.ChangeKey {
		t.Errorf("registered again: %+v", second)
	}
	a.Refused(t, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1)), gen.ProblemCodeCredentialInvalid)
	chip = apitest.SetUp(t, &second)
	if stamped := scanned(t, a, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1))); stamped.Card.ID != other {
		t.Errorf("stamped %+v", stamped.Card)
	}
	list := func(query string) []gen.Tag {
		return apitest.Read[gen.TagPage](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/tags" + query, Token: shop.Admin})).Tags
	}
	if active, all, of := list(""), list("?state=all"), list("?state=all&card="+card.String()); len(active) != 1 || active[0].ID != second.ID ||
		len(all) != 2 || all[0].ID != second.ID || len(of) != 1 || of[0].ID != tag.ID {
		t.Errorf("listed %+v, %+v, %+v", active, all, of)
	}
}

// Renewing raises the epoch: the counter starts again, and whatever the chip made
// with its former keys is worth nothing, in every spelling.
func TestRenewedTag(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tag, chip := a.NewTag(t, shop, a.NewCard(t, shop, shop.Stamps).ID)
	scanned(t, a, apitest.Tapped(shop.Front, chip.At(100), apitest.Units(1)))
	handle := scanned(t, a, apitest.Tapped(shop.Front, chip.At(101), nil)).Scan
	call := ofTag(shop, tag.ID, "renew")
	renewed := apitest.Read[gen.Tag](t, a.Do(t, call))
	if renewed.Epoch != 2 || renewed.Counter != 0 || renewed.Chip.FileKey == tag.Chip.FileKey || renewed.Chip.MetaKey != tag.Chip.MetaKey {
		t.Errorf("renewed: %+v", renewed)
	}
	a.Refused(t, call, gen.ProblemCodeAnswerNotRepeatable)
	a.Refused(t, apitest.Tapped(shop.Front, chip.At(102), apitest.Units(1)), gen.ProblemCodeCredentialInvalid)
	a.Refused(t, apitest.Earn(shop.Front, handle, apitest.Map{"units": 1}), gen.ProblemCodeCredentialRevoked)
	chip = apitest.SetUp(t, &renewed)
	scanned(t, a, apitest.Tapped(shop.Front, chip.At(1), apitest.Units(1)))
}

// A retry is answered as the first time, whatever has become of the tag.
func TestTapIsRetried(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tag, chip := a.NewTag(t, shop, a.NewCard(t, shop, shop.Stamps).ID)
	call := apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1))
	first := a.Do(t, call)
	scanned(t, a, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1)))
	again := func(when string) {
		t.Helper()
		if answer := a.Do(t, call); answer.Status != http.StatusOK || !bytes.Equal(answer.Body, first.Body) {
			t.Errorf("%s: %d %s", when, answer.Status, answer.Body)
		}
	}
	again("after the next tap")
	a.Do(t, ofTag(shop, tag.ID, "renew"))
	again("after renewing")
	a.Do(t, ofTag(shop, tag.ID, "revoke"))
	again("after revoking")
	if _, err := a.Ring.Rotate(t.Context(), keys.Tag, a.Clock.Now(), 0); err != nil {
		t.Fatal(err)
	}
	if err := a.Ring.Retire(t.Context(), "n01", a.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	again("after retiring the key")
}

// A tag of a card that was merged leads on, and counts on.
func TestTagOfMergedCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	old, left := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	_, chip := a.NewTag(t, shop, old)
	scanned(t, a, apitest.Tapped(shop.Front, chip.At(5), apitest.Units(1)))
	a.Post(t, apitest.Call{Path: "/v1/cards/" + old.String() + "/merge", Token: shop.Admin, Key: apitest.Key(), Body: apitest.Map{"into": left}})
	if looked := scanned(t, a, apitest.Tapped(shop.Front, chip.At(6), nil)); looked.Card.ID != left {
		t.Errorf("leads to %+v", looked.Card)
	}
	if stamped := scanned(t, a, apitest.Tapped(shop.Front, chip.At(6), apitest.Units(1))); stamped.Card.Balance != 2 {
		t.Errorf("stamped %+v", stamped.Card)
	}
	for _, counter := range []uint32{4, 5, 6} {
		a.Refused(t, apitest.Tapped(shop.Back, chip.At(counter), apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	}
	tag, chip := a.NewTag(t, shop, old) // registered for what is left
	if tag.Card != left {
		t.Errorf("registered for %s", tag.Card)
	}
	scanned(t, a, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1)))
}

// What remains when the spent nonces were pruned: the counter.
func TestTapAfterPruning(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	_, chip := a.NewTag(t, shop, a.NewCard(t, shop, shop.Stamps).ID)
	used := chip.Tap()
	scanned(t, a, apitest.Tapped(shop.Front, used, apitest.Units(1)))
	a.Clock.Advance(30 * 24 * time.Hour)
	if _, err := a.Store.Prune(t.Context(), a.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	a.Refused(t, apitest.Tapped(shop.Front, used, nil), gen.ProblemCodeCredentialAlreadyUsed)
	a.Refused(t, apitest.Tapped(shop.Front, used, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
}

// One tap, a hundred times at once, at two tills and two processes on PostgreSQL,
// with nothing but the database to say no.
func TestOneTapAtOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	over := []*apitest.API{a, a.Beside(t)}
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	tag, chip := a.NewTag(t, shop, card)
	url := chip.Tap()
	var calls []apitest.Call
	for range 50 {
		calls = append(calls, apitest.Tapped(shop.Front, url, apitest.Units(1)), apitest.Tapped(shop.Back, url, apitest.Units(1)))
	}
	answers := atOnce(t, over, calls)
	if n := successes(answers); n != 1 {
		t.Errorf("%d succeeded", n)
	}
	for _, answer := range answers {
		if p := answer.Problem(); answer.Status != http.StatusOK && p.Code != gen.ProblemCodeCredentialAlreadyUsed {
			t.Errorf("refused with %s", answer.Body)
		}
	}
	if got := a.GetCard(t, shop, card); got.Balance != 1 {
		t.Errorf("the card has %d stamps", got.Balance)
	}
	if got := getTag(t, a, tag.ID); got.Counter != 1 {
		t.Errorf("the tag has counted to %d", got.Counter)
	}
}

// A hundred different taps of one chip at once: what earned is a rising row of them,
// and none counts that is not above what the tag remembers.
func TestManyTapsAtOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	over := []*apitest.API{a, a.Beside(t)}
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	tag, chip := a.NewTag(t, shop, card)
	var calls []apitest.Call
	for range 100 {
		calls = append(calls, apitest.Tapped(shop.Front, chip.Tap(), apitest.Units(1)))
	}
	answers := atOnce(t, over, calls)
	earned := successes(answers)
	if got := getTag(t, a, tag.ID); answers[99].Status != http.StatusOK || got.Counter != 100 {
		t.Errorf("the last answered %d, the tag has counted to %d", answers[99].Status, got.Counter)
	}
	state := a.GetCard(t, shop, card)
	if state.Lifetime != int64(earned) {
		t.Errorf("%d earned, the card had %d stamps", earned, state.Lifetime)
	}
	for _, c := range calls {
		c.Key = apitest.Key()
		a.Refused(t, c, gen.ProblemCodeCredentialAlreadyUsed)
	}
}
