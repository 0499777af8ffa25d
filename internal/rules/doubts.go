package rules

import (
	"errors"
	"fmt"
	"time"

	"stempel/internal/cel"
	"stempel/internal/loyalty"
)

// Doubts are conditions that can be read, and yet divide by zero for ordinary purchases:
// their bonus gives nothing then, which whoever wrote them had better know. What a
// condition rules out before it divides is no doubt. It expects rules that pass Check.
func Doubts(r *loyalty.Rules) (all []*loyalty.FieldError) {
	p := &loyalty.Program{Rules: *r}
	if Compile(p) != nil {
		return nil
	}
	for i, made := range p.Conditions {
		made, ok := made.(condition)
		if !ok {
			continue
		}
		for n := range ordinaryPurchases {
			around := ordinary(n, p.Earn.Currency)
			var failed *cel.Error
			if _, err := made.Holds(around); errors.As(err, &failed) && failed.DividesByZero() {
				all = append(all, &loyalty.FieldError{Field: whenOf(i), Problem: fmt.Sprintf(
					"%sdivides by zero at %d:%d for ordinary purchases, such as number %d of a card, at %s: the bonus gives nothing then",
					of(r, i), failed.Line, failed.Column, around.Card.Visits+1, around.At.Format("15:04"))})
				break
			}
		}
	}
	return all
}

// ordinaryPurchases is how many are tried: one for each hour, a week and then some.
const ordinaryPurchases = 30

// ordinary is one of them: of a card that has been used as often before and has as many
// units, an hour and a day after the one before, every other one with its lines.
func ordinary(n int, currency string) *loyalty.Circumstances {
	if currency == "" {
		currency = "EUR"
	}
	monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	p := &loyalty.Purchase{Ref: "ordinary", Total: 1250, Currency: currency}
	if n%2 == 1 {
		p.Items = []loyalty.Item{
			{SKU: "1", Category: "bread", Quantity: 1000, Unit: "piece", Amount: 450},
			{SKU: "2", Category: "fruit", Quantity: 1200, Unit: "kilogram", Amount: 800},
		}
	}
	units := int64(n)
	return &loyalty.Circumstances{
		Purchase: p, Base: units, Card: &loyalty.Card{Balance: units, Lifetime: units, Visits: units},
		At: monday.Add(time.Duration(n) * 25 * time.Hour),
	}
}
