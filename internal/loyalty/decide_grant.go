package loyalty

// grant takes the card's discount off a purchase. The percentage is that of before
// the purchase; what the customer then pays counts for the next one.
func (d *deciding) grant(do Granting) error {
	if !d.rules.discounts() {
		return refuse(ActionNotOffered, "This program gives no discount.")
	}
	if err := d.mayGrant(); err != nil {
		return err
	}
	purchase, err := d.grantable(do.Purchase)
	if err != nil {
		return err
	}
	paid := purchase.Total - purchase.PaidWithReward
	rate := d.standing().Rate
	off, _ := d.rules.offRounding().scale(paid, rate, MaxRate) // at most what is paid
	entry := Entry{Kind: Grant, Counted: Counted{Rate: rate, Off: off}}
	if d.rules.Kind == Discount { // elsewhere the purchase counts where it earns
		entry.Counted.Spend = paid - off
	}
	if err := d.fitsCounts(entry.Counted.Spend); err != nil {
		return err
	}
	entry.Commitment = d.keep(purchase)
	id := d.post(entry).ID
	d.out.Credited = append(d.out.Credited, Credited{Credit: d.granted(purchase), Entry: id})
	d.spend(id)
	return nil
}

// mayGrant checks time and asks for a PIN where the card need not be in the
// customer's hand.
func (d *deciding) mayGrant() error {
	if err := d.checkMethod(); err != nil {
		return err
	}
	switch {
	case d.now.Sub(d.cmd.Captured) > d.rules.handleLife():
		return refuse(ScanExpired, "This scan is too old for a discount. Scan the customer's code again.")
	case !d.rules.Starts.IsZero() && d.now.Before(d.rules.Starts):
		return refuse(ProgramNotStarted, "This program has not started yet.")
	case d.rules.over(d.now):
		return refuse(ProgramEnded, "This program has ended: it gives no discount any more.")
	}
	if err := d.checkOnly(d.now); err != nil {
		return err
	}
	if isOld(d.card, &d.cmd.Scan) {
		return d.needs(Manager, "This wallet code is an old one: a discount with it needs a manager's PIN.")
	}
	return d.approvedFor(d.rules.needs(d.cmd.Scan.Method, Grant), "A discount")
}

// grantable checks the purchase. Errors: purchase_required, purchase_invalid,
// purchase_already_credited, currency_mismatch, nothing_to_earn.
func (d *deciding) grantable(p *Purchase) (*Purchase, error) {
	if p == nil {
		return nil, refuse(PurchaseRequired, "A discount is taken off a purchase: give the purchase.")
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	if entry, ok := d.facts.Credits[d.granted(p)]; ok {
		r := refuse(PurchaseCredited, "The discount was already taken off this purchase.")
		r.Entry = entry
		return nil, r
	}
	switch in := d.rules.paysIn(); {
	case p.Currency != in:
		return nil, wrongCurrency(in, p)
	case p.Total == p.PaidWithReward:
		return nil, refuse(NothingToEarn, "Nothing of this purchase is left to pay: there is nothing to take a discount off.")
	}
	return p, nil
}

// granted is how the ledger remembers a purchase that had its discount.
func (d *deciding) granted(p *Purchase) Credit {
	return Credit{Purchase: p.GrantKey(d.cmd.Merchant, d.cmd.Location), Program: d.card.Program}
}

// ungrant takes a discount back, and what its purchase counts; the purchase may then
// be granted anew.
func (d *deciding) ungrant(void Entry, origin *Origin) {
	d.post(void)
	if origin.Credit != (Credit{}) {
		d.out.Freed = append(d.out.Freed, origin.Credit)
	}
}

// openSpend lets a discount card begin with what its holder has spent already. Only
// the office knows that.
func (d *deciding) openSpend(do OpeningBalance) error {
	switch {
	case !d.cmd.Till.IsZero() || do.Units != 0:
		return refuse(ActionNotOffered, "A discount card has no units. The merchant's office can move in what was spent before.")
	case do.Spend <= 0 || do.Spend > MaxUnits:
		return refuse(UnitsOutOfRange, "What was spent before must be at least 1.")
	}
	if err := d.fitsCounts(do.Spend); err != nil {
		return err
	}
	d.spend(d.post(Entry{Kind: Opening, Counted: Counted{Spend: do.Spend}}).ID)
	return nil
}
