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
	Stock   map[RewardID]int64 // of limited rewards: how many are left
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

	Pools  map[RewardID][]GiftCode // of each reward that has one: as many free codes as the batch may need, those that end first in front
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

	Rechosen bool // Card's Choice is another one than before
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

// Answer is what the asker of a request was told, kept so that a retry is told
// the same, byte for byte.
type Answer struct {
	Request  RequestID
	BodyHash Hash
	Card     CardID // zero where no card is concerned
	Status   int
	Body     []byte
	Expires  time.Time
	Replayed bool // read back, not made now
	Secret   bool // it holds a new secret: only that it was given is kept, and it is not repeated
}

// CheckBody holds that a request which was answered comes again as it was. Errors:
// idempotency_key_reused.
func (a *Answer) CheckBody(again Hash) error {
	if a.BodyHash != again {
		return refuse(KeyReused, "This Idempotency-Key was used for another request. Use a new key for each new request.")
	}
	return nil
}

// StatusErased is the status of an answer that was erased with what was kept of
// somebody: 410, Gone (RFC 9110 §15.5.11).
const StatusErased = 410

// CheckKept holds that what was answered is still known. Errors:
// answer_not_repeatable, answer_erased.
func (a *Answer) CheckKept() error {
	switch {
	case a.Status == StatusErased:
		return refuse(AnswerErased, "This was done before. Its answer was erased with what was kept of the member. Read the card to see what holds.")
	case len(a.Body) == 0:
		return refuse(NotRepeatable, "This was done, and its answer held a secret that is shown once. If it got lost, ask for a new one.")
	}
	return nil
}

// AnswerLife is how long an answer is kept for retries.
const AnswerLife = 24 * time.Hour

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
