package loyalty

import "time"

// Program is one immutable version of the rules of a card. A change of rules is
// a new version; entries name the version that decided them.
type Program struct {
	ID       ProgramID
	Version  int32 // 1, 2, 3 …
	Merchant MerchantID
	Rules
	Conditions Compiled // of the bonuses; whoever reads or makes a version compiles them
}

// ProgramKind says what a card counts.
type ProgramKind string

// The kinds of programs.
const (
	Stamps   ProgramKind = "stamps"
	Points   ProgramKind = "points"
	Discount ProgramKind = "discount"
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
	Template string       `json:"template,omitempty"` // the template it was made from
	Key      string       `json:"key,omitempty"`      // names it in files, within the merchant
	Name     string       `json:"name"`
	Kind     ProgramKind  `json:"kind"`
	Earn     EarnRule     `json:"earn"`              // of a discount program only HandleLife
	Card     StampRule    `json:"card,omitzero"`     // stamps only
	Discount DiscountRule `json:"discount,omitzero"` // discount only
	Tiers    TierRule     `json:"tiers,omitzero"`
	Rewards  []Reward     `json:"rewards,omitempty"`
	Policies []Policy     `json:"policies,omitempty"` // at most one of each method and action
	Counter  CounterRule  `json:"counter,omitzero"`

	Welcome       int64          `json:"welcome,omitempty"` // units that a new card starts with
	Starts        time.Time      `json:"starts,omitzero"`   // no earning before
	Ends          time.Time      `json:"ends,omitzero"`     // no earning from then on; rewards stay
	UnitsLast     int64          `json:"units_last_days,omitempty"`
	Lots          *LotRule       `json:"lots,omitempty"`            // points only: each entry's have dates of their own
	Coalition     *CoalitionRule `json:"coalition,omitempty"`       // points only: partners honour the cards, and settle
	AllowNegative bool           `json:"allow_negative,omitempty"`  // a void may take points below zero
	Invitation    bool           `json:"invitation_only,omitempty"` // nobody joins by themselves: the merchant opens cards
	ShowsName     bool           `json:"shows_name,omitempty"`      // cards say whose they are
	Archived      bool           `json:"archived,omitempty"`        // no new cards, no earning; rewards stay

	Only Only `json:"only,omitzero"` // whom the card is for; others open none, and earn nothing
}

// EarnRule is how units come in.
type EarnRule struct {
	By             Basis    `json:"by"`
	PerVisit       int64    `json:"per_visit,omitempty"` // ByVisit
	Units          int64    `json:"units,omitempty"`     // BySpend: so many units …
	Per            int64    `json:"per,omitempty"`       // … for each so many minor units; without both, bonuses alone earn
	Currency       string   `json:"currency,omitempty"`  // BySpend
	Rounding       Rounding `json:"rounding,omitempty"`  // BySpend
	Minimum        int64    `json:"minimum,omitempty"`   // BySpend: a smaller purchase earns nothing
	Cooldown       int64    `json:"cooldown_seconds,omitempty"`
	StaticCooldown int64    `json:"static_cooldown_seconds,omitempty"` // for codes that can be photographed
	DailyCap       int64    `json:"daily_cap,omitempty"`               // units per card and day of the location
	PerScan        int64    `json:"per_scan,omitempty"`                // more needs a manager's PIN
	Override       bool     `json:"manager_override,omitempty"`        // a manager's PIN lifts a cooldown
	HandleLife     int64    `json:"handle_seconds,omitempty"`          // how long after a scan one may earn; 0: 15 minutes
	Bonuses        []Bonus  `json:"bonuses,omitempty"`
	Exclude        Match    `json:"exclude,omitzero"`       // lines that earn nothing
	PurchaseCap    int64    `json:"purchase_cap,omitempty"` // units per purchase, bonuses included
	MonthlyCap     int64    `json:"monthly_cap,omitempty"`  // units per card and calendar month of the location
	ForgetItems    bool     `json:"forget_items,omitempty"` // the lines of a purchase are used and never kept
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
	ID        RewardID `json:"id"`
	Key       string   `json:"key,omitempty"` // names it in files, within the program
	Name      string   `json:"name"`
	Cost      int64    `json:"cost,omitempty"`       // points; 0: only against a voucher
	Limited   bool     `json:"limited,omitempty"`    // counted in stock
	PerCard   int64    `json:"per_card,omitempty"`   // redemptions per card, ever
	PerMember int64    `json:"per_member,omitempty"` // likewise per member, over all cards; per card where it is nobody's
	ValidIn   int64    `json:"valid_days,omitempty"` // life of its vouchers; 0: for ever
	CodesLow  int64    `json:"codes_low,omitempty"`  // PartnerCode: the shop is told when so few are left; 0: never
	Only      Only     `json:"only,omitzero"`        // whom it is offered to
	RewardTerms
}

// Bounds of a program's numbers.
const (
	MaxCardSize   = 1000
	MaxMilestones = 20
	MaxPolicies   = 21 // for each way to present a card and each action
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

// over reports whether the program gives no more units and no more cards.
func (r *Rules) over(now time.Time) bool {
	return r.Archived || !r.Ends.IsZero() && !now.Before(r.Ends)
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
