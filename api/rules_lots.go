package api

import (
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

func lotsOf(body *gen.LotRules) *loyalty.LotRule {
	if body == nil {
		return nil
	}
	return &loyalty.LotRule{
		Pending: body.PendingDays, Expires: loyalty.LotEnd(body.Expires), After: body.After, Remind: body.RemindDays,
	}
}

func lotsView(r *loyalty.LotRule) *gen.LotRules {
	if r == nil {
		return nil
	}
	return &gen.LotRules{
		PendingDays: r.Pending, Expires: gen.LotRulesExpires(r.Expires), After: r.After, RemindDays: r.Remind,
	}
}
