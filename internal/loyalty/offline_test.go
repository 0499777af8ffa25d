package loyalty_test

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func item(counter int64) loyalty.QueueItem {
	return loyalty.QueueItem{Queue: loyaltytest.ID("queue"), Counter: counter, Hash: loyalty.Hash{byte(counter)}}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	for _, counter := range []int64{1, 255, 256, loyalty.MaxCounter} {
		want := item(counter)
		if slot := want.Slot(); slot.Item(want.Hash) != want {
			t.Errorf("%d comes back as %+v", counter, slot.Item(want.Hash))
		}
	}
}

func TestNextLease(t *testing.T) {
	t.Parallel()
	now := loyaltytest.Now
	rule := loyalty.LeaseRule{Redemptions: 5, Hours: 12}
	last := loyalty.Lease{ID: loyalty.LeaseID{1}, Redemptions: 5, Used: 2, Issued: now.Add(-time.Hour), Expires: now.Add(time.Minute)}
	with := func(change func(*loyalty.Lease)) loyalty.Lease { l := last; change(&l); return l }
	for name, tt := range map[string]struct {
		rule loyalty.LeaseRule
		last loyalty.Lease
		goes bool // on with the last one
		left int32
	}{
		"the first":                    {rule, loyalty.Lease{}, false, 5},
		"partly used":                  {rule, last, true, 3},
		"used up":                      {rule, with(func(l *loyalty.Lease) { l.Used = 5 }), false, 5},
		"ended":                        {rule, with(func(l *loyalty.Lease) { l.Expires = now }), false, 5},
		"more are allowed now":         {loyalty.LeaseRule{Redemptions: 9, Hours: 12}, last, true, 7},
		"fewer than were used already": {loyalty.LeaseRule{Redemptions: 2, Hours: 12}, last, false, 2},
	} {
		next, ok := tt.rule.Next(tt.last, loyalty.LeaseID{2}, now)
		if !ok || (next.ID == last.ID) != tt.goes || next.Redemptions-next.Used != tt.left || !next.Expires.Equal(now.Add(12*time.Hour)) {
			t.Errorf("%s: %+v, %v", name, next, ok)
		}
	}
	if _, ok := (loyalty.LeaseRule{Hours: 12}).Next(last, loyalty.LeaseID{2}, now); ok {
		t.Error("a lease where none is allowed")
	}
}

// offlineShop is a stamp card in a book, and what a till did with it at a moment.
type offlineShop struct {
	book *loyaltytest.Book
	card loyalty.Card
	till loyalty.Till
	done int64
}

func newOfflineShop(t *testing.T, change func(*loyalty.Rules)) *offlineShop {
	t.Helper()
	program := loyaltytest.Program(t, change)
	s := &offlineShop{
		book: loyaltytest.NewBook(), card: loyaltytest.Card(program, "anna"),
		till: loyalty.Till{ID: loyaltytest.ID("till"), Merchant: loyaltytest.Merchant, Zone: loyaltytest.Zone(t, "Europe/Berlin")},
	}
	s.book.Programs[program.ID], s.book.Cards[s.card.ID], s.book.Tills[s.till.ID] = program, s.card, s.till
	return s
}

// sync posts what was done at a moment, later.
func (s *offlineShop) sync(t *testing.T, at, now time.Time, do loyalty.Action, changes ...func(*loyalty.Command)) (*loyalty.Decision, error) {
	t.Helper()
	s.done++
	changes = append([]func(*loyalty.Command){loyaltytest.Queued(item(s.done), loyalty.LeaseID{})}, changes...)
	c := loyaltytest.Command(string(rune('a'+s.done)), s.card.ID, s.till, at, do, changes...)
	results, err := s.book.Post([]*loyalty.Command{c}, now)
	if err != nil {
		t.Fatal(err)
	}
	return results[0].Decision, results[0].Err
}

func refusedAs(err error, code loyalty.Code) bool {
	var refusal *loyalty.Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}

// Times are those of the capture: cooldown in both directions, the program's end, and
// the life of the handle.
func TestOfflineTimes(t *testing.T) {
	t.Parallel()
	at := loyaltytest.Now
	late := at.Add(50 * time.Hour)
	s := newOfflineShop(t, func(r *loyalty.Rules) { r.Earn.Cooldown = 600; r.Ends = at.Add(2 * time.Hour) })
	earn := loyalty.Earning{Units: 1}
	made, err := s.sync(t, at.Add(time.Hour), late, earn)
	if err != nil {
		t.Fatal(err)
	}
	if e := made.Entries[0]; !e.Captured.Equal(at.Add(time.Hour)) || !e.Posted.Equal(late) {
		t.Errorf("captured %v, posted %v", e.Captured, e.Posted)
	}
	for name, tt := range map[string]struct {
		at   time.Duration
		code loyalty.Code
	}{
		"nine minutes before": {51 * time.Minute, loyalty.CooldownActive},
		"nine minutes after":  {69 * time.Minute, loyalty.CooldownActive},
		"after the end":       {121 * time.Minute, loyalty.ProgramEnded},
		"too long ago":        {-23 * time.Hour, loyalty.CaptureTooOld},
	} {
		if _, err := s.sync(t, at.Add(tt.at), late, earn); !refusedAs(err, tt.code) {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
	if _, err := s.sync(t, at, late, earn); err != nil {
		t.Errorf("an hour before: %v", err)
	}
	if last := s.book.Cards[s.card.ID].LastEarn; !last.Equal(at.Add(time.Hour)) {
		t.Errorf("the last earn is %v", last)
	}
	if err := s.book.Verify(); err != nil {
		t.Error(err)
	}
}

// The daily cap is that of the day of the capture.
func TestOfflineDay(t *testing.T) {
	t.Parallel()
	at := loyaltytest.Now
	s := newOfflineShop(t, func(r *loyalty.Rules) { r.Earn.DailyCap = 2 })
	now := at.Add(30 * time.Hour)
	for i, tt := range []struct {
		at   time.Time
		code loyalty.Code
	}{{at, ""}, {at.Add(time.Hour), ""}, {at.Add(2 * time.Hour), loyalty.DailyCapReached}, {at.Add(24 * time.Hour), ""}, {now, ""}, {now, loyalty.DailyCapReached}} {
		if _, err := s.sync(t, tt.at, now, loyalty.Earning{Units: 1}); tt.code == "" && err != nil || tt.code != "" && !refusedAs(err, tt.code) {
			t.Errorf("item %d: %v, want %q", i, err, tt.code)
		}
	}
}

// A voucher that expired between capture and sync is redeemed; a PIN nobody could give.
func TestOfflineRewards(t *testing.T) {
	t.Parallel()
	at := loyaltytest.Now
	s := newOfflineShop(t, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = 1 })
	lease := loyalty.Lease{ID: loyaltytest.ID("lease"), Merchant: loyaltytest.Merchant, Till: s.till.ID, Redemptions: 1}
	s.book.Leases[lease.ID] = lease
	online := loyaltytest.Command("ten", s.card.ID, s.till, at, loyalty.Earning{Units: 20})
	results, err := s.book.Post([]*loyalty.Command{online}, at)
	if err != nil || results[0].Err != nil {
		t.Fatal(err, results[0].Err)
	}
	vouchers := results[0].Decision.Issued
	redeem := func(v loyalty.Voucher, on loyalty.LeaseID, changes ...func(*loyalty.Command)) error {
		t.Helper()
		s.done++
		changes = append([]func(*loyalty.Command){loyaltytest.Queued(item(s.done), on)}, changes...)
		c := loyaltytest.Command(v.ID.String()+string(rune('a'+s.done)), s.card.ID, s.till, at.Add(23*time.Hour), loyalty.Redemption{Reward: v.Reward, Voucher: v.ID}, changes...)
		results, err := s.book.Post([]*loyalty.Command{c}, at.Add(40*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return results[0].Err
	}
	if err := redeem(vouchers[0], loyaltytest.ID("no lease")); !refusedAs(err, loyalty.LeaseInvalid) {
		t.Errorf("without a lease: %v", err)
	}
	if err := redeem(vouchers[0], lease.ID, loyaltytest.Photographable(loyalty.Print, 1)); !refusedAs(err, loyalty.PINRequired) {
		t.Errorf("with a printed code: %v", err)
	}
	if err := redeem(vouchers[0], lease.ID); err != nil {
		t.Errorf("it was live then: %v", err)
	}
	if err := redeem(vouchers[1], lease.ID); !refusedAs(err, loyalty.LeaseExhausted) {
		t.Errorf("beyond the lease: %v", err)
	}
	if used := s.book.Leases[lease.ID].Used; used != 1 {
		t.Errorf("%d of the lease are used", used)
	}
	if err := s.book.Verify(); err != nil {
		t.Error(err)
	}
}
