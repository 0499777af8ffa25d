package loyalty_test

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// One scan may earn once and redeem once, in either order.
func TestNonceEarnsOnceAndRedeemsOnce(t *testing.T) {
	t.Parallel()
	earn, redeem := loyalty.Earning{Units: 10}, loyalty.Redemption{Reward: loyaltytest.Cone}
	code := loyaltytest.Presenting("code")

	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(earn, code)
	shop.Do(redeem, code, loyaltytest.ByHandle)
	shop.Refused(loyalty.ScanUsed, earn, code, loyaltytest.ByHandle)
	shop.Refused(loyalty.ScanUsed, redeem, code, loyaltytest.ByHandle)

	shop = loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(earn)
	shop.Do(redeem, code)
	shop.Do(earn, code)
	shop.Refused(loyalty.CredentialUsed, redeem, code)
	shop.Refused(loyalty.CredentialUsed, earn, code)
}

// The loser is told when and where, and which entry only if the till is the same.
func TestNonceBelongsToTheFirstScan(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	other := shop.Pair(loyaltytest.Till(t, "back"))
	earn, redeem := loyalty.Earning{Units: 10}, loyalty.Redemption{Reward: loyaltytest.Cone}
	code := loyaltytest.Presenting("code")
	first, began := shop.Entry(earn, code), shop.Now
	shop.After(time.Second)

	same := shop.Refused(loyalty.CredentialUsed, earn, code)
	if same.Used == nil || same.Used.TillName != "front" || !same.Used.At.Equal(began) || same.Entry != first.ID {
		t.Errorf("the same till is told %+v of entry %s", same.Used, same.Entry)
	}
	for _, action := range []loyalty.Action{earn, redeem} { // another action is no way around it
		for _, handle := range []func(*loyalty.Command){func(*loyalty.Command) {}, loyaltytest.ByHandle} {
			elsewhere := shop.Refused(loyalty.CredentialUsed, action, code, other, handle)
			if elsewhere.Used == nil || elsewhere.Used.TillName != "front" || !elsewhere.Entry.IsZero() {
				t.Errorf("another till is told %+v of entry %s", elsewhere.Used, elsewhere.Entry)
			}
		}
	}
	handle := shop.Refused(loyalty.ScanUsed, earn, code, loyaltytest.ByHandle)
	if handle.Used == nil || handle.Entry != first.ID {
		t.Errorf("the handle is told %+v of entry %s", handle.Used, handle.Entry)
	}
}

// Losers within one batch learn the same as losers of a later one.
func TestNonceWithinOneBatch(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	code := loyaltytest.Presenting("code")
	other := shop.Pair(loyaltytest.Till(t, "back"))
	batch := []*loyalty.Command{
		shop.Command(loyalty.Earning{Units: 1}, code),
		shop.Command(loyalty.Earning{Units: 1}, code),
		shop.Command(loyalty.Earning{Units: 1}, code, other),
		shop.Command(loyalty.Earning{Units: 1}),
	}
	results, err := shop.Book.Post(batch, shop.Now)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []loyalty.Code{"", loyalty.CredentialUsed, loyalty.CredentialUsed, ""} {
		var refusal *loyalty.Refusal
		if errors.As(results[i].Err, &refusal); want == "" && results[i].Err != nil || want != "" && (refusal == nil || refusal.Code != want) {
			t.Errorf("command %d: %v, want %q", i, results[i].Err, want)
		}
		if refusal != nil && (refusal.Used.TillName != "front" || !refusal.Used.At.Equal(shop.Now)) {
			t.Errorf("command %d is told %+v", i, refusal.Used)
		}
	}
}

// A refusal spends nothing: the same code works once the reason is gone.
func TestNonceSurvivesRefusal(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.PerScan = 1 }))
	code := loyaltytest.Presenting("code")
	shop.Refused(loyalty.PINRequired, loyalty.Earning{Units: 2}, code)
	shop.Do(loyalty.Earning{Units: 2}, code, loyaltytest.Approved(loyalty.Manager))
}

// A voided action does not give its code back: the customer shows a fresh one.
func TestNonceStaysSpentAfterVoid(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	code := loyaltytest.Presenting("code")
	entry := shop.Entry(loyalty.Earning{Units: 1}, code)
	shop.Do(loyalty.Reversal{Entry: entry.ID})
	shop.Refused(loyalty.CredentialUsed, loyalty.Earning{Units: 1}, code)
}

// A use is kept until no path accepts its nonce any more.
func TestNonceIsKeptLongEnough(t *testing.T) {
	t.Parallel()
	const rest = loyalty.Leeway + loyalty.OfflineHorizon
	tests := []struct {
		name    string
		handle  int64
		expires time.Duration // of the credential, after now; 0: never ends
		want    time.Duration // after now
	}{
		{"live", 0, time.Minute, time.Minute + 15*time.Minute + rest},
		{"ended, used by its handle", 0, -10 * time.Minute, 15*time.Minute + rest},
		{"static", 0, 0, 15*time.Minute + rest},
		{"long handles", 7200, time.Minute, time.Minute + 2*time.Hour + rest},
		{"short handles still redeem for two minutes", 10, time.Minute, time.Minute + 2*time.Minute + rest},
	}
	for _, tt := range tests {
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.HandleLife = tt.handle }))
		decision := shop.Do(loyalty.Earning{Units: 1}, func(c *loyalty.Command) {
			c.Scan.Expires = time.Time{}
			if tt.expires != 0 {
				c.Scan.Expires = shop.Now.Add(tt.expires)
			}
		})
		if got := decision.Uses[0].Expires.Sub(shop.Now); got != tt.want {
			t.Errorf("%s: kept for %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestNewNonce(t *testing.T) {
	t.Parallel()
	a, b := loyalty.CardID(loyaltytest.ID("a")), loyalty.CardID(loyaltytest.ID("b"))
	nonce := loyalty.NewNonce(loyalty.Live, a, []byte("x"))
	if nonce != loyalty.NewNonce(loyalty.Live, a, []byte("x")) {
		t.Error("the same presentation has two nonces")
	}
	for name, other := range map[string]loyalty.Nonce{
		"method": loyalty.NewNonce(loyalty.Static, a, []byte("x")),
		"card":   loyalty.NewNonce(loyalty.Live, b, []byte("x")),
		"unique": loyalty.NewNonce(loyalty.Live, a, []byte("y")),
		"none":   {},
	} {
		if other == nonce {
			t.Errorf("another %s has the same nonce", name)
		}
	}
}

// A scan that only looks learns of a used code what an action would.
func TestCheckLook(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Program(t)
	card := loyaltytest.Card(program, "anna")
	till := loyaltytest.Till(t, "front")
	nonce := loyalty.NewNonce(loyalty.Live, card.ID, []byte("x"))
	mine := loyalty.Scanned{ID: loyaltytest.ScanID(nonce, till.ID), Nonce: nonce, Method: loyalty.Live}
	use := loyalty.Use{Nonce: nonce, Action: loyalty.Earn, Scan: mine.ID, Till: till.ID, Entry: loyalty.EntryID(loyaltytest.ID("e"))}
	theirs := mine
	theirs.ID = loyalty.ScanID(loyaltytest.ID("another till's"))
	printed := loyalty.Scanned{Method: loyalty.Static, Surface: loyalty.Print, Generation: 2}
	phone := loyalty.Secret{Number: 2, Epoch: 1}
	rotating := loyalty.Scanned{Nonce: nonce, Method: loyalty.Rotating, Secret: phone}

	tests := []struct {
		name   string
		change func(*loyalty.State, *loyalty.Till)
		scan   loyalty.Scanned
		want   loyalty.Code
	}{
		{"fresh", nil, theirs, ""},
		{"this scan's own use", func(s *loyalty.State, _ *loyalty.Till) { s.Uses = []loyalty.Use{use} }, mine, ""},
		{"another scan's", func(s *loyalty.State, _ *loyalty.Till) { s.Uses = []loyalty.Use{use} }, theirs, loyalty.CredentialUsed},
		{"another nonce's", func(s *loyalty.State, _ *loyalty.Till) { s.Uses = []loyalty.Use{use} }, printed, loyalty.CredentialReplaced},
		{"a good secret", func(s *loyalty.State, _ *loyalty.Till) { s.Secrets = []loyalty.Secret{{Number: 1, Epoch: 1}, phone} }, rotating, ""},
		{"a revoked secret", func(s *loyalty.State, _ *loyalty.Till) { s.Secrets = []loyalty.Secret{{Number: 1, Epoch: 1}} }, rotating, loyalty.CredentialRevoked},
		{"a later secret", func(s *loyalty.State, _ *loyalty.Till) { s.Secrets = []loyalty.Secret{{Number: 2, Epoch: 2}} }, rotating, loyalty.CredentialRevoked},
		{"blocked", func(s *loyalty.State, _ *loyalty.Till) { s.Card.Blocked = true }, mine, loyalty.CardBlocked},
		{"revoked", func(_ *loyalty.State, till *loyalty.Till) { till.Revoked = true }, mine, loyalty.TillRevoked},
	}
	for _, tt := range tests {
		state, till := loyalty.State{Program: program, Card: card}, till
		if tt.change != nil {
			tt.change(&state, &till)
		}
		err := loyalty.CheckLook(&state, till, till.Pairing, &tt.scan)
		var refusal *loyalty.Refusal
		if errors.As(err, &refusal); (tt.want == "") != (err == nil) || refusal != nil && refusal.Code != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestClaimOutcomeUse(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	decision := shop.Do(loyalty.Earning{Units: 1})
	want := decision.Uses[0]
	outcome := loyalty.Outcome{
		Claim: loyalty.Claim{Nonce: want.Nonce, Action: want.Action},
		Scan:  want.Scan, Till: want.Till, TillName: "front", Entry: want.Entry, At: want.At,
	}
	want.TillName, want.Expires = "front", time.Time{}
	if got := *outcome.Use(shop.CardID); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
