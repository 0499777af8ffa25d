package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/passes/web"
)

// workerPage is behind the link of a letter: opening it does nothing yet, as programs
// that look through mail do that.
func (s *Server) workerPage(c *fiber.Ctx) error {
	d, err := s.workDoor(c)
	if err != nil {
		return err
	}
	if _, err := s.openWorkLink(c, d); err != nil {
		return s.sendWorkOver(c, d)
	}
	page := web.Worker{Page: brandedPage(c, &d.face, d.base), Title: d.face.Title}
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderWorker(&page) })
}

func (s *Server) sendWorkOver(c *fiber.Ctx, d *door) error {
	page := web.Notice{Page: brandedPage(c, &d.face, d.base), Retry: d.base + "/work?lang=" + string(pageLanguage(c))}
	page.Heading, page.Text = page.Say("work.title"), page.Say("work.over")
	return sendPage(c, http.StatusGone, func() ([]byte, error) { return web.RenderNotice(&page) })
}

var errWorkLink = errors.New("the link to a work address is not good, or no longer")

func (s *Server) openWorkLink(c *fiber.Ctx, d *door) (claim workClaim, err error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(c.Params("token"))
	if err != nil {
		return claim, errWorkLink
	}
	plain, err := s.Personal.Open(workPlace(d.face.Merchant, d.program.ID), sealed)
	if err != nil || json.Unmarshal(plain, &claim) != nil || !s.now().Before(claim.Until) {
		return claim, errWorkLink
	}
	return claim, nil
}

// confirmWork makes whoever has the link what the agreement says, and opens their card
// here: that which they have, or a new one.
func (s *Server) confirmWork(c *fiber.Ctx) error {
	d, err := s.workDoor(c)
	if err != nil {
		return err
	}
	claim, err := s.openWorkLink(c, d)
	if err != nil {
		return s.sendWorkOver(c, d)
	}
	card, err := s.workCard(c, d, &claim)
	var refused *loyalty.Refusal
	if errors.As(err, &refused) && slices.Contains([]loyalty.Code{
		loyalty.AgreementOver, loyalty.AgreementNotFound, loyalty.NotOnRoster, loyalty.NotEligible, loyalty.ProgramEnded,
	}, refused.Code) { // it was good when the letter was written
		return s.sendWorkOver(c, d)
	}
	if errors.As(err, &refused) && refused.Code == loyalty.CardBlocked {
		page := web.Notice{Page: brandedPage(c, &d.face, d.base)}
		page.Heading, page.Text = d.face.Title, page.Say("work.blocked")
		return sendPage(c, http.StatusConflict, func() ([]byte, error) { return web.RenderNotice(&page) })
	}
	if err != nil {
		return err
	}
	token, err := s.addPage(c.UserContext(), d.face.Merchant, newPage(card, s.moment()))
	if err != nil {
		return err
	}
	return c.Redirect("/card/"+token+"?lang="+string(pageLanguage(c))+"&told=card.fresh", http.StatusSeeOther)
}

func (s *Server) workCard(c *fiber.Ctx, d *door, claim *workClaim) (loyalty.CardID, error) {
	ctx, m, form := c.UserContext(), d.face.Merchant, &joinForm{once: c.Params("token"), language: pageLanguage(c)}
	f, err := s.proven(ctx, d, claim)
	if err != nil {
		return loyalty.CardID{}, err
	}
	before, err := s.Store.AffiliationBy(ctx, f.Agreement, f.Who)
	switch {
	case errors.Is(err, loyalty.ErrNotFound):
		f.Member, err = s.meetMember(ctx, d, form, &personal.Profile{Language: string(form.language)})
	case err == nil:
		f.Member = before.Member
	}
	if err != nil {
		return loyalty.CardID{}, err
	}
	_, err = s.Store.Affiliate(ctx, loyalty.Answer{}, m, f, func(*loyalty.Member, []loyalty.Consent) (loyalty.Answer, error) {
		return loyalty.Answer{Status: http.StatusOK}, nil
	})
	if err != nil {
		return loyalty.CardID{}, err
	}
	return s.cardOf(ctx, d, form, f.Member)
}

// proven is what a link shows of somebody who is no member yet. All that can be refused
// is refused here, before there is one. Errors: agreement_not_found, agreement_over,
// not_on_roster, not_eligible, program_ended.
func (s *Server) proven(ctx context.Context, d *door, claim *workClaim) (loyalty.Affiliation, error) {
	now := s.moment()
	f := loyalty.Affiliation{Agreement: claim.Agreement, Since: now}
	agreement, err := s.Store.Agreement(ctx, d.face.Merchant, claim.Agreement)
	if err != nil {
		return f, err
	}
	would := loyalty.Belonging{Audience: agreement.Kind.Audience(), Agreement: agreement.ID, From: agreement.Starts, Until: agreement.Ends}
	switch {
	case !agreement.Holds(now):
		return f, refuse(loyalty.AgreementOver, "This agreement has ended.")
	case !d.program.Ends.IsZero() && !now.Before(d.program.Ends):
		return f, refuse(loyalty.ProgramEnded, "This program has ended.")
	}
	if err := d.program.Only.CheckMember(&would, now); err != nil {
		return f, err
	}
	work, err := personal.ParseWorkID(claim.Address)
	if err != nil {
		return f, err
	}
	lists, err := s.Personal.Lists(&agreement)
	if err != nil {
		return f, err
	}
	f.Who, f.Domain = lists.Hash(work), work.Domain
	listed, err := s.Store.OnRoster(ctx, agreement.ID, f.Who)
	switch {
	case err != nil || listed:
		return f, err
	case !agreement.Has(work.Domain):
		return f, refuse(loyalty.NotOnRoster, "This address is not on the agreement's roster.")
	}
	f.Who = lists.Hash(work.Person()) // of a list each line is somebody, of a domain each mailbox
	return f, nil
}

// cardOf is a member's card of the program, or a new one. Errors: card_blocked where the
// shop has blocked it.
func (s *Server) cardOf(ctx context.Context, d *door, form *joinForm, member loyalty.MemberID) (loyalty.CardID, error) {
	card, err := s.cardIn(ctx, d.program.ID, member)
	if err != nil || !card.IsZero() {
		return card, err
	}
	command := loyalty.Command{Merchant: d.face.Merchant, Captured: s.moment(), Request: joinRequest(d, form, "card")}
	rand.Read(command.Salt[:])
	answer, err := s.Store.OpenMemberCard(ctx, command, d.program.ID, member, openCard(command))
	if err != nil {
		return loyalty.CardID{}, err
	}
	var opened gen.Card
	err = json.Unmarshal(answer.Body, &opened)
	return opened.ID, err
}

// cardIn is a member's newest card of a program that is good; zero: there is none.
// Errors: card_blocked where there is one that is not.
func (s *Server) cardIn(ctx context.Context, program loyalty.ProgramID, member loyalty.MemberID) (loyalty.CardID, error) {
	blocked := false
	for after := (loyalty.CardID{}); ; {
		cards, err := s.Store.MemberCards(ctx, member, after, maxPage)
		if err != nil {
			return loyalty.CardID{}, err
		}
		if len(cards) == 0 {
			break
		}
		for _, state := range cards {
			card := state.Card
			after = card.ID
			switch {
			case card.Program != program || !card.MergedInto.IsZero():
			case !card.Blocked:
				return card.ID, nil
			default:
				blocked = true
			}
		}
	}
	if blocked {
		return loyalty.CardID{}, refuse(loyalty.CardBlocked, "This person's card of the program is blocked.")
	}
	return loyalty.CardID{}, nil
}
