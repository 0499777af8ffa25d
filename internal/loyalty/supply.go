package loyalty

import (
	"errors"
	"fmt"
	"time"
)

// Supply is what bounds the rewards of a card besides its units and vouchers, and what
// it has had itself.
type Supply struct {
	Stock map[RewardID]int64      // of limited rewards: how many are left
	Pools map[RewardID][]GiftCode // of codes: free ones, not all
	Had   MemberTallies           // by the card's member, with all cards
}

// Shortage says of a reward that a card cannot have it, however many units or vouchers
// it holds, and what asking for it is refused with: reward_limit_reached or
// reward_out_of_stock.
type Shortage struct {
	Reward RewardID
	Why    Code
}

// Shown names a card of which an answer tells what it can have, and the merchant who
// is told.
type Shown struct {
	Card     CardID
	Merchant MerchantID
}

// TellsOffers reports whether the command's answer tells what the card can have then:
// nobody reads the one to what is done for all cards, or was done without the server.
func (c *Command) TellsOffers() bool { return c.Request != (RequestID{}) && c.Offline == nil }

// Supply is what there is for a card of the facts.
func (f *Facts) Supply(s *State) Supply {
	return Supply{Stock: f.Stock, Pools: f.Pools, Had: f.Members[s.Member]}
}

// Shortages are a card's as the facts stand. It expects that Keys.Shown names the card,
// or that nobody asks for its rewards.
func (f *Facts) Shortages(card CardID, now time.Time) []Shortage {
	state := f.Cards[card]
	state.Supply = f.Supply(state)
	return state.Shortages(now)
}

// Shortages are the rewards of the card's program that its Supply does not give at now.
func (s *State) Shortages(now time.Time) (short []Shortage) {
	for i := range s.Program.Rewards {
		r := &s.Program.Rewards[i]
		var refusal *Refusal
		if errors.As(s.lacks(r, now), &refusal) {
			short = append(short, Shortage{r.ID, refusal.Code})
		}
	}
	return short
}

// lacks holds that a reward can be handed out as far as its bounds go.
func (s *State) lacks(r *Reward, now time.Time) error {
	if err := r.within(s.Tallies[r.ID], s.had(s.Supply.Had, r.ID)); err != nil {
		return err
	}
	switch {
	case r.Limited:
		return inStock(s.Supply.Stock[r.ID])
	case r.Kind == PartnerCode && freeCode(s.Supply.Pools[r.ID], now) == nil:
		return errNoCode()
	}
	return nil
}

// had is how often whoever holds the card has had a reward. A card that is nobody's
// stands for itself.
func (s *State) had(member MemberTallies, id RewardID) int64 {
	if s.Member.IsZero() {
		return s.Tallies[id]
	}
	return member[id]
}

// IsBounded reports whether something else than units or a voucher can keep a card
// from a reward: it is limited, out of a pool, or each may have it so often.
func (r *Reward) IsBounded() bool {
	return r.Limited || r.Kind == PartnerCode || r.PerCard > 0 || r.PerMember > 0
}

// within holds that a reward may be had once more by a card and a member who have had
// it so often. Errors: reward_limit_reached.
func (r *Reward) within(card, member int64) error {
	switch {
	case r.PerCard > 0 && card >= r.PerCard:
		return refuse(RewardLimitReached, fmt.Sprintf("This card has had this reward as often as it may: %d of %d.", card, r.PerCard))
	case r.PerMember > 0 && member >= r.PerMember:
		return refuse(RewardLimitReached, fmt.Sprintf("Whoever holds this card has had this reward as often as one may, with all cards: %d of %d.", member, r.PerMember))
	}
	return nil
}

// inStock holds that so many are enough for one. Errors: reward_out_of_stock.
func inStock(left int64) error {
	if left <= 0 {
		return refuse(RewardOutOfStock, "This reward is out of stock. The voucher or the points stay on the card.")
	}
	return nil
}
