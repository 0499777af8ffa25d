package loyalty

import (
	"fmt"
	"time"
)

// Program is one immutable version of the rules of a card. A change of rules is
// a new version; entries name the version that decided them.
type Program struct {
	ID       ProgramID
	Version  int32 // 1, 2, 3 …
	Merchant MerchantID
	Rules
}

// ProgramKind says what a card counts.
type ProgramKind string

// The kinds of programs.
const (
	Stamps ProgramKind = "stamps"
	Points ProgramKind = "points"
)

// Basis says what earns.
type Basis string

// The bases of earning.
const (
	ByUnits Basis = "units" // what the till says, or the pieces of the purchase
	ByVisit Basis = "visit" // a fixed number per scan
	BySpend Basis = "spend" // in proportion to the purchase
)

// Rules are what a merchant writes down; as JSON they are a program file's body.
// Durations are seconds, days are 24 hours, zero switches a rule off.
type Rules struct {
	Template string      `json:"template,omitempty"` // the template it was made from
	Name     string      `json:"name"`
	Kind     ProgramKind `json:"kind"`
	Earn     EarnRule    `json:"earn"`
	Card     StampRule   `json:"card,omitzero"` // stamps only
	Rewards  []Reward    `json:"rewards,omitempty"`

	Welcome       int64     `json:"welcome,omitempty"` // units that a new card starts with
	Starts        time.Time `json:"starts,omitzero"`   // no earning before
	Ends          time.Time `json:"ends,omitzero"`     // no earning from then on; rewards stay
	UnitsLast     int64     `json:"units_last_days,omitempty"`
	AllowNegative bool      `json:"allow_negative,omitempty"` // a void may take points below zero
}

// EarnRule is how units come in.
type EarnRule struct {
	By             Basis    `json:"by"`
	PerVisit       int64    `json:"per_visit,omitempty"` // ByVisit
	Units          int64    `json:"units,omitempty"`     // BySpend: so many units …
	Per            int64    `json:"per,omitempty"`       // … for each so many minor units
	Currency       string   `json:"currency,omitempty"`  // BySpend
	Rounding       Rounding `json:"rounding,omitempty"`  // BySpend
	Minimum        int64    `json:"minimum,omitempty"`   // BySpend: a smaller purchase earns nothing
	Cooldown       int64    `json:"cooldown_seconds,omitempty"`
	StaticCooldown int64    `json:"static_cooldown_seconds,omitempty"` // for codes that can be photographed
	DailyCap       int64    `json:"daily_cap,omitempty"`               // units per card and day of the location
	PerScan        int64    `json:"per_scan,omitempty"`                // more needs a manager's PIN
	HandleLife     int64    `json:"handle_seconds,omitempty"`          // how long after a scan one may earn; 0: 15 minutes
}

// StampRule is the card that fills up.
type StampRule struct {
	Size       int64       `json:"size,omitempty"`
	Reward     RewardID    `json:"reward,omitzero"` // for a full card
	Milestones []Milestone `json:"milestones,omitempty"`
}

// Milestone is a smaller reward on the way to a full card, once per cycle.
type Milestone struct {
	At     int64    `json:"at"`
	Reward RewardID `json:"reward"`
}

// Reward is an item of a program's catalogue.
type Reward struct {
	ID      RewardID `json:"id"`
	Name    string   `json:"name"`
	Cost    int64    `json:"cost,omitempty"`       // points; 0: only against a voucher
	Limited bool     `json:"limited,omitempty"`    // counted in stock
	PerCard int64    `json:"per_card,omitempty"`   // redemptions per card, ever
	ValidIn int64    `json:"valid_days,omitempty"` // life of its vouchers; 0: for ever
}

// Bounds of a program's numbers.
const (
	MaxCardSize   = 1000
	MaxRewards    = 500
	MaxNameLength = 200
	MaxSeconds    = 366 * 24 * 3600
	MaxDays       = 36525
	maxHandleLife = 24 * 3600
)

// Times that hold for every program (design: what the till can read).
const (
	defaultHandleLife = 15 * time.Minute
	redeemWithoutPIN  = 2 * time.Minute  // after the scan
	voidWithoutPIN    = 10 * time.Minute // after the entry
)

func (r *Rules) handleLife() time.Duration {
	if r.Earn.HandleLife == 0 {
		return defaultHandleLife
	}
	return seconds(r.Earn.HandleLife)
}

func (r *Rules) cooldown(m Method) time.Duration {
	if m == Static {
		return seconds(max(r.Earn.Cooldown, r.Earn.StaticCooldown))
	}
	return seconds(r.Earn.Cooldown)
}

// Reward finds a reward of the catalogue.
func (r *Rules) Reward(id RewardID) (*Reward, bool) {
	for i := range r.Rewards {
		if r.Rewards[i].ID == id {
			return &r.Rewards[i], true
		}
	}
	return nil, false
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
func days(n int64) time.Duration    { return time.Duration(n) * 24 * time.Hour }

// Check reports the first rule that cannot be, naming its field as in the JSON
// form. A program that passes can be given to Decide.
func (r *Rules) Check() error {
	bad := func(field, format string, args ...any) error {
		return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
	}
	if r.Name == "" || len(r.Name) > MaxNameLength {
		return bad("name", "must have 1 to %d bytes", MaxNameLength)
	}
	if err := r.Earn.check(); err != nil {
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
	switch {
	case r.Kind != Stamps && r.Kind != Points:
		return bad("kind", "must be stamps or points")
	case r.Kind == Stamps:
		if err := r.checkCard(); err != nil {
			return err
		}
	case r.Card.Size != 0 || len(r.Card.Milestones) > 0 || !r.Card.Reward.IsZero():
		return bad("card", "is only for stamps")
	}
	switch {
	case r.Welcome < 0 || r.Welcome > MaxUnits:
		return bad("welcome", "is out of range")
	case r.Kind == Stamps && r.Welcome > maxCards*r.Card.Size:
		return bad("welcome", "fills more than %d cards", maxCards)
	case r.UnitsLast < 0 || r.UnitsLast > MaxDays:
		return bad("units_last_days", "must lie between 0 and %d", MaxDays)
	case !r.Starts.IsZero() && !r.Ends.IsZero() && !r.Starts.Before(r.Ends):
		return bad("ends", "must come after starts")
	case r.AllowNegative && r.Kind == Stamps:
		return bad("allow_negative", "is only for points")
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
	case spend && (e.Units <= 0 || e.Units > MaxUnits):
		return bad("units", "must be positive")
	case spend && (e.Per <= 0 || e.Per > MaxAmount):
		return bad("per", "must be positive minor units")
	case spend && !isCurrency(e.Currency):
		return bad("currency", "must be an ISO 4217 code")
	case spend && e.Rounding != Down && e.Rounding != HalfUp && e.Rounding != Up:
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
	case reward.Name == "" || len(reward.Name) > MaxNameLength:
		return bad("name", "must have 1 to 200 bytes")
	case reward.Cost < 0 || reward.Cost > MaxUnits:
		return bad("cost", "is out of range")
	case reward.Cost > 0 && r.Kind == Stamps:
		return bad("cost", "is only for points: a stamp card pays with vouchers")
	case reward.PerCard < 0 || reward.PerCard > MaxUnits:
		return bad("per_card", "is out of range")
	case reward.ValidIn < 0 || reward.ValidIn > MaxDays:
		return bad("valid_days", "is out of range")
	}
	return nil
}

func (r *Rules) checkCard() error {
	bad := func(field, problem string) error { return &FieldError{Field: "card." + field, Problem: problem} }
	if r.Card.Size < 1 || r.Card.Size > MaxCardSize {
		return bad("size", "must lie between 1 and 1000")
	}
	if _, ok := r.Reward(r.Card.Reward); !ok {
		return bad("reward", "must be one of rewards")
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

// FieldError says what is wrong with one field of a merchant's input.
type FieldError struct{ Field, Problem string }

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }
