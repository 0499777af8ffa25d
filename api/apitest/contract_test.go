package apitest

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What the tests of the API rely on: an exchange that breaks the contract is
// noticed, wherever it does.
func TestViolationsAreFound(t *testing.T) {
	t.Parallel()
	const (
		path    = "/v1/cards/card_01m10g1wayfpq8r9ttvtb5xphj/devices"
		sent    = `{"name":"Pixel 9"}`
		good    = `{"id":"device_01m10g1wayfpq8r9ttvtb5xphj","name":"Pixel 9","token":"it","created_at":"2026-11-06T09:41:07.963352Z"}`
		problem = `{"type":"urn:stempel:problem:card_not_found","title":"No such card","status":404,"code":"card_not_found","detail":"There is no such card.","request_id":"r"}`
	)
	for name, tt := range map[string]struct {
		status   int
		sent     string
		body     string
		kind     string
		violates bool
	}{
		"good":                 {201, sent, good, "application/json", false},
		"without a body":       {201, "", good, "application/json", false},
		"an unknown field":     {201, `{"name":"x","nome":"y"}`, good, "application/json", true},
		"a field's type":       {201, `{"name":1}`, good, "application/json", true},
		"no JSON":              {201, sent, "{", "application/json", true},
		"a missing field":      {201, sent, strings.Replace(good, `"token":"it",`, "", 1), "application/json", true},
		"a type":               {201, sent, strings.Replace(good, `"Pixel 9"`, "9", 1), "application/json", true},
		"a pattern":            {201, sent, strings.Replace(good, "device_", "card_", 1), "application/json", true},
		"a time":               {201, sent, strings.Replace(good, "2026-11-06T", "2026-13-06T", 1), "application/json", true},
		"another media type":   {201, sent, good, "text/plain", true},
		"a status":             {202, sent, good, "application/json", true},
		"a good problem":       {404, sent, problem, "application/problem+json", false},
		"a problem's field":    {404, sent, strings.Replace(problem, `"detail":"There is no such card.",`, "", 1), "application/problem+json", true},
		"a code not listed":    {404, sent, strings.ReplaceAll(problem, "card_not_found", "till_not_found"), "application/problem+json", true},
		"a code of no meaning": {404, sent, strings.ReplaceAll(problem, "card_not_found", "lost"), "application/problem+json", true},
	} {
		request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(tt.sent))
		if tt.sent != "" {
			request.Header.Set("Content-Type", "application/json")
		}
		header := http.Header{
			"X-Request-Id": {"r"}, "Date": {"now"}, "Content-Type": {tt.kind}, "Cache-Control": {"no-store"},
		}
		found := Load().violations(&exchange{request, []byte(tt.sent), tt.status, header, []byte(tt.body)})
		if (len(found) > 0) != tt.violates {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// Whole numbers beyond a format do not pass, however JSON spells them.
func TestNumbersHaveTheirRange(t *testing.T) {
	t.Parallel()
	for number, ok := range map[json.Number]bool{
		"2147483647": true, "-2147483648": true, "2147483648": false, "-2147483649": false, "1.5": false, "1e400": false,
	} {
		if err := within(math.MinInt32, math.MaxInt32)(number); (err == nil) != ok {
			t.Errorf("%s: %v", number, err)
		}
	}
}
