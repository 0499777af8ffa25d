package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"stempel/internal/loyalty"
)

// Why CheckPIN refuses.
const (
	PINWrong  loyalty.Code = "pin_wrong"
	PINLocked loyalty.Code = "pin_locked"
)

// A till takes pinTries wrong PINs in a row, then none for pinPause, and twice
// as long after each further pinTries, up to pinLongest.
const (
	pinTries   = 5
	pinPause   = 5 * time.Minute
	pinLongest = time.Hour
)

// CheckPIN finds who of the merchant's staff has the PIN with this keyed hash.
// Wrong ones are counted on the till and on the merchant, in the database, however
// many come at once and to however many processes; a manager's right one begins
// the till's count anew. The till is as it was authenticated.
//
// Errors: *loyalty.Refusal with PINWrong, PINLocked and RetryAt, or
// loyalty.TillRevoked; loyalty.ErrNotFound for a till that is not this merchant's.
func (s *Store) CheckPIN(ctx context.Context, m loyalty.MerchantID, till loyalty.Till, pinMAC []byte, now time.Time) (loyalty.Staff, error) {
	var staff loyalty.Staff
	var refusal *loyalty.Refusal // beside the transaction's error: a wrong PIN is to be counted
	err := again(func() error {
		return s.engine.within(ctx, func(tx *Tx) (err error) {
			staff, refusal, err = tx.checkPIN(m, till, pinMAC, now)
			return err
		})
	})
	if err == nil && refusal != nil {
		err = refusal
	}
	if err != nil {
		return loyalty.Staff{}, err
	}
	return staff, nil
}

func (tx *Tx) checkPIN(m loyalty.MerchantID, asking loyalty.Till, pinMAC []byte, now time.Time) (loyalty.Staff, *loyalty.Refusal, error) {
	till, err := take[tillRow](tx, "id = ? AND merchant_id = ?", uid(asking.ID), uid(m))
	if err != nil {
		return loyalty.Staff{}, nil, err
	}
	is := till.listing()
	if err := is.CheckPaired(asking.Pairing); err != nil {
		return loyalty.Staff{}, nil, err
	}
	if until := fromMicros(till.PinLockedUntil); now.Before(until) {
		return loyalty.Staff{}, pinLocked("this till takes", until), nil
	}
	guesses, refusal, err := tx.guess(m, now)
	if refusal != nil || err != nil {
		return loyalty.Staff{}, refusal, err
	}
	var found staffRow
	err = tx.db.Where("merchant_id = ? AND pin_mac = ?", uid(m), pinMAC).Take(&found).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		failures, until := wrongPIN(till.PinFailures, now)
		return loyalty.Staff{}, pinWrong(failures, until), errors.Join(tx.setFailures(asking.ID, failures, until), guesses.wrong())
	case err != nil:
		return loyalty.Staff{}, nil, translate(err, false)
	case till.PinFailures > 0 && loyalty.Role(found.Role) >= loyalty.Manager:
		// A cashier's does not: else who has one PIN could try for another for ever.
		err = tx.setFailures(asking.ID, 0, time.Time{})
	}
	return found.staff(), nil, err
}

func (tx *Tx) setFailures(till loyalty.TillID, failures int64, lockedUntil time.Time) error {
	return affected(tx.db.Model(&tillRow{}).Where("id = ?", uid(till)).
		Updates(map[string]any{"pin_failures": failures, "pin_locked_until": micros(lockedUntil)}))
}

// wrongPIN counts one more failure. Each pinTries-th locks the till.
func wrongPIN(before int64, now time.Time) (failures int64, lockedUntil time.Time) {
	failures = before + 1
	if failures%pinTries != 0 {
		return failures, time.Time{}
	}
	pause := pinPause
	for range failures/pinTries - 1 {
		if pause = min(2*pause, pinLongest); pause == pinLongest {
			break
		}
	}
	return failures, now.Add(pause)
}

func pinWrong(failures int64, lockedUntil time.Time) *loyalty.Refusal {
	r := &loyalty.Refusal{Code: PINWrong, RetryAt: lockedUntil}
	switch left := pinTries - failures%pinTries; {
	case !lockedUntil.IsZero():
		r.Message = "This PIN is wrong. It was the last try: this till takes no PIN for a while."
	case left == 1:
		r.Message = "This PIN is wrong. One try is left."
	default:
		r.Message = fmt.Sprintf("This PIN is wrong. %d tries are left.", left)
	}
	return r
}

// pinLocked names who takes no PIN.
func pinLocked(who string, until time.Time) *loyalty.Refusal {
	return &loyalty.Refusal{Code: PINLocked, RetryAt: until, Message: "Too many wrong PINs: " + who + " no PIN for a while."}
}
