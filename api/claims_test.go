package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
)

// A customer without a phone: the till prints a slip, the phone at home claims it
// with a token of its card, and whoever finds the slip is too late.
func TestForgottenPhoneStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	slip := a.Issue(t, shop.Front, shop.Stamps, apitest.Map{"units": 2})
	if slip.Units != 2 || !slip.ExpiresAt.Equal(slip.IssuedAt.Add(14*24*time.Hour)) {
		t.Errorf("issued %+v", slip)
	}
	picture := a.Do(t, apitest.Call{Method: http.MethodGet, Path: slip.QRURL})
	if picture.Status != http.StatusOK || picture.Header.Get("Content-Type") != "image/png" {
		t.Fatalf("the picture: %d %s", picture.Status, picture.Body)
	}

	a.Clock.Advance(30 * time.Hour)
	card := a.NewCard(t, shop, shop.Stamps).ID
	phone := a.Phone(t, shop, card)
	claim := apitest.Claim(phone.Token, strings.ToLower(strings.ReplaceAll(slip.Code, "-", " ")), loyalty.CardID{})
	first := a.Do(t, claim)
	posted := apitest.Read[gen.Posting](t, first)
	if e := posted.Entries[0]; posted.Card.Balance != 2 || e.Till != shop.Front.ID || e.Method != gen.MethodClaim ||
		!e.CapturedAt.Equal(slip.IssuedAt) || !e.PostedAt.Equal(a.Clock.Now()) {
		t.Errorf("claimed: %+v", posted)
	}
	repeated(t, a, claim, first)
	if seen := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.String(), Token: phone.Token}); apitest.Read[gen.Card](t, seen).Balance != 2 {
		t.Errorf("the phone sees %s", seen.Body)
	}

	at := a.Clock.Now()
	a.Clock.Advance(time.Hour)
	other := a.NewCard(t, shop, shop.Stamps).ID
	for name, again := range map[string]apitest.Call{
		"the same phone": apitest.Claim(phone.Token, slip.Code, card),
		"another one":    apitest.Claim(a.Phone(t, shop, other).Token, slip.Code, other),
		"the app":        apitest.Claim(shop.App, slip.Code, other),
	} {
		p := a.Refused(t, again, gen.ProblemCodeClaimAlreadyUsed)
		if p.Used == nil || !p.Used.At.Equal(at) || !p.Used.Till.IsZero() || !p.Entry.IsZero() {
			t.Errorf("%s is told %+v of entry %s", name, p.Used, p.Entry)
		}
	}
	a.Refused(t, apitest.Call{Method: http.MethodGet, Path: "/v1/claims/" + slip.ID.String() + "/qr.png", Token: shop.Front.Token}, gen.ProblemCodeClaimAlreadyUsed)
	got := apitest.Read[gen.Claim](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/claims/" + slip.ID.String(), Token: shop.Front.Token}))
	if got.State != gen.ClaimStateClaimed || got.Entry != posted.Entries[0].ID || !got.ClaimedAt.Equal(at) {
		t.Errorf("the till sees %+v", got)
	}
}

// The picture holds the code that is printed, as a program that is not ours reads it.
func TestClaimPicture(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	slip := a.Issue(t, a.Shop.Front, a.Shop.Stamps, apitest.Map{"units": 1})
	reprint := apitest.Call{Method: http.MethodGet, Path: "/v1/claims/" + slip.ID.String() + "/qr.png?size=200", Token: a.Shop.Front.Token}
	for _, c := range []apitest.Call{{Method: http.MethodGet, Path: slip.QRURL}, reprint} {
		if text := enginetest.ReadQR(t, a.Do(t, c).Body); text != slip.Code {
			t.Errorf("%s reads %q, printed is %s", c.Path, text, slip.Code)
		}
	}
}

// A signed link draws one claim's code for ten minutes, and no card's.
func TestClaimLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	get := func(link string) apitest.Call { return apitest.Call{Method: http.MethodGet, Path: link} }
	other := s.Issue(t, s.Shop.Front, s.Shop.Stamps, apitest.Map{"units": 1})
	for name, link := range map[string]string{
		"another claim":  strings.Replace(s.claimLink, s.claim.String(), other.ID.String(), 1),
		"unknown claim":  strings.Replace(s.claimLink, s.claim.String(), loyalty.ClaimID(loyalty.NewID()).String(), 1),
		"a card's":       strings.Replace(s.link, "/v1/cards/"+s.card.String(), "/v1/claims/"+s.claim.String(), 1),
		"for a card":     strings.Replace(s.claimLink, "/v1/claims/"+s.claim.String(), "/v1/cards/"+s.card.String(), 1),
		"longer":         changed(t, s.claimLink, "expires", func(string) string { return "9223372036854775807" }),
		"other spelling": changed(t, s.claimLink, "signature", otherSpelling),
	} {
		t.Run(name, func(t *testing.T) {
			s.Refused(t, get(strings.Replace(link, "&method=live", "", 1)), gen.ProblemCodeLinkInvalid)
		})
	}
	s.Clock.Advance(10*time.Minute + time.Second)
	s.Refused(t, get(s.claimLink), gen.ProblemCodeLinkExpired)
}

func TestClaimIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shop, card := s.Shop, s.card
	claim := func(code string) apitest.Call { return apitest.Claim(s.phone, code, card) }
	withdraw := func(token string) apitest.Call {
		return apitest.Call{Path: "/v1/claims/" + s.claim.String() + "/withdraw", Token: token}
	}
	last := "0"
	if strings.HasSuffix(s.code, last) {
		last = "1"
	}
	s.Refused(t, claim(s.code[:16]+last), gen.ProblemCodeClaimMalformed)
	s.Refused(t, claim("00000-00000-00000"), gen.ProblemCodeClaimNotFound)
	s.Refused(t, apitest.Claim(s.rivals, s.code, loyalty.CardID{}), gen.ProblemCodeClaimNotFound)
	s.Refused(t, apitest.Claim(shop.App, s.code, loyalty.CardID{}), gen.ProblemCodeMissingField)
	points := s.NewCard(t, shop, shop.Points).ID
	s.Refused(t, apitest.Claim(shop.App, s.code, points), gen.ProblemCodeClaimOtherProgram)
	s.Refused(t, apitest.Claim(shop.App, s.code, loyalty.NewID()), gen.ProblemCodeCardNotFound)

	s.Refused(t, withdraw(shop.Back.Token), gen.ProblemCodeClaimNotFound)
	for range 2 {
		if got := apitest.Read[gen.Claim](t, s.Do(t, withdraw(shop.Front.Token))); got.State != gen.ClaimStateWithdrawn {
			t.Errorf("withdrawn: %+v", got)
		}
	}
	other := s.Issue(t, shop.Back, shop.Stamps, apitest.Map{"units": 1})
	s.Refused(t, apitest.Call{Method: http.MethodGet, Path: "/v1/claims/" + other.ID.String(), Token: shop.Front.Token}, gen.ProblemCodeClaimNotFound)
	cancel := apitest.Call{Path: "/v1/claims/" + other.ID.String() + "/withdraw", Token: shop.Admin}
	if answer := s.Do(t, cancel); answer.Status != http.StatusOK {
		t.Errorf("the office withdraws: %d %s", answer.Status, answer.Body)
	}
	s.Refused(t, claim(other.Code), gen.ProblemCodeClaimWithdrawn)

	s.Clock.Advance(14*24*time.Hour + time.Second)
	s.Refused(t, claim(s.code), gen.ProblemCodeClaimExpired)
	s.Clock.Advance(-time.Second)
	posted := s.Post(t, claim(s.code))
	used := s.Issue(t, shop.Front, shop.Stamps, apitest.Map{"units": 1})
	earned := s.Post(t, claim(used.Code)).Entries[0].ID
	late := apitest.Call{Path: "/v1/claims/" + used.ID.String() + "/withdraw", Token: shop.Front.Token}
	if p := s.Refused(t, late, gen.ProblemCodeClaimAlreadyUsed); p.Entry != earned {
		t.Errorf("too late to withdraw: told of %s", p.Entry)
	}
	s.Post(t, apitest.Void(shop.Front, earned, nil))
	s.Post(t, apitest.Void(shop.Front, posted.Entries[0].ID, nil))
}

// What a till gives no code for.
func TestIssueIsRefused(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	issue := func(program apitest.Program, more apitest.Map) apitest.Call {
		more["program"] = program.ID
		return apitest.Call{Path: "/v1/claims", Token: shop.Front.Token, Key: apitest.Key(), Body: more}
	}
	a.Refused(t, issue(shop.Stamps, apitest.Map{}), gen.ProblemCodeUnitsOutOfRange)
	if p := a.Refused(t, issue(shop.Stamps, apitest.Map{"units": 21}), gen.ProblemCodePINRequired); p.Needs != gen.RoleManager {
		t.Errorf("needs %s", p.Needs)
	}
	a.Refused(t, issue(shop.Stamps, apitest.Map{"units": 21, "pin": shop.PINs.Cashier}), gen.ProblemCodePINRequired)
	a.Refused(t, issue(shop.Points, apitest.Map{"units": 1}), gen.ProblemCodeUnitsNotAccepted)
	a.Refused(t, issue(shop.Points, apitest.Map{}), gen.ProblemCodePurchaseRequired)
	a.Refused(t, issue(shop.Cafe, apitest.Map{"units": 9, "pin": shop.PINs.Manager}), gen.ProblemCodeUnitsOutOfRange)

	approved := a.Issue(t, shop.Front, shop.Stamps, apitest.Map{"units": 21, "pin": shop.PINs.Manager})
	card := a.NewCard(t, shop, shop.Stamps).ID
	if e := a.Post(t, apitest.Claim(shop.App, approved.Code, card)).Entries[0]; e.Units != 21 || e.Staff.IsZero() {
		t.Errorf("approved by a manager: %+v", e)
	}
}

// One purchase, with a slip and at the till: whoever comes second is told.
func TestClaimedPurchase(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Points).ID
	scan := func(p any) apitest.Call {
		return apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Map{"earn": apitest.Map{"purchase": p}})
	}
	first := bought("0001", 500)
	slip := a.Issue(t, shop.Front, shop.Points, apitest.Map{"purchase": first})
	if slip.Units != 5 {
		t.Errorf("issued %+v", slip)
	}
	earned := apitest.Read[gen.Scan](t, a.Do(t, scan(first))).Entries[0].ID
	if p := a.Refused(t, apitest.Claim(shop.App, slip.Code, card), gen.ProblemCodePurchaseAlreadyCredited); p.Entry != earned {
		t.Errorf("told of %s", p.Entry)
	}
	again := apitest.Call{Path: "/v1/claims", Token: shop.Front.Token, Key: apitest.Key(), Body: apitest.Map{"program": shop.Points.ID, "purchase": first}}
	if p := a.Refused(t, again, gen.ProblemCodePurchaseAlreadyCredited); p.Entry != earned {
		t.Errorf("the till is told of %s", p.Entry)
	}

	second := bought("0002", 700)
	slip = a.Issue(t, shop.Back, shop.Points, apitest.Map{"purchase": second})
	a.Post(t, apitest.Claim(shop.App, slip.Code, card))
	a.Refused(t, scan(second), gen.ProblemCodePurchaseAlreadyCredited)
	if got := a.GetCard(t, shop, card).Balance; got != 12 {
		t.Errorf("the card has %d points", got)
	}
}

// Whoever tries codes is told to wait, and nobody else is.
func TestGuessesAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	guess := apitest.Claim(s.phone, "00000-00000-00000", s.card)
	limited := false
	for range 30 {
		limited = s.Do(t, guess).Status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("30 guesses were let through")
	}
	s.Refused(t, apitest.Claim(s.phone, s.code, s.card), gen.ProblemCodeRateLimited)
	other := s.NewCard(t, s.Shop, s.Shop.Stamps).ID
	s.Refused(t, apitest.Claim(s.Phone(t, s.Shop, other).Token, "00000-00000-00000", other), gen.ProblemCodeClaimNotFound)
	s.Clock.Advance(2 * time.Second)
	s.Post(t, apitest.Claim(s.phone, s.code, s.card))
}

// One code, claimed a hundred times at once over two processes, by one phone and
// to fifty cards: one of them has it, all others are told when.
func TestOneCodeManyTimes(t *testing.T) {
	t.Parallel()
	for name, guard := range guards {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two, _ := guard(t)
			a := apitest.Boot(t, apitest.Postgres(t), one)
			processes := []*apitest.API{a, a.Beside(t, two)}
			cards := make([]loyalty.CardID, 51)
			for i := range cards {
				cards[i] = a.NewCard(t, a.Shop, a.Shop.Stamps).ID
			}
			phone := a.Phone(t, a.Shop, cards[50]).Token
			for round := range 3 {
				slip := a.Issue(t, a.Shop.Front, a.Shop.Stamps, apitest.Map{"units": 1})
				calls := make([]apitest.Call, 100)
				for i := range calls {
					calls[i] = apitest.Claim(phone, slip.Code, loyalty.CardID{})
					if i%4 < 2 {
						calls[i] = apitest.Claim(a.Shop.App, slip.Code, cards[i/2])
					}
				}
				answers := atOnce(t, processes, calls)
				if n := successes(answers); n != 1 {
					t.Fatalf("round %d: %d of %d claimed it", round, n, len(calls))
				}
				for _, answer := range answers {
					if p := answer.Problem(); answer.Status >= 300 && (p.Code != gen.ProblemCodeClaimAlreadyUsed || p.Used == nil || p.Used.At.IsZero()) {
						t.Errorf("a loser is told %d %s", answer.Status, answer.Body)
					}
				}
			}
			var units int64
			for _, card := range cards {
				units += a.GetCard(t, a.Shop, card).Lifetime
			}
			if units != 3 {
				t.Errorf("%d stamps for three codes", units)
			}
		})
	}
}

// One purchase, claimed and scanned at once: it is credited once.
func TestClaimAndScanAtOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	b := a.Beside(t, apitest.Unguarded)
	shop := a.Shop
	mine, yours := a.NewCard(t, shop, shop.Points).ID, a.NewCard(t, shop, shop.Points).ID
	for round := range 10 {
		purchase := bought(fmt.Sprint("at once ", round), 100)
		calls := []apitest.Call{apitest.Scan(shop.Front, a.Token(t, shop, yours), apitest.Map{"earn": apitest.Map{"purchase": purchase}})}
		for range 7 { // as many slips as the till likes
			calls = append(calls, apitest.Claim(shop.App, a.Issue(t, shop.Front, shop.Points, apitest.Map{"purchase": purchase}).Code, mine))
		}
		answers := atOnce(t, []*apitest.API{a, b}, calls)
		if n := successes(answers); n != 1 {
			t.Fatalf("credited %d times", n)
		}
		for _, answer := range answers {
			if answer.Status >= 300 && answer.Problem().Code != gen.ProblemCodePurchaseAlreadyCredited {
				t.Errorf("%d %s", answer.Status, answer.Body)
			}
		}
	}
}
