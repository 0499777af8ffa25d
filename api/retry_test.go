package api_test

import (
	"bytes"
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

// repeated holds that a request is answered as the first time, byte for byte, and
// posts nothing more.
func repeated(t *testing.T, a *apitest.API, c apitest.Call, first *apitest.Answer) {
	t.Helper()
	before := a.Book(t)
	again := a.Do(t, c)
	if again.Status != first.Status || !bytes.Equal(again.Body, first.Body) {
		t.Errorf("%s: first %d %s\nthen %d %s", c.Path, first.Status, first.Body, again.Status, again.Body)
	}
	if again.Header.Get("Idempotent-Replayed") != "true" || first.Header.Get("Idempotent-Replayed") != "" {
		t.Errorf("%s: Idempotent-Replayed %q, then %q", c.Path, first.Header.Get("Idempotent-Replayed"), again.Header.Get("Idempotent-Replayed"))
	}
	if a.Book(t) != before {
		t.Errorf("%s: the retry has changed the ledger", c.Path)
	}
}

// Whatever takes a key may be retried for a day: also when the code, the scan or
// the PIN that it carries would no longer do, or the key of it is retired.
func TestRetriesAreAnsweredAsBefore(t *testing.T) {
	t.Parallel()
	later := map[string]func(*testing.T, *site){
		"at once":             func(*testing.T, *site) {},
		"in 2 minutes":        func(_ *testing.T, s *site) { s.Clock.Advance(2 * time.Minute) },
		"in 16 minutes":       func(_ *testing.T, s *site) { s.Clock.Advance(16 * time.Minute) },
		"within a day":        func(_ *testing.T, s *site) { s.Clock.Advance(24*time.Hour - time.Second) },
		"with keys retired":   retireKeys,
		"with the PIN locked": lockPINs,
	}
	for name, pass := range later {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			all := inOrder(t, func(o operation) bool {
				return takesKey(o) && o.OperationID != "eraseMember" && o.OperationID != "detachCard" // which erase answers, too: see below
			})
			calls := make([]apitest.Call, len(all))
			answers := make([]*apitest.Answer, len(all))
			for i, o := range all {
				calls[i] = s.call(t, o)
				if answers[i] = s.Do(t, calls[i]); answers[i].Status >= 300 {
					t.Fatalf("%s: %d %s", o.OperationID, answers[i].Status, answers[i].Body)
				}
			}
			pass(t, s)
			for i := range all {
				if givesSecret(all[i]) {
					s.Refused(t, calls[i], gen.ProblemCodeAnswerNotRepeatable)
					continue
				}
				repeated(t, s.API, calls[i], answers[i])
			}
		})
	}
}

// retireKeys makes new keys for codes and scans and ends the old ones.
func retireKeys(t *testing.T, s *site) {
	t.Helper()
	for purpose, kid := range map[keys.Purpose]string{keys.Live: "l01", keys.Scan: "h01"} {
		if _, err := s.Ring.Rotate(t.Context(), purpose, s.Clock.Now(), 0); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(time.Second)
		if err := s.Ring.Retire(t.Context(), kid, s.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

// lockPINs makes the front till take no PIN for a while.
func lockPINs(t *testing.T, s *site) {
	t.Helper()
	for range 5 {
		s.Refused(t, apitest.Void(s.Shop.Front, s.entry, apitest.Map{"pin": "000000000000"}), gen.ProblemCodePINWrong)
	}
}

// The same key with other content is another request under a wrong name.
func TestKeyWithAnotherBody(t *testing.T) {
	t.Parallel()
	for name, age := range map[string]time.Duration{"at once": 0, "when the code has expired": 2 * time.Minute, "when the scan has": 25 * time.Hour / 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			calls := []apitest.Call{
				apitest.Scan(s.Shop.Front, s.credential, apitest.Units(1)),
				apitest.Earn(s.Shop.Front, s.scan, apitest.Map{"units": 1}),
				{Path: "/v1/cards", Token: s.Shop.App, Key: apitest.Key(), Body: apitest.Map{"program": s.Shop.Stamps.ID}},
				{Path: "/v1/cards/" + s.card.String() + "/adjustments", Token: s.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"units": 1}},
			}
			for _, c := range calls {
				if answer := s.Do(t, c); answer.Status >= 300 {
					t.Fatalf("%s: %d %s", c.Path, answer.Status, answer.Body)
				}
			}
			s.Clock.Advance(age)
			for i, other := range []apitest.Map{
				{"credential": s.credential, "earn": apitest.Map{"units": 2}},
				{"scan": s.scan, "units": 2},
				{"program": s.Shop.Cafe.ID},
				{"units": 2},
			} {
				c := calls[i]
				c.Body = other
				s.Refused(t, c, gen.ProblemCodeIdempotencyKeyReused)
			}
		})
	}
}

// A key is the asker's own: the same text from another till, under another path
// or for another card is another request.
func TestKeysAreScoped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const key = "one-and-the-same"
	second := s.NewCard(t, s.Shop, s.Shop.Stamps).ID
	use := func(c apitest.Call) {
		t.Helper()
		c.Key = key
		if answer := s.Do(t, c); answer.Status >= 300 || answer.Header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s: %d %v %s", c.Path, answer.Status, answer.Header, answer.Body)
		}
	}
	use(apitest.Scan(s.Shop.Front, s.Token(t, s.Shop, s.card), apitest.Units(1)))
	use(apitest.Scan(s.Shop.Back, s.Token(t, s.Shop, s.card), apitest.Units(1)))
	use(apitest.Earn(s.Shop.Front, s.scan, apitest.Map{"units": 1}))
	rival := s.NewCard(t, s.Rival, s.Rival.Stamps).ID
	use(apitest.Scan(s.Rival.Front, s.Token(t, s.Rival, rival), apitest.Units(1)))
	for _, card := range []string{s.card.String(), second.String()} {
		use(apitest.Call{Path: "/v1/cards/" + card + "/adjustments", Token: s.Shop.Admin, Body: apitest.Map{"units": 1}})
	}
	for _, token := range []string{s.Shop.Admin, s.Shop.App} {
		use(apitest.Call{Path: "/v1/cards", Token: token, Body: apitest.Map{"program": s.Shop.Stamps.ID}})
	}
}

// A refusal is not kept: the same request may succeed later.
func TestRefusalsAreDecidedAnew(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Points).ID
	scan := a.Look(t, shop, shop.Front, card)
	redeem := apitest.Redeem(shop.Front, scan.Scan, apitest.Map{"reward": shop.Points.Rewards[0]})
	a.Refused(t, redeem, gen.ProblemCodeInsufficientBalance)
	adjust := apitest.Call{Path: "/v1/cards/" + card.String() + "/adjustments", Token: shop.Admin, Key: apitest.Key(), Body: apitest.Map{"units": 5}}
	a.Post(t, adjust)
	first := a.Do(t, redeem)
	if first.Status != 200 {
		t.Fatalf("later: %d %s", first.Status, first.Body)
	}
	repeated(t, a, redeem, first)
}

// Without a key every call makes a card.
func TestCardsWithoutAKey(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	if first, second := a.NewCard(t, a.Shop, a.Shop.Stamps), a.NewCard(t, a.Shop, a.Shop.Stamps); first.ID == second.ID {
		t.Error("two calls made one card")
	}
}

// What was done with a card is not done once more when its member is gone and its
// answer with it: by the till in the ledger, by the office in the store.
func TestRetriesAfterTheAnswerIsErased(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"detached", "erased"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			a := apitest.Boot(t)
			member := a.NewMember(t, a.Shop).ID
			card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
			a.Attach(t, a.Shop, card, member)
			at := "/v1/cards/" + card.String()
			adjust := apitest.Call{
				Method: http.MethodPost, Path: at + "/adjustments", Token: a.Shop.Admin, Key: apitest.Key(),
				Body: apitest.Map{"units": 3, "note": "for an apology"},
			}
			block := apitest.Call{Method: http.MethodPost, Path: at + "/block", Token: a.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{}}
			for _, call := range []apitest.Call{adjust, block} {
				if got := a.Do(t, call); got.Status >= 300 {
					t.Fatalf("%s: %d %s", call.Path, got.Status, got.Body)
				}
			}
			gone := apitest.Call{Method: http.MethodDelete, Path: at + "/member", Token: a.Shop.Admin, Key: apitest.Key()}
			if way == "erased" {
				gone.Path = "/v1/members/" + member.String()
			}
			if got := a.Do(t, gone); got.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", way, got.Status, got.Body)
			}
			a.Refused(t, adjust, gen.ProblemCodeAnswerErased)
			a.Refused(t, block, gen.ProblemCodeAnswerErased)
			if got := a.GetCard(t, a.Shop, card).Balance; got != 3 {
				t.Errorf("the balance is %d, want 3", got)
			}
		})
	}
}

// Who was erased is not stored anew by a request that was on its way meanwhile.
func TestRetryAfterTheMemberIsErased(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	create := apitest.Call{Method: http.MethodPost, Path: "/v1/members", Token: a.Shop.Admin, Key: apitest.Key(), Body: a.NewPerson()}
	member := apitest.Read[gen.Member](t, a.Do(t, create)).ID
	at := "/v1/members/" + member.String()
	change := apitest.Call{Method: http.MethodPatch, Path: at, Token: a.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"name": "Anna Again"}}
	if got := a.Do(t, change); got.Status != http.StatusOK {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := a.Do(t, apitest.Call{Method: http.MethodDelete, Path: at, Token: a.Shop.Admin, Key: apitest.Key()}); got.Status != http.StatusOK {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	a.Refused(t, create, gen.ProblemCodeAnswerErased)
	a.Refused(t, change, gen.ProblemCodeAnswerErased)
	if list := apitest.Read[gen.MemberList](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/members", Token: a.Shop.Admin})); len(list.Members) != 0 {
		t.Errorf("there are %d members again", len(list.Members))
	}
}

// estranged is a store of a house in which some merchant honours no vouchers any more.
type estranged struct {
	api.Store
	ended *atomic.Bool
}

func (e estranged) HonouredVoucher(ctx context.Context, m loyalty.MerchantID, id loyalty.VoucherID) (loyalty.Voucher, error) {
	if e.ended.Load() {
		return loyalty.Voucher{}, loyalty.ErrNotFound
	}
	return e.Store.HonouredVoucher(ctx, m, id)
}

// What was done with a partner's voucher is answered as before when it is retried after
// the partnership, and what was not done is refused.
func TestRetryWithAVoucherOfTheFormerPartner(t *testing.T) {
	t.Parallel()
	var ended atomic.Bool
	a := apitest.Boot(t, func(s *apitest.Setup) {
		s.Wrap = func(store api.Store) api.Store { return estranged{store, &ended} }
	})
	till, card := a.Shop.Front, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	voucher := a.Stamp(t, a.Shop, till, card, 10).Card.Vouchers[0].ID
	scan := a.Look(t, a.Shop, till, card).Scan
	holds := reserve(till, scan, apitest.Map{"voucher": voucher})
	redeems := apitest.Redeem(till, scan, apitest.Map{"voucher": voucher})
	held, redeemed := a.Do(t, holds), a.Do(t, redeems)
	if held.Status != http.StatusOK || redeemed.Status != http.StatusOK {
		t.Fatalf("%d %s, %d %s", held.Status, held.Body, redeemed.Status, redeemed.Body)
	}
	ended.Store(true)
	repeated(t, a, holds, held)
	repeated(t, a, redeems, redeemed)
	a.Refused(t, apitest.Redeem(till, scan, apitest.Map{"voucher": voucher}), gen.ProblemCodeVoucherNotFound)
}
