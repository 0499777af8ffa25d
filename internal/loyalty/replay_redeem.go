package loyalty

import (
	"encoding/json"
	"time"
)

// redemption is what was handed out, for one of the two rules: the same reward, with
// the purchase and the amount of then as far as they are asked for.
func (w *walk) redemption(p *replaying, c *course, e *DetailedEntry) (Action, KeptWhy) {
	do := Redemption{Reward: e.Reward, Voucher: c.voucherLike(p.history, e.Voucher)}
	reward, known := c.program(e.Posted).Reward(e.Reward)
	switch {
	case !known: // a voucher for it outlives the catalogue
		return do, ""
	case reward.Kind == GiftCard && !e.Voucher.IsZero(): // as much as was used, or as there is
		do.Amount = e.Counted.Off
		if i := find(c.vouchers, do.Voucher, voucherID); i >= 0 {
			do.Amount = min(do.Amount, c.vouchers[i].Left)
		}
		return do, ""
	case !reward.TakesPurchase():
		return do, ""
	case e.Commitment == Hash{}:
		return nil, KeptNoPurchase
	}
	do.Purchase = &Purchase{}
	switch {
	case json.Unmarshal(e.Detail, do.Purchase) != nil:
		return nil, KeptErased
	case !reward.Lines.isEmpty() && len(do.Purchase.Items) == 0 && w.decidedBy(&e.Entry).Earn.ForgetItems:
		return nil, KeptForgotten
	case reward.Flexible != (Flexible{}):
		do.Amount = e.Counted.Off
	}
	return do, ""
}

// keepRedemption posts one that cannot be decided again, for its units or its voucher.
func (d *deciding) keepRedemption(e Entry, do keeping) error {
	if e.Units != 0 {
		if err := d.pay(-e.Units); err != nil {
			return err
		}
	}
	e.Reward = do.entry.Reward
	i := find(d.out.Vouchers, do.voucher, voucherID)
	used := i >= 0 && d.out.Vouchers[i].Live(d.now)
	if used {
		e.Voucher = do.voucher
	}
	d.post(e)
	if used {
		d.use(&d.out.Vouchers[i], 0)
	}
	d.tally(e.Reward, d.state.Tallies[e.Reward]+1)
	return nil
}

// voucherLike is the live voucher of the replay that stands for one of the ledger's:
// always the same, as far as there is one. Zero for any.
func (c *course) voucherLike(h *History, id VoucherID) VoucherID {
	i := find(h.Vouchers, id, voucherID)
	if i < 0 {
		return VoucherID{}
	}
	taken := map[VoucherID]bool{}
	for theirs, ours := range c.meant {
		taken[ours] = theirs != id
	}
	var like VoucherID
	best := 0
	for j := range c.vouchers {
		v := &c.vouchers[j]
		if v.State != Issued || v.Reward != h.Vouchers[i].Reward || v.Threshold != h.Vouchers[i].Threshold {
			continue
		}
		if close := c.closeness(v, &h.Vouchers[i], taken[v.ID]); close > best {
			like, best = v.ID, close
		}
	}
	if best > 1 {
		c.meant[id] = like
	}
	return like
}

// closeness is how well a voucher of the replay stands for one of the ledger's, from 1:
// the one that did before, which the same entry issued, which came at the same time with
// the same money, or without; or any, also one that stands for another.
func (c *course) closeness(ours, theirs *Voucher, taken bool) int {
	because, known := c.known[theirs.Entry]
	times := ours.Issued.Equal(theirs.Issued) && ours.Expires.Equal(theirs.Expires)
	switch {
	case c.meant[theirs.ID] == ours.ID:
		return 6
	case taken:
		return 1
	case known && ours.Entry == because:
		return 5
	case times && ours.Value == theirs.Value:
		return 4
	case times:
		return 3
	}
	return 2
}

// belonging is that of the card's holder as it is today, which need not be as it was
// then. That something was granted shows that it was for them: so the current rules
// refuse it to nobody, and the changed ones only to those whom they leave out and the
// current ones do not.
func (c *course) belonging(p *Program, cmd *Command, at time.Time) Belonging {
	if cmd.belated() {
		at = cmd.Captured
	}
	b := c.holder
	b.granted = p == c.Current || !c.Current.onlyOf(cmd.Do).Admits(&c.holder, at)
	return b
}

// onlyOf says for whom the rules have what a command asks for.
func (r *Rules) onlyOf(do Action) *Only {
	if do, ok := do.(Redemption); ok {
		if reward, known := r.Reward(do.Reward); known {
			return &reward.Only
		}
		return &Only{}
	}
	return &r.Only
}
