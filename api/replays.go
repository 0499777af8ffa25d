package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/rules"
	"stempel/internal/whatif"
)

// What one answer may cost: a request's patience is a little more.
const (
	replayPatience = 8 * time.Second
	replayEntries  = 100_000
)

// ReplayProgram says what other rules would have meant, and changes nothing.
func (s *Server) ReplayProgram(c *fiber.Ctx, id gen.ProgramInPath) error {
	return inWholeRules(c, s.replayProgram(c, id))
}

func (s *Server) replayProgram(c *fiber.Ctx, id loyalty.ProgramID) error {
	body := gen.WhatIfRequest{Top: 10}
	if err := decode(c, &body); err != nil {
		return err
	}
	q, err := s.questionOf(&body)
	if err != nil {
		return err
	}
	if q.Current, err = s.programToTry(c.UserContext(), principalOf(c).Merchant, id, false); err != nil {
		return err
	}
	if q.Rules, err = s.rulesToTry(c.UserContext(), q.Current, body.Rules); err != nil {
		return err
	}
	giveBack, err := s.replays.take(principalOf(c).Merchant, s.now())
	if err != nil {
		return err
	}
	defer giveBack()
	report, err := whatif.Ask(c.UserContext(), s.Store, q)
	if err != nil {
		return inRules(err)
	}
	return s.json(c, http.StatusOK, WhatIf(report))
}

// questionOf reads all of a question but the rules.
func (s *Server) questionOf(body *gen.WhatIfRequest) (*whatif.Question, error) {
	q := &whatif.Question{Top: int(body.Top), Entries: replayEntries, Patience: replayPatience}
	var err error
	if q.From, err = timeIn("from", body.From); err != nil {
		return nil, err
	}
	if q.To, err = timeIn("to", body.To); err != nil {
		return nil, err
	}
	switch v := body.UnitValue; {
	case v == nil:
	case v.Units == nil:
		return nil, missing("unit_value.units")
	case v.Amount == nil:
		return nil, missing("unit_value.amount")
	default:
		q.Value = &whatif.UnitValue{Units: *v.Units, Amount: *v.Amount}
	}
	var bad *loyalty.FieldError
	if errors.As(q.Complete(s.moment()), &bad) {
		return nil, invalid(bad.Field, bad.Problem)
	}
	return q, nil
}

// rulesToTry are those of a body, in which rewards that go on keep their ids, or else
// those of the draft.
func (s *Server) rulesToTry(ctx context.Context, p *loyalty.Program, body *gen.Rules) (loyalty.Rules, error) {
	if body == nil {
		d, err := s.Store.Draft(ctx, p.Merchant, p.ID)
		if err != nil {
			return loyalty.Rules{}, noProgram(err)
		}
		return d.Rules, nil
	}
	versions, err := s.Store.VersionsOf(ctx, p.Merchant, p.ID)
	if err != nil {
		return loyalty.Rules{}, err
	}
	had := map[loyalty.RewardID]bool{}
	for _, version := range versions {
		for i := range version.Rewards {
			had[version.Rewards[i].ID] = true
		}
	}
	changed, err := rulesOf(body, func(id loyalty.RewardID) bool { return had[id] })
	if err == nil {
		err = inRules(rules.Check(&changed))
	}
	return changed, err
}
