package loyalty

import (
	"slices"
	"time"
)

// Writes are the after-images of a whole batch, each row once.
type Writes struct {
	Entries     []Entry
	Details     []Detail
	Cards       []Card
	Issued      []Voucher
	Changed     []Voucher
	Stock       []Stock
	Tallies     []Tally
	Uses        []Use
	Credited    []Credited
	Freed       []Credit
	Claimed     []Claimed
	Tags        []Tag // whose counters rise
	Gaps        []Gap
	CameLate    []Tapped
	Asked       []Approval
	Decided     []Approval
	Synced      []Synced // items of offline queues
	Leases      []Lease  // of which more is used
	Merged      []Merged // in posting order: what stands beside a card goes along
	LotsNew     []Lot
	LotsChanged []Lot // known ones
	Refunded    []Refunded
	Answers     []Answer
	Dirty       []Dirt // cards that something shows
	Codes       []GiftCode
	Rechosen    []Card // whose Choice is another one than before

	// Late makes further answers, if it is set. A store sends everything else
	// before it asks, so that signing and writing take the same time. An error
	// means that nothing may be written.
	Late func() ([]Answer, error)
}

// Add folds one more decision in; where it touches a row again, the later
// after-image stands.
func (w *Writes) Add(d *Decision) {
	if d.From != nil {
		w.Add(d.From)
		from := &d.From.Card
		w.Merged = append(w.Merged, Merged{
			From: from.ID, Into: d.Card.ID, Blocked: from.Blocked, At: d.Primary(Merge).Posted,
		})
	}
	w.Entries = append(w.Entries, d.Entries...)
	w.Details = append(w.Details, d.Details...)
	w.Uses = append(w.Uses, d.Uses...)
	w.Cards = replace(w.Cards, d.Card, func(c *Card) CardID { return c.ID })
	if d.Rechosen {
		w.Rechosen = replace(w.Rechosen, d.Card, func(c *Card) CardID { return c.ID })
	}
	w.Issued = append(w.Issued, d.Issued...)
	for _, v := range d.Changed {
		if i := find(w.Issued, v.ID, voucherID); i >= 0 {
			w.Issued[i] = v // never yet stored: still new
		} else {
			w.Changed = replace(w.Changed, v, voucherID)
		}
	}
	for _, s := range d.Stock {
		w.Stock = replace(w.Stock, s, func(s *Stock) RewardID { return s.Reward })
	}
	for _, t := range d.Tallies {
		if i := find(w.Tallies, tallyKey(&t), tallyKey); i >= 0 {
			t.First = w.Tallies[i].First
		}
		w.Tallies = replace(w.Tallies, t, tallyKey)
	}
	w.addLots(d)
	w.Codes = append(w.Codes, d.Codes...)
	w.Credited = append(w.Credited, d.Credited...)
	w.Claimed = append(w.Claimed, d.Claimed...)
	w.Synced = append(w.Synced, d.Synced...)
	for _, l := range d.Leases {
		w.Leases = replace(w.Leases, l, func(l *Lease) LeaseID { return l.ID })
	}
	for _, t := range d.Tags {
		w.Tags = replace(w.Tags, t, func(t *Tag) TagID { return t.ID })
	}
	w.Gaps = append(w.Gaps, d.Gaps...)
	w.CameLate = append(w.CameLate, d.CameLate...)
	w.Asked = append(w.Asked, d.Asked...)
	w.Decided = append(w.Decided, d.Decided...)
	for _, c := range d.Freed {
		if i := find(w.Credited, c, func(c *Credited) Credit { return c.Credit }); i >= 0 {
			w.Credited = slices.Delete(w.Credited, i, i+1)
		} else {
			w.Freed = append(w.Freed, c)
		}
	}
}

// addLots folds the lots and refunds of one more decision in.
func (w *Writes) addLots(d *Decision) {
	w.LotsNew = append(w.LotsNew, d.LotsNew...)
	for _, l := range d.LotsChanged {
		if i := find(w.LotsNew, lotKey(&l), lotKey); i >= 0 {
			w.LotsNew[i] = l // never yet stored: still new
		} else {
			w.LotsChanged = replace(w.LotsChanged, l, lotKey)
		}
	}
	for _, r := range d.Refunded {
		of := func(r *Refunded) EntryID { return r.Entry }
		if i := find(w.Refunded, r.Entry, of); i >= 0 {
			r.First = w.Refunded[i].First
		}
		w.Refunded = replace(w.Refunded, r, of)
	}
}

// Mark notes which cards of a decision something shows: whatever shows them has
// to be told. A card that nothing shows costs nothing. Dirty stays in the order of
// ids: in that order everybody writes marks, so that nobody waits for each other.
func (w *Writes) Mark(f *Facts, d *Decision, now time.Time) {
	if d.From != nil {
		w.Mark(f, d.From, now)
	}
	if f.Cards[d.Card.ID].Watched <= now.UnixMicro() {
		return
	}
	at, there := slices.BinarySearchFunc(w.Dirty, d.Card.ID, func(m Dirt, card CardID) int { return m.Card.Compare(card) })
	if !there {
		w.Dirty = slices.Insert(w.Dirty, at, Dirt{Card: d.Card.ID, Version: 1, Since: now})
	}
}

func voucherID(v *Voucher) VoucherID { return v.ID }

func tallyKey(t *Tally) [2][16]byte { return [2][16]byte{t.Card, t.Reward} }

// find looks a key up in a slice of batch size, where a map would cost more.
func find[T any, K comparable](rows []T, key K, of func(*T) K) int {
	for i := range rows {
		if of(&rows[i]) == key {
			return i
		}
	}
	return -1
}

func replace[T any, K comparable](rows []T, row T, of func(*T) K) []T {
	if i := find(rows, of(&row), of); i >= 0 {
		rows[i] = row
		return rows
	}
	return append(rows, row)
}
