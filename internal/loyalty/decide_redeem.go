package loyalty

import "fmt"

// redeem hands out a reward: with the named voucher, or with the oldest live one
// for it, or for units.
func (d *deciding) redeem(do Redemption) error {
	if err := d.mayRedeem(); err != nil {
		return err
	}
	voucher, err := d.voucherFor(do)
	if err != nil {
		return err
	}
	reward, known := d.rules.Reward(do.Reward)
	entry := Entry{Kind: Redeem, Reward: do.Reward}
	switch {
	case voucher != nil: // a right once given outlives the catalogue
		entry.Voucher = voucher.ID
	case !known:
		return refuse(RewardNotFound, "This program has no such reward.")
	case reward.Cost == 0:
		return refuse(VoucherNotFound, "This card has not earned that reward yet.")
	case d.card.Balance < reward.Cost:
		return refuse(InsufficientBalance, fmt.Sprintf("This reward costs %d, the card has %d.", reward.Cost, d.card.Balance))
	default:
		entry.Units = -reward.Cost
	}
	if known {
		if err := d.take(reward); err != nil {
			return err
		}
	}
	id := d.post(entry).ID
	if voucher != nil {
		d.move(voucher, Redeemed)
	}
	d.card.WalletGen++ // a photographed wallet code must not redeem again
	d.spend(id)
	return nil
}

// mayRedeem asks for a PIN where the card need not be in the customer's hand.
func (d *deciding) mayRedeem() error {
	scan := &d.cmd.Scan
	age := d.now.Sub(d.cmd.Captured)
	if age > max(d.rules.handleLife(), redeemWithoutPIN) {
		return refuse(ScanExpired, "This scan is too old. Scan the customer's code again.")
	}
	switch {
	case scan.Surface == Wallet && scan.Generation < d.card.WalletGen:
		return d.needs(Manager, "This wallet code is an old one: redeeming with it needs a manager's PIN.")
	case scan.Method == Static:
		return d.needs(Cashier, "Redeeming with a printed or wallet code needs a staff PIN.")
	case age > redeemWithoutPIN:
		return d.needs(Cashier, "This scan is older than 2 minutes: redeeming needs a staff PIN, or a new scan.")
	}
	return nil
}

// voucherFor finds the voucher to use; nil where units have to pay.
func (d *deciding) voucherFor(do Redemption) (*Voucher, error) {
	for i := range d.out.Vouchers { // oldest first
		v := &d.out.Vouchers[i]
		switch {
		case do.Voucher.IsZero() && v.Reward == do.Reward && v.Live(d.now):
			return v, nil
		case do.Voucher.IsZero() || v.ID != do.Voucher || v.Reward != do.Reward:
		case v.Live(d.now):
			return v, nil
		default:
			return nil, notLive(v)
		}
	}
	if do.Voucher.IsZero() {
		return nil, nil
	}
	return nil, refuse(VoucherNotLive, "This voucher is not on this card, or has already been used.")
}

func notLive(v *Voucher) *Refusal {
	return refuse(VoucherNotLive, "This voucher cannot be used: it is "+v.State.String()+".")
}

// take counts one hand-out against stock and the card's limit.
func (d *deciding) take(reward *Reward) error {
	if reward.PerCard > 0 {
		used := d.state.Tallies[reward.ID]
		if used >= reward.PerCard {
			return refuse(RewardLimitReached, fmt.Sprintf("This card has had this reward %d times, which is the limit.", used))
		}
		d.tally(reward.ID, used+1)
	}
	if reward.Limited {
		left := d.facts.Stock[reward.ID]
		if left <= 0 {
			return refuse(RewardOutOfStock, "This reward is out of stock. The voucher or the points stay on the card.")
		}
		d.out.Stock = append(d.out.Stock, Stock{Reward: reward.ID, Left: left - 1})
	}
	return nil
}

// giveBack undoes take.
func (d *deciding) giveBack(id RewardID) {
	if used, counted := d.state.Tallies[id]; counted && used > 0 {
		d.tally(id, used-1)
	}
	if left, limited := d.facts.Stock[id]; limited {
		d.out.Stock = append(d.out.Stock, Stock{Reward: id, Left: left + 1})
	}
}

func (d *deciding) tally(reward RewardID, count int64) {
	_, exists := d.state.Tallies[reward]
	d.out.Tallies = append(d.out.Tallies, Tally{Card: d.card.ID, Reward: reward, Count: count, First: !exists})
}

func (d *deciding) issueByID(id RewardID, threshold, spent int64, because EntryID) {
	reward, ok := d.rules.Reward(id)
	if !ok {
		panic("loyalty: a program that passed Check names a reward that it does not have")
	}
	d.issue(reward, threshold, spent, because)
}
