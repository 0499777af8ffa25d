package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/passes"
	"stempel/passes/web"
)

// Post has letters written with what opens somebody's cards again, see Letters.
type Post interface {
	// Ask has one written to a member, soon. The member may be nobody.
	Ask(ctx context.Context, about LetterRequest) error
}

// LetterRequest says to whom a letter is, and holds nothing that opens anything nor
// tells who it is: it may be kept.
type LetterRequest struct {
	Merchant loyalty.MerchantID `json:"merchant"`
	Member   loyalty.MemberID   `json:"member"`
	Language string             `json:"language"`
	Letter   string             `json:"letter"` // names this one, so that a second attempt knows what the first has left

	Program loyalty.ProgramID `json:"program,omitzero"` // of a letter to a work address, which is to nobody yet
	Work    []byte            `json:"work,omitempty"`   // the address, sealed
	Card    loyalty.CardID    `json:"card,omitzero"`    // whose holder it is to make one who works there; zero: a new card is wanted
}

func newLetterRequest(m loyalty.MerchantID, member loyalty.MemberID, l passes.Language) LetterRequest {
	return LetterRequest{Merchant: m, Member: member, Language: string(l), Letter: rand.Text()[:letterName]}
}

const letterName = 10 // characters of rand.Text: 50 bits

// How often one address may ask for letters.
const (
	lettersPerSecond = 1
	lettersAtOnce    = 20
)

// lostPath is the page for those who have lost a card; empty where no letters are
// sent.
func (s *Server) lostPath(d *door) string {
	if s.Post == nil {
		return ""
	}
	return d.base + "/recover"
}

// lostPage asks for an e-mail address.
func (s *Server) lostPage(c *fiber.Ctx) error { return s.sendLost(c, http.StatusOK, false) }

func (s *Server) sendLost(c *fiber.Ctx, status int, wrong bool) error {
	d, err := s.door(c)
	if err == nil && s.Post == nil {
		err = errNoProgram
	}
	if err != nil {
		return err
	}
	page := web.Lost{Page: brandedPage(c, &d.face, d.base), Title: d.face.Title, Wrong: wrong}
	return sendPage(c, status, func() ([]byte, error) { return web.RenderLost(&page) })
}

// askLetter has a letter written to whom an address belongs, if anybody. The page
// answers the same, and does the same work, whether it does: who has a card at
// which shop is nobody's business.
func (s *Server) askLetter(c *fiber.Ctx) error {
	d, err := s.door(c)
	if err == nil && s.Post == nil {
		err = errNoProgram
	}
	if err != nil {
		return err
	}
	ok, wait := s.KeyLimits.Allow(c.UserContext(), "letter "+s.auth.proxies.from(c), lettersPerSecond, lettersAtOnce)
	if !ok {
		s.log.Warn("letters asked for too often", slog.String("request_id", requestID(c)), slog.String("program", d.program.ID.String()))
		return tooMany(s.now().Add(wait))
	}
	typed := typedEmail(c)
	email, err := personal.ParseEmail(typed)
	if err != nil {
		return s.sendLost(c, http.StatusUnprocessableEntity, true)
	}
	member, err := s.addressee(c.UserContext(), d.face.Merchant, email)
	if err != nil {
		return err
	}
	if err := s.Post.Ask(c.UserContext(), newLetterRequest(d.face.Merchant, member, pageLanguage(c))); err != nil {
		return err
	}
	return sendMailbox(c, &d.face, d.base, typed, "lost.sent.text")
}

// typedEmail is what a form says, which need be no address.
func typedEmail(c *fiber.Ctx) string {
	return strings.TrimSpace(string(c.Context().PostArgs().Peek("email")))
}

// sendMailbox says where to look for a letter: at the address that was typed, so that
// whoever mistyped it sees it, and goes back.
func sendMailbox(c *fiber.Ctx, f *passes.Face, base, typed, text string) error {
	page := web.Notice{Page: brandedPage(c, f, base), Typed: typed}
	page.Heading, page.Text = page.Say("lost.sent"), page.Say(text)
	page.Another = page.Here + "?lang=" + string(page.Language)
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderNotice(&page) })
}

// addressee is whom an address belongs to, or somebody whom there is not. It asks
// the store twice either way.
func (s *Server) addressee(ctx context.Context, m loyalty.MerchantID, email string) (loyalty.MemberID, error) {
	found, err := s.Store.MembersByContact(ctx, s.Personal.Indexes(m, personal.Contact{Kind: personal.Email, Value: email}))
	if err != nil {
		return loyalty.MemberID{}, err
	}
	if len(found) > 0 {
		return found[0].ID, nil
	}
	nobody := loyalty.NewID()
	if _, err := s.Store.Merchant(ctx, m); err != nil {
		return nobody, err
	}
	return nobody, nil
}
