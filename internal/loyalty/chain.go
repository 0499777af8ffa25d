package loyalty

import (
	"crypto/sha256"
	"fmt"
	"iter"
)

// Flaw is where a card and its ledger contradict themselves. A ledger that was
// written through Decide has none.
type Flaw struct {
	Card    CardID      // zero: of none that is there
	Seq     int64       // of the first broken entry; 0: all entries hold, the card does not
	Entry   EntryID     // the broken one
	Voucher VoucherID   // the broken one; zero where it is not about a voucher
	Partner Partnership // the broken one; zero where it is not about a partnership
	Problem string
}

func (f *Flaw) Error() string {
	switch {
	case f.Partner != Partnership{}:
		return fmt.Sprintf("%s: the partnership of %s %s", f.Partner.Program, f.Partner.Merchant, f.Problem)
	case f.Card.IsZero():
		return fmt.Sprintf("%s %s", f.Entry, f.Problem)
	case f.Seq > 0:
		return fmt.Sprintf("%s: entry %d (%s) %s", f.Card, f.Seq, f.Entry, f.Problem)
	case !f.Voucher.IsZero():
		return fmt.Sprintf("%s: %s %s", f.Card, f.Voucher, f.Problem)
	}
	return fmt.Sprintf("%s: the card %s", f.Card, f.Problem)
}

// VerifyChain recomputes a card's chain and sums from its entries, in the order
// of Seq. Errors: a *Flaw with the first entry that does not hold, or, where all
// do, with what the card says of them.
func VerifyChain(card *Card, entries []Entry) error {
	p := prove(card)
	for i := range entries {
		if err := p.entry(&entries[i]); err != nil {
			return err
		}
	}
	return p.sums()
}

// VerifyCard is VerifyChain for a stream of entries, and proves the card's
// vouchers and lots (all of them) as well. What came with a merge can be proved only
// together with the card that it came from: that is an Auditor's business.
// Errors: a *Flaw, or what the stream yields.
func VerifyCard(card *Card, vouchers []Voucher, lots []Lot, entries iter.Seq2[Entry, error]) error {
	_, err := proveCard(card, vouchers, lots, entries)
	return err
}

func proveCard(card *Card, vouchers []Voucher, lots []Lot, entries iter.Seq2[Entry, error]) (*proof, error) {
	p := prove(card)
	if err := p.expect(lots); err != nil {
		return nil, err
	}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		if err := p.entry(&e); err != nil {
			return nil, err
		}
	}
	if err := p.sums(); err != nil {
		return nil, err
	}
	if err := p.lots(); err != nil {
		return nil, err
	}
	return p, p.vouchers(vouchers)
}

// VerifyDetail holds what is kept beside an entry against the entry's commitment.
// What was erased is not there to be verified. Errors: a *Flaw.
func VerifyDetail(d *Detail, e *Entry) error {
	flaw := &Flaw{Card: e.Card, Seq: e.Seq, Entry: d.Entry}
	switch {
	case e.ID.IsZero():
		flaw.Problem = "has a purchase or note, and is not there"
	case e.Kind == Merge || e.Commitment != commitment(d.Salt, d.Body):
		flaw.Problem = "does not commit to the purchase or note that is kept beside it"
	default:
		return nil
	}
	return flaw
}

// proof is what is known of a card from its entries so far: some hundred bytes
// for each, since a void may come at any time.
type proof struct {
	card   *Card
	sum    Card // of the entries: only what follows from them is set
	posted map[EntryID]posting
	used   map[VoucherID]usage // redeemed and not given back
	ending *Entry              // the merge that ended the card
	merges []Entry             // those that brought another card's balance in

	stored []Lot // what is kept of the card's lots
	bag    bag   // what they are by the entries so far
	left   []Lot // what the merge that ended the card took along
	partly int64 // Seq of the last lapse that left something; 0 for none
}

// usage is what the entries say of a voucher that they redeem.
type usage struct {
	reward RewardID
	times  int
	off    int64 // minor units
}

// posting is what later entries and vouchers may refer to.
type posting struct {
	kind    EntryKind
	units   int64
	reward  RewardID
	voucher VoucherID
	counted Counted
	voided  bool

	refunded  int64 // of its units
	spendBack int64 // of what it counted as spent: 0 or less
	offBack   int64 // of what it took off: 0 or less
}

func prove(card *Card) *proof {
	return &proof{
		card: card, sum: Card{Head: FirstLink(card.ID)},
		posted: map[EntryID]posting{}, used: map[VoucherID]usage{},
	}
}

// entry takes the next one.
func (p *proof) entry(e *Entry) error {
	problem := p.link(e)
	if problem == "" {
		problem = p.meaning(e)
	}
	if problem == "" {
		problem = p.counted(e)
	}
	if problem != "" {
		return &Flaw{Card: p.card.ID, Seq: p.sum.Seq + 1, Entry: e.ID, Problem: problem}
	}
	p.follow(e)
	p.sum.Seq, p.sum.Head, p.sum.Balance = e.Seq, e.Hash, e.Balance
	p.posted[e.ID] = posting{kind: e.Kind, units: e.Units, reward: e.Reward, voucher: e.Voucher, counted: e.Counted}
	return nil
}

// link checks what binds an entry to its card and to the entry before it.
func (p *proof) link(e *Entry) string {
	_, twice := p.posted[e.ID]
	switch {
	case e.Card != p.card.ID:
		return "belongs to " + e.Card.String()
	case e.Seq != p.sum.Seq+1:
		return fmt.Sprintf("has the number %d", e.Seq)
	case e.Hash != e.Link(p.sum.Head):
		return "does not have the hash of its bytes behind the entry before it"
	case twice:
		return "stands twice"
	case p.ending != nil:
		return "comes after the merge that ended its card"
	case e.Operator != p.card.Merchant:
		return "is of a card of " + e.Operator.String()
	case e.Program != p.card.Program:
		return "is of a card of " + e.Program.String()
	case e.Explained != "" && e.Commitment != sha256.Sum256([]byte(e.Explained)):
		return "does not commit to the explanation that is stored with it"
	case e.Balance != p.sum.Balance+e.Units:
		return fmt.Sprintf("has a balance of %d, where %d%+d is %d", e.Balance, p.sum.Balance, e.Units, p.sum.Balance+e.Units)
	}
	return ""
}

// sums compares the card with what its entries add up to.
func (p *proof) sums() error {
	card, sum := p.card, &p.sum
	problem := ""
	switch {
	case card.Seq != sum.Seq:
		problem = fmt.Sprintf("has %d entries, of which %d are there", card.Seq, sum.Seq)
	case card.Head != sum.Head:
		problem = "does not have the hash of its last entry"
	case card.Balance != sum.Balance:
		problem = fmt.Sprintf("has a balance of %d, its entries add up to %d", card.Balance, sum.Balance)
	case card.Lifetime != sum.Lifetime:
		problem = fmt.Sprintf("has a lifetime of %d, its entries add up to %d", card.Lifetime, sum.Lifetime)
	case card.Cycle != sum.Cycle:
		problem = fmt.Sprintf("is in cycle %d, its entries make that %d", card.Cycle, sum.Cycle)
	case card.Floor != sum.Floor:
		problem = fmt.Sprintf("lapsed at entry %d, its entries say %d", card.Floor, sum.Floor)
	case card.MergedInto.IsZero() == (p.ending != nil):
		problem = fmt.Sprintf("has a survivor: %t, its entries end with a merge: %t", !card.MergedInto.IsZero(), p.ending != nil)
	case len(p.merges) == 0 && !sameCounts(card.Counts, sum.Counts):
		problem = fmt.Sprintf("counts %s, its entries add up to %s", card.Counts.inTotal(), sum.Counts.inTotal())
	case card.Inherited != 0 && len(p.merges) == 0:
		problem = fmt.Sprintf("has inherited %d, and nothing was merged into it", card.Inherited)
	case card.Balance < 0 && !card.MayOwe:
		problem = fmt.Sprintf("has a balance of %d, and may not owe", card.Balance)
	default:
		return nil
	}
	return &Flaw{Card: card.ID, Problem: problem}
}
