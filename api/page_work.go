package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/mail"
	"stempel/internal/personal"
	"stempel/passes"
	"stempel/passes/web"
)

// How long the link in a letter to a work address is good, and how often there is one
// to the same address: whoever knows an address could have it flooded.
const (
	workLinkLife    = time.Hour
	workLetterEvery = 10 * time.Minute
)

// workClaim is what such a link says, sealed: whoever has it reads mail to the address.
type workClaim struct {
	Agreement loyalty.AgreementID `json:"agreement"`
	Address   string              `json:"address"`
	Until     time.Time           `json:"until"`
}

func workPlace(m loyalty.MerchantID, program loyalty.ProgramID) personal.Place {
	return personal.Place{Merchant: m, Row: program, Column: personal.WorkColumn}
}

// workPath is the page for those whom a card is for by where they work; empty where that
// does not matter, or no letters are sent.
func (s *Server) workPath(d *door) string {
	only := &d.program.Only
	byWork := len(only.Agreements) > 0 || slices.Contains(only.Audiences, loyalty.Employee) || slices.Contains(only.Audiences, loyalty.PartnerStaff)
	if s.Post == nil || !byWork || d.program.Archived || d.program.Invitation {
		return ""
	}
	return d.base + "/work"
}

// workDoor is a door with such a page. Errors: errNoProgram.
func (s *Server) workDoor(c *fiber.Ctx) (*door, error) {
	d, err := s.door(c)
	if err == nil && s.workPath(d) == "" {
		err = errNoProgram
	}
	return d, err
}

// workPage asks for a work address.
func (s *Server) workPage(c *fiber.Ctx) error {
	d, err := s.workDoor(c)
	if err != nil {
		return err
	}
	return s.sendWork(c, http.StatusOK, d, false)
}

func (s *Server) sendWork(c *fiber.Ctx, status int, d *door, wrong bool) error {
	page := web.Work{Page: brandedPage(c, &d.face, d.base), Title: d.face.Title, Wrong: wrong}
	return sendPage(c, status, func() ([]byte, error) { return web.RenderWork(&page) })
}

// askWorkLetter has a letter written to a work address, if it is of somebody whom the
// card is for. Nothing is looked up here: the page answers the same, and does the same
// work, whoever is on which roster.
func (s *Server) askWorkLetter(c *fiber.Ctx) error {
	d, err := s.workDoor(c)
	if err != nil {
		return err
	}
	ok, wait := s.KeyLimits.Allow(c.UserContext(), "letter "+s.auth.proxies.from(c), lettersPerSecond, lettersAtOnce)
	if !ok {
		s.log.Warn("letters asked for too often", slog.String("request_id", requestID(c)), slog.String("program", d.program.ID.String()))
		return tooMany(s.now().Add(wait))
	}
	address, err := personal.ParseEmail(strings.TrimSpace(string(c.Context().PostArgs().Peek("email"))))
	if err != nil {
		return s.sendWork(c, http.StatusUnprocessableEntity, d, true)
	}
	first, err := s.Store.FirstTime(c.UserContext(), s.workLetter(d, address))
	if err == nil && first {
		about := newLetterRequest(d.face.Merchant, loyalty.MemberID{}, pageLanguage(c))
		about.Program = d.program.ID
		about.Work = s.Personal.Seal(workPlace(d.face.Merchant, d.program.ID), []byte(address), s.now())
		err = s.Post.Ask(c.UserContext(), about)
	}
	if err != nil {
		return err
	}
	page := web.Notice{Page: brandedPage(c, &d.face, d.base)}
	page.Heading, page.Text = page.Say("lost.sent"), page.Say("work.sent")
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderNotice(&page) })
}

// workLetter names the letters to one address within some minutes, so that there is one.
func (s *Server) workLetter(d *door, address string) loyalty.Answer {
	now := s.now()
	h := sha256.New()
	h.Write([]byte("work letter " + d.program.ID.String()))
	for _, index := range s.Personal.Indexes(d.face.Merchant, personal.Contact{Kind: personal.Email, Value: address})[:1] {
		h.Write(index[:])
	}
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Truncate(workLetterEvery).Unix())))
	return loyalty.Answer{Request: loyalty.RequestID(h.Sum(nil)), Expires: now.Add(workLetterEvery)}
}

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

// writeWork sends the letter to a work address, if an agreement that counts for the
// program has it. Errors: as of Write.
func (l *Letters) writeWork(ctx context.Context, r *LetterRequest) error {
	address, err := l.Personal.Open(workPlace(r.Merchant, r.Program), r.Work)
	if err != nil {
		return err
	}
	work, err := personal.ParseWorkID(string(address))
	if err != nil {
		return err
	}
	program, err := l.Store.Program(ctx, r.Merchant, r.Program)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	agreement, err := l.agreementOf(ctx, program, work)
	if err != nil || agreement.IsZero() {
		return err
	}
	subject := passes.Subject{Program: program, Card: &loyalty.Card{Program: program.ID}, Language: passes.MatchLanguage(r.Language), Now: l.now()}
	if err := (passes.Faces{Shelf: l.Store, Now: l.Now}).Dress(ctx, r.Merchant, &subject); err != nil {
		return err
	}
	face := passes.Of(subject)
	plain, err := json.Marshal(workClaim{agreement, work.Value, l.now().Add(workLinkLife)})
	if err != nil {
		return err
	}
	token := base64.RawURLEncoding.EncodeToString(l.Personal.Seal(workPlace(r.Merchant, r.Program), plain, l.now()))
	letter := web.WorkLetter{
		Language: subject.Language, Brand: face.Brand.Name, Title: face.Title,
		URL: l.PublicURL + "/join/" + program.ID.String() + "/work/" + token + "?lang=" + string(subject.Language),
	}
	return l.Mail.Send(ctx, &mail.Letter{
		To: work.Value, Name: letter.Brand, Language: string(letter.Language), Subject: letter.Subject(), Text: letter.Text(), HTML: letter.HTML(),
	})
}

// agreementOf is the newest agreement by which an address is of somebody whom a program
// is for; zero: none.
func (l *Letters) agreementOf(ctx context.Context, p *loyalty.Program, work personal.WorkID) (found loyalty.AgreementID, err error) {
	now := l.now()
	for after := (loyalty.AgreementID{}); ; {
		list, err := l.Store.Agreements(ctx, p.Merchant, after, maxPage)
		if err != nil || len(list) == 0 {
			return found, err
		}
		for i := range list {
			a := &list[i]
			after = a.ID
			would := loyalty.Belonging{Audience: a.Kind.Audience(), Agreement: a.ID, From: a.Starts, Until: a.Ends}
			if !a.Holds(now) || !p.Only.Admits(&would, now) {
				continue
			}
			lists, err := l.Personal.Lists(a)
			if err != nil {
				return found, err
			}
			listed, err := l.Store.OnRoster(ctx, a.ID, lists.Hash(work))
			if err != nil || listed || a.Has(work.Domain) {
				return a.ID, err
			}
		}
	}
}
