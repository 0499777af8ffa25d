package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// A printed card is lost and replaced, the phone is stolen and the card blocked,
// and then found again. All of that can be read later.
func TestLostCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	path := "/v1/cards/" + card.String()
	old := a.Static(t, shop, card, gen.SurfacePrint)
	reissue := office(shop, "POST", path+"/reissue", apitest.Map{"surface": "print", "note": "lost"})
	fresh := apitest.Read[gen.Token](t, a.Do(t, reissue))
	a.Refused(t, reissue, gen.ProblemCodeAnswerNotRepeatable)
	a.Refused(t, apitest.Scan(shop.Front, old, apitest.Units(1)), gen.ProblemCodeCredentialReplaced)
	a.Do(t, apitest.Scan(shop.Front, fresh.Token, apitest.Units(1)))
	if again := a.Static(t, shop, card, gen.SurfacePrint); again != fresh.Token {
		t.Error("the card shows another text than was issued")
	}
	live := a.Token(t, shop, card)
	a.Do(t, office(shop, "POST", path+"/block", apitest.Map{"note": "stolen"}))
	for _, text := range []string{live, fresh.Token} {
		a.Refused(t, apitest.Scan(shop.Front, text, apitest.Units(1)), gen.ProblemCodeCardBlocked)
		a.Refused(t, apitest.Scan(shop.Front, text, nil), gen.ProblemCodeCardBlocked)
	}
	a.Refused(t, office(shop, "POST", path+"/reissue", apitest.Map{"surface": "wallet"}), gen.ProblemCodeCardBlocked)
	blocked := apitest.Read[gen.CardPage](t, a.Do(t, office(shop, "GET", "/v1/cards?blocked=true", nil)))
	if len(blocked.Cards) != 1 || blocked.Cards[0].ID != card || !blocked.Cards[0].Blocked {
		t.Errorf("blocked cards: %+v", blocked)
	}
	a.Do(t, office(shop, "POST", path+"/unblock", nil))
	a.Do(t, apitest.Scan(shop.Front, live, apitest.Units(1)))
	if got := a.GetCard(t, shop, card); got.Balance != 2 || got.Blocked {
		t.Errorf("found again: %+v", got)
	}
	var done []string
	changes := apitest.Read[gen.CardChangePage](t, a.Do(t, office(shop, "GET", path+"/changes", nil)))
	for _, c := range changes.Changes {
		done = append(done, fmt.Sprint(c.Change, c.Surface, " ", c.Note))
	}
	if want := []string{"unblock ", "block stolen", "reissueprint lost"}; !slices.Equal(done, want) {
		t.Errorf("changes %q", done)
	}
}

// What the API shows of entries is enough to recompute their hashes.
func TestEntriesProveThemselves(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Cafe).ID
	a.Stamp(t, shop, shop.Front, card, 3)
	adjust := office(shop, "POST", "/v1/cards/"+card.String()+"/adjustments", apitest.Map{"units": 7, "note": "a complaint"})
	adjusted := a.Post(t, adjust).Entries[0].ID
	list := apitest.Read[gen.EntryList](t, a.Do(t, office(shop, "GET", "/v1/entries?card="+card.String(), nil)))
	slices.Reverse(list.Entries)
	link := loyalty.FirstLink(card)
	for _, e := range list.Entries {
		kind, _ := loyalty.ParseEntryKind(string(e.Kind))
		method, _ := loyalty.ParseMethod(string(e.Method))
		entry := loyalty.Entry{
			ID: e.ID, Merchant: e.Merchant, Operator: e.Operator, Card: e.Card, Seq: e.Seq, Kind: kind, Units: e.Units,
			Balance: e.Balance, Program: e.Program, Version: e.Version, Location: e.Location, Till: e.Till, Staff: e.Staff,
			Method: method, Captured: e.CapturedAt, Posted: e.PostedAt, Origin: e.Origin, Reward: e.Reward, Voucher: e.Voucher,
			Commitment: hash(t, e.Commitment),
		}
		if link = entry.Link(link); link != hash(t, e.Hash) {
			t.Fatalf("entry %d does not prove itself: %+v", e.Seq, e)
		}
	}
	if len(list.Entries) < 4 || list.Next != "" {
		t.Errorf("%d entries, next %q", len(list.Entries), list.Next)
	}
	whole := apitest.Read[gen.Entry](t, a.Do(t, office(shop, "GET", "/v1/entries/"+adjusted.String(), nil)))
	if whole.Detail == nil || whole.Detail.Note != "a complaint" {
		t.Fatalf("the adjustment: %+v", whole)
	}
	salt, err := base64.RawURLEncoding.DecodeString(whole.Detail.Salt)
	if err != nil || sha256.Sum256(append(salt, whole.Detail.Text...)) != hash(t, whole.Commitment) {
		t.Errorf("the commitment is not to the detail: %+v, %v", whole.Detail, err)
	}
	app := office(shop, "GET", "/v1/entries/"+adjusted.String(), nil)
	app.Token = shop.App
	if seen := apitest.Read[gen.Entry](t, a.Do(t, app)); seen.Detail != nil {
		t.Errorf("an app sees %+v", seen.Detail)
	}
}

func hash(t *testing.T, text string) (h loyalty.Hash) {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	copy(h[:], b)
	return h
}

// Filters of entries narrow, and a purchase is shown to the office as it came.
func TestFindEntries(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	a.Clock.Advance(time.Since(a.Clock.Now())) // which ids are of
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Points).ID
	buy := apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Map{"earn": apitest.Map{"purchase": bought("0042", 1299)}})
	earned := apitest.Read[gen.Scan](t, a.Do(t, buy)).Entries[0]
	a.Stamp(t, shop, shop.Back, a.NewCard(t, shop, shop.Stamps).ID, 1)
	at := earned.PostedAt
	for query, want := range map[string]int{
		"": 2, "?till=" + shop.Front.ID.String(): 1, "?kind=earn": 2, "?kind=void": 0, "?program=" + shop.Points.ID.String(): 1,
		"?from=" + at.Add(-time.Hour).Format(time.RFC3339): 2, "?from=" + at.Add(time.Hour).Format(time.RFC3339): 0,
		"?to=" + at.Add(-time.Hour).Format(time.RFC3339): 0, "?limit=1": 1,
	} {
		list := apitest.Read[gen.EntryList](t, a.Do(t, office(shop, "GET", "/v1/entries"+query, nil)))
		if len(list.Entries) != want {
			t.Errorf("%s: %d entries, want %d", query, len(list.Entries), want)
		}
	}
	whole := apitest.Read[gen.Entry](t, a.Do(t, office(shop, "GET", "/v1/entries/"+earned.ID.String(), nil)))
	var kept loyalty.Purchase
	if whole.Detail == nil || whole.Detail.Purchase == nil || json.Unmarshal([]byte(whole.Detail.Text), &kept) != nil ||
		kept.Ref != "0042" || whole.Detail.Purchase.Total != 1299 {
		t.Errorf("the purchase: %+v", whole.Detail)
	}
}

// A delivery of what is sold out can be had at once.
func TestStock(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	last := shop.Points.Rewards[1]
	path := "/v1/rewards/" + last.String() + "/stock"
	card := a.NewCard(t, shop, shop.Points).ID
	a.Post(t, office(shop, "POST", "/v1/cards/"+card.String()+"/adjustments", apitest.Map{"units": 100}))
	redeem := func() apitest.Call {
		return apitest.Redeem(shop.Front, a.Look(t, shop, shop.Front, card).Scan, apitest.Map{"reward": last})
	}
	a.Post(t, redeem())
	a.Refused(t, redeem(), gen.ProblemCodeRewardOutOfStock)
	if stock := apitest.Read[gen.Stock](t, a.Do(t, office(shop, "POST", path, apitest.Map{"add": 2}))); *stock.Remaining != 2 || !stock.Limited {
		t.Errorf("delivered: %+v", stock)
	}
	a.Post(t, redeem())
	a.Refused(t, office(shop, "PUT", path, apitest.Map{"remaining": 9, "expected": 2}), gen.ProblemCodeStockChanged)
	a.Do(t, office(shop, "PUT", path, apitest.Map{"remaining": 0, "expected": 1}))
	a.Refused(t, redeem(), gen.ProblemCodeRewardOutOfStock)
}
