package api

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"stempel/api/gen"
)

// What the rules of discounts and tiers require, held as in rules_read.go.

func readDiscountRules(from *jsontext.Decoder, into *gen.DiscountRules) error {
	type plain gen.DiscountRules
	var d plain
	if err := json.UnmarshalDecode(from, &d); err != nil {
		return err
	}
	switch {
	case d.Over == "":
		return missingIn(from, "over")
	case d.Currency == "":
		return missingIn(from, "currency")
	case d.Rounding == "":
		return missingIn(from, "rounding")
	}
	*into = gen.DiscountRules(d)
	return nil
}

func readDiscountStep(from *jsontext.Decoder, into *gen.DiscountStep) error {
	type plain gen.DiscountStep
	s := plain{From: absent, Rate: absent}
	if err := json.UnmarshalDecode(from, &s); err != nil {
		return err
	}
	switch {
	case s.From == absent:
		return missingIn(from, "from")
	case s.Rate == absent:
		return missingIn(from, "rate")
	}
	*into = gen.DiscountStep(s)
	return nil
}

func readTierRules(from *jsontext.Decoder, into *gen.TierRules) error {
	type plain gen.TierRules
	var t plain
	if err := json.UnmarshalDecode(from, &t); err != nil {
		return err
	}
	switch {
	case t.By == "":
		return missingIn(from, "by")
	case t.Over == "":
		return missingIn(from, "over")
	case t.Rounding == "":
		return missingIn(from, "rounding")
	case t.Levels == nil:
		return missingIn(from, "levels")
	}
	*into = gen.TierRules(t)
	return nil
}

func readTierLevel(from *jsontext.Decoder, into *gen.TierLevel) error {
	type plain gen.TierLevel
	l := plain{From: absent}
	if err := json.UnmarshalDecode(from, &l); err != nil {
		return err
	}
	switch {
	case l.Name == "":
		return missingIn(from, "name")
	case l.From == absent:
		return missingIn(from, "from")
	}
	*into = gen.TierLevel(l)
	return nil
}
