package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

var (
	errNoStaff   = &loyalty.Refusal{Code: loyalty.StaffNotFound, Message: "There is no such person on the staff."}
	errDismissed = &loyalty.Refusal{
		Code: loyalty.StaffDismissed, Message: "This person was dismissed. Add whoever comes back anew.",
	}
	errPINUnavailable = &loyalty.Refusal{
		Code: loyalty.PINUnavailable, Message: "This PIN cannot be used here. Choose another one, best of six digits or more.",
	}
)

func (r *staffRow) staff() loyalty.Staff {
	return loyalty.Staff{
		ID: loyalty.StaffID(r.ID), Merchant: loyalty.MerchantID(r.MerchantID), Name: r.Name, Role: loyalty.Role(r.Role),
	}
}

func (r *staffRow) listing() loyalty.StaffListing {
	return loyalty.StaffListing{
		Staff: r.staff(), HasPIN: r.PinMac != nil, Created: fromMicros(r.CreatedAt), Dismissed: fromMicros(r.DismissedAt),
	}
}

// StaffMember is one of a merchant's staff. Errors: a *loyalty.Refusal with
// loyalty.StaffNotFound.
func (s *Store) StaffMember(ctx context.Context, m loyalty.MerchantID, id loyalty.StaffID) (loyalty.StaffListing, error) {
	var row staffRow
	err := s.engine.reader().WithContext(ctx).Where("merchant_id = ? AND id = ?", uid(m), uid(id)).Take(&row).Error
	return row.listing(), refused(err, errNoStaff)
}

// Staff are a merchant's staff, newest first, older than after unless that is
// zero; dismissed people only when all are wanted.
func (s *Store) Staff(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.StaffID, limit int) ([]loyalty.StaffListing, error) {
	query := s.engine.reader().WithContext(ctx)
	if !all {
		query = query.Where("dismissed_at = 0")
	}
	rows, err := officePage[staffRow](query, m, after, limit)
	return listed(rows, (*staffRow).listing), err
}

// AddStaff stores somebody, with the keyed hash of a PIN or nil. Errors: a
// *loyalty.Refusal with loyalty.PINUnavailable or PINLocked, as of SetPIN; as of
// Once.
func (s *Store) AddStaff(ctx context.Context, answer loyalty.Answer, who loyalty.Staff, pinMAC []byte, now time.Time) (loyalty.Answer, error) {
	return s.unlessTaken(ctx, answer, func(tx *Tx) (loyalty.Answer, *loyalty.Refusal, error) {
		if pinMAC != nil {
			if refusal, err := tx.claimPIN(answer, who.Merchant, who.ID, pinMAC, now); refusal != nil || err != nil {
				return loyalty.Answer{}, refusal, err
			}
		}
		return answer, nil, tx.InsertStaff(who, pinMAC, now)
	})
}

// ChangeStaff changes name and role; change is as of ChangeMerchant. Errors: a
// *loyalty.Refusal with loyalty.StaffNotFound or loyalty.StaffDismissed; what
// change returns; as of Once.
func (s *Store) ChangeStaff(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.StaffID, change func(*loyalty.StaffListing) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		who, err := tx.employed(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := change(&who)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.setStaff(id, map[string]any{"name": who.Name, "role": int64(who.Role)})
	})
}

// SetPIN gives somebody the PIN with this keyed hash; the former one is none from
// then on. render gets who it is. A PIN that a colleague has is refused and
// counted as a wrong one typed on a till (see guesses), or it could be found by
// trying here.
//
// Errors: a *loyalty.Refusal with loyalty.StaffNotFound, loyalty.StaffDismissed,
// loyalty.PINUnavailable, or PINLocked and RetryAt; what render returns; as of
// Once.
func (s *Store) SetPIN(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.StaffID, pinMAC []byte, now time.Time, render func(*loyalty.StaffListing) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.unlessTaken(ctx, r, func(tx *Tx) (loyalty.Answer, *loyalty.Refusal, error) {
		who, err := tx.employed(m, id)
		if err != nil {
			return loyalty.Answer{}, nil, err
		}
		if refusal, err := tx.claimPIN(r, m, id, pinMAC, now); refusal != nil || err != nil {
			return loyalty.Answer{}, refusal, err
		}
		who.HasPIN = true
		answer, err := render(&who)
		if err != nil {
			return loyalty.Answer{}, nil, err
		}
		return answer, nil, tx.setStaff(id, map[string]any{"pin_mac": pinMAC})
	})
}

// unlessTaken is Once for what may meet a PIN that is taken: that is refused, and
// the count of it is kept all the same.
func (s *Store) unlessTaken(ctx context.Context, r loyalty.Answer, f func(*Tx) (loyalty.Answer, *loyalty.Refusal, error)) (loyalty.Answer, error) {
	var refusal *loyalty.Refusal
	answer, err := s.Once(ctx, r, func(tx *Tx) (answer loyalty.Answer, err error) {
		answer, refusal, err = f(tx)
		return answer, err
	})
	if err == nil && refusal != nil && !answer.Replayed {
		return loyalty.Answer{}, refusal
	}
	return answer, err
}

// claimPIN refuses a PIN that somebody else of the merchant's staff has.
func (tx *Tx) claimPIN(r loyalty.Answer, m loyalty.MerchantID, id loyalty.StaffID, pinMAC []byte, now time.Time) (*loyalty.Refusal, error) {
	guesses, refusal, err := tx.guess(m, now)
	if refusal != nil || err != nil {
		return refusal, err
	}
	if err := tx.unanswered(r); err != nil {
		return nil, err
	}
	var other staffRow
	err = tx.db.Where("merchant_id = ? AND pin_mac = ? AND id <> ?", uid(m), pinMAC, uid(id)).Take(&other).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, translate(err, false)
	}
	return errPINUnavailable, guesses.wrong()
}

// DismissStaff lets somebody go: the PIN is none from then on. Who was dismissed
// before stays so. render gets who it is. Errors: a *loyalty.Refusal with
// loyalty.StaffNotFound; what render returns; as of Once.
func (s *Store) DismissStaff(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.StaffID, now time.Time, render func(*loyalty.StaffListing) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		who, err := tx.staffMember(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if who.Dismissed.IsZero() {
			who.Dismissed, who.HasPIN = now, false
			if err := tx.setStaff(id, map[string]any{"dismissed_at": micros(now), "pin_mac": nil}); err != nil {
				return loyalty.Answer{}, err
			}
		}
		return render(&who)
	})
}

func (tx *Tx) staffMember(m loyalty.MerchantID, id loyalty.StaffID) (loyalty.StaffListing, error) {
	row, err := take[staffRow](tx, "merchant_id = ? AND id = ?", uid(m), uid(id))
	return row.listing(), refused(err, errNoStaff)
}

// employed is staffMember of who was not dismissed.
func (tx *Tx) employed(m loyalty.MerchantID, id loyalty.StaffID) (loyalty.StaffListing, error) {
	who, err := tx.staffMember(m, id)
	if err == nil && !who.Dismissed.IsZero() {
		err = errDismissed
	}
	return who, err
}

func (tx *Tx) setStaff(id loyalty.StaffID, values map[string]any) error {
	return affected(tx.db.Model(&staffRow{}).Where("id = ?", uid(id)).Updates(values))
}
