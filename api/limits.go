package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// limitsOf reads a merchant's limits; none where none are given. Errors:
// invalid_field.
func limitsOf(given *gen.Limits) (limits loyalty.Limits, err error) {
	if given == nil {
		return limits, nil
	}
	limits = loyalty.Limits{
		CardEarnsPerHour: given.CardEarnsPerHour, TillActionsPerMinute: given.TillActionsPerMinute,
		TillActionsPerHour: given.TillActionsPerHour, StaffActionsPerHour: given.StaffActionsPerHour,
	}
	var wrong *loyalty.FieldError
	if errors.As(limits.Check(), &wrong) {
		return limits, invalid("limits."+wrong.Field, wrong.Problem)
	}
	return limits, nil
}

func limitsView(l *loyalty.Limits) *gen.Limits {
	if *l == (loyalty.Limits{}) {
		return nil
	}
	return &gen.Limits{
		CardEarnsPerHour: l.CardEarnsPerHour, TillActionsPerMinute: l.TillActionsPerMinute,
		TillActionsPerHour: l.TillActionsPerHour, StaffActionsPerHour: l.StaffActionsPerHour,
	}
}

func liftedView(lifted loyalty.Lifted) []gen.LiftedLimit {
	var view []gen.LiftedLimit
	for _, limit := range lifted.List() {
		view = append(view, gen.LiftedLimit(limit.String()))
	}
	return view
}

// unlimited lets a retry pass that a limit holds back. What it counted as may have
// passed out of the limit's time since; that it was answered is for the ledger to find.
func (s *Server) unlimited(c *fiber.Ctx, command *loyalty.Command, err error) bool {
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != loyalty.LimitReached {
		return false
	}
	if _, err := s.Store.Answer(c.UserContext(), command.Request); err != nil {
		return false
	}
	command.Limits = loyalty.Limits{}
	return true
}
