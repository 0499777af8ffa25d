package store

import (
	"context"
	"errors"

	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

const passColumns = "id uuid, merchant_id uuid, program_id uuid, card_id uuid, wallet bigint, language text, key_id text, " +
	"created_at bigint, changed_at bigint, shown bytea, removed_at bigint, due_at bigint"

type passRow struct {
	ID, MerchantID, ProgramID, CardID uid
	Wallet                            int64
	Language, KeyID                   string
	CreatedAt                         int64 `gorm:"autoCreateTime:false"`
	ChangedAt, RemovedAt, DueAt       int64
	Shown                             []byte
}

func (passRow) TableName() string { return "passes" }

func getPass(r source) loyalty.Pass {
	p := loyalty.Pass{
		ID: r.id(), Merchant: r.id(), Program: r.id(), Card: r.id(), Wallet: loyalty.WalletKind(r.number()),
		Language: r.text(), KeyID: r.text(), Created: fromMicros(r.number()), Changed: fromMicros(r.number()),
	}
	copy(p.Shown[:], r.bytes())
	p.Removed, p.Due = fromMicros(r.number()), fromMicros(r.number())
	return p
}

// OpenPass returns a card's pass for a wallet, and makes it from p the first
// time, or after the one before has ended. One in Google Wallet whose secret was
// revoked ends now: whoever saved it may not be who asks. Errors: loyalty.ErrNotFound for another merchant's card.
func (s *Store) OpenPass(ctx context.Context, p loyalty.Pass) (loyalty.Pass, error) {
	err := again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			card, err := tx.lockCard(p.Merchant, p.Card)
			if err != nil {
				return err
			}
			there, err := first(tx.db.Table("passes AS p").Select(selected("p", passColumns)).
				Where("p.card_id = ? AND p.wallet = ? AND p.removed_at = 0", uid(p.Card), int64(p.Wallet)).
				Where("NOT EXISTS (SELECT 1 FROM devices d WHERE d.id = p.id AND d.revoked_at > 0)"), getPass)
			if err == nil {
				p = there
			}
			if !errors.Is(err, loyalty.ErrNotFound) {
				return err
			}
			if err := tx.endPasses(p.Card, p.Created, "wallet = ?", int64(p.Wallet)); err != nil {
				return err
			}
			p.Program = card.Program
			return tx.create(&passRow{
				ID: uid(p.ID), MerchantID: uid(p.Merchant), ProgramID: uid(p.Program), CardID: uid(p.Card),
				Wallet: int64(p.Wallet), Language: p.Language, KeyID: p.KeyID,
				CreatedAt: micros(p.Created), ChangedAt: micros(p.Changed), Shown: p.Shown[:],
			})
		})
	})
	return p, err
}

// Pass reads any merchant's pass: whoever asks knows its token. Errors:
// loyalty.ErrNotFound.
func (s *Store) Pass(ctx context.Context, id loyalty.PassID) (loyalty.Pass, error) {
	return first(s.engine.reader().WithContext(ctx).Table("passes AS p").Select(selected("p", passColumns)).
		Where("p.id = ?", uid(id)), getPass)
}

// PassesOf are the passes that show a card, removed ones too.
func (s *Store) PassesOf(ctx context.Context, card loyalty.CardID) ([]loyalty.Pass, error) {
	return all(s.engine.reader().WithContext(ctx).Table("passes AS p").Select(selected("p", passColumns)).
		Where("p.card_id = ?", uid(card)).Order("p.id"), getPass)
}

// lockCard waits for the lock that posting holds. Errors: loyalty.ErrNotFound,
// also for another merchant's card.
func (tx *Tx) lockCard(m loyalty.MerchantID, card loyalty.CardID) (loyalty.Card, error) {
	return first(tx.db.Table("cards AS c").Clauses(clause.Locking{Strength: "NO KEY UPDATE"}).
		Select(selected("c", cardIdentity+", "+cardState)).
		Where("c.id = ? AND c.merchant_id = ?", uid(card), uid(m)), getCard)
}
