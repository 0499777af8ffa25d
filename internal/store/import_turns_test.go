package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// newPool makes an SQLite database with a reward whose codes come from a pool, and
// returns what makes batches for that and what imports them.
func newPool(t *testing.T) (*Store, func(name string, n int) *loyalty.CodeBatch, func(*loyalty.CodeBatch) (there int, left int64)) {
	t.Helper()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Partner, Name: "A book voucher", Cost: 3, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}}}
	})
	s, _ := openPrograms(t, program)
	batch := func(name string, n int) *loyalty.CodeBatch {
		b := &loyalty.CodeBatch{Merchant: program.Merchant, Reward: loyaltytest.Partner, Import: loyalty.NewID()}
		for i := range n {
			c := loyaltytest.Code(fmt.Sprint(name, i), b.Reward, func(c *loyalty.GiftCode) {
				c.ID, c.Merchant, c.Import, c.Imported, c.Sealed = loyalty.NewID(), b.Merchant, b.Import, loyaltytest.Now, []byte(name)
				text := loyaltytest.ID(fmt.Sprint("text ", i))
				copy(c.Fingerprint[:], text[:])
			})
			b.Codes = append(b.Codes, loyalty.NewCode{GiftCode: c})
		}
		return b
	}
	return s, batch, func(b *loyalty.CodeBatch) (there int, left int64) {
		t.Helper()
		_, err := s.ImportCodes(t.Context(), loyalty.Answer{}, b, loyaltytest.Now, func(known []int, n int64) (loyalty.Answer, error) {
			there, left = len(known), n
			return loyalty.Answer{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return there, left
	}
}

// killed has written some portions of a batch, and is no more.
func killed(t *testing.T, s *Store, b *loyalty.CodeBatch, codes int) {
	t.Helper()
	if _, err := s.waitForPool(t.Context(), loyalty.Answer{}, b); err != nil {
		t.Fatal(err)
	}
	if err := s.storePortion(t.Context(), b, b.Without(nil)[:codes]); err != nil {
		t.Fatal(err)
	}
}

// silence is as if nothing had been heard of imports for so long.
func silence(t *testing.T, s *Store, d time.Duration) {
	t.Helper()
	if _, err := s.engine.(*lite).writer.ExecContext(t.Context(), "UPDATE code_imports SET renewed_at = renewed_at - ?", d.Microseconds()); err != nil {
		t.Fatal(err)
	}
}

func codesStored(t *testing.T, s *Store) (n int64) {
	t.Helper()
	if _, err := scalars(s.engine.reader().Raw("SELECT count(*) FROM codes"), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What a killed import has left is counted nowhere, is no duplicate of what comes later,
// and goes with the next import, or when the server tidies up; but not while it might go on.
func TestKilledImport(t *testing.T) {
	t.Parallel()
	s, batch, take := newPool(t)
	killed(t, s, batch("killed", 30), 20)
	pool, err := s.CodePool(t.Context(), loyaltytest.Merchant, loyaltytest.Partner, loyaltytest.Now)
	if err != nil || pool.CodeCounts != (loyalty.CodeCounts{}) {
		t.Errorf("the pool has %+v, %v", pool.CodeCounts, err)
	}
	if _, err := s.Prune(t.Context(), loyaltytest.Now); err != nil || codesStored(t, s) != 20 {
		t.Errorf("%d codes are stored while it may go on, %v", codesStored(t, s), err)
	}
	silence(t, s, importLease)
	if there, left := take(batch("next", 25)); there != 0 || left != 25 {
		t.Errorf("%d were there, %d are left", there, left)
	}
	more := batch("killed again", 60)
	killed(t, s, more, 0)
	if err := s.storePortion(t.Context(), more, more.Without(nil)[25:]); err != nil {
		t.Fatal(err)
	}
	silence(t, s, importLease)
	if n, err := s.Prune(t.Context(), loyaltytest.Now); err != nil || n != 35 || codesStored(t, s) != 25 {
		t.Errorf("%d rows are removed, %d codes are stored, %v", n, codesStored(t, s), err)
	}
}

// Whoever was taken for dead, and is not, changes nothing any more.
func TestImportTakenForDead(t *testing.T) {
	t.Parallel()
	s, batch, take := newPool(t)
	slow := batch("slow", 30)
	killed(t, s, slow, 20)
	silence(t, s, importLease)
	take(batch("next", 25))
	err := s.storePortion(t.Context(), slow, slow.Without(nil)[20:])
	if !errors.Is(err, loyalty.ErrConflict) || codesStored(t, s) != 25 {
		t.Errorf("%v, %d codes are stored", err, codesStored(t, s))
	}
}

// A withdrawal breaks off what is on its way: that has left out what was there.
func TestImportBesideWithdrawalInTurns(t *testing.T) {
	t.Parallel()
	s, batch, take := newPool(t)
	first, second := batch("first", 10), batch("second", 30)
	take(first)
	killed(t, s, second, 0)
	_, err := s.WithdrawCodes(t.Context(), loyalty.Answer{}, first.Merchant, first.Reward, first.Import,
		func(int64) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.storePortion(t.Context(), second, second.Without(nil)); !errors.Is(err, loyalty.ErrConflict) {
		t.Errorf("it goes on: %v", err)
	}
	if there, left := take(second); there != 0 || left != 30 {
		t.Errorf("%d were there, %d are left", there, left)
	}
}

// Whoever redeems looks through no import of which nothing is left.
func TestSpentImports(t *testing.T) {
	t.Parallel()
	s, batch, take := newPool(t)
	ended := batch("ended", 10)
	for i := range ended.Codes {
		ended.Codes[i].Expires = loyaltytest.Now
	}
	for _, b := range []*loyalty.CodeBatch{ended, batch("all there", 10), batch("some", 12)} {
		take(b)
	}
	var open int64
	if _, err := scalars(s.engine.reader().Raw("SELECT count(*) FROM code_imports"), &open); err != nil || open != 1 {
		t.Errorf("%d imports are looked through, %v", open, err)
	}
}
