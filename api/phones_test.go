package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/scanner/smarttap/smarttaptest"
)

// An iPhone is held to the reader: it earns and redeems without a PIN, once.
func TestVASStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	phone := a.IPhone(t, shop, card)

	answer := phone.Tap(a.Clock.Now())
	if looked := scanned(t, a, apitest.Tapped(shop.Front, answer, nil)); looked.Card.ID != card || len(looked.Entries) > 0 {
		t.Errorf("looked at: %+v", looked)
	}
	stamped := scanned(t, a, apitest.Tapped(shop.Front, strings.ToUpper(answer), apitest.Units(10)))
	if stamped.Entries[0].Method != gen.MethodVas || len(stamped.Offers) != 1 || stamped.Offers[0].NeedsPIN != "" {
		t.Fatalf("stamped: %+v", stamped)
	}
	if p := a.Refused(t, apitest.Tapped(shop.Back, answer, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed); p.Used.Till != shop.Front.ID {
		t.Errorf("used: %+v", p.Used)
	}
	a.Refused(t, apitest.Tapped(shop.Front, answer, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	redeemed := a.Post(t, apitest.Redeem(shop.Front, stamped.Scan, apitest.Map{"voucher": stamped.Offers[0].Voucher}))
	if redeemed.Entries[0].Method != gen.MethodVas {
		t.Errorf("redeemed: %+v", redeemed.Entries)
	}

	// The pass is of before the redemption until the phone has fetched the next one.
	stamped = scanned(t, a, apitest.Tapped(shop.Front, phone.Tap(a.Clock.Now()), apitest.Units(10)))
	if stamped.Offers[0].NeedsPIN != gen.RoleManager {
		t.Errorf("an old pass may have %+v", stamped.Offers)
	}
	phone = a.IPhone(t, shop, card)
	if fresh := scanned(t, a, apitest.Tapped(shop.Front, phone.Tap(a.Clock.Now()), nil)); fresh.Offers[0].NeedsPIN != "" {
		t.Errorf("a fresh pass may have %+v", fresh.Offers)
	}
}

// What was recorded, comes from elsewhere or has a wrong clock.
func TestVASThatIsRefused(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	phone := a.IPhone(t, shop, card)
	now := a.Clock.Now()
	answer := phone.Tap(now)

	a.Refused(t, apitest.Scan(shop.Front, answer, nil), gen.ProblemCodeCredentialUnknown)
	a.Refused(t, apitest.Tapped(a.Rival.Front, answer, apitest.Units(1)), gen.ProblemCodeCardNotFound)
	a.Refused(t, apitest.Tapped(shop.Front, phone.Tap(now.Add(time.Minute)), nil), gen.ProblemCodeCredentialFromFuture)
	a.Refused(t, apitest.Tapped(shop.Front, phone.Tap(now.Add(-6*time.Minute)), apitest.Units(1)), gen.ProblemCodeCredentialExpired)
	other := *phone
	other.PassType = "pass.com.example.other"
	a.Refused(t, apitest.Tapped(shop.Front, other.Tap(now), nil), gen.ProblemCodeCredentialInvalid)
	a.Refused(t, apitest.Tapped(shop.Front, "00000000"+answer[8:], nil), gen.ProblemCodeCredentialUnknown)
	a.Refused(t, apitest.Tapped(shop.Front, answer[:len(answer)-2]+"00", nil), gen.ProblemCodeCredentialInvalid)
	a.Refused(t, apitest.Tapped(shop.Front, "04A1B2C3D4E5F6", nil), gen.ProblemCodeCredentialUnknown)

	call := apitest.Tapped(shop.Front, answer, apitest.Units(1))
	first := a.Do(t, call)
	a.Clock.Advance(time.Hour)
	if again := a.Do(t, call); again.Status != http.StatusOK || !bytes.Equal(again.Body, first.Body) {
		t.Errorf("a retry is answered %d %s", again.Status, again.Body)
	}
	a.Refused(t, apitest.Tapped(shop.Front, answer, apitest.Units(1)), gen.ProblemCodeCredentialExpired)
}

// A use is remembered for as long as its cryptogram could come again.
func TestVASAfterPruning(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	phone := a.IPhone(t, shop, a.NewCard(t, shop, shop.Stamps).ID)
	began := a.Clock.Now()
	answer := phone.Tap(began)
	scanned(t, a, apitest.Tapped(shop.Front, answer, apitest.Units(1)))
	for range 6 {
		a.Clock.Advance(time.Minute)
		if _, err := a.Store.Prune(t.Context(), a.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		want := gen.ProblemCodeCredentialAlreadyUsed
		if a.Clock.Now().Sub(began) > 5*time.Minute+loyalty.Leeway {
			want = gen.ProblemCodeCredentialExpired
		}
		a.Refused(t, apitest.Tapped(shop.Back, answer, apitest.Units(1)), want)
	}
}

// One cryptogram, in its spellings, a hundred times at once, at two tills and two
// processes on PostgreSQL, and with no guard in front: it earns once.
func TestOneCryptogramAtOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	over := []*apitest.API{a, a.Beside(t)}
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	answer := a.IPhone(t, shop, card).Tap(a.Clock.Now())
	var calls []apitest.Call
	for range 50 {
		calls = append(calls, apitest.Tapped(shop.Front, answer, apitest.Units(1)), apitest.Tapped(shop.Back, strings.ToUpper(answer), apitest.Units(1)))
	}
	earnsOnce(t, a, over, card, calls)
}

// The same of a Smart Tap session.
func TestOneSessionAtOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	over := []*apitest.API{a, a.Beside(t)}
	shop := a.Shop
	register(t, a, shop.Front, "smart_tap")
	register(t, a, shop.Back, "smart_tap")
	card := a.NewCard(t, shop, shop.Stamps).ID
	session := apitest.SmartTapReader.Tap(a.TapText(t, shop, card))
	var calls []apitest.Call
	for range 50 {
		calls = append(calls, apitest.Tapped(shop.Front, session, apitest.Units(1)), apitest.Tapped(shop.Back, session, apitest.Units(1)))
	}
	earnsOnce(t, a, over, card, calls)
}

func earnsOnce(t *testing.T, a *apitest.API, over []*apitest.API, card loyalty.CardID, calls []apitest.Call) {
	t.Helper()
	answers := atOnce(t, over, calls)
	if n := successes(answers); n != 1 {
		t.Errorf("%d succeeded", n)
	}
	for _, answer := range answers {
		if p := answer.Problem(); answer.Status != http.StatusOK && p.Code != gen.ProblemCodeCredentialAlreadyUsed {
			t.Errorf("refused with %s", answer.Body)
		}
	}
	if got := a.GetCard(t, a.Shop, card); got.Balance != 1 {
		t.Errorf("the card has %d stamps", got.Balance)
	}
}

// register sets a till's readers.
func register(t testing.TB, a *apitest.API, till apitest.Till, readers ...string) {
	t.Helper()
	if readers == nil {
		readers = []string{}
	}
	got := apitest.Read[gen.Till](t, a.Do(t, patch(a.Shop.Admin, "/v1/tills/"+till.ID.String(), apitest.Map{"readers": readers})))
	if len(got.Readers) != len(readers) {
		t.Fatalf("registered with %v: %+v", readers, got)
	}
	a.Clock.Advance(30 * time.Second) // or a process may not know it yet
}

// An Android phone is held to a Smart Tap reader. What it hands over is worth more at
// the till that has one, by NFC; everywhere else it is a code that can be photographed.
func TestSmartTapStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	register(t, a, shop.Front, "smart_tap")
	card := a.NewCard(t, shop, shop.Stamps).ID
	value := a.TapText(t, shop, card)
	printed, photo := a.Static(t, shop, card, gen.SurfacePrint), a.Static(t, shop, card, gen.SurfaceWallet)

	stamped := scanned(t, a, apitest.Tapped(shop.Front, value, apitest.Units(10)))
	if stamped.Entries[0].Method != gen.MethodSmarttap || stamped.Offers[0].NeedsPIN != "" {
		t.Fatalf("stamped: %+v", stamped)
	}
	for what, call := range map[string]apitest.Call{
		"at a till without a reader": apitest.Tapped(shop.Back, value, apitest.Units(1)),
		"a photo on a plain tag":     apitest.Tapped(shop.Front, photo, apitest.Units(1)),
		"from a plain tag":           apitest.Tapped(shop.Front, printed, apitest.Units(1)),
	} {
		if got := scanned(t, a, call); got.Entries[0].Method != gen.MethodStatic || got.Offers[0].NeedsPIN != gen.RoleCashier {
			t.Errorf("%s: %+v", what, got)
		}
	}
	a.Refused(t, apitest.Tapped(a.Rival.Front, value, nil), gen.ProblemCodeCardNotFound)
	a.Refused(t, apitest.Scan(shop.Front, value, nil), gen.ProblemCodeCredentialInvalid) // nobody shows it

	redeemed := a.Post(t, apitest.Redeem(shop.Front, stamped.Scan, apitest.Map{"voucher": stamped.Offers[0].Voucher}))
	if redeemed.Entries[0].Method != gen.MethodSmarttap {
		t.Errorf("redeemed: %+v", redeemed.Entries)
	}
	again := scanned(t, a, apitest.Tapped(shop.Front, value, apitest.Units(7)))
	if len(again.Offers) != 1 || again.Offers[0].NeedsPIN != gen.RoleManager {
		t.Errorf("a value of before the redemption may have %+v", again.Offers)
	}
	register(t, a, shop.Front)
	if got := scanned(t, a, apitest.Tapped(shop.Front, value, apitest.Units(1))); got.Entries[0].Method != gen.MethodStatic {
		t.Errorf("without its reader: %+v", got.Entries)
	}
}

// A raw session is opened, and used once.
func TestSmartTapSession(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	register(t, a, shop.Front, "smart_tap")
	card := a.NewCard(t, shop, shop.Stamps).ID
	reader, value := apitest.SmartTapReader, a.TapText(t, shop, card)
	session := reader.Tap(value)
	if got := scanned(t, a, apitest.Tapped(shop.Front, session, apitest.Units(1))); got.Card.ID != card || got.Entries[0].Method != gen.MethodSmarttap {
		t.Errorf("stamped %+v", got)
	}
	a.Refused(t, apitest.Tapped(shop.Front, session, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	a.Refused(t, apitest.Tapped(shop.Back, session, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	packed := smarttaptest.Text(reader.Session(smarttaptest.Pass(value), true).Bytes())
	if got := scanned(t, a, apitest.Tapped(shop.Back, packed, apitest.Units(1))); got.Entries[0].Method != gen.MethodStatic {
		t.Errorf("at a till without a reader: %+v", got)
	}
	a.Refused(t, apitest.Scan(shop.Front, reader.Tap(value), nil), gen.ProblemCodeCredentialUnknown)
	a.Refused(t, apitest.Tapped(shop.Front, "gst1.AAAA", nil), gen.ProblemCodeCredentialMalformed)
	a.Refused(t, apitest.Tapped(shop.Front, smarttaptest.NewReader(reader.Collector).Tap(value), nil), gen.ProblemCodeCredentialInvalid)
	a.Refused(t, apitest.Tapped(a.Rival.Front, reader.Tap(value), nil), gen.ProblemCodeCardNotFound)
}

// Whoever photographed a wallet's barcode, and built a device that answers readers as
// an iPhone does, has the wrong text for it.
func TestAPhotoIsNoPhone(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	device := a.IPhone(t, shop, card)
	a.Post(t, apitest.Redeem(shop.Front, scanned(t, a, apitest.Tapped(shop.Front, device.Tap(a.Clock.Now()), apitest.Units(10))).Scan,
		apitest.Map{"reward": shop.Stamps.Rewards[0]}))
	device.Message = a.Static(t, shop, card, gen.SurfaceWallet)
	a.Refused(t, apitest.Tapped(shop.Front, device.Tap(a.Clock.Now()), nil), gen.ProblemCodeCredentialInvalid)
	register(t, a, shop.Front, "smart_tap")
	a.Refused(t, apitest.Tapped(shop.Front, apitest.SmartTapReader.Tap(device.Message), nil), gen.ProblemCodeCredentialInvalid)
}

// Both lead on from a card that was merged, as an old pass.
func TestPhonesOfMergedCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	register(t, a, shop.Front, "smart_tap")
	old, left := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	phone := a.IPhone(t, shop, old)
	a.Post(t, mergeInto(a, old, left))
	for credential, method := range map[string]gen.Method{phone.Tap(a.Clock.Now()): gen.MethodVas, phone.Message: gen.MethodSmarttap} {
		got := scanned(t, a, apitest.Tapped(shop.Front, credential, apitest.Units(10)))
		if got.Card.ID != left || got.Entries[0].Method != method || got.Offers[0].NeedsPIN != gen.RoleManager {
			t.Errorf("%s: %+v", method, got)
		}
	}
}

func TestReadersOfATill(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	made := apitest.Read[gen.Till](t, a.Do(t, post(shop.Admin, "/v1/tills", apitest.Map{"name": "Drive-in", "location": shop.At, "readers": []string{"smart_tap"}})))
	if len(made.Readers) != 1 || made.Readers[0] != gen.ReaderSmartTap {
		t.Errorf("made %+v", made)
	}
	at := "/v1/tills/" + made.ID.String()
	paired := apitest.Read[gen.PairedTill](t, a.Do(t, apitest.Call{Path: "/v1/pairings", For: shop, Body: apitest.Map{"code": made.Pairing.Code}}))
	shop.Trust(paired.Token)
	if len(paired.Till.Readers) != 1 {
		t.Errorf("paired %+v", paired.Till)
	}
	if renamed := apitest.Read[gen.Till](t, a.Do(t, patch(shop.Admin, at, apitest.Map{"name": "Drive-through"}))); len(renamed.Readers) != 1 {
		t.Errorf("renamed %+v", renamed)
	}
	for _, bad := range []any{[]string{"nfc"}, []string{"SMART_TAP"}, strings.Split(strings.Repeat("smart_tap ", 9)+"smart_tap", " ")} {
		if p := a.Refused(t, patch(shop.Admin, at, apitest.Map{"readers": bad}), gen.ProblemCodeInvalidField); p.Field != "readers" {
			t.Errorf("%v: %+v", bad, p)
		}
	}
	if cleared := apitest.Read[gen.Till](t, a.Do(t, patch(shop.Admin, at, apitest.Map{"readers": []string{}}))); len(cleared.Readers) != 0 || cleared.Name != "Drive-through" {
		t.Errorf("cleared %+v", cleared)
	}
}
