package loyalty

import "time"

// Tenure is all that is known of a partnership: how it stands, and when it was one
// before it began anew.
type Tenure struct {
	Partner
	Over      []Term
	Operator  MerchantID // of the program; zero: that is not there
	Coalition bool       // some version of the program has partners
}

// VerifyTenure holds that a partnership is one of a program which can have it. Errors:
// a *Flaw.
func VerifyTenure(t *Tenure) error {
	flaw := &Flaw{Partner: t.Name()}
	switch {
	case t.Operator.IsZero():
		flaw.Problem = "has no program"
	case t.Operator == t.Merchant:
		flaw.Problem = "is one of the program's own merchant"
	case !t.Coalition:
		flaw.Problem = "is of a program that never was a coalition"
	default:
		return nil
	}
	return flaw
}

// near is how far the clocks of two processes may differ: what one of them ended, the
// other may still have found to go on.
const near = time.Minute

// during reports whether the merchant was a partner at a moment, as far as clocks agree.
func (t *Tenure) during(at time.Time) bool {
	terms := append([]Term{{t.Since, t.Until}}, t.Over...)
	for _, term := range terms {
		if !term.Since.IsZero() && at.After(term.Since.Add(-near)) && (term.Until.IsZero() || at.Before(term.Until.Add(near))) {
			return true
		}
	}
	return false
}

// Knows has the auditor hold the entries of partners, posted before a moment, against
// their partnerships as they were read after it.
func (a *Auditor) Knows(tenures []Tenure, before time.Time) {
	a.tenures, a.before = make(map[Partnership]*Tenure, len(tenures)), before
	for i := range tenures {
		a.tenures[tenures[i].Name()] = &tenures[i]
	}
}

// intruder is what is wrong with who has posted an entry that holds by itself; empty:
// nothing. What a till did without a network counts as of when it was done.
func (a *Auditor) intruder(e *Entry) string {
	if e.Merchant == e.Operator || !e.Posted.Before(a.before) {
		return ""
	}
	tenure, found := a.tenures[Partnership{e.Program, e.Merchant}]
	switch {
	case !found:
		return "was posted by " + e.Merchant.String() + ", which never was a partner"
	case e.Kind == Adjust || e.Kind == Opening || e.Kind == Merge:
		return "was posted by " + e.Merchant.String() + ", and of its kind only the program's merchant posts any"
	case !tenure.during(e.Posted) && !tenure.during(e.Captured):
		return "was posted by " + e.Merchant.String() + ", which was no partner then"
	}
	return ""
}
