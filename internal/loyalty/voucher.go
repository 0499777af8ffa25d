package loyalty

import "time"

// Voucher is one single-use right to a reward, issued to a card.
type Voucher struct {
	ID        VoucherID
	Card      CardID
	Reward    RewardID
	State     VoucherState
	Threshold int64     // the card's Lifetime at which it was earned, from 1; 0: on another card, before a merge
	Spent     int64     // units that a full card paid for it; 0 for a milestone
	Entry     EntryID   // the entry that issued it
	Issued    time.Time // UTC
	Expires   time.Time // zero: never

	Value int64 // of a gift card: minor units that it was issued with; 0 for others
	Left  int64 // of Value; a gift card is Redeemed when nothing is
	Hold  Hold  // of a Reserved one, else zero
}

// Hold keeps a voucher for the customer of one till for a while.
type Hold struct {
	Till  TillID
	Until time.Time // from here on the voucher can be had by anybody again
}

// HoldLife is how long a till holds a voucher while a customer decides.
const HoldLife = time.Minute

// VoucherState is where a voucher is in its life.
type VoucherState uint8

// The states of a voucher.
const (
	Issued    VoucherState = iota + 1
	Reserved               // held for a customer who is deciding
	Redeemed               // handed out
	Expired                // too late
	Withdrawn              // the units that earned it were taken back, or it went to another card with a merge
)

var voucherStateNames = [...]string{
	Issued: "issued", Reserved: "reserved", Redeemed: "redeemed", Expired: "expired", Withdrawn: "withdrawn",
}

func (s VoucherState) String() string { return nameOf(voucherStateNames[:], s) }

// ParseVoucherState reads what VoucherState.String writes.
func ParseVoucherState(text string) (VoucherState, error) {
	return parseName[VoucherState](voucherStateNames[:], text, "state of a voucher")
}

// voucherMoves is the whole life of a voucher: from each state, where it may go.
// An expired voucher can still be withdrawn, so that units taken back and earned
// again issue it once more instead of never.
var voucherMoves = map[VoucherState][]VoucherState{
	Issued:   {Reserved, Redeemed, Expired, Withdrawn},
	Reserved: {Redeemed, Issued, Expired, Withdrawn},
	Redeemed: {Issued}, // its redemption was voided
	Expired:  {Withdrawn},
}

// CanBecome reports whether a voucher in state s may go to next.
func (s VoucherState) CanBecome(next VoucherState) bool {
	for _, allowed := range voucherMoves[s] {
		if allowed == next {
			return true
		}
	}
	return false
}

// Live reports whether the voucher could still be redeemed at now.
func (v *Voucher) Live(now time.Time) bool {
	return (v.State == Issued || v.State == Reserved) && !v.overdue(now)
}

// StateAt is the state at now: what was held for too long is not held any more.
func (v *Voucher) StateAt(now time.Time) VoucherState {
	if v.State == Reserved && !now.Before(v.Hold.Until) {
		return Issued
	}
	return v.State
}

func (v *Voucher) overdue(now time.Time) bool { return !v.Expires.IsZero() && !now.Before(v.Expires) }
