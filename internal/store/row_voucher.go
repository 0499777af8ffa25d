package store

import "stempel/internal/loyalty"

const voucherColumns = "id uuid, card_id uuid, reward_id uuid, state bigint, threshold bigint, spent bigint, " +
	"entry_id uuid, issued_at bigint, expires_at bigint"

func putVoucher(s sink, v *loyalty.Voucher) {
	s.id(v.ID)
	s.id(v.Card)
	s.id(v.Reward)
	s.number(int64(v.State))
	s.number(v.Threshold)
	s.number(v.Spent)
	s.id(v.Entry)
	s.number(micros(v.Issued))
	s.number(micros(v.Expires))
}

// putVoucherState is all that ever changes in a voucher.
func putVoucherState(s sink, v *loyalty.Voucher) {
	s.id(v.ID)
	s.number(int64(v.State))
}

func getVoucher(r source) loyalty.Voucher {
	return loyalty.Voucher{
		ID:        r.id(),
		Card:      r.id(),
		Reward:    r.id(),
		State:     loyalty.VoucherState(r.number()),
		Threshold: r.number(),
		Spent:     r.number(),
		Entry:     r.id(),
		Issued:    fromMicros(r.number()),
		Expires:   fromMicros(r.number()),
	}
}

const (
	stockColumns = "reward_id uuid, remaining bigint"
	tallyColumns = "card_id uuid, reward_id uuid, count bigint"
)

func putStock(s sink, r *loyalty.Stock) {
	s.id(r.Reward)
	s.number(r.Left)
}

func putTally(s sink, t *loyalty.Tally) {
	s.id(t.Card)
	s.id(t.Reward)
	s.number(t.Count)
}
