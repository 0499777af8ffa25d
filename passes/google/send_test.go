package google_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/passes"
	"stempel/passes/google"
	"stempel/passes/google/googletest"
)

// A card goes to Google, is saved, changes, and is empty again: what stands there
// follows, down to 0.
func TestUpdateFollowsTheCard(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.save()
	if o := s.google.Object(s.objectID()); o.LoyaltyPoints.Balance.Int != 0 || o.State != "ACTIVE" || len(o.Messages) != 0 {
		t.Errorf("a new card is %+v", o)
	}
	s.earn(9, time.Minute)
	s.update()
	o := s.google.Object(s.objectID())
	if o.LoyaltyPoints.Balance.Int != 9 || o.LoyaltyPoints.LocalizedLabel.DefaultValue.Language != "pl" {
		t.Errorf("with nine stamps its points are %+v", o.LoyaltyPoints)
	}
	if len(o.Messages) != 1 || !strings.Contains(o.Messages[0].Body, "9 z 10") {
		t.Errorf("its message is %+v", o.Messages)
	}
	s.earn(1, time.Minute)
	s.update()
	o = s.google.Object(s.objectID())
	if o.LoyaltyPoints.Balance.Int != 0 || o.SecondaryLoyaltyPoints.Balance.Int != 1 || len(o.Messages) != 2 {
		t.Errorf("full and so empty again it is %+v and %+v", o.LoyaltyPoints.Balance, o.SecondaryLoyaltyPoints.Balance)
	}
	if got := len(s.google.Notifications(s.objectID())); got != 2 {
		t.Errorf("phones were notified %d times of two postings", got)
	}
}

// Class and object are inserted once, and what Google shows already is not sent
// again, whoever asks.
func TestUpdateSendsNothingTwice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.update()
	const class, object = "/walletobjects/v1/loyaltyClass", "/walletobjects/v1/loyaltyObject"
	if got := s.sent(); !maps.Equal(got, map[string]int{"POST " + class: 1, "POST " + object: 1}) {
		t.Errorf("the first update sent %v", got)
	}
	s.update()
	s.save()
	if got := s.sent(); len(got) != 0 {
		t.Errorf("nothing changed, and %v was sent", got)
	}
	s.earn(1, time.Minute)
	s.update()
	if got := s.sent(); !maps.Equal(got, map[string]int{"PATCH " + object + "/" + s.objectID(): 1}) {
		t.Errorf("a stamp sent %v", got)
	}
	s.code = "STR.BBBB{totp_value_0}"
	s.update()
	if got := s.google.Object(s.objectID()).RotatingBarcode.ValuePattern; got != s.code {
		t.Errorf("after its key was changed the barcode is %s", got)
	}
}

// Another process, or we before a restore, sent class and object already.
func TestUpdateMeetsWhatStandsThere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.update()
	s.memory.objects = nil
	account, err := google.ReadAccount(s.google.AccountFile())
	if err != nil {
		t.Fatal(err)
	}
	other := google.New(google.Config{
		Issuer: googletest.Issuer, Account: account, Endpoint: s.google.Endpoint(), TokenURL: s.google.TokenURL(), HTTP: http.DefaultClient,
		Limits: unlimited{}, Rate: google.MaxRate, Images: images{}, Barcodes: s, Store: s.memory, Now: s.time,
	})
	s.earn(3, time.Minute)
	if result, err := other.Update(t.Context(), &s.pass, s.face()); err != nil || result.Outcome != google.Done {
		t.Fatalf("ended %s: %v, %v", result.Outcome, result.Err, err)
	}
	if got := s.google.Object(s.objectID()).LoyaltyPoints.Balance.Int; got != 3 {
		t.Errorf("it shows %d stamps", got)
	}
	if s.google.Class(s.classID()).CallbackOptions != nil {
		t.Error("the class still calls back, which this process does not want")
	}
	s.google.Forget()
	s.earn(1, time.Minute)
	if result, err := other.Update(t.Context(), &s.pass, s.face()); err != nil || result.Outcome != google.Done {
		t.Fatalf("after Google lost everything it ended %s: %v, %v", result.Outcome, result.Err, err)
	}
	if got := s.google.Object(s.objectID()); got == nil || got.LoyaltyPoints.Balance.Int != 4 {
		t.Errorf("then it is %+v", got)
	}
}

// Ten postings in a day notify twice, and a reward that is ready once more. What is
// shown follows each of them.
func TestNotificationsAreFew(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.update()
	s.earn(1, time.Minute)
	s.update()
	if got := len(s.google.Notifications(s.objectID())); got != 0 {
		t.Fatalf("nobody has the pass, and %d notifications were sent", got)
	}
	s.save()
	notified := func(want int) {
		t.Helper()
		if got := len(s.google.Notifications(s.objectID())); got != want {
			t.Fatalf("after %d stamps there were %d notifications, want %d", s.Card().Balance, got, want)
		}
		if got := s.google.Object(s.objectID()).LoyaltyPoints.Balance.Int; got != s.Card().Balance {
			t.Fatalf("it shows %d, want %d", got, s.Card().Balance)
		}
	}
	for stamp := range 8 {
		s.earn(1, time.Hour)
		s.update()
		notified(min(stamp+1, 2))
	}
	s.earn(1, time.Hour)
	s.update()
	notified(3)
	s.earn(1, time.Hour)
	s.update()
	notified(3)
	s.earn(1, 24*time.Hour)
	s.update()
	notified(4)
}

// A change that is no posting, such as another language or colour, notifies nobody.
func TestOnlyPostingsNotify(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.save()
	s.edit = func(of *passes.Subject) { of.Language = passes.Romanian }
	s.update()
	if got := len(s.google.Notifications(s.objectID())); got != 0 {
		t.Errorf("another language sent %d notifications", got)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers []int
		want    google.Outcome
		least   time.Duration
	}{
		"too fast":           {[]int{http.StatusTooManyRequests}, google.Later, 2 * time.Second},
		"trouble":            {[]int{http.StatusInternalServerError}, google.Later, time.Second},
		"a bad gateway":      {[]int{http.StatusBadGateway}, google.Later, time.Second},
		"not our issuer":     {[]int{http.StatusForbidden}, google.Later, time.Minute},
		"not understood":     {[]int{http.StatusBadRequest}, google.Refused, 0},
		"no such thing ever": {[]int{http.StatusNotFound, http.StatusNotFound}, google.Gone, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.save()
			s.earn(1, time.Minute)
			s.google.Answer(test.answers...)
			result := s.try()
			if result.Outcome != test.want || result.After < test.least || result.Err == nil {
				t.Fatalf("ended %s after %s: %v", result.Outcome, result.After, result.Err)
			}
			if got := s.wallet.Answers(test.want); got != 1 {
				t.Errorf("%d such answers were counted", got)
			}
			waits := !s.memory.objects[s.pass.ID].Waiting.IsZero()
			if waits != (test.want == google.Later) {
				t.Errorf("it waits: %t", waits)
			}
			s.update()
			if o := s.memory.objects[s.pass.ID]; !o.Waiting.IsZero() {
				t.Error("it was sent, and waits")
			}
			if got := s.google.Object(s.objectID()).LoyaltyPoints.Balance.Int; got != 1 {
				t.Errorf("it shows %d stamps in the end", got)
			}
		})
	}
}

// A notification that Google refused to send is free again; one that it may have
// sent is not.
func TestRefusedNotificationIsFree(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.save()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusBadRequest, http.StatusUnauthorized} {
		s.earn(1, time.Minute)
		s.google.Answer(status)
		s.try()
	}
	if taken := s.memory.objects[s.pass.ID].Notified; taken != [3]time.Time{} {
		t.Errorf("refused, and yet taken: %v", taken)
	}
	s.google.Answer(http.StatusServiceUnavailable)
	s.try()
	if taken := s.memory.objects[s.pass.ID].Notified; taken == [3]time.Time{} {
		t.Error("nobody knows whether phones were notified, and yet it is free")
	}
}

// Google away: nothing is lost, and somebody is told when to ask again.
func TestGoogleIsAway(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.google.Close()
	if result := s.try(); result.Outcome != google.Later || result.After <= 0 {
		t.Errorf("ended %s, after %s", result.Outcome, result.After)
	}
	if _, err := s.wallet.Link(t.Context(), &s.pass, s.face()); !errors.Is(err, loyalty.ErrUnavailable) {
		t.Errorf("the link ended %v", err)
	}
}

func TestStoreIsAway(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.memory.broken = true
	if _, err := s.wallet.Update(t.Context(), &s.pass, s.face()); !errors.Is(err, errBroken) {
		t.Errorf("ended %v", err)
	}
	if got := s.sent(); len(got) != 0 {
		t.Errorf("and %v was sent", got)
	}
}

// States of the card are Google's; a card that cannot be used has no code.
func TestStates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*shop)
		want   string
	}{
		"active": {func(*shop) {}, "ACTIVE"},
		"blocked": {func(s *shop) {
			s.edit = func(of *passes.Subject) { of.Card.Blocked = true }
		}, "INACTIVE"},
		"merged": {func(s *shop) {
			s.edit = func(of *passes.Subject) { of.Card.MergedInto = loyaltytest.ID("another card") }
		}, "COMPLETED"},
		"revoked": {func(s *shop) { s.code = "" }, "ACTIVE"},
		"ended":   {func(s *shop) { s.edit = func(of *passes.Subject) { of.Ended = true } }, "INACTIVE"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.update()
			test.change(s)
			s.update()
			o := s.google.Object(s.objectID())
			if o.State != test.want || (o.RotatingBarcode != nil) != (name == "active") {
				t.Errorf("state %s, barcode %+v", o.State, o.RotatingBarcode)
			}
		})
	}
}

// A discount is told as a percentage in words, and nobody is told that no rewards are
// ready on a card that has none.
func TestDiscountIsAPercentage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	program := loyaltytest.Discount(t, func(r *loyalty.Rules) {
		r.Tiers = loyaltytest.Tiers(func(rule *loyalty.TierRule) { rule.Levels[0].From = 0 })
	})
	program.ID = s.Program().ID
	s.edit = func(of *passes.Subject) { of.Program, of.Vouchers = program, nil }
	s.update()
	o := s.google.Object(s.objectID())
	if got := o.LoyaltyPoints.Balance.String; got != "5\u00a0%" || o.SecondaryLoyaltyPoints != nil {
		t.Errorf("%q, %+v", got, o.SecondaryLoyaltyPoints)
	}
	var bodies []string
	for _, text := range o.TextModulesData {
		bodies = append(bodies, text.Id+": "+text.Body)
	}
	if want := []string{"next: Jeszcze 100\u00a0€ do 10\u00a0% rabatu", "tier: Silver", "tier-next: Jeszcze 300\u00a0€ do: Gold"}; !slices.Equal(bodies, want) {
		t.Errorf("%q, want %q", bodies, want)
	}
}

// What has ended shows nothing of the card any more, and tells nobody: no name, no
// stamps, no picture of them, and no code that a till would take.
func TestEndedPassIsBlank(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.edit = func(of *passes.Subject) { of.Member = "Anna Nowak" }
	s.save()
	s.earn(7, time.Minute)
	s.update()
	if o := s.google.Object(s.objectID()); o.AccountName != "Anna Nowak" || o.HeroImage == nil || o.RotatingBarcode == nil {
		t.Fatalf("there is nothing to blank in %+v", o)
	}
	before := len(s.google.Notifications(s.objectID()))
	s.edit = func(of *passes.Subject) { of.Member, of.Ended = "Anna Nowak", true }
	s.Now = s.Now.Add(time.Minute)
	s.update()
	o := s.google.Object(s.objectID())
	if o.State != "INACTIVE" || o.AccountName != "" || o.AccountId != "" || o.RotatingBarcode != nil || o.HeroImage != nil ||
		o.LoyaltyPoints != nil || o.SecondaryLoyaltyPoints != nil || len(o.Messages) != 0 {
		t.Errorf("it still shows %+v", o)
	}
	text, err := json.Marshal(o)
	if err != nil || strings.Contains(string(text), "Anna") || strings.Contains(string(text), "7 z 10") {
		t.Errorf("it says %s, %v", text, err)
	}
	if got := len(s.google.Notifications(s.objectID())); got != before {
		t.Errorf("phones were notified %d times of the end", got-before)
	}
}

// The barcode is as the page on rotating barcodes says: the key in Base16, and
// times as text.
func TestRotatingBarcode(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.update()
	o := s.google.Object(s.objectID())
	text, err := json.Marshal(o.RotatingBarcode)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"totpDetails":{"algorithm":"TOTP_SHA1","parameters":[{"key":"3132333435363738393031323334353637383930","valueLength":8}],` +
		`"periodMillis":"30000"},"type":"QR_CODE","valuePattern":"STR.AAAA{totp_value_0}"}`
	if string(text) != want {
		t.Errorf("it is %s, want %s", text, want)
	}
	if o.PassConstraints.ScreenshotEligibility != "INELIGIBLE" {
		t.Errorf("its constraints are %+v", o.PassConstraints)
	}
}

// The link names the object and carries nothing else.
func TestSaveLink(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	link, err := s.wallet.Link(t.Context(), &s.pass, s.face())
	if err != nil {
		t.Fatal(err)
	}
	if object, err := s.google.Read(link); err != nil || object != s.objectID() {
		t.Errorf("Google reads %q, %v", object, err)
	}
	if len(link) > 1000 {
		t.Errorf("it has %d characters", len(link))
	}
	long := newShop(t, func(c *google.Config) { c.Origins = []string{"https://" + strings.Repeat("a", 1200) + ".example"} })
	if _, err := long.wallet.Link(t.Context(), &long.pass, long.face()); err == nil {
		t.Error("a link of more than 1800 characters was made")
	}
}

// However many update at once, Google sees at most 20 requests in a second.
func TestLimitIsKept(t *testing.T) {
	t.Parallel()
	limits := &counted{}
	s := newShop(t, func(c *google.Config) { c.Limits = limits })
	s.update()
	if limits.perSecond+limits.burst != google.MaxRate || limits.asked != 2 {
		t.Errorf("asked %d times for %d a second and %d at once", limits.asked, limits.perSecond, limits.burst)
	}
	limits.closed = true
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s.earn(1, time.Minute)
	s.sent()
	result, err := s.wallet.Update(ctx, &s.pass, s.face())
	if err != nil || result.Outcome != google.Later || result.After < limits.after() {
		t.Errorf("at the limit it ended %s after %s: %v", result.Outcome, result.After, err)
	}
	if got := s.sent(); len(got) != 0 {
		t.Errorf("and sent %v", got)
	}
}

type unlimited struct{}

func (unlimited) Allow(context.Context, string, int, int) (bool, time.Duration) { return true, 0 }

// counted notes what was asked of a limit, and lets nothing through when closed.
type counted struct {
	asked, perSecond, burst int
	closed                  bool
}

func (c *counted) after() time.Duration { return time.Minute }

func (c *counted) Allow(_ context.Context, name string, perSecond, burst int) (bool, time.Duration) {
	c.asked, c.perSecond, c.burst = c.asked+1, perSecond, burst
	if c.closed {
		return false, c.after()
	}
	return true, 0
}
