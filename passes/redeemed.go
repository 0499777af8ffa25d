package passes

import "stempel/internal/loyalty"

// redeemed tells what a redemption came to, each kind of reward in its own words:
// nobody enjoys a gift card that was only put onto the card.
func (s *speaker) redeemed(of *Subject, e *loyalty.Entry, now string) string {
	said := words{"Reward": rewardName(of.Program, e.Reward), "Now": now}
	reward, known := of.Program.Reward(e.Reward)
	if !known {
		return s.tell("change.redeem", said)
	}
	off := e.Counted.Off
	said["Amount"] = Money(s.language, off, reward.Currency)
	switch {
	case reward.Kind == loyalty.GiftCard && off > 0:
		said["Left"] = Money(s.language, leftOf(of.Vouchers, e.Voucher), reward.Currency)
		return s.tell("change.gift.used", said)
	case reward.Kind == loyalty.GiftCard:
		value := reward.Amount
		if voucher := issuedAt(of.Vouchers, e.Posted); voucher != nil {
			value = voucher.Value
		}
		said["Amount"] = Money(s.language, value, reward.Currency)
		return s.tell("change.gift", said)
	case off > 0:
		return s.tell("change.off", said)
	case reward.Kind == loyalty.PartnerCode:
		return s.tell("change.code", said)
	}
	return s.tell("change.redeem", said)
}

// leftOf is what a gift card has left; one that is used up is not among the vouchers.
func leftOf(vouchers []loyalty.Voucher, id loyalty.VoucherID) int64 {
	for i := range vouchers {
		if vouchers[i].ID == id {
			return vouchers[i].Left
		}
	}
	return 0
}
