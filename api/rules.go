package api

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// isKnown reports whether a reward may go on under its id.
type isKnown = func(loyalty.RewardID) bool

// noneKnown is for a program that is new.
func noneKnown(loyalty.RewardID) bool { return false }

// rulesOf are the rules that a body writes down, with ids for new rewards. What
// it does not look at is Rules.Check's. Errors: invalid_field, of each field within
// the body's rules that is wrong, joined.
func rulesOf(body *gen.Rules, known isKnown) (loyalty.Rules, error) {
	rules := loyalty.Rules{
		Template: body.Template, Key: body.Key, Name: body.Name, Kind: loyalty.ProgramKind(body.Kind), Earn: earnOf(&body.Earn),
		Discount: discountOf(body.Discount), Tiers: tiersOf(body.Tiers),
		Welcome: body.Welcome, UnitsLast: body.UnitsLastDays, AllowNegative: body.AllowNegative, Invitation: body.InvitationOnly,
		ShowsName: body.ShowsName, Lots: lotsOf(body.Lots), Only: onlyOf(body.Only), Coalition: coalitionOf(body.Coalition),
	}
	if r := body.Counter; r != nil {
		rules.Counter = loyalty.CounterRule{Enabled: r.Enabled, Approval: string(r.Approval), Units: r.Units, Cooldown: r.CooldownSeconds}
	}
	var wrong [4]error
	rules.Starts, wrong[0] = timeIn("rules.starts_at", body.StartsAt)
	rules.Ends, wrong[1] = timeIn("rules.ends_at", body.EndsAt)
	rules.Rewards, wrong[2] = rewardsOf(body.Rewards, known)
	for _, p := range body.Policies {
		rules.Policies = append(rules.Policies, loyalty.Policy{
			Method: string(p.Method), Action: string(p.Action), Refused: p.Refused, Cooldown: p.CooldownSeconds, Needs: string(p.Needs),
		})
	}
	rules.Card, wrong[3] = cardOf(body, rules.Rewards)
	return rules, errors.Join(wrong[:]...)
}

// cardOf is what a full card and the way there are good for.
func cardOf(body *gen.Rules, rewards []loyalty.Reward) (card loyalty.StampRule, err error) {
	card.Size = body.CardSize
	card.Reward, err = named("rules.card_reward", body.CardReward, rewards)
	wrong := []error{err}
	if len(body.Milestones) > loyalty.MaxMilestones {
		return card, errors.Join(err, invalid("rules.milestones", fmt.Sprintf("are more than %d", loyalty.MaxMilestones)))
	}
	for i, m := range body.Milestones {
		reward, err := named(fmt.Sprintf("rules.milestones[%d].reward", i), m.Reward, rewards)
		card.Milestones = append(card.Milestones, loyalty.Milestone{At: m.At, Reward: reward})
		wrong = append(wrong, err)
	}
	return card, errors.Join(wrong...)
}

func earnOf(body *gen.EarnRules) loyalty.EarnRule {
	return loyalty.EarnRule{
		By: loyalty.Basis(body.By), PerVisit: body.PerVisit, Units: body.Units, Per: body.Per, Currency: body.Currency,
		Rounding: loyalty.Rounding(body.Rounding), Minimum: body.Minimum, Cooldown: body.CooldownSeconds,
		StaticCooldown: body.StaticCooldownSeconds, DailyCap: body.DailyCap, PerScan: body.PerScan, Override: body.ManagerOverride, HandleLife: body.HandleSeconds,
		Bonuses: body.Bonuses, Exclude: body.Exclude, PurchaseCap: body.PurchaseCap, MonthlyCap: body.MonthlyCap, ForgetItems: body.ForgetItems,
	}
}

func rewardsOf(body []gen.RewardRule, known isKnown) ([]loyalty.Reward, error) {
	if len(body) > loyalty.MaxRewards {
		return nil, invalid("rules.rewards", fmt.Sprintf("are more than %d", loyalty.MaxRewards))
	}
	var rewards []loyalty.Reward
	var wrong []error
	for i, r := range body {
		switch {
		case r.ID.IsZero():
			r.ID = loyalty.NewID()
		case !known(r.ID):
			wrong = append(wrong, invalid(fmt.Sprintf("rules.rewards[%d].id", i), "is not a reward of this program: leave it out for a new one"))
		}
		terms, err := termsOf(i, &r)
		wrong = append(wrong, err)
		rewards = append(rewards, loyalty.Reward{
			ID: r.ID, Key: r.Key, Name: r.Name, Cost: r.Cost, Limited: r.Limited, PerCard: r.PerCard, PerMember: r.PerMember, ValidIn: r.ValidDays,
			CodesLow:    r.CodesLow,
			RewardTerms: terms,
			Only:        onlyOf(r.Only),
		})
	}
	return rewards, errors.Join(wrong...)
}

// named is the reward of that id, key or name; zero for none.
func named(field, text string, rewards []loyalty.Reward) (found loyalty.RewardID, err error) {
	if text == "" {
		return found, nil
	}
	if id, err := loyalty.ParseID[loyalty.RewardID](text); err == nil {
		return id, nil
	}
	for i := range rewards {
		if rewards[i].Key == text {
			return rewards[i].ID, nil
		}
	}
	for i := range rewards {
		switch {
		case rewards[i].Name != text:
		case !found.IsZero():
			return found, invalid(field, "is the name of several rewards: give them keys, and use those")
		default:
			found = rewards[i].ID
		}
	}
	if found.IsZero() {
		return found, invalid(field, "must be the id, the key or the name of one of rewards")
	}
	return found, nil
}

// The times that rules may name: those that every calendar and column knows.
var (
	earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// timeIn reads a time of a body; the empty text is none.
func timeIn(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Before(earliest) || at.After(latest) {
		return time.Time{}, invalid(field, "must be a time such as 2026-11-01T00:00:00Z, between 2000 and 2200")
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

// inRules names the fields of *loyalty.FieldErrors as the contract does.
func inRules(err error) error {
	found := loyalty.FieldErrors(err)
	if len(found) == 0 {
		return err
	}
	told := make([]error, len(found))
	for i, rule := range found {
		told[i] = inRule(rule)
	}
	return errors.Join(told...)
}

func inRule(rule *loyalty.FieldError) error {
	field := rule.Field
	switch within, isCard := strings.CutPrefix(field, "card."); {
	case isCard && strings.HasPrefix(within, "milestones"):
		field = within
	case isCard:
		field = "card_" + within
	case field == "card":
		field = "card_size"
	case field == "starts", field == "ends":
		field += "_at"
	}
	return &loyalty.FieldError{Field: "rules." + field, Problem: rule.Problem}
}

// rulesView writes rules down as rulesOf reads them.
func rulesView(r *loyalty.Rules) gen.Rules {
	view := gen.Rules{
		Template: r.Template, Key: r.Key, Name: r.Name, Kind: gen.ProgramKind(r.Kind), Earn: earnRulesView(&r.Earn),
		Discount: discountRulesView(r), Tiers: tierRulesView(r),
		CardSize: r.Card.Size, CardReward: r.Card.Reward.String(), Welcome: r.Welcome, UnitsLastDays: r.UnitsLast,
		Lots: lotsView(r.Lots), Coalition: coalitionView(r.Coalition), AllowNegative: r.AllowNegative, InvitationOnly: r.Invitation, ShowsName: r.ShowsName, StartsAt: timeView(r.Starts), EndsAt: timeView(r.Ends),
	}
	view.Counter, view.Only = counterView(r.Counter), onlyView(&r.Only)
	if r.Card.Reward.IsZero() {
		view.CardReward = ""
	}
	for _, m := range r.Card.Milestones {
		view.Milestones = append(view.Milestones, gen.MilestoneRule{At: m.At, Reward: m.Reward.String()})
	}
	view.Policies = policiesView(r.Policies)
	for i := range r.Rewards {
		view.Rewards = append(view.Rewards, rewardRuleView(&r.Rewards[i]))
	}
	return view
}

func policiesView(policies []loyalty.Policy) []gen.PolicyRule {
	var list []gen.PolicyRule
	for _, p := range policies {
		list = append(list, gen.PolicyRule{
			Method: gen.Method(p.Method), Action: gen.PolicyAction(p.Action), Refused: p.Refused, CooldownSeconds: p.Cooldown, Needs: gen.PolicyPIN(p.Needs),
		})
	}
	return list
}

func earnRulesView(e *loyalty.EarnRule) gen.EarnRules {
	return gen.EarnRules{
		By: gen.EarnBasis(e.By), PerVisit: e.PerVisit, Units: e.Units, Per: e.Per, Currency: e.Currency,
		Rounding: gen.Rounding(e.Rounding), Minimum: e.Minimum, CooldownSeconds: e.Cooldown,
		StaticCooldownSeconds: e.StaticCooldown, DailyCap: e.DailyCap, PerScan: e.PerScan, ManagerOverride: e.Override, HandleSeconds: e.HandleLife,
		Bonuses: e.Bonuses, Exclude: e.Exclude, PurchaseCap: e.PurchaseCap, MonthlyCap: e.MonthlyCap, ForgetItems: e.ForgetItems,
	}
}

// counterView is nil where nothing is said of the counter.
func counterView(r loyalty.CounterRule) *gen.CounterRule {
	if r == (loyalty.CounterRule{}) {
		return nil
	}
	return &gen.CounterRule{Enabled: r.Enabled, Approval: gen.CounterApproval(r.Approval), Units: r.Units, CooldownSeconds: r.Cooldown}
}

func timeView(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// templateView names rewards by their names: their ids are made with a program, and
// whoever writes several programs by it gives them keys.
func templateView(r *loyalty.Rules) gen.Rules {
	view := rulesView(r)
	view.Key = ""
	names := map[string]string{}
	for i := range view.Rewards {
		names[view.Rewards[i].ID.String()] = view.Rewards[i].Name
		view.Rewards[i].ID, view.Rewards[i].Key = loyalty.RewardID{}, ""
	}
	view.CardReward = names[view.CardReward]
	for i := range view.Milestones {
		view.Milestones[i].Reward = names[view.Milestones[i].Reward]
	}
	return view
}
