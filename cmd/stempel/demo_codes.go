package main

import (
	"context"
	"fmt"
	"time"

	"stempel/internal/giftcodes"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
)

// demoCodes is how many codes the demo's partner has sold.
const demoCodes = 25

// seedCodes fills the pools of rewards that are codes of another shop.
func seedCodes(ctx context.Context, s *server, merchant loyalty.MerchantID, rewards []loyalty.Reward, now time.Time) error {
	box := giftcodes.NewBox(s.ring.MACs(keys.Code), s.ring.MACs(keys.Index))
	for _, reward := range rewards {
		if reward.Kind != loyalty.PartnerCode {
			continue
		}
		rows := make([]giftcodes.Row, demoCodes)
		for i := range rows {
			rows[i] = giftcodes.Row{Line: i + 1, Text: fmt.Sprintf("DEMO-BOOKS-%02d", i+1)}
		}
		_, err := s.store.ImportCodes(ctx, loyalty.Answer{}, box.Batch(merchant, reward.ID, rows, now), now,
			func([]int, int64) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
		if err != nil {
			return err
		}
	}
	return nil
}
