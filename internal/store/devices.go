package store

import (
	"context"
	"errors"
	"math"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// deviceRow is what holds a secret of a card, as GORM sees it.
type deviceRow struct {
	ID        uid
	CardID    uid
	HomeID    uid // the card it was added to, whose numbers its own is one of
	Kind      int64
	Name      string
	TokenHash []byte // empty: it has no token
	Number    int64
	Epoch     int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	RevokedAt int64
}

func (deviceRow) TableName() string { return "devices" }

const (
	secretColumns = "number bigint, epoch bigint"
	deviceColumns = "id uuid, card_id uuid, home_id uuid, kind bigint, name text, " + secretColumns + ", created_at bigint, revoked_at bigint"
)

func getDevice(r source) loyalty.Device {
	return loyalty.Device{
		ID: r.id(), Card: r.id(), Home: r.id(), Kind: loyalty.DeviceKind(r.number()), Name: r.text(), Secret: getSecret(r),
		Created: fromMicros(r.number()), Revoked: fromMicros(r.number()),
	}
}

func getSecret(r source) loyalty.Secret {
	return loyalty.Secret{Number: uint16(r.number()), Epoch: uint16(r.number())}
}

// AddDevice stores a device with the first secret of the card's next number, and
// the answer for r. The hash is that of its token, or zero where it has none. It
// is a device of the card that is left where d's Card was merged. The card is
// locked as posting does: of merges and of other devices one comes after the other.
// Errors: loyalty.ErrNotFound for a card that is not this merchant's; a
// *loyalty.Refusal with loyalty.TooManyPhones or loyalty.SecretsUsedUp; as of Once.
func (s *Store) AddDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, d loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error) {
	if d.Kind == 0 {
		return loyalty.Answer{}, errors.New("store: a new device must be of some kind")
	}
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		line, err := tx.lockLine(m, d.Card)
		if err != nil {
			return loyalty.Answer{}, err
		}
		card := line[len(line)-1].ID
		if err := tx.roomFor(d.Kind, card); err != nil {
			return loyalty.Answer{}, err
		}
		answer.Card = card
		return answer, tx.addDevice(card, d, token)
	})
}

// addDevice adds a device to a card, which must be locked.
func (tx *Tx) addDevice(card loyalty.CardID, d loyalty.Device, token loyalty.Hash) error {
	number, err := tx.nextNumber(card)
	if err != nil {
		return err
	}
	return tx.create(&deviceRow{
		ID: uid(d.ID), CardID: uid(card), HomeID: uid(card), Kind: int64(d.Kind), Name: d.Name, TokenHash: hashOrNone(token),
		Number: number, Epoch: 1, CreatedAt: micros(d.Created),
	})
}

// roomFor holds that a card, which must be locked, may have one more device.
// Wallets are not phones, each is there once, and recovery links help those whose
// card is on too many.
func (tx *Tx) roomFor(kind loyalty.DeviceKind, card loyalty.CardID) error {
	if !kind.IsPhone() {
		return nil
	}
	var live int64
	err := tx.db.Table("devices").Where("card_id = ? AND revoked_at = 0 AND kind IN ?", uid(card), []int64{int64(loyalty.Phone), int64(loyalty.Browser)}).Count(&live).Error
	if err != nil {
		return translate(err, false)
	}
	return loyalty.CheckPhones(live)
}

// hashOrNone is a hash as bytes, none of them for the zero one.
func hashOrNone(h loyalty.Hash) []byte {
	if h == (loyalty.Hash{}) {
		return []byte{}
	}
	return h[:]
}

// lastNumber asks for the last number of those that the devices added to a card
// have had, whatever became of them.
const lastNumber = "SELECT COALESCE(max(d.number), 0) FROM devices d WHERE d.home_id = ?"

// nextNumber is one that no device added to a card has had, which must be locked.
func (tx *Tx) nextNumber(card loyalty.CardID) (int64, error) {
	last, err := first(tx.db.Raw(lastNumber, uid(card)), func(r source) int64 { return r.number() })
	if err == nil && last >= math.MaxUint16 {
		err = errNoSecrets("This card has had as many phones as a card can have. Open a new card and merge this one into it.")
	}
	return last + 1, err
}

func errNoSecrets(message string) error {
	return &loyalty.Refusal{Code: loyalty.SecretsUsedUp, Message: message}
}

// revokePhones ends the tokens and secrets of all devices of these cards.
func (tx *Tx) revokePhones(cards []loyalty.Card, at time.Time) error {
	return tx.exec("UPDATE devices SET revoked_at = ?, epoch = epoch + 1 WHERE card_id IN ? AND revoked_at = 0", micros(at), uids(idsOf(cards)))
}

// Devices are the devices of a card and of those that it was merged into: revoked
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

// CardDevices are the devices of this very card, whichever merchant's: that is for
// the caller to know.
func (s *Store) CardDevices(ctx context.Context, card loyalty.CardID, after loyalty.DeviceID, limit int) ([]loyalty.Device, error) {
	query := devicesOf(s.engine.reader().WithContext(ctx), []loyalty.Card{{ID: card}})
	return page(query, "d.id", after, limit, getDevice)
}

// Device is one device of a card, as Devices has them. Errors: loyalty.ErrNotFound
// for another merchant's card; a *loyalty.Refusal with loyalty.DeviceNotFound.
func (s *Store) Device(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID) (loyalty.Device, error) {
	db := s.engine.reader().WithContext(ctx)
	line, err := lineOf(db, m, card)
	if err != nil {
		return loyalty.Device{}, err
	}
	return orNoDevice(first(devicesOf(db, line).Where("d.id = ?", uid(id)), getDevice))
}

// devicesOf are the devices of cards; of an erased one nobody is to know.
func devicesOf(db *gorm.DB, cards []loyalty.Card) *gorm.DB {
	return db.Table("devices AS d").Select(selected("d", deviceColumns)).Where("d.card_id IN ? AND d.kind <> 0", uids(idsOf(cards)))
}

func orNoDevice(d loyalty.Device, err error) (loyalty.Device, error) {
	if errors.Is(err, loyalty.ErrNotFound) {
		err = &loyalty.Refusal{Code: loyalty.DeviceNotFound, Message: "There is no such phone of this card."}
	}
	return d, err
}

// RenderDevice makes the answer of a change from the device after it; it may be
// called again after a rollback.
type RenderDevice = func(*loyalty.Device) (loyalty.Answer, error)

// RevokeDevice ends a device's token and its secret, at once and in every process;
// one revoked before stays as it was. It answers with what render makes of the
// device. Errors: loyalty.ErrNotFound for a card that is not this merchant's; a
// *loyalty.Refusal with loyalty.DeviceNotFound for a device that is not this
// card's; what render returns; as of Once.
func (s *Store) RevokeDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID, now time.Time, render RenderDevice) (loyalty.Answer, error) {
	change := map[string]any{"revoked_at": micros(now), "epoch": gorm.Expr("epoch + 1")}
	return s.changeDevice(ctx, r, m, card, id, now, change, render)
}

// RenewDevice gives a device its next secret and ends the one before, at once and
// in every process; its token is not touched. It answers with what render makes of
// the device. Errors: as of RevokeDevice, with loyalty.DeviceNotFound for a revoked
// one too; a *loyalty.Refusal with loyalty.SecretsUsedUp.
func (s *Store) RenewDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID, now time.Time, render RenderDevice) (loyalty.Answer, error) {
	change := map[string]any{"epoch": gorm.Expr("epoch + 1")}
	return s.changeDevice(ctx, r, m, card, id, now, change, func(d *loyalty.Device) (loyalty.Answer, error) {
		switch {
		case !d.Revoked.IsZero():
			return loyalty.Answer{}, &loyalty.Refusal{Code: loyalty.DeviceNotFound, Message: "This phone was revoked: give it a new token instead."}
		case d.Secret.Epoch == 0: // one more than fits
			return loyalty.Answer{}, errNoSecrets("This phone has had as many secrets as a phone can have. Revoke it and give it a new token.")
		}
		return render(d)
	})
}

// changeDevice also marks the card that is left where this one was merged: a pass in
// Google Wallet is a device, and shows what became of its secret.
func (s *Store) changeDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID, now time.Time, change map[string]any, render RenderDevice) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		line, err := tx.lockLine(m, card)
		if err != nil {
			return loyalty.Answer{}, err
		}
		done := tx.db.Model(&deviceRow{}).Where("id = ? AND card_id IN ? AND revoked_at = 0", uid(id), uids(idsOf(line))).Updates(change)
		if done.Error != nil {
			return loyalty.Answer{}, translate(done.Error, false)
		}
		if done.RowsAffected > 0 {
			if err := tx.touch(line[len(line)-1].ID, micros(now)); err != nil {
				return loyalty.Answer{}, err
			}
		}
		d, err := orNoDevice(first(devicesOf(tx.db, line).Where("d.id = ?", uid(id)), getDevice))
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(&d)
	})
}

// DeviceAccess is what a phone's token is checked against. It reads any
// merchant's phone: who the asker is follows from it. Errors:
// loyalty.ErrNotFound, also for a device that has no token.
func (s *Store) DeviceAccess(ctx context.Context, id loyalty.DeviceID) (loyalty.Access, error) {
	query := s.engine.reader().WithContext(ctx).Table("devices AS d").
		Select("d.id, c.merchant_id, d.card_id, d.kind, d.token_hash, d.revoked_at").
		Joins("JOIN cards c ON c.id = d.card_id").Where("d.id = ?", uid(id))
	access, err := first(query, func(r source) loyalty.Access {
		return loyalty.Access{
			Device: r.id(), Merchant: r.id(), Card: r.id(), DeviceKind: loyalty.DeviceKind(r.number()), Hash: r.hash(), Revoked: r.number() != 0,
		}
	})
	if err == nil && access.Hash == (loyalty.Hash{}) {
		err = loyalty.ErrNotFound
	}
	return access, err
}
