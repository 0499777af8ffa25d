package loyalty

import (
	"fmt"
	"slices"
)

// Bonus is a rule that gives units beside the base rate. Each bonus looks at the
// purchase and the base alone, never at another bonus, and what all of them give is
// added up: their order means nothing but the order of the explanation. Exactly one
// of Multiplier, Units and Lines says what it gives.
type Bonus struct {
	Name       string     `json:"name"`                 // one line, shown to whoever asks why
	When       string     `json:"when,omitempty"`       // a condition, see Condition; empty: always
	Multiplier int64      `json:"multiplier,omitempty"` // of the base, in thousandths: 2000 gives the base once more
	Units      int64      `json:"units,omitempty"`      // so many, whatever was bought
	Lines      LinesBonus `json:"lines,omitzero"`       // by the lines of the purchase
}

// LinesBonus gives Units for each Per of the chosen lines together, rounded down.
type LinesBonus struct {
	Match
	Units int64  `json:"units,omitempty"`
	Per   int64  `json:"per,omitempty"` // minor units, or thousandths of Of
	Of    string `json:"of,omitempty"`  // ByAmount, or the unit of the lines that count, such as litre
}

// ByAmount is what LinesBonus.Of is where money counts.
const ByAmount = "amount"

// Match chooses lines of a purchase: by any of the categories or SKUs. A Match
// without either chooses none when it excludes, and all when it gives a bonus.
type Match struct {
	Categories []string `json:"categories,omitempty"`
	SKUs       []string `json:"skus,omitempty"`
}

func (m *Match) isEmpty() bool { return len(m.Categories) == 0 && len(m.SKUs) == 0 }

func (m *Match) has(item *Item) bool {
	for _, c := range m.Categories {
		if c == item.Category {
			return true
		}
	}
	for _, sku := range m.SKUs {
		if sku == item.SKU {
			return true
		}
	}
	return false
}

// Bounds of a program's bonuses.
const (
	MaxBonuses    = 20
	MaxMatches    = 200 // categories, and SKUs, of one Match
	MaxMultiplier = 100_000
	MaxCondition  = 1000 // bytes of a Bonus.When
)

// bonusesOnly reports whether spend itself earns nothing: as where litres do.
func (e *EarnRule) bonusesOnly() bool { return e.By == BySpend && e.Units == 0 && e.Per == 0 }

// LinesOnly reports whether a purchase that names no lines earns nothing, whatever its
// total: nothing but lines gives units.
func (e *EarnRule) LinesOnly() bool {
	return e.bonusesOnly() && !slices.ContainsFunc(e.Bonuses, func(b Bonus) bool { return b.Units > 0 })
}

// explains reports whether the program's earning is worth an explanation: more
// than its base rate decides.
func (r *Rules) explains() bool {
	e := &r.Earn
	return r.Tiers.multiplies() || len(e.Bonuses) > 0 || !e.Exclude.isEmpty() || e.PurchaseCap > 0 || e.MonthlyCap > 0
}

func (r *Rules) checkBonuses() error {
	e := &r.Earn
	bad := func(field, problem string) error { return &FieldError{Field: "earn." + field, Problem: problem} }
	if len(e.Bonuses) > MaxBonuses {
		return bad("bonuses", fmt.Sprintf("are more than %d", MaxBonuses))
	}
	var wrong []error
	switch {
	case e.PurchaseCap < 0 || e.PurchaseCap > MaxUnits:
		wrong = append(wrong, bad("purchase_cap", "is out of range"))
	case e.MonthlyCap < 0 || e.MonthlyCap > MaxUnits:
		wrong = append(wrong, bad("monthly_cap", "is out of range"))
	}
	wrong = append(wrong, e.Exclude.check("earn.exclude"))
	names := map[string]bool{}
	for i := range e.Bonuses {
		b := &e.Bonuses[i]
		field := fmt.Sprintf("earn.bonuses[%d]", i)
		if names[b.Name] {
			wrong = append(wrong, &FieldError{Field: field + ".name", Problem: "stands twice: nobody could tell them apart"})
		}
		names[b.Name] = true
		wrong = append(wrong, b.check(field, e))
	}
	return joined(wrong...)
}

func (b *Bonus) check(field string, e *EarnRule) error {
	bad := func(within, problem string) error { return &FieldError{Field: field + within, Problem: problem} }
	lines := &b.Lines
	given := 0
	for _, is := range []bool{b.Multiplier != 0, b.Units != 0, lines.Units != 0 || lines.Per != 0 || lines.Of != "" || !lines.isEmpty()} {
		if is {
			given++
		}
	}
	switch {
	case b.Name == "" || !isLine(b.Name):
		return bad(".name", "must be one line of 1 to 200 bytes")
	case len(b.When) > MaxCondition:
		return bad(".when", "must be at most 1000 bytes")
	case given != 1:
		return bad("", "must give exactly one of multiplier, units and lines")
	case b.Multiplier != 0 && (b.Multiplier <= 1000 || b.Multiplier > MaxMultiplier):
		return bad(".multiplier", "must be thousandths above 1000, up to 100000")
	case b.Multiplier != 0 && e.bonusesOnly():
		return bad(".multiplier", "is of a base rate, and there is none: give units for each per")
	case b.Units < 0 || b.Units > MaxUnits:
		return bad(".units", "is out of range")
	case b.Multiplier != 0 || b.Units != 0:
		return nil
	case lines.Units <= 0 || lines.Units > MaxUnits:
		return bad(".lines.units", "must be positive")
	case lines.Per <= 0 || lines.Per > MaxAmount:
		return bad(".lines.per", "must be positive: minor units, or thousandths of a piece, litre or kilogram")
	case lines.Of == "" || len(lines.Of) > MaxFieldLength || !isLine(lines.Of):
		return bad(".lines.of", "must be amount, or the unit of the lines such as piece, litre or kilogram")
	case lines.Of == ByAmount && e.By != BySpend:
		return bad(".lines.of", "is amount, which needs a program that counts by spend: others know no currency")
	}
	return lines.check(field + ".lines")
}

func (m *Match) check(field string) error {
	for name, list := range map[string][]string{"categories": m.Categories, "skus": m.SKUs} {
		if len(list) > MaxMatches {
			return &FieldError{Field: field + "." + name, Problem: fmt.Sprintf("are more than %d", MaxMatches)}
		}
		for i, text := range list {
			if text == "" || len(text) > MaxFieldLength || !isLine(text) {
				return &FieldError{Field: fmt.Sprintf("%s.%s[%d]", field, name, i), Problem: "must be one line of 1 to 100 bytes"}
			}
		}
	}
	return nil
}
