package loyalty_test

import (
	"errors"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestCheckNext(t *testing.T) {
	stamps, points := loyaltytest.Program(t), loyaltytest.Points(t)
	for name, tt := range map[string]struct {
		from     *loyalty.Program
		change   func(*loyalty.Rules)
		hasCards bool
		field    string
	}{
		"other size":              {stamps, func(r *loyalty.Rules) { r.Card.Size = 5 }, true, ""},
		"other kind":              {stamps, func(r *loyalty.Rules) { r.Kind, r.Card = loyalty.Points, loyalty.StampRule{} }, false, "kind"},
		"other rate":              {points, func(r *loyalty.Rules) { r.Earn.Units = 2 }, true, ""},
		"other currency, cards":   {points, func(r *loyalty.Rules) { r.Earn.Currency = "PLN" }, true, "earn.currency"},
		"other currency, nothing": {points, func(r *loyalty.Rules) { r.Earn.Currency = "PLN" }, false, ""},
		"no currency any more":    {points, func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByUnits} }, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.from.CheckNext(&loyaltytest.Next(t, tt.from, tt.change).Rules, tt.hasCards)
			var wrong *loyalty.FieldError
			if errors.As(err, &wrong); (wrong == nil) != (tt.field == "") || wrong != nil && wrong.Field != tt.field {
				t.Errorf("got %v, want field %q", err, tt.field)
			}
		})
	}
}

// What was earned can be had after the end.
func TestArchivedProgram(t *testing.T) {
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 10})
	shop.Publish(func(r *loyalty.Rules) { r.Archived = true })
	shop.Refused(loyalty.ProgramEnded, loyalty.Earning{Units: 1})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone})
	_, err := loyalty.OpenCard(shop.Program(), loyalty.Command{Merchant: loyaltytest.Merchant}, shop.Now, loyaltytest.IDs("no card"))
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != loyalty.ProgramEnded {
		t.Errorf("opening a card: %v", err)
	}
}
