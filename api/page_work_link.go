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
	agreement, err := s.Store.Agreement(ctx, m, claim.Agreement)
	if err == nil && !agreement.Holds(s.now()) {
		err = refuse(loyalty.AgreementOver, "This agreement has ended.")
	}
	if err != nil {
		return loyalty.CardID{}, err
	}
	work, err := personal.ParseWorkID(claim.Address)
	if err != nil {
		return loyalty.CardID{}, err
	}
	lists, err := s.Personal.Lists(&agreement)
	if err != nil {
		return loyalty.CardID{}, err
	}
	f := loyalty.Affiliation{Agreement: agreement.ID, Who: lists.Hash(work), Domain: work.Domain, Since: s.moment()}
	before, err := s.Store.AffiliationBy(ctx, agreement.ID, f.Who)
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

// cardOf is a member's card of the program, or a new one.
func (s *Server) cardOf(ctx context.Context, d *door, form *joinForm, member loyalty.MemberID) (loyalty.CardID, error) {
	cards, err := s.Store.MemberCards(ctx, member, loyalty.CardID{}, letterCards)
	if err != nil {
		return loyalty.CardID{}, err
	}
	for _, state := range cards {
		if state.Card.Program == d.program.ID && state.Card.MergedInto.IsZero() && !state.Card.Blocked {
			return state.Card.ID, nil
		}
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
