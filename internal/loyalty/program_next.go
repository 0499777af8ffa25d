package loyalty

import "time"

// CheckNext reports what a published program's next version must not change:
// its kind, since balances of one kind mean nothing in the other; and, once
// there are cards, the currency that spend is counted in, since nobody could say
// what a balance was earned on. It expects rules that pass Check. Errors: a
// *FieldError that names the field as in the JSON form. Nor are lots given up once
// there are cards: dates that customers were told would be forgotten; nor what partners
// settle by.
func (p *Program) CheckNext(next *Rules, hasCards bool) error {
	switch {
	case next.Kind != p.Kind:
		return &FieldError{Field: "kind", Problem: "is " + string(p.Kind) + " and stays so: make another program"}
	case hasCards && p.Earn.By == BySpend && next.Earn.By == BySpend && next.Earn.Currency != p.Earn.Currency:
		return &FieldError{
			Field:   "earn.currency",
			Problem: "is " + p.Earn.Currency + " and stays so while there are cards: make another program",
		}
	case hasCards && p.spendIn() != "" && next.spendIn() != "" && next.spendIn() != p.spendIn():
		field := "tiers.currency"
		if p.Kind == Discount {
			field = "discount.currency"
		}
		return &FieldError{Field: field, Problem: "is " + p.spendIn() + " and stays so while there are cards: make another program"}
	case hasCards && p.Lots != nil && next.Lots == nil:
		return &FieldError{
			Field:   "lots",
			Problem: "stay while there are cards: leave out expires and pending_days, and new points never expire",
		}
	case hasCards:
		if err := p.checkNextRewards(next); err != nil {
			return err
		}
		return p.Coalition.checkNext(next.Coalition)
	}
	return nil
}

// Draft is the next version of a program in work. Nothing is decided by it.
type Draft struct {
	Program  ProgramID
	Merchant MerchantID
	BasedOn  int32 // the version that is current; 0: none was published yet
	Revision int64 // 1, 2, 3 …: each save makes the next one
	Saved    time.Time
	Rules    Rules
}

// Published is one version of a program and when it became the current one.
type Published struct {
	Program
	At time.Time
}
