package loyalty

import "time"

// Offer is something a till may hand out for a card: a voucher's reward, or one
// of the catalogue for points.
type Offer struct {
	Reward    RewardID
	Name      string
	Voucher   VoucherID // zero: paid with units
	Cost      int64     // units; 0 with a voucher
	Available bool      // redeeming it would not be refused for what the card holds, nor for its bounds
	Why       Code      // insufficient_balance, reward_limit_reached or reward_out_of_stock; empty where it is Available
	Terms     RewardTerms
	Left      int64     // of a gift card: minor units
	HeldUntil time.Time // a till holds the voucher; zero: none does
	Needs     Role      // whose PIN redeeming needs with this presentation
	Refused   bool      // the program hands out nothing for this kind of presentation
	Chosen    Choice    // by the card's holder; zero: it was not
}

// Offers lists what a card can have at now: its live vouchers, oldest first, then
// what of the catalogue is for its holder. What is short is said of each.
func Offers(p *Program, card *Card, b *Belonging, vouchers []Voucher, lots []Lot, short []Shortage, scan *Scanned, now time.Time) []Offer {
	needs, refused := redeemNeeds(&p.Rules, card, scan), p.refuses(scan.Method, Redeem)
	offers := make([]Offer, 0, len(vouchers)+len(p.Rewards))
	for i := range vouchers {
		if v := &vouchers[i]; v.Live(now) {
			offer := Offer{Reward: v.Reward, Voucher: v.ID, Left: v.Left, Needs: needs, Refused: refused}
			if v.Value == 0 { // a gift card was handed out before
				offer.Why = whyShort(short, v.Reward)
			}
			offer.Available = offer.Why == ""
			if reward, ok := p.Reward(v.Reward); ok {
				offer.Name, offer.Terms = reward.Name, reward.TermsOf(v)
			}
			if v.StateAt(now) == Reserved {
				offer.HeldUntil = v.Hold.Until
			}
			offers = append(offers, offer)
		}
	}
	balance := card.Spendable(p, lots, now)
	for i := range p.Rewards {
		r := &p.Rewards[i]
		if !r.IsOffered(now) || !r.Only.AdmitsCard(p, card, b, now) {
			continue
		}
		offer := Offer{Reward: r.ID, Name: r.Name, Cost: r.Cost, Terms: r.RewardTerms, Needs: needs, Refused: refused}
		if r.Flexible != (Flexible{}) { // what the least takes
			offer.Cost, _ = r.Flexible.cost(r.Flexible.Min)
		}
		if offer.Why = whyShort(short, r.ID); balance < offer.Cost {
			offer.Why = InsufficientBalance
		}
		offer.Available = offer.Why == ""
		offers = append(offers, offer)
	}
	markChosen(offers, card.Choice, balance, now)
	return offers
}

func whyShort(short []Shortage, id RewardID) Code {
	for i := range short {
		if short[i].Reward == id {
			return short[i].Why
		}
	}
	return ""
}

// redeemNeeds is whose PIN redeeming needs right after a scan.
func redeemNeeds(r *Rules, card *Card, scan *Scanned) Role {
	if isOld(card, scan) {
		return Manager
	}
	return r.needs(scan.Method, Redeem)
}

// isOld reports whether a wallet's text is from before the card's last redemption.
func isOld(card *Card, scan *Scanned) bool {
	return scan.Surface.ofWallet() && scan.Generation < card.WalletGen
}

// ScanEnds is until when a presentation can earn by its handle.
func ScanEnds(p *Program, captured time.Time) time.Time { return captured.Add(p.handleLife()) }

// Next is the reward that a card is on its way to.
type Next struct {
	Reward  RewardID
	Name    string
	At      int64 // the balance that earns it, or its cost
	Missing int64 // units still missing, at least 1
}

// NextReward is a stamp card's next milestone or full card; with points, the
// cheapest reward for everybody that the balance does not reach. False where there is none.
func NextReward(p *Program, card *Card, lots []Lot, now time.Time) (Next, bool) {
	balance := card.Spendable(p, lots, now)
	next := Next{}
	found := false
	reach := func(id RewardID, at int64) {
		if at > balance && (!found || at < next.At) {
			next, found = Next{Reward: id, At: at, Missing: at - balance}, true
		}
	}
	if p.Kind == Stamps {
		reach(p.Card.Reward, p.Card.Size)
		for _, m := range p.Card.Milestones {
			reach(m.Reward, m.At)
		}
	} else {
		for i := range p.Rewards {
			if r := &p.Rewards[i]; r.Cost > 0 && r.Only.IsZero() && r.IsOffered(now) {
				reach(r.ID, r.Cost)
			}
		}
	}
	if reward, ok := p.Reward(next.Reward); ok {
		next.Name = reward.Name
	}
	return next, found
}

// CheckLook is what Decide would refuse of a presentation whatever the action,
// for a scan that only looks, by a till with the token of a pairing. Errors:
// till_revoked, card_blocked, credential_already_used, credential_replaced,
// credential_revoked, tag_not_found, card_merged.
func CheckLook(s *State, till Till, pairing int64, scan *Scanned) error {
	if err := till.CheckPaired(pairing); err != nil {
		return err
	}
	if s.Card.Blocked {
		return refuse(CardBlocked, "This card is blocked. The customer can ask the shop for a new one.")
	}
	if err := CheckUnused(s.Uses, scan, till.ID, till.Merchant); err != nil {
		return err
	}
	if err := CheckGeneration(&s.Card, scan); err != nil {
		return err
	}
	if err := CheckSecret(s.Secrets, scan); err != nil {
		return err
	}
	if err := CheckTap(s.Tag, s.Uses, scan); err != nil {
		return err
	}
	return CheckMerged(&s.Card)
}
