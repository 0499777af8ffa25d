package google_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/passes"
	"stempel/passes/google"
)

var update = flag.Bool("update", false, "write what is sent to testdata")

// sentFile began as what Google's generated client made of the same cards, byte by
// byte. Any other byte sends every pass once more after an upgrade.
const sentFile = "testdata/sent.txt"

// heroes are pictures' addresses, which are new with every word on a card.
var heroes = regexp.MustCompile(`hero/[0-9a-f]+`)

// recorder keeps what goes to Google, on its way there.
type recorder struct{ sent bytes.Buffer }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	if strings.Contains(request.URL.Path, "/walletobjects/") {
		fmt.Fprintf(&r.sent, "%s %s\n%s\n", request.Method, strings.TrimPrefix(request.URL.Path, "/walletobjects/v1/"), body)
	}
	return http.DefaultTransport.RoundTrip(request)
}

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	var kept recorder
	recorded := func(c *google.Config) { c.HTTP = &http.Client{Transport: &kept} }
	s := newShop(t, recorded)
	s.save()
	step := func(change func(of *passes.Subject)) {
		t.Helper()
		s.edit = change
		s.update()
	}
	s.earn(9, time.Minute)
	step(func(of *passes.Subject) { of.Member = `Anna "<Ą>" Nowak` })
	s.earn(1, time.Minute)
	step(func(of *passes.Subject) {
		of.Shops = append(of.Shops,
			loyalty.Location{Name: "Null Island", Place: loyalty.Place{Latitude: 0, Longitude: 1}},
			loyalty.Location{Name: "Pier", Place: loyalty.Place{Latitude: 52_229_700, Longitude: -21_012_200}})
	})
	s.earn(3, time.Minute)
	step(func(of *passes.Subject) { of.Program.Ends = s.Now.Add(30 * 24 * time.Hour) })
	step(func(of *passes.Subject) { of.Card.Blocked = true })
	step(func(of *passes.Subject) { of.Ended = true })

	plain := newShop(t, recorded, func(c *google.Config) { c.Readers, c.Callback = nil, "" })
	program := loyaltytest.Discount(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Levels[0].From = 0 })
	})
	program.ID = plain.Program().ID
	plain.edit = func(of *passes.Subject) { of.Program, of.Vouchers = program, nil }
	plain.update()
	plain.edit = func(of *passes.Subject) { of.Program, of.Vouchers, of.Merchant.Name = program, nil, "Sole & Figli" }
	plain.update()

	sent := heroes.ReplaceAllString(kept.sent.String(), "hero/version")
	if *update {
		if err := os.WriteFile(sentFile, []byte(sent), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(sentFile)
	if err != nil {
		t.Fatal(err)
	}
	got, expected := strings.Split(sent, "\n"), strings.Split(string(want), "\n")
	if len(got) != len(expected) {
		t.Fatalf("%d lines were sent, want %d:\n%s", len(got), len(expected), sent)
	}
	for i := range got {
		if got[i] != expected[i] {
			t.Errorf("line %d: sent\n%s\nwant\n%s", i+1, got[i], expected[i])
		}
	}
}
