package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// ChooseReward notes what a card's holder wishes to redeem next.
func (s *Server) ChooseReward(c *fiber.Ctx, id gen.CardInPath, params gen.ChooseRewardParams) error {
	body := gen.ChoiceRequest{Amount: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	redeem := gen.RedeemRequest{Reward: body.Reward, Voucher: body.Voucher, Amount: body.Amount}
	do, err := s.redemption(c.UserContext(), principalOf(c).Merchant, &redeem)
	return s.choose(c, id, params.IdempotencyKey, loyalty.Choosing{Redemption: do}, err)
}

// DropChoice takes it back.
func (s *Server) DropChoice(c *fiber.Ctx, id gen.CardInPath, params gen.DropChoiceParams) error {
	return s.choose(c, id, params.IdempotencyKey, loyalty.Choosing{Drop: true}, nil)
}

// choose posts a choice, which could be prepared or not. Without a key no answer is kept.
func (s *Server) choose(c *fiber.Ctx, id loyalty.CardID, key string, do loyalty.Choosing, prepared error) error {
	command, err := s.command(c, key, false)
	if err != nil {
		return err
	}
	if key == "" {
		command.Request = loyalty.RequestID{} // no retry can name it
	}
	p := principalOf(c)
	command.Card, command.Do = p.meant(id), do
	return s.post(c, command, prepared, renderChoice)
}

func renderChoice(c *loyalty.Command, d *loyalty.Decision) (loyalty.Answer, error) {
	view := heldView(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, c.Captured)
	view.Choice = choiceView(loyalty.Offers(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, d.Short, &loyalty.Scanned{}, c.Captured))
	return render(http.StatusOK, view)
}

// choiceView is the choice among what a card can have; zero where there is none.
func choiceView(offers []loyalty.Offer) gen.Choice {
	for i := range offers {
		if o := &offers[i]; !o.Chosen.IsZero() {
			return gen.Choice{
				Reward: o.Reward, Name: o.Name, Voucher: o.Voucher, Amount: o.Chosen.Amount, Currency: o.Terms.Currency,
				Units: o.ChosenCost(), Until: o.Chosen.Until,
			}
		}
	}
	return gen.Choice{}
}

// chosenView is likewise what a till is told of one offer.
func chosenView(o *loyalty.Offer) gen.ChosenPart {
	return gen.ChosenPart{Amount: o.Chosen.Amount, Until: o.Chosen.Until}
}

// offersTo are what the holder of a card can have, whatever code is shown for it.
func offersTo(state *loyalty.State, now time.Time) []loyalty.Offer {
	return loyalty.Offers(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, state.Shortages(now), &loyalty.Scanned{}, now)
}
