package loyalty

import "fmt"

// vouchers checks each one against the entries: that it was issued, that it is
// redeemed exactly where an entry says so, and that none is missing.
func (p *proof) vouchers(list []Voucher) error {
	type place struct {
		threshold int64
		full      bool
	}
	held := map[place]bool{}
	known := map[VoucherID]*Voucher{}
	issued := map[EntryID]bool{} // completed cards with their voucher
	for i := range list {
		v := &list[i]
		problem := p.voucher(v)
		at := place{v.Threshold, v.Spent > 0}
		switch {
		case problem == "" && known[v.ID] != nil:
			problem = "stands twice"
		case problem == "" && v.State != Withdrawn && v.Threshold > 0 && held[at]:
			problem = fmt.Sprintf("is the second for reaching %d", v.Threshold)
		}
		if problem != "" {
			return &Flaw{Card: p.card.ID, Voucher: v.ID, Problem: problem}
		}
		known[v.ID] = v
		issued[v.Entry] = issued[v.Entry] || v.Spent > 0
		held[at] = held[at] || v.State != Withdrawn
	}
	for id, use := range p.used {
		if v := known[id]; v == nil || v.Reward != use.reward {
			return &Flaw{Card: p.card.ID, Voucher: id, Problem: "was redeemed, and is not there for that reward"}
		}
	}
	for id, posting := range p.posted {
		if posting.kind == Complete && !issued[id] {
			return &Flaw{Card: p.card.ID, Problem: "has no voucher for what it completed with " + id.String()}
		}
	}
	return nil
}

func (p *proof) voucher(v *Voucher) string {
	because, ok := p.posted[v.Entry]
	use, used := p.used[v.ID]
	full, bought := v.Spent > 0, because.kind == Redeem
	if v.Value != 0 {
		if problem := v.giftCardProblem(use.off); problem != "" {
			return problem
		}
		used = v.Left == 0
	}
	switch {
	case v.Card != p.card.ID:
		return "belongs to " + v.Card.String()
	case !ok:
		return "was issued by an entry that is not there: " + v.Entry.String()
	case full && (because.kind != Complete || because.units != -v.Spent):
		return fmt.Sprintf("was issued for %d units, which no entry took", v.Spent)
	case p.ending != nil && (v.State == Issued || v.State == Reserved):
		return fmt.Sprintf("is %s on a card that has ended", v.State)
	case full && because.voided != (v.State == Withdrawn) && (because.voided || p.ending == nil):
		return fmt.Sprintf("is %s, and its card was taken back: %t", v.State, because.voided)
	case !full && (bought && v.Value == 0 || because.kind == Expire):
		return fmt.Sprintf("was issued by an entry of kind %s", because.kind)
	case bought && (!because.voucher.IsZero() || because.reward != v.Reward || because.units >= 0):
		return "was issued by a redemption that did not pay for it"
	case bought && because.voided != (v.State == Withdrawn) && (because.voided || p.ending == nil):
		return fmt.Sprintf("is %s, and what paid for it was taken back: %t", v.State, because.voided)
	case v.Value == 0 && (v.Left != 0 || use.times > 1):
		return fmt.Sprintf("is no gift card, has %d left and was redeemed %d times", v.Left, use.times)
	case v.Threshold < 1 && because.kind != Merge && !bought:
		return fmt.Sprintf("was earned at %d, and came with no merge", v.Threshold)
	case used != (v.State == Redeemed):
		return fmt.Sprintf("is %s, and an entry redeems it: %t", v.State, used)
	case v.State < Issued || v.State > Withdrawn:
		return "is in an unknown state: " + v.State.String()
	case v.State == Expired && v.Expires.IsZero():
		return "has expired without an end"
	case v.State != Withdrawn && v.Threshold > max(p.card.Lifetime, 0):
		return fmt.Sprintf("was earned at %d, the card has come to %d", v.Threshold, p.card.Lifetime)
	}
	return ""
}

// giftCardProblem holds what a gift card has left against what the entries took.
func (v *Voucher) giftCardProblem(off int64) string {
	if v.Value < 0 || v.Left < 0 || v.Value-v.Left != off {
		return fmt.Sprintf("was issued with %d and has %d left, and entries took %d off", v.Value, v.Left, off)
	}
	return ""
}
