package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// storm is many tills scanning while servers are killed around them. Tills send
// the same request again until they are told what became of it.
type storm struct {
	shop   *shop
	client *client
	cards  int // of the shop, to be scanned in turn
	scans  int // at least: tills go on while faults are under way
	faults []fault

	struck  atomic.Bool  // all faults have happened
	taken   atomic.Int64 // scans begun
	settled atomic.Int64 // scans answered
	record  *record
	claimed sync.Map // vouchers that are being redeemed
}

// fault is what happens to the servers once a share of the scans is settled.
type fault struct {
	at   float64
	what string
	do   func(context.Context) error
}

const (
	redeemEvery = 10 // one card in so many hands its rewards out
	repeatEvery = 50 // one scan in so many is sent again although it was answered
)

// run returns what the tills were told. Its errors are of the run itself; what
// the servers do wrong is in the record.
func (s *storm) run(ctx context.Context) (*record, error) {
	s.record = newRecord()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var tills sync.WaitGroup
	for number := range s.shop.tills {
		tills.Go(func() { s.work(ctx, number) })
	}
	var faults sync.WaitGroup
	faults.Go(func() {
		if err := s.strike(ctx); err != nil {
			cancel(err)
		}
	})
	tills.Wait()
	faults.Wait()
	return s.record, context.Cause(ctx)
}

// strike lets the faults happen, each at its time.
func (s *storm) strike(ctx context.Context) error {
	for _, f := range s.faults {
		for float64(s.settled.Load()) < f.at*float64(s.scans) {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pollEvery):
			}
		}
		if err := f.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", f.what, err)
		}
	}
	s.struck.Store(true)
	return nil
}

// work is one till's day: scan after scan.
func (s *storm) work(ctx context.Context, number int) {
	for ctx.Err() == nil {
		if s.taken.Load() >= int64(s.scans) && s.struck.Load() {
			return
		}
		i := s.taken.Add(1) - 1
		s.scan(ctx, number, int(i))
		s.settled.Add(1)
	}
}

// scan credits the next card in turn. Whatever happens to the servers, it has to
// succeed: the credential is fresh and shown once.
func (s *storm) scan(ctx context.Context, number, i int) {
	card := i % s.cards
	credential, err := s.shop.live(card, time.Now())
	if err != nil {
		s.record.trouble("no token: %v", err)
		return
	}
	what := scanCall(s.shop.tills[number], credential)
	told, ok := s.settle(ctx, i, what, "scan")
	if !ok {
		return
	}
	if i%repeatEvery == 0 {
		s.repeat(ctx, i+1, what, told)
	}
	answer, err := read[posting](told)
	if err != nil || len(answer.Entries) == 0 {
		s.record.trouble("a scan was answered %.300s (%v)", told.body, err)
		return
	}
	s.record.acknowledged(answer)
	if card%redeemEvery != 0 {
		return
	}
	for _, offer := range answer.Offers {
		if _, taken := s.claimed.LoadOrStore(offer.Voucher, true); offer.Voucher != "" && !taken {
			s.duel(ctx, number, card, offer.Voucher)
		}
	}
}

// settle sends a call until it is answered, and notes anything but a success.
func (s *storm) settle(ctx context.Context, first int, what call, name string) (reply, bool) {
	told, err := s.client.ask(ctx, first, what)
	if err != nil {
		s.record.trouble("%s: %v", name, err)
		return reply{}, false
	}
	if told.status != http.StatusOK {
		s.record.trouble("%s: status %d: %.300s", name, told.status, told.body)
		return reply{}, false
	}
	return told, true
}

// repeat sends an answered request once more, elsewhere: the answer must be the
// same, byte for byte, and say that it is a repetition.
func (s *storm) repeat(ctx context.Context, first int, what call, told reply) {
	again, ok := s.settle(ctx, first, what, "the same request again")
	if ok && (!again.replayed || !bytes.Equal(again.body, told.body)) {
		s.record.answerChanged()
	}
}

// duel lets two tills redeem one voucher at once. Exactly one may succeed.
func (s *storm) duel(ctx context.Context, number, card int, voucher string) {
	var winners atomic.Int64
	var both, ready sync.WaitGroup
	ready.Add(2)
	for second := range 2 {
		both.Go(func() {
			at := (number + second) % len(s.shop.tills)
			scan, ok := s.look(ctx, at, card)
			ready.Done()
			ready.Wait()
			if ok && s.redeem(ctx, at, scan, voucher) {
				winners.Add(1)
			}
		})
	}
	both.Wait()
	if won := winners.Load(); won != 1 {
		s.record.trouble("of two tills at once %d could redeem voucher %s", won, voucher)
	}
}

// look scans a fresh credential of a card without doing anything.
func (s *storm) look(ctx context.Context, number, card int) (scan string, ok bool) {
	credential, err := s.shop.live(card, time.Now())
	if err != nil {
		s.record.trouble("no token: %v", err)
		return "", false
	}
	told, ok := s.settle(ctx, number, lookCall(s.shop.tills[number], credential), "look")
	if !ok {
		return "", false
	}
	answer, err := read[posting](told)
	if err != nil || answer.Scan == "" {
		s.record.trouble("a look was answered %.300s (%v)", told.body, err)
		return "", false
	}
	return answer.Scan, true
}

// redeem reports whether the voucher was handed out on a scan. To be refused
// because it was already is the one other good answer.
func (s *storm) redeem(ctx context.Context, number int, scan, voucher string) bool {
	told, err := s.client.ask(ctx, number, redeemCall(s.shop.tills[number], scan, voucher))
	if err != nil {
		s.record.trouble("redeem: %v", err)
		return false
	}
	if told.status == http.StatusOK {
		answer, err := read[posting](told)
		if err != nil || len(answer.Entries) == 0 {
			s.record.trouble("a redemption was answered %.300s (%v)", told.body, err)
			return false
		}
		s.record.acknowledged(answer)
		return true
	}
	refusal, err := read[problem](told)
	if err != nil || refusal.Code != "voucher_not_redeemable" && refusal.Code != "voucher_not_found" {
		s.record.trouble("redeem: status %d: %.300s", told.status, told.body)
	}
	return false
}
