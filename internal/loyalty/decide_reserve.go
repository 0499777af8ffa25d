package loyalty

// reserve holds the voucher that a redemption would use, while the customer decides.
// It hands nothing out: it posts no entry, spends no code and needs no PIN.
func (d *deciding) reserve(do Reserving) error {
	if err := d.checkMethod(); err != nil {
		return err
	}
	if d.now.Sub(d.cmd.Captured) > max(d.rules.handleLife(), redeemWithoutPIN) {
		return refuse(ScanExpired, "This scan is too old. Scan the customer's code again.")
	}
	v, err := d.voucherFor(Redemption{Reward: do.Reward, Voucher: do.Voucher, Amount: 1}) // not to buy one
	switch {
	case err != nil:
		return err
	case v == nil:
		return refuse(VoucherNotFound, "This card has no voucher for that reward. What units pay is not held.")
	case d.holds(v):
		return refuseHeld(v)
	case do.Release && v.State == Reserved:
		d.move(v, Issued)
	case !do.Release:
		if v.State != Reserved {
			d.move(v, Reserved)
		}
		v.Hold = Hold{Till: d.cmd.Till, Until: d.now.Add(HoldLife)}
		d.changed(v)
	}
	held := *v
	d.out.Held = &held
	return nil
}

// holds reports whether another till holds a voucher. What was handed out offline is
// no till's to hold any more.
func (d *deciding) holds(v *Voucher) bool {
	return v.State == Reserved && v.Hold.Till != d.cmd.Till && d.cmd.Offline == nil
}

func refuseHeld(v *Voucher) *Refusal {
	r := refuse(RewardReserved, "Another till holds this reward for the customer. It can be had again within a minute.")
	r.RetryAt = v.Hold.Until
	return r
}
