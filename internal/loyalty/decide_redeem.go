package loyalty

// redeem hands out a reward: with the named voucher, or with the oldest live one
// for it, or for units.
func (d *deciding) redeem(do Redemption) error {
	if err := d.mayRedeem(); err != nil {
		return err
	}
	return d.handOver(do)
}

// handOver is redeem, once it is known that it may be done with what was presented.
func (d *deciding) handOver(do Redemption) error {
	voucher, err := d.voucherFor(do)
	if err != nil {
		return err
	}
	reward, known := d.rules.Reward(do.Reward)
	switch {
	case voucher != nil: // a right once given outlives the catalogue
	case !known:
		return refuse(RewardNotFound, "This program has no such reward.")
	case !reward.isSold():
		return refuse(VoucherNotFound, "This card has not earned that reward yet.")
	default:
		if err := d.mayHave(reward); err != nil {
			return err
		}
		if err := reward.offered(d.cmd.at(d.now)); err != nil {
			return err
		}
	}
	entry := Entry{Kind: Redeem, Reward: do.Reward}
	if entry.Counted.Off, err = d.takesOff(do, reward, voucher); err != nil {
		return err
	}
	if voucher == nil {
		if entry.Units, err = d.price(reward, entry.Counted.Off); err != nil {
			return err
		}
	} else {
		entry.Voucher = voucher.ID
	}
	if voucher == nil || voucher.Value == 0 { // a gift card was handed out before
		if err := d.take(do.Reward); err != nil {
			return err
		}
	}
	code, err := d.poolCode(do.Reward)
	if err != nil {
		return err
	}
	if voucher != nil && d.holds(voucher) { // said last: it is over within a minute, and the rest is not
		return refuseHeld(voucher)
	}
	entry.Commitment = d.keepBill(do.Purchase)
	id := d.post(entry).ID
	d.handOut(code, id)
	switch {
	case voucher != nil:
		d.use(voucher, entry.Counted.Off)
	case reward.Kind == GiftCard:
		d.issue(reward, 0, 0, id)
	}
	d.chose(do.Reward)
	d.card.WalletGen++ // a photographed wallet code must not redeem again
	d.spend(id)
	return nil
}

// mayRedeem asks for a PIN where the card need not be in the customer's hand.
func (d *deciding) mayRedeem() error {
	if err := d.checkMethod(); err != nil {
		return err
	}
	scan := &d.cmd.Scan
	age := d.cmd.at(d.now).Sub(d.cmd.Captured)
	if age > max(d.rules.handleLife(), redeemWithoutPIN) {
		return refuse(ScanExpired, "This scan is too old. Scan the customer's code again.")
	}
	switch needs := redeemNeeds(d.rules, d.card, scan); {
	case isOld(d.card, scan):
		d.lifts = d.lifts.With(LimitOldCode) // or it is refused
		return d.needs(Manager, "This wallet code is an old one: redeeming with it needs a manager's PIN.")
	case needs > NoRole:
		return d.approvedFor(needs, "Redeeming")
	case age > redeemWithoutPIN:
		return d.needs(Cashier, "This scan is older than 2 minutes: redeeming needs a staff PIN, or a new scan.")
	}
	return nil
}

// voucherFor finds the voucher to use; nil where units have to pay. It is one that
// another till holds only where there is no other.
func (d *deciding) voucherFor(do Redemption) (*Voucher, error) {
	if d.buysGiftCard(do) {
		return nil, nil
	}
	now := d.cmd.at(d.now)
	var held *Voucher
	for i := range d.out.Vouchers { // oldest first
		v := &d.out.Vouchers[i]
		switch {
		case v.Reward != do.Reward || !do.Voucher.IsZero() && v.ID != do.Voucher:
		case do.Voucher.IsZero() && d.paysBill(do) && v.Value == 0: // it was issued as an item
		case !v.Live(now) && !do.Voucher.IsZero():
			return nil, notLive(v)
		case !v.Live(now):
		case d.holds(v):
			held = v
		default:
			return v, nil
		}
	}
	if held == nil && !do.Voucher.IsZero() {
		return nil, refuse(VoucherNotLive, "This voucher is not on this card, or has already been used.")
	}
	return held, nil
}

func notLive(v *Voucher) *Refusal {
	return refuse(VoucherNotLive, "This voucher cannot be used: it is "+v.State.String()+".")
}

// take counts one hand-out, within the limits of card and member and the stock that the
// catalogue sets. Every hand-out is counted: a limit may come later.
func (d *deciding) take(id RewardID) error {
	used, limits := d.state.Tallies[id], d.limits(id)
	if err := limits.within(used, d.state.had(d.facts.Members[d.state.Member], id)); err != nil {
		return err
	}
	d.tally(id, used+1)
	if limits.Limited {
		left := d.facts.Stock[id]
		if err := inStock(left); err != nil {
			return err
		}
		d.out.Stock = append(d.out.Stock, Stock{Reward: id, Left: left - 1})
	}
	return nil
}

// giveBack undoes take.
func (d *deciding) giveBack(id RewardID) {
	if used := d.state.Tallies[id]; used > 0 {
		d.tally(id, used-1)
	}
	if left, counted := d.facts.Stock[id]; counted && d.limits(id).Limited {
		d.out.Stock = append(d.out.Stock, Stock{Reward: id, Left: left + 1})
	}
}

// limits are those of the catalogue; a reward that has left it has none.
func (d *deciding) limits(id RewardID) Reward {
	if reward, ok := d.rules.Reward(id); ok {
		return *reward
	}
	return Reward{}
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
