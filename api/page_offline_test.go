package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
)

// Where the shop has no network, the customer's page shows two codes, with which a
// till hands the reward out and sends it later.
func TestPageForAShopWithoutNetwork(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	a.TakeLease(t, tablet)
	card := a.NewCard(t, shop, shop.Stamps).ID
	base := "/card/" + a.Phone(t, shop, card).Token
	if page := string(pageOf(t, a, base)); strings.Contains(page, base+"/offline") {
		t.Error("it leads there without a reward")
	}
	voucher := voucherOf(t, a, card)
	if page := string(pageOf(t, a, base)); !strings.Contains(page, base+"/offline") {
		t.Error("nothing leads there")
	}
	page := string(pageOf(t, a, base+"/offline?lang=pl"))
	picture := base + "/statements/" + voucher.String() + ".png"
	if !strings.Contains(page, picture) || !strings.Contains(page, base+"/qr.png") || !strings.Contains(page, "Dla sklepu bez sieci") {
		t.Fatalf("the page is %s", page)
	}
	live, statement := enginetest.ReadQR(t, pageOf(t, a, base+"/qr.png")), enginetest.ReadQR(t, pageOf(t, a, picture))
	item := tablet.Redeem(t, live, statement, voucher, a.Clock.Now())
	a.Clock.Advance(time.Hour)
	wantState(t, a.Sync(t, tablet, item)[0], gen.SyncStatePosted, "")
	for _, gone := range []string{picture, base + "/statements/x.png", base + "/statements/" + shop.ID.String() + ".png"} {
		if answer := getPage(t, a, gone); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", gone, answer.StatusCode)
		}
	}
	if page := string(pageOf(t, a, base+"/offline")); strings.Contains(page, "/qr.png") {
		t.Error("it shows a code although there is no reward")
	}
}

func getPage(t *testing.T, a *apitest.API, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func pageOf(t *testing.T, a *apitest.API, path string) []byte {
	t.Helper()
	answer := getPage(t, a, path)
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %.200s", path, answer.StatusCode, err, body)
	}
	return body
}
