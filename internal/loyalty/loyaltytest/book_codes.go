package loyaltytest

import (
	"fmt"
	"slices"

	"stempel/internal/loyalty"
)

// Code is a free code of a reward's pool, without an end.
func Code(name string, reward loyalty.RewardID, changes ...func(*loyalty.GiftCode)) loyalty.GiftCode {
	code := loyalty.GiftCode{ID: ID("code " + name), Merchant: Merchant, Reward: reward}
	for _, change := range changes {
		change(&code)
	}
	return code
}

// readPools adds what a batch may need of pools. A reward has one from its first
// code on.
func (b *Book) readPools(f *loyalty.Facts, keys *loyalty.Keys) {
	for _, reward := range keys.Rewards {
		pooled, free := false, []loyalty.GiftCode(nil)
		for _, c := range b.Codes {
			pooled = pooled || c.Reward == reward
			if c.Reward == reward && c.State == loyalty.CodeFree && c.Good(keys.At) {
				free = append(free, c)
			}
		}
		if !pooled {
			continue
		}
		slices.SortFunc(free, firstToGo)
		if f.Pools == nil {
			f.Pools = map[loyalty.RewardID][]loyalty.GiftCode{}
		}
		f.Pools[reward] = free[:min(len(free), len(keys.Rewards)+1)]
	}
	for _, c := range b.Codes {
		if c.State == loyalty.CodeTaken && slices.Contains(keys.Origins, c.Entry) {
			if f.Handed == nil {
				f.Handed = map[loyalty.EntryID]loyalty.GiftCode{}
			}
			f.Handed[c.Entry] = c
		}
	}
}

// firstToGo orders codes as they are handed out.
func firstToGo(a, b loyalty.GiftCode) int {
	switch {
	case a.Expires.Equal(b.Expires):
		return a.ID.Compare(b.ID)
	case a.Expires.IsZero():
		return 1
	case b.Expires.IsZero():
		return -1
	}
	return a.Expires.Compare(b.Expires)
}

// checkCodes guards that no code is handed out, or spoiled, twice.
func (b *Book) checkCodes(w *loyalty.Writes) error {
	state := map[loyalty.GiftCodeID]loyalty.GiftCodeState{}
	for _, c := range b.Codes {
		state[c.ID] = c.State
	}
	for _, c := range w.Codes {
		before, there := state[c.ID]
		if !there || c.State != before+1 {
			return fmt.Errorf("code %s cannot go to %d", c.ID, c.State)
		}
		state[c.ID] = c.State
	}
	return nil
}

func (b *Book) writeCodes(w *loyalty.Writes) {
	for _, c := range w.Codes {
		i := slices.IndexFunc(b.Codes, func(k loyalty.GiftCode) bool { return k.ID == c.ID })
		b.Codes[i] = c
	}
	for _, m := range w.Merged {
		for i := range b.Codes {
			if b.Codes[i].Card == m.From {
				b.Codes[i].Card = m.Into
			}
		}
	}
}

// verifyCodes proves that each code which was handed out has its redemption, and
// each redemption one code at most.
func (b *Book) verifyCodes() error {
	used := map[loyalty.EntryID]bool{}
	for _, c := range b.Codes {
		if _, here := b.Cards[c.Card]; c.State == loyalty.CodeFree || !here { // of cards of another book
			continue
		}
		origin, _ := b.origin(c.Entry)
		if err := loyalty.VerifyCode(&c, &origin.Entry); err != nil {
			return err
		}
		if spoiled := c.State == loyalty.CodeSpoiled; spoiled != origin.Voided || used[c.Entry] {
			return fmt.Errorf("code %s of entry %s: spoiled %t, voided %t, a second one %t", c.ID, c.Entry, spoiled, origin.Voided, used[c.Entry])
		}
		used[c.Entry] = true
	}
	return nil
}
