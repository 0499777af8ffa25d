package loyalty

import "fmt"

// meaning checks what each kind of entry promises, and counts it.
func (p *proof) meaning(e *Entry) string {
	switch e.Kind {
	case Earn, Opening, Adjust:
		before := e.Kind == Opening && e.Counted.Spend > 0 // what was spent elsewhere
		if e.Units == 0 && !before || e.Units < 0 && e.Kind != Adjust {
			return fmt.Sprintf("brings %d units in", e.Units)
		}
		p.sum.Lifetime += e.Units
	case Complete:
		if e.Units >= 0 {
			return fmt.Sprintf("completes a card for %d units", e.Units)
		}
		p.sum.Cycle++
	case Expire:
		if e.Units >= 0 || e.Balance < 0 {
			return fmt.Sprintf("lets %d units lapse and leaves %d", -e.Units, e.Balance)
		}
		if e.Balance > 0 {
			p.partly = e.Seq
		} else {
			p.sum.Cycle++
			p.sum.Floor = e.Seq
		}
	case Refund:
		return p.refund(e)
	case Redeem:
		return p.redemption(e)
	case Grant:
		if e.Units != 0 || e.Counted.Month == 0 {
			return fmt.Sprintf("grants a discount for %d units", e.Units)
		}
	case Void:
		return p.reversal(e)
	case Merge:
		return p.merge(e)
	default:
		return "is of an unknown kind: " + e.Kind.String()
	}
	return ""
}

// merge takes one of either side: only the survivor's has a commitment.
func (p *proof) merge(e *Entry) string {
	switch brings := e.Commitment != (Hash{}); {
	case e.Origin.IsZero():
		return "names no merge on another card"
	case brings:
		p.sum.Lifetime += e.Units
		p.merges = append(p.merges, *e)
	case e.Balance != 0:
		return fmt.Sprintf("ends the card with a balance of %d", e.Balance)
	default:
		ending := *e
		p.ending = &ending
	}
	return ""
}

func (p *proof) redemption(e *Entry) string {
	use, used := p.used[e.Voucher]
	switch {
	case e.Reward.IsZero():
		return "hands out no reward"
	case e.Voucher.IsZero() && e.Units >= 0, !e.Voucher.IsZero() && e.Units != 0:
		return fmt.Sprintf("redeems for %d units", -e.Units)
	case used && (e.Counted.Off == 0 || use.off == 0 || use.reward != e.Reward): // no gift card
		return "redeems " + e.Voucher.String() + " a second time"
	}
	if !e.Voucher.IsZero() {
		p.used[e.Voucher] = usage{e.Reward, use.times + 1, use.off + e.Counted.Off}
	}
	return ""
}

func (p *proof) reversal(e *Entry) string {
	origin, ok := p.posted[e.Origin]
	switch {
	case !ok:
		return "takes back an entry that is not before it: " + e.Origin.String()
	case origin.voided:
		return "takes back an entry a second time: " + e.Origin.String()
	case origin.refunded > 0 || origin.spendBack < 0 || origin.offBack < 0:
		return "takes back an entry of which a part was refunded: " + e.Origin.String()
	case e.Units != -origin.units:
		return fmt.Sprintf("takes back %d units of an entry of %d", -e.Units, origin.units)
	case origin.kind == Redeem && (e.Voucher != origin.voucher || e.Reward != origin.reward):
		return "gives back something else than was handed out"
	}
	switch origin.kind {
	case Earn, Opening, Adjust:
		p.sum.Lifetime += e.Units
	case Complete:
		p.sum.Cycle--
	case Redeem:
		p.unused(origin.voucher, origin.counted.Off)
	case Grant:
	default:
		return fmt.Sprintf("takes back an entry of kind %s", origin.kind)
	}
	origin.voided = true
	p.posted[e.Origin] = origin
	return ""
}

// unused takes one use of a voucher back.
func (p *proof) unused(v VoucherID, off int64) {
	use := p.used[v]
	use.times, use.off = use.times-1, use.off-off
	if p.used[v] = use; use.times <= 0 {
		delete(p.used, v)
	}
}
