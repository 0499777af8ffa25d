package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// FuzzScan: whatever a till sends as a scan is answered as the contract says, and
// posts nothing unless it says so.
func FuzzScan(f *testing.F) {
	a := apitest.Boot(f)
	shop := a.Shop
	card := a.NewCard(f, shop, shop.Stamps).ID
	// The fuzzer's processes have keys of their own, so that seeds only point at codes.
	codes := strings.NewReplacer("$live", a.Token(f, shop, card), "$static", a.Static(f, shop, card, gen.SurfacePrint))
	for body, key := range map[string]string{
		`{"credential":"$live"}`:                                                                                      "",
		`{"credential":" $static\r\n","channel":"wedge"}`:                                                             "look",
		`{"credential":"$live","earn":{"units":1},"pin":"4711"}`:                                                      "pin",
		`{"credential":"$static","earn":{"units":1}}`:                                                                 "earn",
		`{"credential":"$static","earn":{"purchase":{"ref":"1","total":1,"currency":"EUR","items":[]}}}`:              "buy",
		`{"credential":"$static","earn":{"units":9223372036854775807}}`:                                               "many",
		`{"credential":"$static","earn":{"units":1,"purchase":{"ref":"\u0000","total":0,"currency":"EUR"}},"pin":""}`: "~",
		`{"credential":"WIFI:S:guest;;","channel":"typed"}`:                                                           "schlüssel",
		"{\"credential\":\"\xff\"}":                                                                                   "two words",
	} {
		f.Add([]byte(body), key)
	}
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		if slices.ContainsFunc([]byte(key), func(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return // no client sends such a header
		}
		before := a.Book(t)
		answer := a.Do(t, apitest.Call{Path: "/v1/scans", Token: shop.Front.Token, Key: key, Body: []byte(codes.Replace(string(body)))})
		posted := 0
		if answer.Status == http.StatusOK && answer.Header.Get("Idempotent-Replayed") == "" {
			posted = len(apitest.Read[gen.Scan](t, answer).Entries)
		}
		if after := a.Book(t); after.Entries != before.Entries+posted || posted == 0 && after != before {
			t.Errorf("%q: answered %d %s, but %d entries were posted", body, answer.Status, answer.Body, after.Entries-before.Entries)
		}
	})
}
