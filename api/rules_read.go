package api

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"stempel/api/gen"
)

// What rules require is held while they are read, so that a missing field is
// told as one, with its path.

func readRules(from *jsontext.Decoder, into *gen.Rules) error {
	type plain gen.Rules // without this function
	var r plain
	if err := json.UnmarshalDecode(from, &r); err != nil {
		return err
	}
	switch {
	case r.Name == "":
		return missingIn(from, "name")
	case r.Kind == "":
		return missingIn(from, "kind")
	case r.Earn.By == "" && r.Kind != gen.ProgramKindDiscount:
		return missingIn(from, "earn.by")
	case r.Discount == nil && r.Kind == gen.ProgramKindDiscount:
		return missingIn(from, "discount")
	}
	*into = gen.Rules(r)
	return nil
}

func readPolicy(from *jsontext.Decoder, into *gen.PolicyRule) error {
	type plain gen.PolicyRule
	var p plain
	if err := json.UnmarshalDecode(from, &p); err != nil {
		return err
	}
	switch {
	case p.Method == "":
		return missingIn(from, "method")
	case p.Action == "":
		return missingIn(from, "action")
	}
	*into = gen.PolicyRule(p)
	return nil
}

func readMilestone(from *jsontext.Decoder, into *gen.MilestoneRule) error {
	type plain gen.MilestoneRule
	m := plain{At: absent}
	if err := json.UnmarshalDecode(from, &m); err != nil {
		return err
	}
	switch {
	case m.At == absent:
		return missingIn(from, "at")
	case m.Reward == "":
		return missingIn(from, "reward")
	}
	*into = gen.MilestoneRule(m)
	return nil
}

func readReward(from *jsontext.Decoder, into *gen.RewardRule) error {
	type plain gen.RewardRule
	var r plain
	if err := json.UnmarshalDecode(from, &r); err != nil {
		return err
	}
	if r.Name == "" {
		return missingIn(from, "name")
	}
	*into = gen.RewardRule(r)
	return nil
}
