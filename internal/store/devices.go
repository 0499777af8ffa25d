package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

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

// AddDevice stores a phone whose token has this hash, and the answer for r. It is
// a phone of the card that is left where d's Card was merged. The card is locked
// as posting does: of merges and of other phones one comes after the other.
// Errors: loyalty.ErrNotFound for a card that is not this merchant's; a
// *loyalty.Refusal with loyalty.TooManyPhones; as of Once.
func (s *Store) AddDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, d loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		line, err := tx.lockLine(m, d.Card)
		if err != nil {
			return loyalty.Answer{}, err
		}
		card := line[len(line)-1].ID
		var live int64
		if err := tx.db.Table("devices").Where("card_id = ? AND revoked_at = 0", uid(card)).Count(&live).Error; err != nil {
			return loyalty.Answer{}, translate(err, false)
		}
		if err := loyalty.CheckPhones(live); err != nil {
			return loyalty.Answer{}, err
		}
		answer.Card = card
		return answer, tx.create(&deviceRow{
			ID: uid(d.ID), CardID: uid(card), Name: d.Name, TokenHash: token[:], CreatedAt: micros(d.Created),
		})
	})
}

// revokePhones ends the tokens of all phones of these cards.
func (tx *Tx) revokePhones(cards []loyalty.Card, at time.Time) error {
	for i := range cards {
		if err := tx.exec("UPDATE devices SET revoked_at = ? WHERE card_id = ? AND revoked_at = 0", micros(at), uid(cards[i].ID)); err != nil {
			return err
		}
	}
	return nil
}

// Devices are the phones of a card and of those that it was merged into: revoked
// ones too, newest first, after the one named if any. Errors: loyalty.ErrNotFound
// for another merchant's card.
func (s *Store) Devices(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, after loyalty.DeviceID, limit int) ([]loyalty.Device, error) {
	db := s.engine.reader().WithContext(ctx)
	line, err := lineOf(db, m, card)
	if err != nil {
		return nil, err
	}
	return page(devicesOf(db, line), "d.id", after, limit, getDevice)
}

// CardDevices are the phones of this very card, whichever merchant's: that is for
// the caller to know.
func (s *Store) CardDevices(ctx context.Context, card loyalty.CardID, after loyalty.DeviceID, limit int) ([]loyalty.Device, error) {
	query := devicesOf(s.engine.reader().WithContext(ctx), []loyalty.Card{{ID: card}})
	return page(query, "d.id", after, limit, getDevice)
}

func devicesOf(db *gorm.DB, cards []loyalty.Card) *gorm.DB {
	ids := make([]uid, len(cards))
	for i := range cards {
		ids[i] = uid(cards[i].ID)
	}
	return db.Table("devices AS d").Select(selected("d", deviceColumns)).Where("d.card_id IN ?", ids)
}

// RevokeDevice ends a phone's token, at once and in every process; one revoked
// before stays as it was. It answers with what render makes of the phone. The
// phones of a card are as of Devices. Errors: loyalty.ErrNotFound for a card that
// is not this merchant's; a *loyalty.Refusal with loyalty.DeviceNotFound for a
// phone that is not this card's; what render returns; as of Once.
func (s *Store) RevokeDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID, now time.Time, render func(*loyalty.Device) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		line, err := tx.lockLine(m, card)
		if err != nil {
			return loyalty.Answer{}, err
		}
		d, err := first(devicesOf(tx.db, line).Where("d.id = ?", uid(id)), getDevice)
		if errors.Is(err, loyalty.ErrNotFound) {
			err = &loyalty.Refusal{Code: loyalty.DeviceNotFound, Message: "There is no such phone of this card."}
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		if d.Revoked.IsZero() {
			d.Revoked = now
			if err := tx.exec("UPDATE devices SET revoked_at = ? WHERE id = ?", micros(now), uid(id)); err != nil {
				return loyalty.Answer{}, err
			}
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
