package api_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

func wantState(t *testing.T, got gen.SyncResult, state gen.SyncState, code gen.ProblemCode) {
	t.Helper()
	if got.State != state || got.Code != code {
		t.Errorf("item %d is %s %s (%s), want %s %s", got.Counter, got.State, got.Code, got.Detail, state, code)
	}
}

// A till that was away for an hour: everything that it took then counts as of then, once.
func TestSyncOfAnHour(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	began := a.Clock.Now()
	live, static := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	printed := a.Static(t, shop, static, gen.SurfacePrint)
	token := a.Token(t, shop, live)
	items := []string{
		tablet.Earn(t, token, began.Add(10*time.Second), apitest.Map{"units": 2}),
		tablet.Earn(t, printed, began.Add(20*time.Second)),
		tablet.Earn(t, token, began.Add(30*time.Second)),
		tablet.Earn(t, "hello", began.Add(40*time.Second)),
		tablet.Earn(t, token, began.Add(2*time.Minute)),
	}
	a.Clock.Advance(time.Hour)
	results := a.Sync(t, tablet, items...)
	wantState(t, results[0], gen.SyncStatePosted, "")
	wantState(t, results[1], gen.SyncStatePosted, "")
	wantState(t, results[2], gen.SyncStateContested, gen.ProblemCodeCredentialAlreadyUsed)
	wantState(t, results[3], gen.SyncStateContested, gen.ProblemCodeCredentialUnknown)
	wantState(t, results[4], gen.SyncStateContested, gen.ProblemCodeCredentialExpired)
	if card := a.GetCard(t, shop, live); card.Balance != 2 {
		t.Errorf("the card has %d", card.Balance)
	}
	if again := a.Sync(t, tablet, items...); !reflect.DeepEqual(again, results) {
		t.Errorf("sent again it was\n%+v\nfirst\n%+v", again, results)
	}
	list := apitest.Read[gen.ContestedPage](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/contested", Token: shop.Admin}))
	if len(list.Contested) != 3 || list.Open != 3 || list.OpenLosses != 0 || list.Contested[2].Card != live && list.Contested[0].Card != live {
		t.Errorf("contested: %+v", list)
	}
	entry := entryOf(t, a, shop, results[0].Entry)
	if !entry.CapturedAt.Equal(began.Add(10*time.Second)) || !entry.PostedAt.Equal(a.Clock.Now()) {
		t.Errorf("captured %v, posted %v", entry.CapturedAt, entry.PostedAt)
	}
	if queue := registered(t, a, tablet); queue.Queue != tablet.Queue || queue.NextCounter != 6 {
		t.Errorf("registered again: %+v", queue)
	}
}

func entryOf(t *testing.T, a *apitest.API, shop *apitest.Shop, id loyalty.EntryID) gen.Entry {
	t.Helper()
	return apitest.Read[gen.Entry](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/entries/" + id.String(), Token: shop.Admin}))
}

func registered(t *testing.T, a *apitest.API, d *apitest.Tablet) gen.Queue {
	t.Helper()
	return apitest.Read[gen.Queue](t, a.Do(t, apitest.Call{Path: "/v1/till/queues", Token: d.Till.Token, Body: apitest.Map{"public_key": d.JWK(t)}}))
}

// forged is a text with another signature.
func forged(text string) string {
	b := []byte(text)
	if at := len(b) - 20; b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	return string(b)
}

// voucherOf gives a card a cone.
func voucherOf(t *testing.T, a *apitest.API, card loyalty.CardID) loyalty.VoucherID {
	t.Helper()
	return a.Stamp(t, a.Shop, a.Shop.Front, card, 10).Card.Vouchers[0].ID
}

// A second hand-out of one voucher is the merchant's loss, and never a second redemption.
func TestOneVoucherAtTwoTillsOffline(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	front, back := a.NewTablet(t, shop.Front), a.NewTablet(t, shop.Back)
	a.TakeLease(t, front)
	a.TakeLease(t, back)
	card := a.NewCard(t, shop, shop.Stamps).ID
	voucher := voucherOf(t, a, card)
	at := a.Clock.Now()
	statement := a.State(t, shop, card, voucher)
	first := front.Redeem(t, a.Token(t, shop, card), statement, voucher, at.Add(5*time.Second))
	second := back.Redeem(t, a.Token(t, shop, card), statement, voucher, at.Add(30*time.Second))
	a.Clock.Advance(20 * time.Minute)
	wantState(t, a.Sync(t, back, second)[0], gen.SyncStatePosted, "")
	wantState(t, a.Sync(t, front, first)[0], gen.SyncStateContested, gen.ProblemCodeVoucherNotRedeemable)
	list := apitest.Read[gen.ContestedPage](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/contested?till=" + shop.Front.ID.String(), Token: shop.Admin}))
	if len(list.Contested) != 1 || !list.Contested[0].Loss || list.OpenLosses != 1 || list.Contested[0].Voucher != voucher {
		t.Errorf("contested: %+v", list)
	}
	if lease := a.TakeLease(t, front); lease.Remaining != 4 {
		t.Errorf("a loss counts against the lease: %d are left", lease.Remaining)
	}
	settle := apitest.Call{Path: "/v1/contested/" + list.Contested[0].ID.String() + "/settle", Token: shop.Admin, Body: apitest.Map{"note": "Written off"}}
	if settled := apitest.Read[gen.Contested](t, a.Do(t, settle)); settled.State != gen.ContestedStateSettled || settled.Note != "Written off" {
		t.Errorf("settled: %+v", settled)
	}
	a.Refused(t, settle, gen.ProblemCodeContestedSettled)
}

// What a lease does not cover was handed out all the same.
func TestLeases(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	till := "/v1/tills/" + shop.Front.ID.String()
	a.Do(t, apitest.Call{Method: http.MethodPatch, Path: till, Token: shop.Admin, Body: apitest.Map{"offline_redemptions": 1, "offline_hours": 2}})
	tablet, other := a.NewTablet(t, shop.Front), a.NewTablet(t, shop.Back)
	lease := a.TakeLease(t, tablet)
	if lease.Redemptions != 1 || !lease.ExpiresAt.Equal(a.Clock.Now().Add(2*time.Hour).Truncate(time.Second)) {
		t.Errorf("the lease is %+v", lease)
	}
	redeem := func(at time.Time, more ...apitest.Map) string {
		t.Helper()
		card := a.NewCard(t, shop, shop.Stamps).ID
		voucher := voucherOf(t, a, card)
		return tablet.Redeem(t, a.Token(t, shop, card), a.State(t, shop, card, voucher), voucher, at, more...)
	}
	now := a.Clock.Now()
	first, second := redeem(now), redeem(now.Add(time.Second))
	a.TakeLease(t, other)
	foreign := redeem(now.Add(2*time.Second), apitest.Map{"lease": other.Lease})
	faked := redeem(now.Add(2*time.Second), apitest.Map{"lease": forged(tablet.Lease)})
	results := a.Sync(t, tablet, second, first, foreign, faked)
	wantState(t, results[0], gen.SyncStateContested, gen.ProblemCodeLeaseExhausted)
	wantState(t, results[1], gen.SyncStatePosted, "")
	wantState(t, results[2], gen.SyncStateContested, gen.ProblemCodeLeaseInvalid)
	wantState(t, results[3], gen.SyncStateContested, gen.ProblemCodeLeaseInvalid)
	if next := a.TakeLease(t, tablet); next.Remaining != 1 {
		t.Errorf("all was synced: %+v", next)
	}
	a.Clock.Advance(3 * time.Hour)
	a.Contact(t, tablet)
	wantState(t, a.Sync(t, tablet, redeem(a.Clock.Now()))[0], gen.SyncStateContested, gen.ProblemCodeLeaseExpired)
	a.Do(t, apitest.Call{Method: http.MethodPatch, Path: till, Token: shop.Admin, Body: apitest.Map{"offline_redemptions": 0}})
	a.Refused(t, apitest.Call{Path: "/v1/till/leases", Token: shop.Front.Token}, gen.ProblemCodeLeaseNotAllowed)
}

// A redemption takes a live code and a statement of the same card.
func TestRedeemingOfflineTakesBoth(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	a.TakeLease(t, tablet)
	card, other := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	voucher, theirs := voucherOf(t, a, card), voucherOf(t, a, other)
	at := a.Clock.Now()
	statement := a.State(t, shop, card, voucher)
	printed := a.Static(t, shop, card, gen.SurfacePrint)
	items := []string{
		tablet.Redeem(t, printed, statement, voucher, at),
		tablet.Redeem(t, a.Token(t, shop, other), statement, voucher, at),
		tablet.Redeem(t, a.Token(t, shop, other), statement, theirs, at),
		tablet.Redeem(t, a.Token(t, shop, card), forged(statement), voucher, at),
		tablet.Redeem(t, a.Token(t, shop, card), a.Token(t, shop, card), voucher, at),
	}
	for i, code := range []gen.ProblemCode{
		gen.ProblemCodeCredentialNotAccepted, gen.ProblemCodeStatementInvalid, gen.ProblemCodeStatementInvalid,
		gen.ProblemCodeStatementInvalid, gen.ProblemCodeStatementInvalid,
	} {
		wantState(t, a.Sync(t, tablet, items[i])[0], gen.SyncStateContested, code)
	}
	a.Clock.Advance(15 * time.Minute)
	late := tablet.Redeem(t, a.Token(t, shop, card), statement, voucher, a.Clock.Now())
	wantState(t, a.Sync(t, tablet, late)[0], gen.SyncStateContested, gen.ProblemCodeStatementExpired)
}

// Whose items they are is proven before anything is kept.
func TestSyncRefusesWhatIsNotTheQueues(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet, other := a.NewTablet(t, shop.Front), a.NewTablet(t, shop.Back)
	rival := a.NewTablet(t, a.Rival.Front)
	card := a.NewCard(t, shop, shop.Stamps).ID
	now := a.Clock.Now()
	item := tablet.Earn(t, a.Token(t, shop, card), now)
	altered := []byte(item)
	if at := len(altered) - 40; altered[at] != 'a' { // another digit of base64url
		altered[at] = 'a'
	} else {
		altered[at] = 'b'
	}
	cut := strings.Split(item, ".")
	refused := map[string]gen.ProblemCode{
		string(altered):       gen.ProblemCodeItemInvalid,
		"nothing":             gen.ProblemCodeItemMalformed,
		cut[0] + "." + cut[1]: gen.ProblemCodeItemMalformed,
		other.Earn(t, a.Token(t, shop, card), now):                                     gen.ProblemCodeQueueNotFound,
		rival.Earn(t, a.Token(t, shop, card), now):                                     gen.ProblemCodeQueueNotFound,
		other.Earn(t, a.Token(t, shop, card), now, apitest.Map{"queue": tablet.Queue}): gen.ProblemCodeItemInvalid,
		tablet.Sign(t, `{"alg":"none","typ":"stempel-offline+jwt"}`, "{}"):             gen.ProblemCodeItemMalformed,
		tablet.Earn(t, "x", now, apitest.Map{"pin": "1234"}):                           gen.ProblemCodeItemMalformed,
	}
	before := a.Book(t)
	for text, code := range refused {
		wantState(t, a.Sync(t, tablet, text)[0], gen.SyncStateRefused, code)
	}
	if a.Book(t) != before {
		t.Error("something was posted")
	}
	if queue := registered(t, a, tablet); queue.NextCounter != 1 {
		t.Errorf("something was kept: %+v", queue)
	}
	wantState(t, a.Sync(t, tablet, item)[0], gen.SyncStatePosted, "")
	wantState(t, a.Sync(t, rival, item)[0], gen.SyncStateRefused, gen.ProblemCodeQueueNotFound)
}

// One number, two items: a tablet that was restored from a copy and went on.
func TestACounterThatIsReused(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	copied := tablet.Restored()
	card := a.NewCard(t, shop, shop.Stamps).ID
	first := tablet.Earn(t, a.Token(t, shop, card), a.Clock.Now())
	second := copied.Earn(t, a.Token(t, shop, card), a.Clock.Now())
	results := a.Sync(t, tablet, first)
	results = append(results, a.Sync(t, copied, second)...)
	wantState(t, results[0], gen.SyncStatePosted, "")
	wantState(t, results[1], gen.SyncStateContested, gen.ProblemCodeCounterReused)
	both := a.Sync(t, copied, first, second)
	if !reflect.DeepEqual(both, results) {
		t.Errorf("sent again: %+v", both)
	}
	if got := a.GetCard(t, shop, card).Balance; got != 1 {
		t.Errorf("the card has %d", got)
	}
}

// After the horizon an item is too old, but one that was sent before is answered as it was.
func TestSyncAfterTheHorizon(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	card := a.NewCard(t, shop, shop.Stamps).ID
	token := a.Token(t, shop, card)
	posted, used := tablet.Earn(t, token, a.Clock.Now()), tablet.Earn(t, token, a.Clock.Now())
	late := tablet.Earn(t, a.Token(t, shop, card), a.Clock.Now())
	first := a.Sync(t, tablet, posted, used)
	a.Clock.Advance(loyalty.OfflineHorizon + time.Hour)
	for range 20 {
		if n, err := a.Store.Prune(t.Context(), a.Clock.Now()); err != nil {
			t.Fatal(n, err)
		}
	}
	again := a.Sync(t, tablet, posted, used, late)
	if !reflect.DeepEqual(again[:2], first) {
		t.Errorf("after the marks were pruned: %+v\nfirst: %+v", again, first)
	}
	wantState(t, again[2], gen.SyncStateContested, gen.ProblemCodeCaptureTooOld)
	if got := a.GetCard(t, shop, card).Balance; got != 1 {
		t.Errorf("the card has %d", got)
	}
}

// A revoked till is told so; paired anew, it sends the same queue.
func TestSyncOfARevokedTill(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	item := tablet.Earn(t, a.Token(t, shop, a.NewCard(t, shop, shop.Stamps).ID), a.Clock.Now())
	a.Revoke(t, shop.Front)
	sync := apitest.Call{Path: "/v1/till/sync", Token: shop.Front.Token, Body: apitest.Map{"items": []string{item}}}
	a.Refused(t, sync, gen.ProblemCodeTillRevoked)
	pairing := apitest.Read[gen.Pairing](t, a.Do(t, apitest.Call{Path: "/v1/tills/" + shop.Front.ID.String() + "/pairing", Token: shop.Admin}))
	paired := apitest.Read[gen.PairedTill](t, a.Do(t, apitest.Call{Path: "/v1/pairings", For: shop, Body: apitest.Map{"code": pairing.Code}}))
	shop.Trust(paired.Token)
	tablet.Till.Token = paired.Token
	wantState(t, a.Sync(t, tablet, item)[0], gen.SyncStatePosted, "")
}

// A clock that is an hour off moves nothing beyond the last contact and now.
func TestClocksThatAreOff(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	began := a.Clock.Now()
	behind, ahead := a.NewTablet(t, shop.Front), a.NewTablet(t, shop.Back)
	behind.Behind, ahead.Behind = time.Hour, -time.Hour
	card := a.NewCard(t, shop, shop.Stamps).ID
	printed := a.Static(t, shop, card, gen.SurfacePrint)
	early, late := behind.Earn(t, printed, began.Add(time.Minute)), ahead.Earn(t, printed, began.Add(time.Minute))
	a.Clock.Advance(10 * time.Minute)
	first, second := a.Sync(t, behind, early)[0], a.Sync(t, ahead, late)[0]
	if got := entryOf(t, a, shop, first.Entry).CapturedAt; !got.Equal(began) {
		t.Errorf("captured at %v, before the till heard of the server at %v", got, began)
	}
	if got := entryOf(t, a, shop, second.Entry).CapturedAt; !got.Equal(a.Clock.Now()) {
		t.Errorf("captured at %v, after it was sent", got)
	}
	forged := behind.Earn(t, printed, began, apitest.Map{"contact": ahead.Contact})
	wantState(t, a.Sync(t, behind, forged)[0], gen.SyncStateContested, gen.ProblemCodeContactInvalid)
}

// What a till may write in its items can be odd, and keeps no other item from being
// settled.
func TestOddPurchasesOffline(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t))
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	spend := func(ref string, total int64, currency string, lines ...any) string {
		t.Helper()
		token := a.Token(t, shop, a.NewCard(t, shop, shop.Points).ID)
		purchase := apitest.Map{"ref": ref, "total": total, "currency": currency}
		if len(lines) > 0 {
			purchase["items"] = lines
		}
		return tablet.Earn(t, token, a.Clock.Now(), apitest.Map{"units": nil, "purchase": purchase})
	}
	results := a.Sync(t, tablet,
		spend("1", 1250, "EUR"), spend("2", 1250, "E\x00R"), spend("3", -5, "EUR"), spend("4\x00", 1250, "EUR"), spend("1", 1250, "EUR"), spend("5", 1250, "PLN"),
		spend("6", 1250, "EUR", piece("ice", 1000), piece("ice", 300)), spend("7", 1250, "EUR", piece("ice", 1000), piece("ice", 250)))
	for i, code := range []gen.ProblemCode{
		"", gen.ProblemCodePurchaseInvalid, gen.ProblemCodePurchaseInvalid, "", gen.ProblemCodePurchaseAlreadyCredited, gen.ProblemCodeCurrencyMismatch,
		gen.ProblemCodePurchaseInvalid, "",
	} {
		state := gen.SyncStateContested
		if code == "" {
			state = gen.SyncStatePosted
		}
		wantState(t, results[i], state, code)
	}
	list := apitest.Read[gen.ContestedPage](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/contested", Token: shop.Admin}))
	for _, c := range list.Contested {
		if c.Counter == 6 && (c.Total != 1250 || c.Currency != "PLN") || c.Counter == 2 && c.Currency != "" {
			t.Errorf("contested: %+v", c)
		}
		if c.Counter == 7 && (c.Total != 1250 || !strings.Contains(c.Detail, "lines add up to 1300, and its total is 1250, in minor units. Line 2")) {
			t.Errorf("lines that do not add up: %+v", c)
		}
	}
}

func TestBodiesOfSync(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	sync := func(body any) apitest.Call {
		return apitest.Call{Path: "/v1/till/sync", Token: a.Shop.Front.Token, Body: body}
	}
	a.Refused(t, sync(apitest.Map{"items": []string{}}), gen.ProblemCodeMissingField)
	a.Refused(t, sync(apitest.Map{"items": make([]int, 3)}), gen.ProblemCodeWrongType)
	many := make([]string, 201)
	for i := range many {
		many[i] = "x"
	}
	a.Refused(t, sync(apitest.Map{"items": many}), gen.ProblemCodeInvalidField)
	large, err := json.Marshal(apitest.Map{"items": []string{strings.Repeat("A", 10<<20)}})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := a.Try(t, sync(large)); err == nil && answer.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("10 MB were answered %d %.200s", answer.Status, answer.Body)
	}
	a.Refused(t, apitest.Call{
		Path: "/v1/till/queues", Token: a.Shop.Front.Token,
		Body: apitest.Map{"public_key": apitest.Map{"kty": "EC", "crv": "P-256", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}},
	}, gen.ProblemCodeInvalidField)
}

// A phone that is held to a Smart Tap reader during an outage earns as it does online.
// It redeems nothing, and a session that nobody has opened is not taken.
func TestSmartTapOffline(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	register(t, a, shop.Front, "smart_tap")
	front, back := a.NewTablet(t, shop.Front), a.NewTablet(t, shop.Back)
	a.TakeLease(t, front)
	card := a.NewCard(t, shop, shop.Stamps).ID
	voucher, value, at, nfc := voucherOf(t, a, card), a.TapText(t, shop, card), a.Clock.Now(), apitest.Map{"channel": "nfc"}
	results := a.Sync(t, front,
		front.Earn(t, value, at, nfc),
		front.Earn(t, apitest.SmartTapReader.Tap(value), at.Add(time.Second), nfc),
		front.Redeem(t, value, a.State(t, shop, card, voucher), voucher, at.Add(2*time.Second), nfc))
	wantState(t, results[0], gen.SyncStatePosted, "")
	wantState(t, results[1], gen.SyncStateContested, gen.ProblemCodeCredentialNotAccepted)
	wantState(t, results[2], gen.SyncStateContested, gen.ProblemCodeCredentialNotAccepted)
	plain := a.Sync(t, back, back.Earn(t, value, at, nfc))[0]
	wantState(t, plain, gen.SyncStatePosted, "")
	for entry, method := range map[loyalty.EntryID]gen.Method{results[0].Entry: gen.MethodSmarttap, plain.Entry: gen.MethodStatic} {
		if got := entryOf(t, a, shop, entry).Method; got != method {
			t.Errorf("posted by %s, want %s", got, method)
		}
	}
}
