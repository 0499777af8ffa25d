package loyaltytest

import (
	"fmt"

	"stempel/internal/loyalty"
)

// Write writes all or nothing. Like a database it trusts nobody: rows that must
// be new or must be there, and sums that must not be negative, are checked.
// Errors wrap loyalty.ErrConflict.
func (b *Book) Write(w *loyalty.Writes) error {
	if err := b.check(w); err != nil {
		return fmt.Errorf("%w: %w", loyalty.ErrConflict, err)
	}
	for _, e := range w.Entries {
		b.Entries[e.Card] = append(b.Entries[e.Card], e)
		if d, ok := e.Explanation(); ok {
			b.Details[e.ID] = d
		}
	}
	for _, d := range w.Details {
		b.Details[d.Entry] = d
	}
	for _, c := range w.Cards {
		c.Choice = b.Cards[c.ID].Choice // not among what an after-image writes
		b.Cards[c.ID] = c
	}
	for _, c := range w.Rechosen {
		card := b.Cards[c.ID]
		card.Choice = c.Choice
		b.Cards[c.ID] = card
	}
	for _, v := range w.Issued {
		b.Vouchers[v.Card] = append(b.Vouchers[v.Card], v)
	}
	for _, v := range w.Changed {
		*b.voucher(&v) = v
	}
	for _, l := range w.LotsNew {
		b.Lots[l.Card] = append(b.Lots[l.Card], l)
	}
	for _, l := range w.LotsChanged {
		*b.lot(&l) = l
	}
	for _, r := range w.Refunded {
		r.First = false // not a column
		b.Refunds[r.Entry] = r
	}
	for _, s := range w.Stock {
		b.Stock[s.Reward] = s.Left
	}
	for _, t := range w.Tallies {
		b.Tallies[TallyKey{t.Card, t.Reward}] = t.Count
	}
	for _, u := range w.Uses {
		u.TillName, u.Merchant = "", loyalty.MerchantID{} // not columns
		b.Uses[UseKey{u.Nonce, u.Action}] = u
	}
	for _, c := range w.Freed { // before Credited: a freed purchase may be credited again in one batch
		delete(b.Credits, c)
	}
	for _, c := range w.Credited {
		b.Credits[c.Credit] = c.Entry
	}
	for _, a := range w.Answers {
		b.Answers[a.Request] = a
	}
	for _, c := range w.Claimed {
		code := b.Claims[c.Claim]
		code.Claimed, code.Card, code.Entry, code.Purchase = c.At, c.Card, c.Entry, nil
		b.Claims[c.Claim] = code
	}
	for _, t := range w.Tags {
		tag := b.Tags[t.ID]
		tag.Counter, tag.Floor, tag.Recent = t.Counter, t.Floor, t.Recent
		b.Tags[t.ID] = tag
	}
	b.Gaps = append(b.Gaps, w.Gaps...)
	b.writeCodes(w)
	b.writeMembers(w)
	for _, tapped := range w.CameLate {
		for i := range b.Gaps {
			if g := &b.Gaps[i]; g.Tag == tapped.Tag && g.Epoch == tapped.Epoch && g.First <= tapped.Counter && tapped.Counter <= g.Last {
				g.Late++
			}
		}
	}
	for _, a := range w.Asked {
		b.Approvals[a.ID] = a
	}
	for _, a := range w.Decided {
		b.Approvals[a.ID] = a
	}
	for _, i := range w.Synced {
		b.Synced[i.Item.Slot()] = i
	}
	for _, l := range w.Leases {
		lease := b.Leases[l.ID]
		lease.Used = l.Used
		b.Leases[l.ID] = lease
	}
	return nil
}

func (b *Book) check(w *loyalty.Writes) error {
	if err := b.checkEntries(w); err != nil {
		return err
	}
	if err := b.checkCards(w); err != nil {
		return err
	}
	if err := b.checkRewards(w); err != nil {
		return err
	}
	if err := b.checkCodes(w); err != nil {
		return err
	}
	if err := b.checkOffline(w); err != nil {
		return err
	}
	if err := b.checkLots(w); err != nil {
		return err
	}
	return b.checkOnce(w)
}

func (b *Book) checkLots(w *loyalty.Writes) error {
	type key struct {
		card  loyalty.CardID
		entry loyalty.EntryID
	}
	seen := map[key]bool{}
	check := func(lots []loyalty.Lot, there bool) error {
		for _, l := range lots {
			k := key{l.Card, l.Entry}
			if (b.lot(&l) != nil) != there || seen[k] || l.Left < 0 || l.Expired < 0 || l.Left+l.Expired > l.Units {
				return fmt.Errorf("lot %+v is there: %t, or stands twice in the batch, or holds less than nothing", l, !there)
			}
			seen[k] = true
		}
		return nil
	}
	for _, r := range w.Refunded {
		if _, ok := b.Refunds[r.Entry]; ok == r.First {
			return fmt.Errorf("the refund of %s is the first: %t", r.Entry, r.First)
		}
	}
	if err := check(w.LotsNew, false); err != nil {
		return err
	}
	return check(w.LotsChanged, true)
}

func (b *Book) lot(like *loyalty.Lot) *loyalty.Lot {
	list := b.Lots[like.Card]
	for i := range list {
		if list[i].Entry == like.Entry {
			return &list[i]
		}
	}
	return nil
}

func (b *Book) checkEntries(w *loyalty.Writes) error {
	fresh := map[loyalty.CardID]int64{}
	for i := range w.Entries {
		e := &w.Entries[i]
		fresh[e.Card]++
		if want := int64(len(b.Entries[e.Card])) + fresh[e.Card]; e.Seq != want {
			return fmt.Errorf("entry %s has seq %d, its card is at %d", e.ID, e.Seq, want)
		}
	}
	for _, d := range w.Details {
		if !containsEntry(w.Entries, d.Entry) {
			return fmt.Errorf("a detail belongs to no entry of the batch: %s", d.Entry)
		}
	}
	return nil
}

func (b *Book) checkCards(w *loyalty.Writes) error {
	seen := map[loyalty.CardID]bool{}
	for _, c := range w.Cards {
		if _, ok := b.Cards[c.ID]; !ok || seen[c.ID] {
			return fmt.Errorf("card %s is not there, or stands twice in the batch", c.ID)
		}
		if seen[c.ID] = true; c.Balance < 0 && !c.MayOwe {
			return fmt.Errorf("card %s has a balance of %d", c.ID, c.Balance)
		}
	}
	return nil
}

func (b *Book) checkRewards(w *loyalty.Writes) error {
	seen := map[loyalty.VoucherID]bool{}
	for _, v := range w.Issued {
		if b.voucher(&v) != nil || seen[v.ID] {
			return fmt.Errorf("voucher %s is not new", v.ID)
		}
		seen[v.ID] = true
	}
	for _, v := range w.Changed {
		if b.voucher(&v) == nil || seen[v.ID] {
			return fmt.Errorf("voucher %s is not there, or stands twice in the batch", v.ID)
		}
		seen[v.ID] = true
	}
	for _, s := range w.Stock {
		if _, ok := b.Stock[s.Reward]; !ok || s.Left < 0 {
			return fmt.Errorf("reward %s has no stock, or would have %d", s.Reward, s.Left)
		}
	}
	for _, t := range w.Tallies {
		if _, ok := b.Tallies[TallyKey{t.Card, t.Reward}]; ok == t.First || t.Count < 0 {
			return fmt.Errorf("tally of %s: first %t, count %d", t.Reward, t.First, t.Count)
		}
	}
	return nil
}

// checkOnce guards what may happen once only: a nonce for an action, a credited
// purchase, a stored answer, a claim, a tap.
func (b *Book) checkOnce(w *loyalty.Writes) error {
	uses := map[UseKey]bool{}
	for _, u := range w.Uses {
		key := UseKey{u.Nonce, u.Action}
		if _, ok := b.Uses[key]; ok || uses[key] {
			return fmt.Errorf("nonce %x is used twice to %s", u.Nonce, u.Action)
		}
		uses[key] = true
	}
	freed := map[loyalty.Credit]bool{}
	for _, c := range w.Freed {
		if _, ok := b.Credits[c]; !ok || freed[c] {
			return fmt.Errorf("purchase %x is not credited, or freed twice", c.Purchase)
		}
		freed[c] = true
	}
	credited := map[loyalty.Credit]bool{}
	for _, c := range w.Credited {
		if _, ok := b.Credits[c.Credit]; (ok && !freed[c.Credit]) || credited[c.Credit] {
			return fmt.Errorf("purchase %x is credited twice", c.Purchase)
		}
		credited[c.Credit] = true
	}
	claimed := map[loyalty.ClaimID]bool{}
	for _, c := range w.Claimed {
		if code, ok := b.Claims[c.Claim]; !ok || !code.Claimed.IsZero() || claimed[c.Claim] {
			return fmt.Errorf("code %s is not there, or claimed twice", c.Claim)
		}
		claimed[c.Claim] = true
	}
	tags := map[loyalty.TagID]bool{}
	for _, t := range w.Tags {
		if tag, ok := b.Tags[t.ID]; !ok || !tag.OnCounter() && t.Counter <= tag.Counter || tags[t.ID] {
			return fmt.Errorf("tag %s is not there, stands twice in the batch, or counts back", t.ID)
		}
		tags[t.ID] = true
	}
	for _, a := range w.Answers {
		if _, ok := b.Answers[a.Request]; ok {
			return fmt.Errorf("request %x is answered twice", a.Request)
		}
	}
	return nil
}

// checkOffline guards that each place of a queue is taken once, and that leases are
// there.
func (b *Book) checkOffline(w *loyalty.Writes) error {
	taken := map[loyalty.Slot]bool{}
	for _, i := range w.Synced {
		slot := i.Item.Slot()
		if _, ok := b.Synced[slot]; ok || taken[slot] {
			return fmt.Errorf("item %d of %s was synced before", i.Item.Counter, i.Item.Queue)
		}
		if taken[slot] = true; !containsEntry(w.Entries, i.Entry) {
			return fmt.Errorf("item %d of %s belongs to no entry of the batch", i.Item.Counter, i.Item.Queue)
		}
	}
	for _, l := range w.Leases {
		if _, ok := b.Leases[l.ID]; !ok {
			return fmt.Errorf("lease %s is not there", l.ID)
		}
	}
	return nil
}

func (b *Book) voucher(like *loyalty.Voucher) *loyalty.Voucher {
	list := b.Vouchers[like.Card]
	for i := range list {
		if list[i].ID == like.ID {
			return &list[i]
		}
	}
	return nil
}

func containsEntry(entries []loyalty.Entry, id loyalty.EntryID) bool {
	for i := range entries {
		if entries[i].ID == id {
			return true
		}
	}
	return false
}
