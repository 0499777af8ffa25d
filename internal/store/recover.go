package store

import (
	"context"
	"errors"

	"stempel/internal/loyalty"
)

// Recover has a recovery link open its card, once: the card's phones, browsers and
// recovery links are signed out, this one too, and fresh is added, to which the token
// with this hash belongs. Wallets stay. Fresh's Card is the one that the link is of.
// Errors: loyalty.ErrNotFound for what is no link of this merchant's card, or not any
// more; a *loyalty.Refusal with loyalty.SecretsUsedUp; as of Once.
func (s *Store) Recover(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, link loyalty.DeviceID, fresh loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error) {
	if fresh.Kind == 0 {
		return loyalty.Answer{}, errors.New("store: a new device must be of some kind")
	}
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		line, err := tx.lockLine(m, fresh.Card)
		if err != nil {
			return loyalty.Answer{}, err
		}
		live := tx.db.Table("devices").Where("card_id IN ? AND revoked_at = 0", uids(idsOf(line)))
		_, err = first(live.Select("id").Where("id = ? AND kind = ?", uid(link), int64(loyalty.Recovery)), func(r source) loyalty.DeviceID { return r.id() })
		if err != nil {
			return loyalty.Answer{}, err
		}
		err = tx.exec("UPDATE devices SET revoked_at = ?, epoch = epoch + 1 WHERE card_id IN ? AND revoked_at = 0 AND kind <> ?",
			micros(fresh.Created), uids(idsOf(line)), int64(loyalty.Google))
		if err != nil {
			return loyalty.Answer{}, err
		}
		answer.Card = line[len(line)-1].ID
		return answer, tx.addDevice(answer.Card, fresh, token)
	})
}
