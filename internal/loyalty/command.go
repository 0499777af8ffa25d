package loyalty

import (
	"crypto/sha256"
	"time"
)

// Nonce names one presentation of a credential: a cut SHA-256 of its method and
// what makes it unique, computed from decoded fields. Zero means that nothing
// was presented.
type Nonce [16]byte

// NewNonce is the nonce of a method's decoded fields.
func NewNonce(m Method, card CardID, unique []byte) Nonce {
	h := sha256.New()
	h.Write([]byte{byte(m)})
	h.Write(card[:])
	h.Write(unique)
	return Nonce(h.Sum(nil)[:16])
}

// RequestID names one attempt to change something:
// SHA-256(merchant ‖ principal ‖ method ‖ path ‖ Idempotency-Key).
type RequestID [32]byte

// Command asks for one action on one card. It holds no memory of the HTTP
// request that it came with.
type Command struct {
	Merchant MerchantID // who acts
	Card     CardID
	Do       Action

	Till     TillID     // zero: the merchant's own system
	Pairing  int64      // of the till, when it was authenticated
	Location LocationID // of the till
	Staff    StaffID
	Role     Role // of Staff, proven by PIN
	Scan     Scanned
	Offline  *Offline  // nil unless a till did it without a network
	Captured time.Time // when the card was presented, or the claim code given out

	Limits Limits // of the merchant, as of when the till was authenticated
	Lifted Lifted // of them, what would have held this back, but for a manager's PIN

	Request  RequestID // zero: nobody will ask again, and no answer is kept
	BodyHash Hash      // of the request's body: the same key with another body is refused
	Salt     [16]byte  // random, for the commitment of a Detail
}

// Scanned is what is known of the presentation behind a command; zero for the
// office and for voids.
type Scanned struct {
	ID         ScanID
	Nonce      Nonce
	Method     Method
	Surface    Surface   // of the static text: Static, VAS and SmartTap only
	Generation int32     // of the static text likewise
	Secret     Secret    // Rotating only
	Tapped     Tapped    // Tap and Counter only
	Expires    time.Time // when the credential itself ends; zero: never
	ByHandle   bool      // the till came back with a handle instead of the credential
}

// Action is what a command does: one of Earning, Claiming, Redemption, Reserving, Choosing, Granting,
// Reversal, Refunding, Adjustment, OpeningBalance, Merger, CounterTap, Approving, Lapse.
type Action interface{ entryKind() EntryKind }

// Earning brings units in. Which fields it needs is up to the program's EarnRule.
type Earning struct {
	Units    int64 // 0: not given
	Purchase *Purchase
}

// Claiming earns by a claim code what a till had given it out for.
type Claiming struct {
	Claim ClaimID
	Earning
}

// CounterTap earns for a tap of a shop's own tag, or asks a till to approve it, as
// the program says; then Approval is the name of the question.
type CounterTap struct{ Approval ApprovalID }

// Approving earns what somebody at a till approves.
type Approving struct{ Approval ApprovalID }

// Redemption hands out a reward: with the named voucher, or else with the oldest
// live voucher for Reward, or else for units. Reward is always set. A gift card is
// used where Voucher, Amount or Purchase is given, and else bought where units can.
type Redemption struct {
	Reward   RewardID
	Voucher  VoucherID
	Purchase *Purchase // that something is taken off; nil: none
	Amount   int64     // minor units of a gift card, or of a Flexible reward; 0: all that there is
}

// Reserving holds the voucher that a Redemption would use for HoldLife, or lets it go.
type Reserving struct {
	Reward  RewardID
	Voucher VoucherID
	Release bool
}

// Reversal takes an entry of this card back. Reward is what that entry handed
// out, if anything, so that its stock can be locked.
type Reversal struct {
	Entry  EntryID
	Reward RewardID
}

// Adjustment corrects by hand. The note is kept beside the entry, not in it.
type Adjustment struct {
	Units int64
	Note  string
}

// Granting takes the card's discount off a purchase.
type Granting struct{ Purchase *Purchase }

// OpeningBalance gives a card what it starts with: units, or on a discount card what
// its holder has spent already, in minor units.
type OpeningBalance struct {
	Units int64
	Spend int64
}

// Merger ends the command's card: all that is on it goes to another card of the
// same program, the survivor.
type Merger struct{ Into CardID }

func (Earning) entryKind() EntryKind        { return Earn }
func (CounterTap) entryKind() EntryKind     { return Earn }
func (Approving) entryKind() EntryKind      { return Earn }
func (Redemption) entryKind() EntryKind     { return Redeem }
func (Reserving) entryKind() EntryKind      { return Redeem }
func (Choosing) entryKind() EntryKind       { return Redeem }
func (Granting) entryKind() EntryKind       { return Grant }
func (Reversal) entryKind() EntryKind       { return Void }
func (Adjustment) entryKind() EntryKind     { return Adjust }
func (OpeningBalance) entryKind() EntryKind { return Opening }
func (Merger) entryKind() EntryKind         { return Merge }

// Kind is the kind of entry that the command asks for.
func (c *Command) Kind() EntryKind { return c.Do.entryKind() }

// Spends reports whether what the customer presented is spent by the command.
func (c *Command) Spends() bool {
	_, holds := c.Do.(Reserving)
	return !holds && c.Scan.Nonce != Nonce{}
}

// Keys name every row that deciding a batch of commands may need, so that a
// store can lock and read them in one trip. Order and duplicates mean nothing.
type Keys struct {
	Cards     []CardID
	Histories []CardID // of these, all vouchers and lots; of the others, live ones
	Tallies   []CardID // of these, how often each reward was redeemed
	Tills     []TillID
	Rewards   []RewardID // stock, and pools of codes
	Origins   []EntryID
	Secrets   []CardID // of these, the secrets that make good codes
	Holders   []CardID // of these, whose they are
	Tags      []TagID
	Nonces    []Nonce
	Requests  []RequestID
	Shown     []Shown // of these, what bounds their programs' rewards
	Purchases []PurchaseKey
	Claims    []ClaimID
	Approvals []ApprovalID
	Waiting   []CardID     // of these, the approvals that nobody has decided
	Slots     []Slot       // of items of offline queues
	Leases    []LeaseID    // likewise
	Merchants []MerchantID // who act: of these, in which programs they are partners

	At time.Time // when the batch was put together: codes that ended before are not asked for
}

// Add collects what one command may need.
func (k *Keys) Add(c *Command) {
	k.Cards = append(k.Cards, c.Card)
	k.Merchants = append(k.Merchants, c.Merchant)
	if c.Request != (RequestID{}) {
		k.Requests = append(k.Requests, c.Request)
	}
	if _, chooses := c.Do.(Choosing); chooses || c.TellsOffers() { // a choice takes nothing: what bounds it is only looked at
		k.Shown = append(k.Shown, Shown{c.Card, c.Merchant})
	}
	if !c.Till.IsZero() {
		k.Tills = append(k.Tills, c.Till)
	}
	if c.Scan.Nonce != (Nonce{}) {
		k.Nonces = append(k.Nonces, c.Scan.Nonce)
	}
	if c.Scan.Secret != (Secret{}) {
		k.Secrets = append(k.Secrets, c.Card)
	}
	if c.Scan.Tapped != (Tapped{}) {
		k.Tags = append(k.Tags, c.Scan.Tapped.Tag)
	}
	if c.Offline != nil {
		k.Slots = append(k.Slots, c.Offline.Item.Slot())
		if !c.Offline.Lease.IsZero() {
			k.Leases = append(k.Leases, c.Offline.Lease)
		}
	}
	switch do := c.Do.(type) {
	case Earning:
		k.addPurchase(c, do.Purchase)
	case Claiming:
		k.addPurchase(c, do.Purchase)
		k.Claims = append(k.Claims, do.Claim)
	case CounterTap:
		k.Waiting = append(k.Waiting, c.Card)
	case Approving:
		k.Approvals = append(k.Approvals, do.Approval)
	case Granting:
		if do.Purchase != nil {
			k.Purchases = append(k.Purchases, do.Purchase.GrantKey(c.Merchant, c.Location))
		}
	case Redemption:
		k.Tallies = append(k.Tallies, c.Card)
		k.Rewards = append(k.Rewards, do.Reward)
	case Reversal:
		k.Origins = append(k.Origins, do.Entry)
		k.Histories = append(k.Histories, c.Card)
		k.Tallies = append(k.Tallies, c.Card)
		if !do.Reward.IsZero() {
			k.Rewards = append(k.Rewards, do.Reward)
		}
	case Refunding:
		k.Origins = append(k.Origins, do.Entry)
		k.Histories = append(k.Histories, c.Card)
	case Adjustment:
		k.Histories = append(k.Histories, c.Card)
	case Merger:
		k.Cards = append(k.Cards, do.Into)
		k.Shown = append(k.Shown, Shown{do.Into, c.Merchant})
		k.Tallies = append(k.Tallies, c.Card, do.Into)
	}
}

func (k *Keys) addPurchase(c *Command, p *Purchase) {
	if p != nil {
		k.Purchases = append(k.Purchases, p.Key(c.Merchant, c.Location))
	}
}
