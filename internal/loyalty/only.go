package loyalty

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Only says for whom a program or a reward is: whoever is all that is given. Of a list
// one is enough. Zero: it is for everybody. A card that is nobody's is for none of it.
type Only struct {
	Audiences  []Audience    `json:"audiences,omitempty"`
	Agreements []AgreementID `json:"agreements,omitempty"`
	Tags       []string      `json:"tags,omitempty"` // labels of members
	Tier       string        `json:"tier,omitempty"` // or a higher one; of rewards alone
}

// Bounds of an Only.
const (
	maxOnlyAgreements = 100
	maxOnlyTags       = 20
)

// IsZero reports whether it is for everybody.
func (o *Only) IsZero() bool {
	return len(o.Audiences) == 0 && len(o.Agreements) == 0 && len(o.Tags) == 0 && o.Tier == ""
}

// asksWork reports whether it may be for one who works somewhere, and not for others.
func (o *Only) asksWork() bool {
	return len(o.Agreements) > 0 || slices.Contains(o.Audiences, Employee) || slices.Contains(o.Audiences, PartnerStaff)
}

// ByWork reports whether work alone may make somebody one whom it is for: where a tag is
// needed too, it does not.
func (o *Only) ByWork() bool { return o.asksWork() && len(o.Tags) == 0 }

// GainsByWork reports whether work alone makes somebody one whom the program, or one of
// its rewards, is for: one who would be what b says.
func (r *Rules) GainsByWork(b *Belonging, now time.Time) bool {
	gains := func(o *Only) bool { return o.ByWork() && o.Admits(b, now) }
	return gains(&r.Only) || slices.ContainsFunc(r.Rewards, func(reward Reward) bool { return gains(&reward.Only) })
}

// ByWork reports whether there is somebody of whom GainsByWork is so.
func (r *Rules) ByWork() bool {
	return r.Only.ByWork() || slices.ContainsFunc(r.Rewards, func(reward Reward) bool { return reward.Only.ByWork() })
}

// AsksAudience reports whether what a card can have depends on what its holder is: an
// agreement that begins or ends changes it.
func (r *Rules) AsksAudience() bool {
	asks := func(o *Only) bool { return len(o.Audiences) > 0 || len(o.Agreements) > 0 }
	return asks(&r.Only) || slices.ContainsFunc(r.Rewards, func(reward Reward) bool { return asks(&reward.Only) })
}

// Admits reports whether it is for whom a card belongs to at a moment. It does not look
// at tiers.
func (o *Only) Admits(b *Belonging, now time.Time) bool {
	if b.granted {
		return true
	}
	if len(o.Audiences) > 0 && !slices.Contains(o.Audiences, b.AudienceAt(now)) {
		return false
	}
	if len(o.Agreements) > 0 && !slices.ContainsFunc(o.Agreements, func(a AgreementID) bool { return b.under(a, now) }) {
		return false
	}
	return len(o.Tags) == 0 || slices.ContainsFunc(o.Tags, b.Labels.Has)
}

// CheckMember refuses to give whoever it is not for a card. Errors: not_eligible.
func (o *Only) CheckMember(b *Belonging, now time.Time) error {
	if o.Admits(b, now) {
		return nil
	}
	return refuse(NotEligible, "This card is only for "+o.words()+": this person is not, as far as the shop knows.")
}

// words are for a sentence after "only for".
func (o *Only) words() string {
	var parts []string
	for _, a := range o.Audiences {
		switch a {
		case Employee:
			parts = append(parts, "employees")
		case PartnerStaff:
			parts = append(parts, "people of partner companies")
		case Customer:
			parts = append(parts, "customers")
		}
	}
	who := strings.Join(parts, " and ")
	if len(o.Agreements) > 0 {
		who = "people of certain companies"
	}
	if len(o.Tags) > 0 {
		tagged := "members with the tag " + strings.Join(o.Tags, " or ")
		if who != "" {
			tagged = who + " who are " + tagged
		}
		who = tagged
	}
	if o.Tier != "" {
		who = strings.TrimSpace(who + " from the tier " + o.Tier + " on")
	}
	return who
}

// checkOnly holds that the card's holder is whom the program is for, now or when it
// was done. Errors: not_eligible.
func (d *deciding) checkOnly(at time.Time) error {
	if d.rules.Only.IsZero() || d.rules.Only.Admits(&d.state.Belonging, at) {
		return nil
	}
	return refuse(NotEligible, "This program is only for "+d.rules.Only.words()+", and this card is not theirs, or no longer. What was earned can still be redeemed.")
}

// mayHave holds that a reward is for the card's holder. Errors: not_eligible.
func (d *deciding) mayHave(reward *Reward) error {
	if reward.Only.AdmitsCard(d.state.Program, d.card, &d.state.Belonging, d.cmd.at(d.now)) {
		return nil
	}
	return refuse(NotEligible, "This reward is only for "+reward.Only.words()+". The points stay on the card.")
}

// AdmitsCard is Admits, and looks at the card's tier.
func (o *Only) AdmitsCard(p *Program, card *Card, b *Belonging, now time.Time) bool {
	switch {
	case o.IsZero():
		return true
	case !o.Admits(b, now):
		return false
	case o.Tier == "":
		return true
	}
	return p.Tiers.reaches(card.Standing(p, now).Tier.Level, o.Tier)
}

// reaches reports whether a level is the tier of that name or a higher one.
func (t *TierRule) reaches(level *Tier, name string) bool {
	if level == nil {
		return false
	}
	for i := range t.Levels {
		if t.Levels[i].Name == name {
			return level.From >= t.Levels[i].From
		}
	}
	return false
}

// checkOnlys is Rules.Check for whom the program and its rewards are.
func (r *Rules) checkOnlys() error {
	err := r.Only.check("only.", r)
	if err == nil && r.Only.Tier != "" {
		err = &FieldError{Field: "only.tier", Problem: "is for rewards: a card gets its tier by being used"}
	}
	wrong := []error{err}
	for i := range r.Rewards {
		reward := &r.Rewards[i]
		field := fmt.Sprintf("rewards[%d].only", i)
		if err := reward.Only.check(field+".", r); err != nil {
			wrong = append(wrong, err)
		} else if !reward.Only.IsZero() && reward.Cost == 0 {
			wrong = append(wrong, &FieldError{Field: field, Problem: "is for rewards that cost points: what a card has earned a voucher for is its holder's"})
		}
	}
	return joined(wrong...)
}

func (o *Only) check(field string, r *Rules) error {
	bad := func(name, format string, args ...any) error {
		return &FieldError{Field: field + name, Problem: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(o.Agreements) > maxOnlyAgreements:
		return bad("agreements", "are more than %d", maxOnlyAgreements)
	case len(o.Tags) > maxOnlyTags:
		return bad("tags", "are more than %d", maxOnlyTags)
	}
	for i, a := range o.Audiences {
		if !a.Known() || slices.Contains(o.Audiences[:i], a) {
			return bad(fmt.Sprintf("audiences[%d]", i), "must be customer, employee or partner, each once")
		}
	}
	for i, a := range o.Agreements {
		if a.IsZero() || slices.Contains(o.Agreements[:i], a) {
			return bad(fmt.Sprintf("agreements[%d]", i), "must be an agreement, each once")
		}
	}
	for i, tag := range o.Tags {
		if !isLabel(tag) || slices.Contains(o.Tags[:i], tag) {
			return bad(fmt.Sprintf("tags[%d]", i), "must be %s, each once", aLabel)
		}
	}
	if o.Tier != "" && !slices.ContainsFunc(r.Tiers.Levels, func(t Tier) bool { return t.Name == o.Tier }) {
		return bad("tier", "must be the name of one of tiers")
	}
	return nil
}
