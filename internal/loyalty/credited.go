package loyalty

// CreditedPurchase is a purchase that a card was credited for or had a discount taken
// off, as whoever refunds it wants to see it.
type CreditedPurchase struct {
	Entry    Entry     // an earn or a grant
	Purchase *Purchase // nil: it was erased
	Refunded Refunded  // so far
}

// Credited is what an earn or a grant was for. False where there is nothing to refund: the entry
// was voided, is for no purchase, or what is kept beside it is not what it commits to.
func (o *Origin) Credited(detail Detail) (c CreditedPurchase, ok bool) {
	if o.Voided || o.Entry.Kind != Earn && o.Entry.Kind != Grant || o.Entry.Commitment == (Hash{}) {
		return c, false
	}
	purchase, err := readPurchase(&Refunding{Detail: detail}, &o.Entry)
	if err != nil {
		return c, false
	}
	return CreditedPurchase{Entry: o.Entry, Purchase: purchase, Refunded: o.Refunded}, true
}

// Returned are the purchase's items that came back already, counted from 1.
func (c *CreditedPurchase) Returned() (lines []int64) {
	if c.Purchase == nil {
		return nil
	}
	for i := range c.Purchase.Items {
		if c.Refunded.has(i) {
			lines = append(lines, int64(i)+1)
		}
	}
	return lines
}
