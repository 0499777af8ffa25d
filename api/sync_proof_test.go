package api_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// proof is a day without network at two tills, and what must have become of it,
// reckoned beside everything that is on trial.
type proof struct {
	*apitest.API
	front, back, slow *apitest.Tablet // the last one's clock is an hour behind
	queues            map[*apitest.Tablet][]string
	units             map[loyalty.CardID]int64
	redeemed          []loyalty.VoucherID
	contested         map[gen.ProblemCode]int
}

// A whole day of two tills: 500 earns, of which 100 are of codes that were shown at
// both, and five rewards on leases, of which one was handed out at both; one tablet's
// clock is an hour behind. One queue was restored to a second tablet, and both send it
// at the same time to two processes; every queue is sent twice. Each entry is made
// once, and what does not fit is listed.
func TestADayOffline(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t))
	beside := a.Beside(t)
	p := newProof(t, a)

	restored := p.front.Restored()
	var racing sync.WaitGroup
	results := make([][]gen.SyncResult, 3)
	racing.Go(func() { results[0] = sendAll(t, a, p.front, p.queues[p.front]) })
	racing.Go(func() { results[1] = sendAll(t, beside, restored, p.queues[p.front]) })
	racing.Go(func() {
		results[2] = append(sendAll(t, beside, p.back, p.queues[p.back]), sendAll(t, beside, p.slow, p.queues[p.slow])...)
	})
	racing.Wait()
	if !reflect.DeepEqual(results[0], results[1]) {
		t.Error("two tablets with one queue were told different things")
	}
	again := append(sendAll(t, beside, p.back, p.queues[p.back]), sendAll(t, a, p.slow, p.queues[p.slow])...)
	if !reflect.DeepEqual(again, results[2]) {
		t.Error("a queue that was sent again was told something else")
	}
	p.check(t, append(results[0], results[2]...))
}

func newProof(t *testing.T, a *apitest.API) *proof {
	t.Helper()
	shop := a.Shop
	p := &proof{
		API: a, front: a.NewTablet(t, shop.Front), back: a.NewTablet(t, shop.Back), slow: a.NewTablet(t, shop.Back),
		queues: map[*apitest.Tablet][]string{}, units: map[loyalty.CardID]int64{}, contested: map[gen.ProblemCode]int{},
	}
	p.slow.Behind = time.Hour
	p.rewards(t)
	cards := make([]loyalty.CardID, 40)
	for i := range cards {
		cards[i] = a.NewCard(t, shop, shop.Stamps).ID
	}
	for i := range 250 { // live codes at the front, every second of the first 200 at the back, too
		a.Clock.Advance(11 * time.Second)
		card, units, now := cards[i%len(cards)], int64(i%3+1), a.Clock.Now()
		token := a.Token(t, shop, card)
		p.units[card] += units
		p.add(p.front, p.front.Earn(t, token, now.Add(time.Second), apitest.Map{"units": units}))
		if i < 200 && i%2 == 0 {
			p.contested[gen.ProblemCodeCredentialAlreadyUsed]++
			p.add(p.back, p.back.Earn(t, token, now.Add(9*time.Second), apitest.Map{"units": units}))
		}
	}
	for i := range 140 { // printed ones at the slow tablet, whose clock matters to none of them
		card := cards[(i*7)%len(cards)]
		p.units[card]++
		p.add(p.slow, p.slow.Earn(t, a.Static(t, shop, card, gen.SurfacePrint), a.Clock.Now()))
	}
	for range 10 { // and live ones, which its clock puts before they were made
		p.contested[gen.ProblemCodeCredentialFromFuture]++
		p.add(p.slow, p.slow.Earn(t, a.Token(t, shop, cards[0]), a.Clock.Now()))
	}
	a.Clock.Advance(time.Minute)
	return p
}

// rewards hands out four cones at once, one of them at both tills.
func (p *proof) rewards(t *testing.T) {
	t.Helper()
	p.TakeLease(t, p.front)
	p.TakeLease(t, p.back)
	now := p.Clock.Now()
	for i, tills := range [][]*apitest.Tablet{{p.front}, {p.front}, {p.front, p.back}, {p.back}} {
		card := p.NewCard(t, p.Shop, p.Shop.Stamps).ID
		voucher := voucherOf(t, p.API, card)
		p.units[card], p.redeemed = 10, append(p.redeemed, voucher)
		statement := p.State(t, p.Shop, card, voucher)
		for _, tablet := range tills {
			p.add(tablet, tablet.Redeem(t, p.Token(t, p.Shop, card), statement, voucher, now.Add(time.Duration(i)*time.Second)))
		}
	}
	p.contested[gen.ProblemCodeVoucherNotRedeemable]++
}

func (p *proof) add(tablet *apitest.Tablet, item string) {
	p.queues[tablet] = append(p.queues[tablet], item)
}

// sendAll sends a queue as a till does: in parts, and what is left for later again.
func sendAll(t *testing.T, a *apitest.API, tablet *apitest.Tablet, items []string) []gen.SyncResult {
	t.Helper()
	var all []gen.SyncResult
	for part := range slices.Chunk(items, 150) {
		results := a.Sync(t, tablet, part...)
		for tries := 0; slices.ContainsFunc(results, func(r gen.SyncResult) bool { return r.State == gen.SyncStateLater }); tries++ {
			if tries == 20 {
				t.Errorf("still for later: %+v", results)
				break
			}
			results = a.Sync(t, tablet, part...)
		}
		all = append(all, results...)
	}
	return all
}

func (p *proof) check(t *testing.T, results []gen.SyncResult) {
	t.Helper()
	entries := map[loyalty.EntryID]bool{}
	contested := map[gen.ProblemCode]int{}
	for _, r := range results {
		switch r.State {
		case gen.SyncStatePosted:
			if entries[r.Entry] {
				t.Errorf("%s is what two items became", r.Entry)
			}
			entries[r.Entry] = true
		case gen.SyncStateContested:
			contested[r.Code]++
		default:
			t.Errorf("item %d is %s %s: %s", r.Counter, r.State, r.Code, r.Detail)
		}
	}
	if len(results) != 505 || len(entries) != 390+4 || !reflect.DeepEqual(contested, p.contested) {
		t.Errorf("of %d items %d were posted, and contested %v; want %v", len(results), len(entries), contested, p.contested)
	}
	for card, want := range p.units {
		if got := p.GetCard(t, p.Shop, card); got.Lifetime != want {
			t.Errorf("%s has earned %d, want %d", card, got.Lifetime, want)
		}
	}
	for _, id := range p.redeemed {
		voucher, err := p.Store.Voucher(t.Context(), p.Shop.ID, id)
		if err != nil || voucher.State != loyalty.Redeemed {
			t.Errorf("%s is %v, %v", id, voucher.State, err)
		}
	}
	list := apitest.Read[gen.ContestedPage](t, p.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/contested?limit=100", Token: p.Shop.Admin}))
	if len(list.Contested) != 100 || list.Open != 111 || list.OpenLosses != 1 || list.Next == "" {
		t.Errorf("the owner sees %d of %d, %d losses", len(list.Contested), list.Open, list.OpenLosses)
	}
}

// forgetful does what it is asked for, and breaks off before it says so, once each.
type forgetful struct {
	api.Store
	mu   sync.Mutex
	left int
}

func (f *forgetful) Contest(ctx context.Context, items []loyalty.Contested) (map[loyalty.QueueItem]loyalty.Settled, error) {
	settled, err := f.Store.Contest(ctx, items)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left >= 0 {
		return nil, fmt.Errorf("%w: the connection broke", loyalty.ErrOutcomeUnknown)
	}
	return settled, err
}

// Whatever breaks between writing and answering, the next sync is told what was
// written.
func TestSyncWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, func(s *apitest.Setup) {
		s.Wrap = func(inner api.Store) api.Store { return &forgetful{Store: inner, left: 1} }
	})
	tablet := a.NewTablet(t, a.Shop.Front)
	token := a.Token(t, a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps).ID)
	posted, used := tablet.Earn(t, token, a.Clock.Now()), tablet.Earn(t, token, a.Clock.Now())
	first := a.Sync(t, tablet, posted, used)
	wantState(t, first[0], gen.SyncStatePosted, "")
	wantState(t, first[1], gen.SyncStateLater, "")
	second := a.Sync(t, tablet, posted, used)
	wantState(t, second[1], gen.SyncStateContested, gen.ProblemCodeCredentialAlreadyUsed)
	if second[0] != first[0] || !reflect.DeepEqual(a.Sync(t, tablet, posted, used), second) {
		t.Error("it was told something else")
	}
	list := apitest.Read[gen.ContestedPage](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/contested", Token: a.Shop.Admin}))
	if len(list.Contested) != 1 {
		t.Errorf("contested: %+v", list.Contested)
	}
}
