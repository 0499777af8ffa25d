package store

import "stempel/internal/loyalty"

const voucherColumns = "id uuid, card_id uuid, reward_id uuid, threshold bigint, spent bigint, " +
	"entry_id uuid, issued_at bigint, expires_at bigint, value bigint, " + voucherState

const voucherState = "state bigint, remaining bigint, held_by uuid, held_until bigint"

func putVoucher(s sink, v *loyalty.Voucher) {
	s.id(v.ID)
	s.id(v.Card)
	s.id(v.Reward)
	s.number(v.Threshold)
	s.number(v.Spent)
	s.id(v.Entry)
	s.number(micros(v.Issued))
	s.number(micros(v.Expires))
	s.number(v.Value)
	putVoucherState(s, v)
}

// putVoucherUpdate names the voucher first.
func putVoucherUpdate(s sink, v *loyalty.Voucher) {
	s.id(v.ID)
	putVoucherState(s, v)
}

// putVoucherState is all that ever changes in a voucher.
func putVoucherState(s sink, v *loyalty.Voucher) {
	s.number(int64(v.State))
	s.number(v.Left)
	s.id(v.Hold.Till)
	s.number(micros(v.Hold.Until))
}

func getVoucher(r source) loyalty.Voucher {
	return loyalty.Voucher{
		ID:        r.id(),
		Card:      r.id(),
		Reward:    r.id(),
		Threshold: r.number(),
		Spent:     r.number(),
		Entry:     r.id(),
		Issued:    fromMicros(r.number()),
		Expires:   fromMicros(r.number()),
		Value:     r.number(),
		State:     loyalty.VoucherState(r.number()),
		Left:      r.number(),
		Hold:      loyalty.Hold{Till: r.id(), Until: fromMicros(r.number())},
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
