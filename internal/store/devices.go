package store

import (
	"context"
	"errors"
	"time"

	"stempel/internal/loyalty"
)

// deviceRow is a phone that holds a token of a card, as GORM sees it.
type deviceRow struct {
	ID        uid
	CardID    uid
	Name      string
	TokenHash []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	RevokedAt int64
}

func (deviceRow) TableName() string { return "devices" }

const deviceColumns = "id uuid, card_id uuid, name text, created_at bigint, revoked_at bigint"

func getDevice(r source) loyalty.Device {
	return loyalty.Device{
		ID: r.id(), Card: r.id(), Name: r.text(), Created: fromMicros(r.number()), Revoked: fromMicros(r.number()),
	}
}

// AddDevice stores a phone whose token has this hash, and the answer for r.
// Errors: loyalty.ErrNotFound for a card that is not this merchant's; as of Once.
func (s *Store) AddDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, d loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.owns(m, d.Card); err != nil {
			return loyalty.Answer{}, err
		}
		answer.Card = d.Card
		return answer, tx.create(&deviceRow{
			ID: uid(d.ID), CardID: uid(d.Card), Name: d.Name, TokenHash: token[:], CreatedAt: micros(d.Created),
		})
	})
}

// owns holds that a card is a merchant's. Errors: loyalty.ErrNotFound.
func (tx *Tx) owns(m loyalty.MerchantID, card loyalty.CardID) error {
	owner, err := first(tx.db.Table("cards AS c").Select("c.merchant_id").Where("c.id = ?", uid(card)),
		func(r source) loyalty.MerchantID { return r.id() })
	if err == nil && owner != m {
		err = loyalty.ErrNotFound
	}
	return err
}

// Devices are the phones of a card, revoked ones too, newest first, after the
// one named if any. Errors: loyalty.ErrNotFound for another merchant's card.
func (s *Store) Devices(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, after loyalty.DeviceID, limit int) ([]loyalty.Device, error) {
	owner, err := s.MerchantOf(ctx, card)
	if err == nil && owner != m {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	query := s.engine.reader().WithContext(ctx).Table("devices AS d").
		Select(selected("d", deviceColumns)).Where("d.card_id = ?", uid(card))
	return page(query, "d.id", after, limit, getDevice)
}

// RevokeDevice ends a phone's token, at once and in every process; one revoked
// before stays as it was. It answers with what render makes of the phone.
// Errors: loyalty.ErrNotFound for a card that is not this merchant's; a
// *loyalty.Refusal with loyalty.DeviceNotFound for a phone that is not this
// card's; what render returns; as of Once.
func (s *Store) RevokeDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID, now time.Time, render func(*loyalty.Device) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.owns(m, card); err != nil {
			return loyalty.Answer{}, err
		}
		done := tx.db.Model(&deviceRow{}).Where("id = ? AND card_id = ? AND revoked_at = 0", uid(id), uid(card)).
			Update("revoked_at", micros(now))
		if done.Error != nil {
			return loyalty.Answer{}, translate(done.Error, false)
		}
		d, err := first(tx.db.Table("devices AS d").Select(selected("d", deviceColumns)).
			Where("d.id = ? AND d.card_id = ?", uid(id), uid(card)), getDevice)
		if errors.Is(err, loyalty.ErrNotFound) {
			err = &loyalty.Refusal{Code: loyalty.DeviceNotFound, Message: "There is no such phone of this card."}
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(&d)
	})
}

// DeviceAccess is what a phone's token is checked against. It reads any
// merchant's phone: who the asker is follows from it. Errors: loyalty.ErrNotFound.
func (s *Store) DeviceAccess(ctx context.Context, id loyalty.DeviceID) (loyalty.Access, error) {
	query := s.engine.reader().WithContext(ctx).Table("devices AS d").
		Select("d.id, c.merchant_id, d.card_id, d.token_hash, d.revoked_at").
		Joins("JOIN cards c ON c.id = d.card_id").Where("d.id = ?", uid(id))
	return first(query, func(r source) loyalty.Access {
		return loyalty.Access{Device: r.id(), Merchant: r.id(), Card: r.id(), Hash: r.hash(), Revoked: r.number() != 0}
	})
}
