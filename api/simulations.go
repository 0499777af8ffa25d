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

// Simulate says what an earn or a grant would do, and does nothing.
func (s *Server) Simulate(c *fiber.Ctx, id gen.ProgramInPath) error {
	body := gen.SimulationRequest{Units: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	sim := loyalty.Simulation{Location: body.Location, Zone: time.UTC}
	merchant := principalOf(c).Merchant
	if !body.Location.IsZero() {
		at, err := s.Store.Location(c.UserContext(), merchant, body.Location)
		if err != nil {
			return err
		}
		sim.Zone = at.Zone
	}
	var err error
	if sim.At, err = s.timeToTry(&body, sim.Zone); err != nil {
		return err
	}
	program, err := s.programToTry(c.UserContext(), merchant, id, body.Draft)
	if err != nil {
		return err
	}
	if sim.Do, err = actionToTry(program, &body); err != nil {
		return err
	}
	if sim.State, err = s.cardToTry(c.UserContext(), program, &body, sim.At, sim.Zone); err != nil {
		return err
	}
	view, err := simulationView(program, &sim)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, view)
}

// timeToTry is when it is to be, by the clock of a place where no zone is said.
func (s *Server) timeToTry(body *gen.SimulationRequest, zone *time.Location) (time.Time, error) {
	switch {
	case body.LocalTime != "" && body.At != "":
		return time.Time{}, invalid("local_time", "cannot be given together with at")
	case body.At != "":
		return timeIn("at", body.At)
	case body.LocalTime == "":
		return s.moment(), nil
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", body.LocalTime, zone)
	if err != nil || at.Before(earliest) || at.After(latest) {
		return time.Time{}, invalid("local_time", "must be a time such as 2026-12-24T16:30, between 2000 and 2200")
	}
	return at.UTC(), nil
}

// actionToTry is what would be done on the purchase.
func actionToTry(p *loyalty.Program, body *gen.SimulationRequest) (loyalty.Action, error) {
	action := body.Action
	if action == "" {
		action = gen.SimulatedActionEarn
		if p.Kind == loyalty.Discount {
			action = gen.SimulatedActionGrant
		}
	}
	switch action {
	case gen.SimulatedActionGrant:
		if body.Units != absent {
			return nil, invalid("units", "are for earn: a discount is taken off a purchase")
		}
		return loyalty.Granting{Purchase: body.Purchase}, nil
	case gen.SimulatedActionEarn:
		earn, err := earned(body.Units, body.Purchase)
		if err == nil && earn.Units > loyalty.MaxUnits {
			err = refuse(loyalty.UnitsOutOfRange, "Units must be a whole number of at most 2^53 - 1.")
		}
		return earn, err
	}
	return nil, invalid("action", "must be earn or grant")
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
	switch {
	case body.Card.IsZero() && body.State == nil:
		return s.hypotheticalCard(ctx, p, &gen.SimulatedCard{}, at, zone)
	case body.Card.IsZero():
		return s.hypotheticalCard(ctx, p, body.State, at, zone)
	case body.State != nil:
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

// hypotheticalCard is one as a body describes it. Of whom nothing is said is somebody
// whom the program is for.
func (s *Server) hypotheticalCard(ctx context.Context, p *loyalty.Program, given *gen.SimulatedCard, at time.Time, zone *time.Location) (loyalty.State, error) {
	period := given.Spent
	if given.SpentInPeriod != nil {
		period = *given.SpentInPeriod
	}
	for _, n := range []struct {
		field string
		is    int64
	}{
		{"balance", given.Balance},
		{"lifetime", given.Lifetime},
		{"visits", given.Visits},
		{"earned_today", given.EarnedToday},
		{"earned_this_month", given.EarnedThisMonth},
		{"spent", given.Spent},
		{"spent_in_period", period},
	} {
		if n.is < 0 || n.is > loyalty.MaxUnits {
			return loyalty.State{}, invalid("state."+n.field, "is out of range")
		}
	}
	card := loyalty.Hypothetical{
		Balance: given.Balance, Lifetime: given.Lifetime, Visits: given.Visits, Today: given.EarnedToday, ThisMonth: given.EarnedThisMonth,
		Spent: given.Spent, InPeriod: period, Tier: given.Tier,
	}
	made, err := card.Card(p, at, zone)
	if err != nil {
		return loyalty.State{}, inState(err)
	}
	state := loyalty.State{Program: p, Card: made}
	if len(given.Tags) == 0 && given.Audience == "" && given.Agreement.IsZero() {
		open := *p
		open.Only = loyalty.Only{}
		state.Program = &open
		return state, nil
	}
	state.Belonging, err = s.belongingToTry(ctx, p.Merchant, given)
	return state, err
}

// belongingToTry is what a body says of a card's member.
func (s *Server) belongingToTry(ctx context.Context, m loyalty.MerchantID, given *gen.SimulatedCard) (b loyalty.Belonging, err error) {
	if b.Labels, err = loyalty.NewLabels(given.Tags); err != nil {
		return b, inState(err)
	}
	b.Audience = loyalty.Audience(given.Audience)
	if given.Audience != "" && !b.Audience.Known() {
		return b, invalid("state.audience", "must be customer, employee or partner")
	}
	if given.Agreement.IsZero() {
		return b, nil
	}
	agreement, err := s.Store.Agreement(ctx, m, given.Agreement)
	if err != nil {
		return b, err
	}
	switch b.Audience {
	case "":
		b.Audience = agreement.Kind.Audience()
	case agreement.Kind.Audience():
	default:
		return b, invalid("state.audience", "is not what the agreement makes of its people: "+string(agreement.Kind.Audience()))
	}
	b.Agreement, b.From, b.Until = agreement.ID, agreement.Starts, agreement.Ends
	return b, nil
}

// inState names the field of a *loyalty.FieldError within the request's state.
func inState(err error) error {
	var wrong *loyalty.FieldError
	if errors.As(err, &wrong) {
		return invalid("state."+wrong.Field, wrong.Problem)
	}
	return err
}
