package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// pairingRow is the open code of a till.
type pairingRow struct {
	TillID    uid `gorm:"primaryKey"`
	CodeHash  []byte
	ExpiresAt int64
}

func (pairingRow) TableName() string { return "pairings" }

// errNoPairing tells strangers nothing: a code that was mistyped, used, replaced
// or is too old is none.
var errNoPairing = &loyalty.Refusal{
	Code:    loyalty.PairingNotFound,
	Message: "This code does not work: it may be mistyped, used, replaced or too old. Ask a manager for a new one.",
}

// OpenPairing gives a till a code, in the place of an open one. Errors: a
// *loyalty.Refusal with loyalty.TillNotFound; as of Once.
func (s *Store) OpenPairing(ctx context.Context, answer loyalty.Answer, m loyalty.MerchantID, p loyalty.Pairing) (loyalty.Answer, error) {
	return s.Once(ctx, answer, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := tx.till(m, p.Till); err != nil {
			return loyalty.Answer{}, err
		}
		row := pairingRow{TillID: uid(p.Till), CodeHash: p.Code[:], ExpiresAt: micros(p.Expires)}
		return answer, translate(tx.db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error, false)
	})
}

// Pair uses a code up: the till takes the token whose hash pair returns, and no
// earlier one, and is revoked no longer. pair renders the answer, too; it may be
// called again after a rollback.
//
// Errors: a *loyalty.Refusal with loyalty.PairingNotFound, whatever is wrong with
// the code; what pair returns; as of Once.
func (s *Store) Pair(ctx context.Context, r loyalty.Answer, code loyalty.Hash, now time.Time, pair func(*loyalty.PairedTill) (loyalty.Hash, loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		till, err := tx.useCode(code, now)
		if errors.Is(err, errNoPairing) {
			if answered := tx.unanswered(r); answered != nil {
				err = answered // it was this request that used it
			}
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		till.Pairing, till.PairedAt, till.RevokedAt = till.Pairing+1, micros(now), 0
		paired, err := tx.paired(&till)
		if err != nil {
			return loyalty.Answer{}, err
		}
		token, answer, err := pair(&paired)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, affected(tx.db.Model(&tillRow{}).Where("id = ?", till.ID).Updates(map[string]any{
			"token_hash": token[:], "pairing": till.Pairing, "paired_at": till.PairedAt, "revoked_at": till.RevokedAt,
		}))
	})
}

// useCode deletes an open code and returns its till, locked. Of two at the same
// time the second waits for the till, and then finds no code.
func (tx *Tx) useCode(code loyalty.Hash, now time.Time) (till tillRow, err error) {
	var open pairingRow
	if err := tx.db.Where("code_hash = ?", code[:]).Take(&open).Error; err != nil {
		return till, refused(err, errNoPairing)
	}
	if !now.Before(fromMicros(open.ExpiresAt)) {
		return till, errNoPairing
	}
	if till, err = take[tillRow](tx, "id = ?", open.TillID); err != nil {
		return till, err
	}
	return till, refused(affected(tx.db.Where("code_hash = ?", code[:]).Delete(&pairingRow{})), errNoPairing)
}

func (tx *Tx) paired(till *tillRow) (p loyalty.PairedTill, err error) {
	var at locationRow
	var of merchantRow
	if err = tx.db.Where("id = ?", till.LocationID).Take(&at).Error; err == nil {
		err = tx.db.Where("id = ?", till.MerchantID).Take(&of).Error
	}
	if err != nil {
		return p, translate(err, false)
	}
	p.Till, p.Of = till.listing(), of.merchant()
	p.Till.HasToken = true
	p.At, err = at.location()
	return p, err
}
