package loyalty

import "fmt"

// buysGiftCard reports whether a redemption buys a gift card, as against using one.
func (d *deciding) buysGiftCard(do Redemption) bool {
	reward, known := d.rules.Reward(do.Reward)
	return known && reward.Kind == GiftCard && reward.isSold() && do.Voucher.IsZero() && do.Amount == 0 && do.Purchase == nil
}

// paysBill reports whether a redemption is to take something from a gift card.
func (d *deciding) paysBill(do Redemption) bool {
	reward, known := d.rules.Reward(do.Reward)
	return known && reward.Kind == GiftCard && (do.Amount != 0 || do.Purchase != nil)
}

// takesOff is how many minor units a redemption takes off the purchase; 0 where
// something is handed out. reward is nil where the catalogue does not have it any
// more, voucher where units pay.
func (d *deciding) takesOff(do Redemption, reward *Reward, voucher *Voucher) (int64, error) {
	switch {
	case d.cmd.Offline != nil && (voucher == nil && reward.Kind != AnItem || voucher != nil && !d.rules.IsItem(voucher)):
		return 0, refuse(ActionNotOffered, "Without the network only items are handed out: this takes something off a purchase, or is a code of a partner.")
	case voucher != nil && voucher.Value > 0:
		return d.fromGiftCard(do, reward, voucher)
	case reward != nil && reward.TakesPurchase():
		return reward.Off(do.Purchase, do.Amount)
	case voucher == nil && reward.Kind == GiftCard && !d.buysGiftCard(do):
		return 0, refuse(VoucherNotFound, "This card has no such gift card yet. Leave out amount and purchase to get one for its units.")
	case do.Amount != 0:
		return 0, refuse(AmountInvalid, "This reward is handed out whole: leave out the amount.")
	case do.Purchase != nil:
		return 0, do.Purchase.check()
	}
	return 0, nil
}

// fromGiftCard is how much of a gift card is used: what was asked for, or else as much
// as there is and, where a purchase is given, as that has left to pay.
func (d *deciding) fromGiftCard(do Redemption, reward *Reward, voucher *Voucher) (int64, error) {
	most := voucher.Left
	if p := do.Purchase; p != nil {
		if err := p.check(); err != nil {
			return 0, err
		}
		if reward != nil && p.Currency != reward.Currency {
			return 0, refuse(CurrencyMismatch, "This gift card is in "+reward.Currency+", the purchase is in "+p.Currency+".")
		}
		if most = min(most, p.Total-p.PaidWithReward); most == 0 {
			return 0, refuse(RewardNotApplicable, "Nothing of this purchase is left to pay. The gift card stays as it is.")
		}
	}
	switch {
	case do.Amount == 0:
		return most, nil
	case do.Amount < 0 || do.Amount > most:
		no := refuse(AmountInvalid, fmt.Sprintf("Of this gift card at most %d can be used now, in minor units.", most))
		no.Least, no.Most = 1, most
		return 0, no
	}
	return do.Amount, nil
}

// price is what the reward costs, as the units of its entry.
func (d *deciding) price(reward *Reward, off int64) (int64, error) {
	cost := reward.Cost
	if reward.Flexible != (Flexible{}) {
		var fits bool
		if cost, fits = reward.Flexible.cost(off); !fits {
			return 0, refuse(AmountInvalid, "That is more than a card can hold units for.")
		}
	}
	return -cost, d.pay(cost)
}

// keepBill keeps the purchase that something was taken off; the zero Hash for none.
func (d *deciding) keepBill(p *Purchase) Hash {
	if p == nil {
		return Hash{}
	}
	if d.rules.Earn.ForgetItems {
		bare := *p
		bare.Items = nil
		p = &bare
	}
	return d.keep(p)
}

// use takes an amount from a gift card, which is over when nothing is left; any other
// voucher is over at once.
func (d *deciding) use(v *Voucher, amount int64) {
	if v.Left -= amount; v.Value == 0 {
		v.Left = 0
	}
	switch {
	case v.Left == 0:
		d.move(v, Redeemed)
	case v.State == Reserved:
		d.move(v, Issued)
	default:
		d.changed(v)
	}
}

// giveVoucherBack undoes what a redemption did to a voucher: of a gift card it gives
// the amount back, and one that was bought it withdraws. Errors: entry_not_voidable,
// void_reward_used.
func (d *deciding) giveVoucherBack(redemption *Entry) error {
	if redemption.Voucher.IsZero() {
		for i := range d.out.Vouchers {
			if v := &d.out.Vouchers[i]; v.Entry == redemption.ID {
				return d.withdraw(v)
			}
		}
		return nil
	}
	i := find(d.out.Vouchers, redemption.Voucher, voucherID)
	if i < 0 || d.out.Vouchers[i].State != Redeemed && (d.out.Vouchers[i].Value == 0 || !d.out.Vouchers[i].Live(d.now)) {
		return refuse(EntryNotVoidable, "The voucher of this redemption is no longer there to be given back.")
	}
	v := &d.out.Vouchers[i]
	if v.Value > 0 {
		v.Left += redemption.Counted.Off
	}
	if v.State == Redeemed {
		d.move(v, Issued)
	} else {
		d.changed(v)
	}
	return nil
}
