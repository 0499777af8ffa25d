package loyalty

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check reports the first rule that cannot be, naming its field as in the JSON
// form. A program that passes can be given to Decide.
func (r *Rules) Check() error {
	bad := func(field, format string, args ...any) error {
		return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
	}
	if r.Name == "" || !isLine(r.Name) {
		return bad("name", "must be one line of 1 to %d bytes", MaxNameLength)
	}
	if !isLine(r.Template) {
		return bad("template", "must be one line of at most %d bytes", MaxNameLength)
	}
	if r.Kind != Discount {
		if err := r.Earn.check(); err != nil {
			return err
		}
	}
	if err := r.checkBonuses(); err != nil {
		return err
	}
	if len(r.Rewards) > MaxRewards {
		return bad("rewards", "are more than %d", MaxRewards)
	}
	for i := range r.Rewards {
		if err := r.checkReward(i); err != nil {
			return err
		}
	}
	if err := r.checkKeys(); err != nil {
		return err
	}
	if err := r.checkPolicies(); err != nil {
		return err
	}
	switch {
	case r.Kind != Stamps && r.Kind != Points && r.Kind != Discount:
		return bad("kind", "must be stamps, points or discount")
	case r.Kind == Stamps:
		if err := r.checkCard(); err != nil {
			return err
		}
	case r.Card.Size != 0 || len(r.Card.Milestones) > 0 || !r.Card.Reward.IsZero():
		return bad("card", "is only for stamps")
	}
	if err := r.checkCounter(); err != nil {
		return err
	}
	if err := r.checkDiscount(); err != nil {
		return err
	}
	if err := r.checkTiers(); err != nil {
		return err
	}
	if err := r.checkOnlys(); err != nil {
		return err
	}
	switch {
	case r.Welcome < 0 || r.Welcome > MaxUnits:
		return bad("welcome", "is out of range")
	case r.Kind == Stamps && r.Welcome > maxCards*r.Card.Size:
		return bad("welcome", "fills more than %d cards", maxCards)
	case r.Kind == Stamps && r.Earn.PerVisit > maxCards*r.Card.Size:
		return bad("earn.per_visit", "fills more than %d cards", maxCards)
	case r.UnitsLast < 0 || r.UnitsLast > MaxDays:
		return bad("units_last_days", "must lie between 0 and %d", MaxDays)
	case !r.Starts.IsZero() && !r.Ends.IsZero() && !r.Starts.Before(r.Ends):
		return bad("ends", "must come after starts")
	case r.AllowNegative && r.Kind == Stamps:
		return bad("allow_negative", "is only for points")
	case r.Lots != nil && r.Kind != Points:
		return bad("lots", "are only for points")
	case r.Coalition != nil && r.Kind != Points:
		return bad("coalition", "is only for points")
	case r.Coalition != nil:
		if err := cmp.Or(r.Coalition.check(), r.checkShared()); err != nil {
			return err
		}
	}
	if r.Lots != nil {
		return r.Lots.check()
	}
	return nil
}

func (e *EarnRule) check() error {
	bad := func(field, problem string) error { return &FieldError{Field: "earn." + field, Problem: problem} }
	switch e.By {
	case ByUnits, ByVisit, BySpend:
	default:
		return bad("by", "must be units, visit or spend")
	}
	if (e.By == ByVisit) != (e.PerVisit != 0) || e.PerVisit < 0 || e.PerVisit > MaxUnits {
		return bad("per_visit", "must be positive when earning is by visit, and absent otherwise")
	}
	spend := e.By == BySpend
	switch {
	case !spend && (e.Units != 0 || e.Per != 0 || e.Currency != "" || e.Rounding != "" || e.Minimum != 0):
		return bad("by", "must be spend for units, per, currency, rounding or minimum")
	case e.bonusesOnly() && len(e.Bonuses) == 0:
		return bad("units", "must be positive, or there must be bonuses: else nothing would ever earn")
	case e.bonusesOnly() && e.Rounding != "":
		return bad("rounding", "is only for a base rate: units for each per")
	case spend && !e.bonusesOnly() && (e.Units <= 0 || e.Units > MaxUnits):
		return bad("units", "must be positive")
	case spend && !e.bonusesOnly() && (e.Per <= 0 || e.Per > MaxAmount):
		return bad("per", "must be positive minor units")
	case spend && !isCurrency(e.Currency):
		return bad("currency", "must be an ISO 4217 code")
	case spend && !e.bonusesOnly() && e.Rounding != Down && e.Rounding != HalfUp && e.Rounding != Up:
		return bad("rounding", "must be down, half_up or up")
	case e.Minimum < 0 || e.Minimum > MaxAmount:
		return bad("minimum", "is out of range")
	case e.Cooldown < 0 || e.Cooldown > MaxSeconds:
		return bad("cooldown_seconds", "is out of range")
	case e.StaticCooldown < 0 || e.StaticCooldown > MaxSeconds:
		return bad("static_cooldown_seconds", "is out of range")
	case e.DailyCap < 0 || e.DailyCap > MaxUnits:
		return bad("daily_cap", "is out of range")
	case e.PerScan < 0 || e.PerScan > MaxUnits:
		return bad("per_scan", "is out of range")
	case e.HandleLife < 0 || e.HandleLife > maxHandleLife:
		return bad("handle_seconds", "must be at most a day")
	}
	return nil
}

func (r *Rules) checkReward(i int) error {
	reward := &r.Rewards[i]
	bad := func(field, problem string) error {
		return &FieldError{Field: fmt.Sprintf("rewards[%d].%s", i, field), Problem: problem}
	}
	if first, _ := r.Reward(reward.ID); first != reward {
		return bad("id", "stands twice")
	}
	switch {
	case reward.ID.IsZero():
		return bad("id", "is missing")
	case reward.Name == "" || !isLine(reward.Name):
		return bad("name", "must be one line of 1 to 200 bytes")
	case reward.Cost < 0 || reward.Cost > MaxUnits:
		return bad("cost", "is out of range")
	case reward.Cost > 0 && r.Kind != Points:
		return bad("cost", "is only for points: other cards pay with vouchers")
	case reward.PerCard < 0 || reward.PerCard > MaxUnits:
		return bad("per_card", "is out of range")
	case reward.PerMember < 0 || reward.PerMember > MaxUnits:
		return bad("per_member", "is out of range")
	case reward.ValidIn < 0 || reward.ValidIn > MaxDays:
		return bad("valid_days", "is out of range")
	}
	if err := reward.Lines.check(fmt.Sprintf("rewards[%d].lines", i)); err != nil {
		return err
	}
	return r.checkTerms(reward, bad)
}

func (r *Rules) checkCard() error {
	bad := func(field, problem string) error { return &FieldError{Field: "card." + field, Problem: problem} }
	if r.Card.Size < 1 || r.Card.Size > MaxCardSize {
		return bad("size", "must lie between 1 and 1000")
	}
	if _, ok := r.Reward(r.Card.Reward); !ok {
		return bad("reward", "must be one of rewards")
	}
	if len(r.Card.Milestones) > MaxMilestones {
		return bad("milestones", "are more than 20")
	}
	last := int64(0)
	for i, m := range r.Card.Milestones {
		if m.At <= last || m.At >= r.Card.Size {
			return bad(fmt.Sprintf("milestones[%d].at", i), "must rise and stay below size")
		}
		if _, ok := r.Reward(m.Reward); !ok {
			return bad(fmt.Sprintf("milestones[%d].reward", i), "must be one of rewards")
		}
		last = m.At
	}
	return nil
}

// isLine reports whether text is a name: short, and fit to be shown and stored.
func isLine(text string) bool {
	return len(text) <= MaxNameLength && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// FieldError says what is wrong with one field of a merchant's input.
type FieldError struct{ Field, Problem string }

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }
