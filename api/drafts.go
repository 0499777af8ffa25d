package api

import (
	"context"
	"math"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	earnrules "stempel/internal/rules"
)

// draftStore keeps the next versions of programs.
type draftStore interface {
	Draft(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Draft, error)
	SaveDraft(ctx context.Context, r loyalty.Answer, d loyalty.Draft, rules func(isKnown) (loyalty.Rules, error), render func(*loyalty.Draft) (loyalty.Answer, error)) (loyalty.Answer, error)
	DeleteDraft(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ProgramID, render func(*loyalty.Draft) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// GetDraft shows the next version in work.
func (s *Server) GetDraft(c *fiber.Ctx, id gen.ProgramInPath) error {
	d, err := s.Store.Draft(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return noProgram(err)
	}
	return s.json(c, http.StatusOK, draftView(d))
}

// SaveDraft replaces the whole draft.
func (s *Server) SaveDraft(c *fiber.Ctx, id gen.ProgramInPath, params gen.SaveDraftParams) error {
	return inWholeRules(c, s.saveDraft(c, id, params))
}

func (s *Server) saveDraft(c *fiber.Ctx, id loyalty.ProgramID, params gen.SaveDraftParams) error {
	body := gen.DraftRequest{BasedOn: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.BasedOn == absent:
		return missing("based_on")
	case body.BasedOn < 0 || body.BasedOn > math.MaxInt32:
		return invalid("based_on", "must be the number of a version")
	case body.Revision < 0 || body.Revision > loyalty.MaxUnits:
		return invalid("revision", "must be that of a draft")
	case body.Rules.Name == "":
		return missing("rules")
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	draft := loyalty.Draft{
		Program: id, Merchant: principalOf(c).Merchant, Saved: s.moment(),
		BasedOn: int32(body.BasedOn), Revision: body.Revision,
	}
	rules := func(known isKnown) (loyalty.Rules, error) { return rulesOf(&body.Rules, known) }
	answer, err := s.Store.SaveDraft(c.UserContext(), change, draft, rules, renderDraft)
	if err != nil {
		return noProgram(inRules(err))
	}
	return send(c, answer)
}

// DeleteDraft throws it away.
func (s *Server) DeleteDraft(c *fiber.Ctx, id gen.ProgramInPath, params gen.DeleteDraftParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.DeleteDraft(c.UserContext(), change, principalOf(c).Merchant, id, renderDraft)
	if err != nil {
		return noProgram(err)
	}
	return send(c, answer)
}

func renderDraft(d *loyalty.Draft) (loyalty.Answer, error) {
	return render(http.StatusOK, draftView(d))
}

func draftView(d *loyalty.Draft) gen.Draft {
	view := gen.Draft{
		Program: d.Program, BasedOn: int64(d.BasedOn), Revision: d.Revision, SavedAt: d.Saved, Rules: rulesView(&d.Rules),
	}
	for _, doubt := range earnrules.Doubts(&d.Rules) {
		view.Doubts = append(view.Doubts, gen.FieldProblem{Field: "rules." + doubt.Field, Problem: doubt.Problem})
	}
	return view
}
