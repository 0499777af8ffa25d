package loyalty

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Refunding takes back what a purchase has earned or counted, for the part of it whose
// money the customer gets back.
type Refunding struct {
	Entry  EntryID // the earn or grant
	Detail Detail  // what is kept beside it; zero where that was erased
	Amount int64   // minor units that were paid; 0 without Lines: all that is left
	Lines  []int64 // of the purchase's items, counted from 1; then Amount is what was paid for them
	Most   bool    // where the card has less than is to be taken back, take what is there
}

func (Refunding) entryKind() EntryKind { return Refund }

// Lapse posts what of a card has fallen due, without waiting for its next action.
type Lapse struct{}

func (Lapse) entryKind() EntryKind { return Expire }

// Refunded is how much of a purchase was refunded so far.
type Refunded struct {
	Entry  EntryID // the earn or grant; zero: nothing was
	Units  int64   // taken back, at least 0
	Amount int64   // minor units
	Lines  string  // a bit for each item that was: of item n, counted from 0, bit n%8 of byte n/8
	First  bool    // no row yet
}

func (r *Refunded) has(item int) bool {
	return item/8 < len(r.Lines) && r.Lines[item/8]>>(item%8)&1 == 1
}

func (r *Refunded) add(item int) {
	bits := []byte(r.Lines)
	for len(bits) <= item/8 {
		bits = append(bits, 0)
	}
	bits[item/8] |= 1 << (item % 8)
	r.Lines = string(bits)
}

// refundDetail is what a refund's entry commits to.
type refundDetail struct {
	Ref    string  `json:"ref,omitempty"`
	Refund int64   `json:"refund"` // minor units
	Lines  []int64 `json:"lines,omitempty"`
}

// refunded is a purchase of which a part is refunded.
type refunded struct {
	Purchase
	off  int64 // minor units that a grant took off
	paid int64 // minor units that earned, or that were left to pay
	sum  Refunded
	part refundDetail
}

// readPurchase is the purchase of an earn or grant, or nil where it was erased.
func readPurchase(do *Refunding, earn *Entry) (*Purchase, error) {
	if len(do.Detail.Body) == 0 {
		return nil, nil
	}
	if commitment(do.Detail.Salt, do.Detail.Body) != earn.Commitment {
		return nil, refuse(RefundInvalid, "What is kept of this purchase is not what its entry commits to: nothing can be refunded by it.")
	}
	p := &Purchase{}
	if err := json.Unmarshal(do.Detail.Body, p); err != nil {
		return nil, refuse(RefundInvalid, "What is kept of this purchase cannot be read: nothing can be refunded by it.")
	}
	if p.Ref == "" { // why it gave what it gave, and no more
		return nil, refuse(RefundInvalid, "This entry is not for a purchase. Void it, or adjust the card.")
	}
	return p, nil
}

// partOf finds out which part is to be refunded, and adds it to those before.
// Errors: refund_invalid, purchase_refunded.
func partOf(do *Refunding, origin *Origin) (*refunded, error) {
	purchase, err := readPurchase(do, &origin.Entry)
	if err != nil {
		return nil, err
	}
	r := &refunded{sum: origin.Refunded, off: origin.Entry.Counted.Off}
	r.sum.First = r.sum.Entry.IsZero()
	r.sum.Entry = origin.Entry.ID
	if purchase == nil {
		return r, r.whole(do)
	}
	r.Purchase, r.paid = *purchase, purchase.Total-purchase.PaidWithReward-r.off
	r.part.Ref = purchase.Ref
	left := r.paid - r.sum.Amount
	if !r.sum.First && left == 0 {
		return nil, refuse(PurchaseRefunded, "All of this purchase has been refunded already.")
	}
	amount := do.Amount
	switch {
	case len(do.Lines) > 0:
		amount, err = r.lines(do)
	case amount < 0 || amount > left:
		err = refuse(RefundInvalid, fmt.Sprintf("Of this purchase %d %s are left to be refunded, in minor units.", left, r.Currency))
	case amount == 0:
		amount = left
	}
	r.part.Refund = min(amount, left)
	r.sum.Amount += r.part.Refund
	return r, err
}

// whole is all that can be refunded of a purchase that was erased.
func (r *refunded) whole(do *Refunding) error {
	switch {
	case do.Amount != 0 || len(do.Lines) > 0:
		return refuse(RefundInvalid, "This purchase was erased: it can only be refunded as a whole. Leave out amount and lines.")
	case !r.sum.First:
		return refuse(PurchaseRefunded, "A part of this purchase was refunded before it was erased: what is left is not known any more.")
	}
	return nil
}

// lines adds lines, and returns what they cost: with the last one, all that is left.
func (r *refunded) lines(do *Refunding) (amount int64, err error) {
	if do.Amount != 0 {
		return 0, refuse(RefundInvalid, "Give either amount or lines.")
	}
	for _, line := range do.Lines {
		switch item := int(line) - 1; {
		case item < 0 || item >= len(r.Items):
			return 0, refuse(RefundInvalid, fmt.Sprintf("This purchase has no line %d: it has %d.", line, len(r.Items)))
		case r.sum.has(item):
			return 0, refuse(PurchaseRefunded, fmt.Sprintf("Line %d of this purchase has been refunded already.", line))
		default:
			r.sum.add(item)
			amount += r.Items[item].Amount
		}
	}
	r.part.Lines = slices.Clone(do.Lines)
	for item := range r.Items {
		if !r.sum.has(item) {
			return r.without(max(0, amount)), nil
		}
	}
	return r.paid, nil
}

// without is what was paid for lines at their price: what was taken off came off all
// of the purchase alike.
func (r *refunded) without(price int64) int64 {
	if r.off == 0 {
		return price
	}
	paid, _ := HalfUp.scale(price, r.paid, r.paid+r.off) // at most price
	return paid
}

// spend is how much of what the purchase counted for a standing counts no more.
func (r *refunded) spend(origin *Origin) int64 {
	if r.part.Ref == "" { // erased: all of it goes back
		return origin.Entry.Counted.Spend
	}
	return min(r.part.Refund, origin.Entry.Counted.Spend)
}

// takenOff is how much of what was taken off goes back with this part.
func (r *refunded) takenOff() int64 {
	before := int64(0)
	if !r.sum.First {
		before = r.due(r.off, r.sum.Amount-r.part.Refund)
	}
	return r.due(r.off, r.sum.Amount) - before
}

// due is how much of what a purchase has brought goes back once so much of its money
// did: of units with fractions in the customer's favour.
func (r *refunded) due(brought, amount int64) int64 {
	if amount == r.paid {
		return brought
	}
	share, _ := Down.scale(brought, amount, r.paid)
	return share
}
