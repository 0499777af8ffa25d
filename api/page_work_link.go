package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/passes/web"
)

// workerPage is behind the link of a letter: opening it does nothing yet, as programs
// that look through mail do that.
func (s *Server) workerPage(c *fiber.Ctx) error {
	d, claim, err := s.linkDoor(c)
	if errors.Is(err, errWorkLink) {
		return s.sendWorkOver(c, d)
	}
	if err != nil {
		return err
	}
	page := web.Worker{Page: brandedPage(c, &d.face, d.base), Title: d.face.Title, Held: !claim.Card.IsZero()}
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderWorker(&page) })
}

func (s *Server) sendWorkOver(c *fiber.Ctx, d *door) error {
	page := web.Notice{Page: brandedPage(c, &d.face, d.base)}
	if s.workPath(d) != "" {
		page.Retry = d.base + "/work?lang=" + string(pageLanguage(c))
	}
	page.Heading, page.Text = page.Say("work.title"), page.Say("work.over")
	return sendPage(c, http.StatusGone, func() ([]byte, error) { return web.RenderNotice(&page) })
}

var errWorkLink = errors.New("the link to a work address is not good, or no longer")

// linkDoor is the door of the program in the address of a link, with what the link says.
// Errors: errNoProgram; errWorkLink, with the door.
func (s *Server) linkDoor(c *fiber.Ctx) (*door, workClaim, error) {
	d, err := s.door(c)
	if err == nil && (s.Post == nil || !d.program.ByWork() || d.program.Archived) {
		err = errNoProgram
	}
	if err != nil {
		return nil, workClaim{}, err
	}
	claim, err := s.openWorkLink(c, d)
	if err == nil && claim.Card.IsZero() && s.workPath(d) == "" {
		err = errWorkLink
	}
	return d, claim, err
}

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

// confirmWork makes whoever has the link what the agreement says: with the card that they
// asked from, or with one that opens here, that which they have or a new one.
func (s *Server) confirmWork(c *fiber.Ctx) error {
	d, claim, err := s.linkDoor(c)
	if errors.Is(err, errWorkLink) {
		return s.sendWorkOver(c, d)
	}
	if err != nil {
		return err
	}
	do := s.joinByWork
	if !claim.Card.IsZero() {
		do = s.confirmHeld
	}
	err = do(c, d, &claim)
	page := web.Notice{Page: brandedPage(c, &d.face, d.base)}
	if errors.Is(err, loyalty.ErrKnownOtherwise) {
		page.Heading, page.Text = d.face.Title, page.Say("work.known")
		return sendPage(c, http.StatusConflict, func() ([]byte, error) { return web.RenderNotice(&page) })
	}
	var refused *loyalty.Refusal
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case loyalty.AgreementOver, loyalty.AgreementNotFound, loyalty.NotOnRoster, loyalty.NotEligible, loyalty.ProgramEnded,
		loyalty.CardMerged, loyalty.CardNotFound: // it was good when the letter was written
		return s.sendWorkOver(c, d)
	case loyalty.CardBlocked:
		page.Heading, page.Text = d.face.Title, page.Say("work.blocked")
		return sendPage(c, http.StatusConflict, func() ([]byte, error) { return web.RenderNotice(&page) })
	}
	return err
}

// joinByWork leads to the card of whoever has the link, if all that is known of them is
// that they have it: who reads mail to an address need not be who confirmed it on a card.
func (s *Server) joinByWork(c *fiber.Ctx, d *door, claim *workClaim) error {
	ctx, m := c.UserContext(), d.face.Merchant
	f, err := s.proven(ctx, d, claim)
	if err != nil {
		return err
	}
	command := loyalty.Command{Merchant: m, Captured: f.Since}
	rand.Read(command.Salt[:])
	answer, err := s.Store.JoinByWork(ctx, workRequest(c, d, f.Since), f, s.newWorker(c, m, f.Since), command, d.program.ID, openCard(command))
	if err != nil {
		return err
	}
	member, err := loyalty.ParseID[loyalty.MemberID](string(answer.Body))
	if err != nil {
		return err
	}
	card, err := s.cardIn(ctx, d.program, member)
	if err != nil {
		return err
	}
	if card.IsZero() { // it was detached or erased since the button was pressed first
		return s.sendWorkOver(c, d)
	}
	token, err := s.addPage(ctx, m, newPage(card, s.moment()))
	if err != nil {
		return err
	}
	return c.Redirect("/card/"+token+"?lang="+string(pageLanguage(c))+"&told=card.fresh", http.StatusSeeOther)
}

// confirmHeld tells the card from whose page the letter was asked for. It leads to no
// card: who reads mail to an address need not be who has the card.
func (s *Server) confirmHeld(c *fiber.Ctx, d *door, claim *workClaim) error {
	ctx, m := c.UserContext(), d.face.Merchant
	f, err := s.proven(ctx, d, claim)
	if err != nil {
		return err
	}
	f.Member = claim.Member
	if _, err := s.Store.ConfirmWork(ctx, workRequest(c, d, f.Since), m, claim.Card, f, s.newWorker(c, m, f.Since)); err != nil {
		return err
	}
	page := web.Notice{Page: brandedPage(c, &d.face, d.base)}
	page.Heading, page.Text = d.face.Title, page.Say("work.held.done")
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderNotice(&page) })
}

// workRequest names what the button of a link does, so that it does it once.
func workRequest(c *fiber.Ctx, d *door, now time.Time) loyalty.Answer {
	return loyalty.Answer{Request: joinRequest(d, &joinForm{once: c.Params("token")}, "work"), Expires: now.Add(loyalty.AnswerLife)}
}

// newWorker is a member of whom nothing is kept but a language.
func (s *Server) newWorker(c *fiber.Ctx, m loyalty.MerchantID, now time.Time) loyalty.Member {
	member := loyalty.Member{ID: loyalty.NewID(), Merchant: m, Created: now, Changed: now}
	s.Personal.SealMember(&member, &personal.Profile{Language: string(pageLanguage(c))}, now)
	return member
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
	if claim.Card.IsZero() {
		err = d.program.Only.CheckMember(&would, now)
	} else if !d.program.GainsByWork(&would, now) {
		err = refuse(loyalty.NotEligible, "This agreement changes nothing in the program any more.")
	}
	if err != nil {
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

// cardIn is a member's newest card of a program that is good; zero: there is none.
// Errors: card_blocked where there is one that is not.
func (s *Server) cardIn(ctx context.Context, program *loyalty.Program, member loyalty.MemberID) (loyalty.CardID, error) {
	blocked := false
	for after := (loyalty.CardID{}); ; {
		cards, err := s.Store.MemberCards(ctx, program.Merchant, member, after, maxPage)
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
			case card.Program != program.ID || !card.MergedInto.IsZero():
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
