package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/passes/google"
	"stempel/passes/google/googletest"
)

// googleAt is a server that takes a stand-in for Google.
func googleAt(g *googletest.Google) network {
	on := anyPort()
	on.PublicURL = "https://cards.example.com"
	on.GoogleIssuer, on.GoogleAccount = googletest.Issuer, string(g.AccountFile())
	on.GoogleRedemptionIssuers = "3388000000098765432, 3388000000098765433"
	on.GoogleEndpoint, on.GoogleRate = g.Endpoint(), number{value: google.MaxRate}
	return on
}

// The real program puts a card into Google Wallet, hears that it was saved, shows
// its pictures, and counts it.
func TestGoogleWallet(t *testing.T) {
	g := googletest.Start(time.Now)
	t.Cleanup(g.Close)
	on := googleAt(g)
	var wrong problems
	on.check(&wrong)
	if len(wrong) > 0 {
		t.Fatalf("good settings are refused: %v", wrong)
	}
	s := bootAt(t, in(t.TempDir()), on)
	t.Cleanup(func() { closeServer(t, s) })
	h := openShop(t, s)
	card := h.card(t)
	object := h.addObject(t, g, card)
	if class := g.Class(g.Object(object).ClassId); !class.EnableSmartTap || len(class.RedemptionIssuers) != 2 || g.Object(object).SmartTapRedemptionValue == "" {
		t.Errorf("readers of %v tap %q", class.RedemptionIssuers, g.Object(object).SmartTapRedemptionValue)
	}
	hero := strings.TrimPrefix(g.Object(object).HeroImage.SourceUri.Uri, on.PublicURL)
	if got := call(t, http.MethodGet, s.URL()+hero, "", nil); got.status != http.StatusOK {
		t.Errorf("the picture: %d %s", got.status, got.body)
	}
	families := scrape(t, s)
	if got := sum(families["stempel_google_updates_total"], map[string]string{"outcome": "done"}); got != 1 {
		t.Errorf("%v updates were counted", got)
	}
	if got := h.stamp(t, h.token(t, card)); got.status != http.StatusOK {
		t.Fatalf("a stamp: %d %s", got.status, got.body)
	}
	eventually(t, "Google shows the stamp", func() bool { return g.Object(object).LoyaltyPoints.Balance.Int == 1 })
	eventually(t, "nothing waits", func() bool { return sum(scrape(t, s)["stempel_google_waiting"], nil) == 0 })
}

func TestGoogleSettings(t *testing.T) {
	g := googletest.Start(time.Now)
	t.Cleanup(g.Close)
	tests := map[string]struct {
		change func(*network)
		want   string
	}{
		"no account":          {func(n *network) { n.GoogleAccount = "" }, "STEMPEL_GOOGLE_ACCOUNT"},
		"a damaged account":   {func(n *network) { n.GoogleAccount = n.GoogleAccount[1:] }, "STEMPEL_GOOGLE_ACCOUNT"},
		"no issuer":           {func(n *network) { n.GoogleIssuer = "" }, "STEMPEL_GOOGLE_ISSUER"},
		"an issuer by name":   {func(n *network) { n.GoogleIssuer = "Aurora" }, "STEMPEL_GOOGLE_ISSUER"},
		"nowhere to be found": {func(n *network) { n.PublicURL = "" }, "STEMPEL_PUBLIC_URL"},
		"too fast":            {func(n *network) { n.GoogleRate = number{value: 21} }, "STEMPEL_GOOGLE_RATE"},
		"a reader by name":    {func(n *network) { n.GoogleRedemptionIssuers = "3388000000098765432, Aurora" }, "STEMPEL_GOOGLE_REDEMPTION_ISSUERS"},
		"21 readers":          {func(n *network) { n.GoogleRedemptionIssuers = strings.Repeat("1,", 20) + "1" }, "STEMPEL_GOOGLE_REDEMPTION_ISSUERS"},
		"another endpoint":    {func(n *network) { n.GoogleEndpoint = "google" }, "STEMPEL_GOOGLE_ENDPOINT"},
	}
	for name, test := range tests {
		on := googleAt(g)
		test.change(&on)
		var wrong problems
		on.check(&wrong)
		if len(wrong) == 0 {
			t.Errorf("%s: nothing is told", name)
			continue
		}
		told := wrong.err().Error()
		if !strings.Contains(told, test.want+":") || strings.Contains(told, "PRIVATE KEY") {
			t.Errorf("%s: told %q, want %s", name, told, test.want)
		}
	}
}
