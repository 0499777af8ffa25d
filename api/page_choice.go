package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// maxWishes is how many rewards a card's page lets choose from.
const maxWishes = 20

// addWishes adds what the card's holder can choose, and what was chosen. A blocked or
// merged card can have nothing.
func (s *Server) addWishes(page *web.Card, seen *sight) {
	now := s.now()
	offers := seen.wishes(now)
	for i := range offers {
		if offers[i].HeldUntil.IsZero() {
			page.Wishes = append(page.Wishes, wishOf(&offers[i], seen, now, page.Language))
		}
		if chosen := &offers[i].Chosen; !chosen.IsZero() {
			page.Chosen = chosenOn(&offers[i], seen.zone, page.Language)
		}
	}
}

// wishes are what can be chosen now: of several vouchers for the same thing the oldest.
// What was chosen is among them when a till holds it, so that it can be taken back.
func (seen *sight) wishes(now time.Time) []loyalty.Offer {
	if seen.face.State != passes.Active {
		return nil
	}
	var wishes []loyalty.Offer
	given := map[loyalty.RewardID]bool{}
	for _, o := range offersTo(seen.state, now) {
		thing := !o.Voucher.IsZero() && o.Left == 0
		again := thing && given[o.Reward] && o.Chosen.IsZero()
		held := !o.HeldUntil.IsZero() && o.Chosen.IsZero()
		if again || !o.Available || held || len(wishes) == maxWishes {
			continue
		}
		given[o.Reward] = given[o.Reward] || thing
		wishes = append(wishes, o)
	}
	return wishes
}

// version tells what an open page shows from what it showed before.
func (seen *sight) version(now time.Time) string {
	version := seen.face.Version.String()
	if seen.state.Card.Choice.IsZero() {
		return version
	}
	for _, o := range offersTo(seen.state, now) {
		if !o.Chosen.IsZero() {
			version += "." + strconv.FormatInt(o.Chosen.Until.UnixMicro(), 36)
		}
	}
	return version
}

// wishOf is an offer as its holder sees it.
func wishOf(o *loyalty.Offer, seen *sight, now time.Time, l passes.Language) web.Wish {
	wish := web.Wish{Offer: offerName(o), Name: o.Name}
	wish.Count, wish.Until = seen.vouched(o, now, l)
	least, most := o.Choosable(seen.card.Spendable(seen.program, seen.state.Lots, now))
	money := func(minor int64) string { return passes.Money(l, minor, o.Terms.Currency) }
	switch {
	case o.Left > 0:
		wish.Price = strings.ReplaceAll(web.Say(l, "wish.left", ""), "{n}", money(o.Left))
	case o.Cost > 0 && most < least:
		wish.Price = passes.Points(l, o.Cost)
	case o.Cost > 0:
		f := &o.Terms.Flexible
		wish.Price = strings.NewReplacer("{n}", passes.Points(l, f.Units), "{money}", money(f.Per)).Replace(web.Say(l, "wish.rate", ""))
	}
	if most < least {
		return wish
	}
	for _, minor := range handy(least, most, passes.MinorUnits(o.Terms.Currency)) {
		wish.Parts = append(wish.Parts, web.Part{Minor: strconv.FormatInt(minor, 10), Text: money(minor)})
	}
	wish.Parts = append(wish.Parts, web.Part{
		Minor: strconv.FormatInt(most, 10), Text: strings.ReplaceAll(web.Say(l, "wish.all", ""), "{n}", money(most)),
	})
	wish.Least, wish.Most = money(least), money(most)
	return wish
}

// vouched is how many vouchers there are for the thing that is offered, and until when
// that of the offer is good.
func (seen *sight) vouched(o *loyalty.Offer, now time.Time, l passes.Language) (count int, until string) {
	if o.Voucher.IsZero() {
		return 0, ""
	}
	for i := range seen.vouchers {
		v := &seen.vouchers[i]
		if v.ID == o.Voucher && !v.Expires.IsZero() {
			until = passes.Day(l, v.Expires, seen.zone)
		}
		if v.Reward == o.Reward && o.Left == 0 && v.StateAt(now) == loyalty.Issued {
			count++
		}
	}
	return count, until
}

// handy are up to three amounts that people like to pay, below most: the largest of
// 1, 2, 5, 10, 20, 50 and so on, in whole units of the currency.
func handy(least, most, unit int64) []int64 {
	var amounts []int64
	for steps := []int64{1, 2, 5}; unit < most; unit *= 10 {
		for _, step := range steps {
			if minor := step * unit; minor >= least && minor < most {
				amounts = append(amounts, minor)
			}
		}
	}
	return amounts[max(0, len(amounts)-3):]
}

func chosenOn(o *loyalty.Offer, zone *time.Location, l passes.Language) *web.Chosen {
	chosen := &web.Chosen{Name: o.Name, Until: o.Chosen.Until.In(zone).Format("15:04")}
	if o.Chosen.Amount > 0 {
		chosen.Part = passes.Money(l, o.Chosen.Amount, o.Terms.Currency)
	}
	return chosen
}

// offerName names an offer in a form: by its voucher, or else its reward.
func offerName(o *loyalty.Offer) string {
	if o.Voucher.IsZero() {
		return o.Reward.String()
	}
	return o.Voucher.String()
}

// chooseOnPage notes what was chosen on the card's page, or takes it back.
func (s *Server) chooseOnPage(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	told, place, do := "choice.dropped", "#wishes", loyalty.Choosing{Drop: true}
	if string(c.Context().PostArgs().Peek("drop")) != "yes" {
		told, place = "choice.done", "#code" // what was chosen stands below it
		if do.Redemption, err = s.wished(c, seen); err != nil {
			return err
		}
		do.Drop = false
	}
	command, err := s.command(c, "", false)
	if err != nil {
		return err
	}
	command.Request = loyalty.RequestID{} // no retry can name it
	command.Card, command.Do = seen.card.ID, do
	if _, err := s.postTo(c.UserContext(), command, renderChoice); err != nil {
		return err
	}
	return backToCard(c, told, place)
}

// wished is what a form asks for. Errors: choice_gone for what the card cannot have any
// more, choice_amount for what is no amount of it.
func (s *Server) wished(c *fiber.Ctx, seen *sight) (loyalty.Redemption, error) {
	args := c.Context().PostArgs()
	now := s.now()
	for _, o := range seen.wishes(now) {
		if offerName(&o) != string(args.Peek("offer")) {
			continue
		}
		do := loyalty.Redemption{Reward: o.Reward, Voucher: o.Voucher}
		least, most := o.Choosable(seen.card.Spendable(seen.program, seen.state.Lots, now))
		if most < least {
			return do, nil
		}
		var ok bool
		if do.Amount, ok = amountIn(string(args.Peek("amount")), string(args.Peek("other")), o.Terms.Currency); !ok || do.Amount < least || do.Amount > most {
			return do, errNoAmount
		}
		return do, nil
	}
	return loyalty.Redemption{}, errChoiceGone
}

// amountIn is what a form says in minor units, as buttons do, or as people type it.
func amountIn(minor, typed, currency string) (int64, bool) {
	if minor == "" {
		return passes.ParseMoney(typed, currency)
	}
	amount, err := strconv.ParseInt(minor, 10, 64)
	return amount, err == nil && amount > 0 && amount <= loyalty.MaxAmount
}
