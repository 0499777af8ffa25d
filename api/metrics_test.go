package api_test

import (
	"net/http"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Metrics count requests by route and problems by code, and know nobody's address.
func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	get := func(path string) *apitest.Answer {
		return s.Do(t, apitest.Call{Method: http.MethodGet, Path: path, Token: s.Shop.App})
	}
	for range 3 {
		get("/v1/cards/" + s.card.String())
		get("/v1/cards/" + loyalty.CardID(loyalty.NewID()).String())
	}
	s.Issue(t, s.Shop.Front, s.Shop.Stamps, apitest.Map{"units": 1})
	opened := apitest.Call{Path: "/v1/scans/opening", Token: s.Shop.Front.Token, Key: apitest.Key(), Body: apitest.Map{"scan": "no scan", "units": 1}}
	s.Refused(t, opened, gen.ProblemCodeScanMalformed)
	s.Refused(t, refund(s.Shop.Front.Token, loyalty.NewID(), apitest.Map{"pin": s.Shop.PINs.Cashier}), gen.ProblemCodeEntryNotFound)
	get("/v1/nowhere/" + s.card.String())
	s.Do(t, apitest.Call{Method: "BREW", Path: "/v1/scans"})
	page := string(get("/metrics").Body)
	for _, line := range []string{
		`stempel_http_request_duration_seconds_count{method="GET",route="/v1/cards/:card",status="200"} 3`,
		`stempel_http_request_duration_seconds_count{method="GET",route="/v1/cards/:card",status="404"} 3`,
		`stempel_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1`,
		`stempel_http_request_duration_seconds_count{method="TRACE",route="none",status="405"} 1`,
		`stempel_problems_total{code="card_not_found"} 3`,
		`stempel_scans_total{action="slip",code="",method="unknown",result="issued"} 3`,
		`stempel_scans_total{action="opening",code="scan_malformed",method="unknown",result="refused"} 1`,
		`stempel_scans_total{action="refund",code="entry_not_found",method="unknown",result="refused"} 1`,
		`stempel_problems_total{code="not_found"} 1`,
		`stempel_problems_total{code="method_not_allowed"} 1`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no line %s in\n%s", line, page)
		}
	}
	for _, private := range []string{s.card.String(), "BREW", s.Shop.Name, "nowhere"} {
		if strings.Contains(page, private) {
			t.Errorf("the page holds %s", private)
		}
	}
}

func TestLookupsAreCounted(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, card := a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	for _, body := range []apitest.Map{
		{"card_number": card, "pin": shop.PINs.Cashier},
		{"card_number": loyalty.CardID(loyalty.NewID()), "pin": shop.PINs.Cashier},
		{"card_number": card},
		{"card_number": card, "pin": "0000"},
	} {
		a.Do(t, lookUp(shop.Front, body))
	}
	receipt := apitest.Call{
		Method: "POST", Path: "/v1/scans/purchases", Token: shop.Front.Token, Body: apitest.Map{"ref": "nobody's", "pin": shop.PINs.Cashier},
	}
	if got := a.Do(t, receipt); got.Status != 200 {
		t.Fatalf("a receipt: %d %s", got.Status, got.Body)
	}
	page := string(a.Do(t, apitest.Call{Method: "GET", Path: "/metrics"}).Body)
	for _, line := range []string{
		`stempel_lookups_total{result="found"} 1`, `stempel_lookups_total{result="not_found"} 2`, `stempel_lookups_total{result="refused"} 2`,
	} {
		if !strings.Contains(page, line) {
			t.Errorf("the page has no line %s", line)
		}
	}
}
