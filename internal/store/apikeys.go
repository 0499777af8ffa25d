package store

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

var (
	errNoKey      = &loyalty.Refusal{Code: loyalty.KeyNotFound, Message: "There is no such API key."}
	errKeyRevoked = &loyalty.Refusal{Code: loyalty.KeyRevoked, Message: "This API key was revoked. Make a new one."}
	errLastAdmin  = &loyalty.Refusal{
		Code:    loyalty.LastAdminKey,
		Message: "This is the last admin key: without it nobody could make another one. Make a new one first, or rotate this one.",
	}
)

func (r *keyRow) listing() loyalty.KeyListing {
	return loyalty.KeyListing{
		ID: loyalty.APIKeyID(r.ID), Merchant: loyalty.MerchantID(r.MerchantID), Name: r.Name, Scope: loyalty.Scope(r.Scope),
		Created: fromMicros(r.CreatedAt), Revoked: fromMicros(r.RevokedAt), FormerUntil: fromMicros(r.FormerUntil),
	}
}

// APIKey is one of a merchant's keys. Errors: a *loyalty.Refusal with
// loyalty.KeyNotFound.
func (s *Store) APIKey(ctx context.Context, m loyalty.MerchantID, id loyalty.APIKeyID) (loyalty.KeyListing, error) {
	var row keyRow
	err := s.engine.reader().WithContext(ctx).Where("merchant_id = ? AND id = ?", uid(m), uid(id)).Take(&row).Error
	return row.listing(), refused(err, errNoKey)
}

// APIKeys are a merchant's keys, newest first, older than after unless that is
// zero; revoked ones only when all are wanted.
func (s *Store) APIKeys(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.APIKeyID, limit int) ([]loyalty.KeyListing, error) {
	query := s.engine.reader().WithContext(ctx)
	if !all {
		query = query.Where("revoked_at = 0")
	}
	rows, err := officePage[keyRow](query, m, after, limit)
	return listed(rows, (*keyRow).listing), err
}

// AddAPIKey stores a new key. Errors: as of Once.
func (s *Store) AddAPIKey(ctx context.Context, answer loyalty.Answer, key loyalty.KeyListing, secret loyalty.Hash) (loyalty.Answer, error) {
	return s.Once(ctx, answer, func(tx *Tx) (loyalty.Answer, error) {
		access := loyalty.Access{Merchant: key.Merchant, Key: key.ID, Scope: key.Scope, Hash: secret}
		return answer, tx.InsertAPIKey(access, key.Name, key.Created)
	})
}

// RotateAPIKey gives a key the secret whose hash rotate returns. The one before
// goes on working until formerUntil; one before that does not. rotate gets the key
// as it then is and renders the answer; it may be called again after a rollback.
// Errors: a *loyalty.Refusal with loyalty.KeyNotFound or loyalty.KeyRevoked; what
// rotate returns; as of Once.
func (s *Store) RotateAPIKey(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.APIKeyID, formerUntil time.Time, rotate func(*loyalty.KeyListing) (loyalty.Hash, loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		row, err := tx.key(m, id)
		if err == nil && row.RevokedAt != 0 {
			err = errKeyRevoked
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		former := row.SecretHash
		row.FormerUntil = micros(formerUntil)
		key := row.listing()
		secret, answer, err := rotate(&key)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.setKey(id, map[string]any{
			"secret_hash": secret[:], "former_hash": former, "former_until": row.FormerUntil,
		})
	})
}

// RevokeAPIKey ends a key and both its secrets. A key revoked before stays as it
// was. render gets the key as it then is. Of a merchant's admin keys one stays:
// the merchant's row is locked, so that two cannot revoke each other.
//
// Errors: a *loyalty.Refusal with loyalty.KeyNotFound or loyalty.LastAdminKey; what
// render returns; as of Once.
func (s *Store) RevokeAPIKey(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.APIKeyID, now time.Time, render func(*loyalty.KeyListing) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := take[merchantRow](tx, "id = ?", uid(m)); err != nil {
			return loyalty.Answer{}, err
		}
		row, err := tx.key(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if row.RevokedAt == 0 {
			if err := tx.revokeKey(&row, now); err != nil {
				return loyalty.Answer{}, err
			}
		}
		key := row.listing()
		return render(&key)
	})
}

func (tx *Tx) revokeKey(row *keyRow, now time.Time) error {
	if loyalty.Scope(row.Scope) == loyalty.Admin {
		var others int64
		err := tx.db.Model(&keyRow{}).Where("merchant_id = ? AND scope = ? AND revoked_at = 0 AND id <> ?",
			row.MerchantID, row.Scope, row.ID).Count(&others).Error
		if err == nil && others == 0 {
			err = errLastAdmin
		}
		if err != nil {
			return err
		}
	}
	row.RevokedAt, row.FormerHash, row.FormerUntil = micros(now), nil, 0
	return tx.setKey(loyalty.APIKeyID(row.ID), map[string]any{
		"revoked_at": row.RevokedAt, "former_hash": nil, "former_until": 0,
	})
}

func (tx *Tx) key(m loyalty.MerchantID, id loyalty.APIKeyID) (keyRow, error) {
	row, err := take[keyRow](tx, "merchant_id = ? AND id = ?", uid(m), uid(id))
	return row, refused(err, errNoKey)
}

func (tx *Tx) setKey(id loyalty.APIKeyID, values map[string]any) error {
	return affected(tx.db.Model(&keyRow{}).Where("id = ?", uid(id)).Updates(values))
}
