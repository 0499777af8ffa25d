package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// stockStore counts rewards.
type stockStore interface {
	Shelf(ctx context.Context, m loyalty.MerchantID, id loyalty.RewardID) (*loyalty.Shelf, error)
	CountStock(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.RewardID, left int64, expected *int64, render func(*loyalty.Shelf) (loyalty.Answer, error)) (loyalty.Answer, error)
	AddStock(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.RewardID, more int64, render func(*loyalty.Shelf) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// GetStock shows how many of a reward are left.
func (s *Server) GetStock(c *fiber.Ctx, id gen.RewardInPath) error {
	shelf, err := s.Store.Shelf(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return noReward(err)
	}
	return s.json(c, http.StatusOK, stockView(shelf))
}

// CountStock sets how many are left.
func (s *Server) CountStock(c *fiber.Ctx, id gen.RewardInPath, params gen.CountStockParams) error {
	body := gen.StockCount{Remaining: absent, Expected: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	var expected *int64
	if body.Expected != absent {
		expected = &body.Expected
	}
	switch {
	case body.Remaining == absent:
		return missing("remaining")
	case body.Remaining < 0 || body.Remaining > loyalty.MaxUnits:
		return invalid("remaining", "must be a whole number of at least 0")
	case expected != nil && (*expected < 0 || *expected > loyalty.MaxUnits):
		return invalid("expected", "must be a whole number of at least 0")
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.CountStock(c.UserContext(), change, principalOf(c).Merchant, id, body.Remaining, expected, renderStock)
	if err != nil {
		return noReward(err)
	}
	return send(c, answer)
}

// AddStock puts a delivery on the shelf.
func (s *Server) AddStock(c *fiber.Ctx, id gen.RewardInPath, params gen.AddStockParams) error {
	body := gen.StockDelivery{Add: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Add == absent:
		return missing("add")
	case body.Add < 1 || body.Add > loyalty.MaxUnits:
		return invalid("add", "must be a whole number of at least 1")
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.AddStock(c.UserContext(), change, principalOf(c).Merchant, id, body.Add, renderStock)
	if err != nil {
		return noReward(err)
	}
	return send(c, answer)
}

func renderStock(shelf *loyalty.Shelf) (loyalty.Answer, error) {
	return render(http.StatusOK, stockView(shelf))
}

func stockView(shelf *loyalty.Shelf) gen.Stock {
	view := gen.Stock{Reward: shelf.Reward.ID, Name: shelf.Reward.Name, Limited: shelf.Reward.Limited}
	if shelf.Counted {
		view.Remaining = &shelf.Left
	}
	return view
}

func noReward(err error) error {
	if errors.Is(err, loyalty.ErrNotFound) {
		return refuse(loyalty.RewardNotFound, "There is no such reward.")
	}
	return err
}
