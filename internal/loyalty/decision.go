package loyalty

import "time"

// Tally is how often a card has redeemed a reward, less what was given back.
type Tally struct {
	Card   CardID
	Reward RewardID
	Count  int64
	First  bool // no row yet
}

// Stock is how many of a limited reward are left.
type Stock struct {
	Reward RewardID
	Left   int64
}

// Credited is a purchase with the entry that it earned.
type Credited struct {
	Credit
	Entry EntryID
}

// Claimed is a claim code with the entry that it earned.
type Claimed struct {
	Claim ClaimID
	At    time.Time
	Card  CardID
	Entry EntryID
}

// Merged says that one card was merged into another.
type Merged struct {
	From, Into CardID
	Blocked    bool // From, which leads nowhere then
	At         time.Time
}

// Decision is the after-image of one command: a store writes exactly this.
type Decision struct {
	Entries  []Entry // in posting order
	Details  []Detail
	Card     Card
	Program  *Program
	Vouchers []Voucher // all known ones, after
	Issued   []Voucher // of these, new
	Changed  []Voucher // of these, changed
	Stock    []Stock
	Tallies  []Tally
	Uses     []Use
	Credited []Credited
	Freed    []Credit
	Why      []Reason  // of an earn, where the program is worth an explanation
	From     *Decision // of a merge: what it does to the card that ends; nil otherwise
	Claimed  []Claimed
	Tags     []Tag      // whose counters rise
	Gaps     []Gap      // of counter tags
	CameLate []Tapped   // values of counter tags that were in a gap
	Asked    []Approval // new
	Waits    *Approval  // of before, of which a tap asks again; nil otherwise
	Decided  []Approval // by an entry
	Held     *Voucher   // that was reserved or let go; nil otherwise
	Synced   []Synced
	Leases   []Lease // of which one more is used

	Belonging   Belonging // of the card's holder
	Lots        []Lot     // all known ones, after
	LotsNew     []Lot     // of these, new
	LotsChanged []Lot     // of these, changed
	Refunded    []Refunded

	Codes []GiftCode // that rise to their State

	Rechosen bool       // Card's Choice is another one than before
	Short    []Shortage // after it, where the command TellsOffers; whoever applies it fills them in
}

// Primary is the entry that the command asked for, as against those that followed
// from it or had fallen due before.
func (d *Decision) Primary(kind EntryKind) *Entry {
	for i := range d.Entries {
		if d.Entries[i].Kind == kind {
			return &d.Entries[i]
		}
	}
	return nil
}
