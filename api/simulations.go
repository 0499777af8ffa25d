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
)

// Simulate says what an earn would do, and does nothing.
func (s *Server) Simulate(c *fiber.Ctx, id gen.ProgramInPath) error {
	body := gen.SimulationRequest{Units: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	earn, err := earned(body.Units, body.Purchase)
	if err != nil {
		return err
	}
	if earn.Units > loyalty.MaxUnits {
		return refuse(loyalty.UnitsOutOfRange, "Units must be a whole number of at most 2^53 - 1.")
	}
	sim := loyalty.Simulation{Earn: earn, At: s.moment(), Location: body.Location, Zone: time.UTC}
	if body.At != "" {
		if sim.At, err = timeIn("at", body.At); err != nil {
			return err
		}
	}
	merchant := principalOf(c).Merchant
	if !body.Location.IsZero() {
		at, err := s.Store.Location(c.UserContext(), merchant, body.Location)
		if err != nil {
			return err
		}
		sim.Zone = at.Zone
	}
	program, err := s.programToTry(c.UserContext(), merchant, id, body.Draft)
	if err != nil {
		return err
	}
	if sim.State, err = s.cardToTry(c.UserContext(), program, &body, sim.At, sim.Zone); err != nil {
		return err
	}
	decision, err := sim.Decide(loyalty.NewID)
	view, err := simulationView(program, decision, err)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, view)
}

// programToTry is the current version of a program, or what its draft would be.
func (s *Server) programToTry(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID, draft bool) (*loyalty.Program, error) {
	if !draft {
		p, err := s.Store.Program(ctx, m, id)
		if err == nil && p.Version == 0 {
			return nil, refuse(loyalty.ProgramNotFound, "No version of this program was published yet: simulate its draft.")
		}
		return p, noProgram(err)
	}
	d, err := s.Store.Draft(ctx, m, id)
	if err != nil {
		return nil, noProgram(err)
	}
	p := &loyalty.Program{ID: id, Merchant: m, Version: d.BasedOn + 1, Rules: d.Rules}
	return p, inRules(rules.Compile(p))
}

// cardToTry is the card that a body names or describes, under the program.
func (s *Server) cardToTry(ctx context.Context, p *loyalty.Program, body *gen.SimulationRequest, at time.Time, zone *time.Location) (loyalty.State, error) {
	given := body.State
	switch {
	case body.Card.IsZero():
		for field, n := range map[string]int64{
			"balance": given.Balance, "lifetime": given.Lifetime, "visits": given.Visits,
			"earned_today": given.EarnedToday, "earned_this_month": given.EarnedThisMonth,
		} {
			if n < 0 || n > loyalty.MaxUnits {
				return loyalty.State{}, invalid("state."+field, "is out of range")
			}
		}
		card := loyalty.HypotheticalCard(p, given.Balance, given.Lifetime, given.Visits, given.EarnedToday, given.EarnedThisMonth, at, zone)
		open := *p
		open.Only = loyalty.Only{} // the card is that of somebody whom the program is for
		return loyalty.State{Program: &open, Card: card}, nil
	case given != gen.SimulatedCard{}:
		return loyalty.State{}, invalid("state", "cannot be given together with card")
	}
	found, err := s.Store.Card(ctx, p.Merchant, body.Card)
	switch {
	case errors.Is(err, loyalty.ErrNotFound):
		return loyalty.State{}, errNoCard
	case err != nil:
		return loyalty.State{}, err
	case found.Card.Program != p.ID:
		return loyalty.State{}, invalid("card", "is a card of another program")
	}
	found.Program = p
	return *found, nil
}

// simulationView shows a decision, or why there is none. What no till could send is
// an error here, too.
func simulationView(p *loyalty.Program, d *loyalty.Decision, err error) (gen.Simulation, error) {
	view := gen.Simulation{
		Program: p.ID, Version: p.Version, Entries: []gen.SimulatedEntry{}, Vouchers: []string{}, Why: gen.Why{},
	}
	var refusal *loyalty.Refusal
	if errors.As(err, &refusal) && refusal.Code != loyalty.PurchaseInvalid && refusal.Code != loyalty.UnitsOutOfRange {
		view.Refused = &gen.SimulatedRefusal{Code: gen.ProblemCode(refusal.Code), Detail: refusal.Message, Field: refusal.Field}
		return view, nil
	}
	if err != nil {
		return view, err
	}
	view.Balance = &d.Card.Balance
	for i := range d.Entries {
		e := &d.Entries[i]
		view.Entries = append(view.Entries, gen.SimulatedEntry{Kind: gen.EntryKind(e.Kind.String()), Units: e.Units, Balance: e.Balance})
	}
	for i := range d.Issued {
		if reward, ok := p.Reward(d.Issued[i].Reward); ok {
			view.Vouchers = append(view.Vouchers, reward.Name)
		}
	}
	if view.Why = d.Why; len(view.Why) == 0 {
		view.Why = gen.Why{{Units: d.Primary(loyalty.Earn).Units, Why: loyalty.BaseRate}}
	}
	return view, nil
}
