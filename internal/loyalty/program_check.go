package loyalty

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check reports the rules that cannot be, joined in one error. Of a part, such as one
// bonus or one reward, that is the first one. Errors: *FieldErrors, whose fields are
// named as in the JSON form. A program that passes can be given to Decide.
func (r *Rules) Check() error {
	wrong := []error{r.checkName()}
	if r.Kind != Discount {
		wrong = append(wrong, r.Earn.check())
	}
	wrong = append(wrong, r.checkBonuses(), r.checkRewards(), r.checkKeys(), r.checkPolicies())
	switch {
	case r.Kind != Stamps && r.Kind != Points && r.Kind != Discount: // and nobody knows what the rest would have to be
		return joined(append(wrong, &FieldError{Field: "kind", Problem: "must be stamps, points or discount"})...)
	case r.Kind == Stamps:
		wrong = append(wrong, r.checkCard())
	case r.Card.Size != 0 || len(r.Card.Milestones) > 0 || !r.Card.Reward.IsZero():
		wrong = append(wrong, &FieldError{Field: "card", Problem: "is only for stamps"})
	}
	wrong = append(wrong, r.checkCounter(), r.checkDiscount(), r.checkTiers(), r.checkOnlys(), r.checkUnits(), r.checkPoints())
	return joined(wrong...)
}

func (r *Rules) checkName() error {
	bad := func(field, format string, args ...any) error {
		return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
	}
	if r.Name == "" || !isLine(r.Name) {
		return bad("name", "must be one line of 1 to %d bytes", MaxNameLength)
	}
	if !isLine(r.Template) {
		return bad("template", "must be one line of at most %d bytes", MaxNameLength)
	}
	return nil
}

// checkUnits is Rules.Check for what becomes of units, and from when to when.
func (r *Rules) checkUnits() error {
	bad := func(field, format string, args ...any) error {
		return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
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
	}
	return nil
}

// checkPoints is Rules.Check for what only programs of points have.
func (r *Rules) checkPoints() error {
	bad := func(field, problem string) error { return &FieldError{Field: field, Problem: problem} }
	var wrong []error
	if r.AllowNegative && r.Kind == Stamps {
		wrong = append(wrong, bad("allow_negative", "is only for points"))
	}
	switch {
	case r.Lots == nil:
	case r.Kind != Points:
		wrong = append(wrong, bad("lots", "are only for points"))
	default:
		wrong = append(wrong, r.Lots.check())
	}
	switch {
	case r.Coalition == nil:
	case r.Kind != Points:
		wrong = append(wrong, bad("coalition", "is only for points"))
	default:
		wrong = append(wrong, cmp.Or(r.Coalition.check(), r.checkShared()))
	}
	return joined(wrong...)
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

func (r *Rules) checkRewards() error {
	if len(r.Rewards) > MaxRewards {
		return &FieldError{Field: "rewards", Problem: fmt.Sprintf("are more than %d", MaxRewards)}
	}
	var wrong []error
	for i := range r.Rewards {
		wrong = append(wrong, r.checkReward(i))
	}
	return joined(wrong...)
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
	var wrong []error
	sized := r.Card.Size >= 1 && r.Card.Size <= MaxCardSize
	if !sized {
		wrong = append(wrong, bad("size", "must lie between 1 and 1000"))
	}
	if _, ok := r.Reward(r.Card.Reward); !ok {
		wrong = append(wrong, bad("reward", "must be one of rewards"))
	}
	if len(r.Card.Milestones) > MaxMilestones {
		return joined(append(wrong, bad("milestones", fmt.Sprintf("are more than %d", MaxMilestones)))...)
	}
	last := int64(0)
	for i, m := range r.Card.Milestones {
		if sized && (m.At <= last || m.At >= r.Card.Size) {
			wrong = append(wrong, bad(fmt.Sprintf("milestones[%d].at", i), "must rise and stay below size"))
		}
		if _, ok := r.Reward(m.Reward); !ok {
			wrong = append(wrong, bad(fmt.Sprintf("milestones[%d].reward", i), "must be one of rewards"))
		}
		last = m.At
	}
	return joined(wrong...)
}

// isLine reports whether text is a name: short, and fit to be shown and stored.
func isLine(text string) bool {
	return len(text) <= MaxNameLength && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// FieldError says what is wrong with one field of a merchant's input.
type FieldError struct{ Field, Problem string }

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }

// joined is nil for no error, the error itself for one, and else all *FieldErrors within
// them.
func joined(errs ...error) error {
	all := FieldErrors(errors.Join(errs...))
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	flat := make([]error, len(all))
	for i, err := range all {
		flat[i] = err
	}
	return errors.Join(flat...)
}

// FieldErrors are those within an error, which may have joined several, in their order.
func FieldErrors(err error) (all []*FieldError) {
	switch err := err.(type) {
	case *FieldError:
		return []*FieldError{err}
	case interface{ Unwrap() error }:
		return FieldErrors(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range err.Unwrap() {
			all = append(all, FieldErrors(one)...)
		}
	}
	return all
}
