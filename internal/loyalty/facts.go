package loyalty

import (
	"slices"
	"time"
)

// Facts are all that deciding a batch may look at, as read under the locks of
// one transaction. Applying a decision brings them up to date for the next
// command of the batch.
type Facts struct {
	Cards   map[CardID]*State
	Tills   map[TillID]Till
	Stock   map[RewardID]int64 // of limited rewards: how many are left; locked where Keys.Rewards names them
	Origins map[EntryID]Origin
	Credits map[Credit]EntryID // purchases that a program has credited
	Answers map[RequestID]Answer
	Claims  map[ClaimID]ClaimCode // without Purchase, Hash and Key
	Tags    map[TagID]Tag

	Approvals map[ApprovalID]Approval
	Items     map[Slot]Hash // of offline queues: what arrived there first
	Leases    map[LeaseID]Lease
	Members   map[MemberID]MemberTallies // of whom the cards in Keys.Tallies are, where a program counts by them
	Partners  map[Partnership]Partner    // of Keys.Merchants, those included that are invited or have ended

	Pools  map[RewardID][]GiftCode // of Keys.Rewards: as many free codes as the batch may need and one more, those that end first in front; of others that Keys.Shown is told of: one without its id, for all
	Handed map[EntryID]GiftCode    // by the redemption that a void wants to take back
}

// State is one locked card with what belongs to it.
type State struct {
	Program  *Program // its current version
	Card     Card
	Vouchers []Voucher // live ones, or all where Keys.Histories names the card; oldest first
	Lots     []Lot     // those with units left, or all likewise; in no order
	Tallies  map[RewardID]int64
	Member   MemberID // whose it is, where Facts.Members has it; zero: nobody's
	Uses     []Use
	Watched  int64      // until when something shows the card, in µs; see Dirty
	Secrets  []Secret   // those that make good codes, where Keys.Secrets names the card
	Holder   Member     // whose it is, without times, where Keys.Holders names the card; zero: nobody's
	Tag      Tag        // that was tapped, where a scan only looks
	Waiting  []Approval // that nobody has decided, also expired ones, where Keys.Waiting names the card

	Belonging Belonging // of its holder; zero: nobody's
	Supply    Supply    // where a scan only looks
}

// Use is one spent (nonce, action).
type Use struct {
	Nonce    Nonce
	Action   EntryKind
	Card     CardID
	Scan     ScanID
	Till     TillID
	TillName string     // as read; not stored with the use
	Merchant MerchantID // of the till, likewise
	Partner  bool       // in a refusal: at a till of another merchant, which is not named
	Entry    EntryID
	At       time.Time
	Expires  time.Time // from here on no path accepts the nonce
}

// Origin is an entry that a void wants to take back.
type Origin struct {
	Entry  Entry
	Voided bool
	Credit Credit // the purchase it was for; zero without one

	Refunded Refunded // of that purchase
}

// Credit is a purchase as one program sees it.
type Credit struct {
	Purchase PurchaseKey
	Program  ProgramID
}

// Apply brings the facts up to date with a decision.
func (f *Facts) Apply(d *Decision) {
	if d.From != nil {
		f.Apply(d.From)
	}
	state := f.Cards[d.Card.ID]
	state.Card = d.Card
	state.Vouchers = d.Vouchers
	state.Lots = d.Lots
	state.Uses = append(state.Uses, d.Uses...)
	for i := range state.Uses {
		till := f.Tills[state.Uses[i].Till]
		state.Uses[i].TillName = till.nameOr(state.Uses[i].TillName)
		if !till.ID.IsZero() {
			state.Uses[i].Merchant = till.Merchant
		}
	}
	f.applyTallies(d)
	for _, s := range d.Stock {
		f.Stock[s.Reward] = s.Left
	}
	for _, c := range d.Credited {
		f.Credits[c.Credit] = c.Entry
	}
	for _, c := range d.Freed {
		delete(f.Credits, c)
	}
	for _, c := range d.Claimed {
		code := f.Claims[c.Claim]
		code.Claimed, code.Card, code.Entry = c.At, c.Card, c.Entry
		f.Claims[c.Claim] = code
	}
	for _, t := range d.Tags {
		f.Tags[t.ID] = t
	}
	state.Waiting = append(state.Waiting, d.Asked...)
	for _, a := range d.Decided {
		f.Approvals[a.ID] = a
		state.Waiting = slices.DeleteFunc(state.Waiting, func(w Approval) bool { return w.ID == a.ID })
	}
	f.applySynced(d)
	f.applyCodes(d)
	for _, r := range d.Refunded {
		origin := f.Origins[r.Entry]
		origin.Refunded, origin.Refunded.First = r, false
		f.Origins[r.Entry] = origin
	}
	for _, e := range d.Entries {
		if origin, ok := f.Origins[e.Origin]; ok && e.Kind == Void {
			origin.Voided = true
			f.Origins[e.Origin] = origin
		}
	}
}

func (t Till) nameOr(other string) string {
	if t.Name != "" {
		return t.Name
	}
	return other
}
