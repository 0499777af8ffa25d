package api

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
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

// How often one is asked for to the addresses of one domain, and of one program, from
// everywhere together; and from one card's page.
const (
	domainLetterEvery    = 10 * time.Second
	domainLettersAtOnce  = 50
	programLetterEvery   = time.Second
	programLettersAtOnce = 500

	cardLettersAtOnce = 3 // one more every workLetterEvery
)

// workClaim is what such a link says, sealed: whoever has it reads mail to the address.
type workClaim struct {
	Agreement loyalty.AgreementID `json:"agreement"`
	Address   string              `json:"address"`
	Until     time.Time           `json:"until"`

	Card   loyalty.CardID   `json:"card,omitzero"`   // that was asked for; zero: a new one is
	Member loyalty.MemberID `json:"member,omitzero"` // who held it then; zero: nobody
}

func workPlace(m loyalty.MerchantID, program loyalty.ProgramID) personal.Place {
	return personal.Place{Merchant: m, Row: program, Column: personal.WorkColumn}
}

// workPath is the page for those whom a card is for by where they work; empty where that
// does not matter or is not enough, as where a tag is needed too, or no letters are sent.
func (s *Server) workPath(d *door) string {
	if s.Post == nil || !d.program.Only.ByWork() || d.program.Archived || d.program.Invitation {
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
	return sendWork(c, http.StatusOK, &d.face, d.base, false)
}

func sendWork(c *fiber.Ctx, status int, f *passes.Face, base string, wrong bool) error {
	page := web.Work{Page: brandedPage(c, f, base), Title: f.Title, Wrong: wrong}
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
	return s.askWork(c, &d.face, d.base, loyalty.MemberID{}, loyalty.CardID{})
}

// askWork does it for a new card, or for that of a member, or of nobody.
func (s *Server) askWork(c *fiber.Ctx, f *passes.Face, base string, member loyalty.MemberID, card loyalty.CardID) error {
	ok, wait := s.KeyLimits.Allow(c.UserContext(), "letter "+s.auth.proxies.from(c), lettersPerSecond, lettersAtOnce)
	if !ok {
		s.log.Warn("letters asked for too often", slog.String("request_id", requestID(c)), slog.String("program", f.Program.String()))
		return tooMany(s.now().Add(wait))
	}
	typed := typedEmail(c)
	address, err := personal.ParseEmail(typed)
	if err != nil {
		return sendWork(c, http.StatusUnprocessableEntity, f, base, true)
	}
	if s.mayHaveLetter(c, f, card, address) {
		about := newLetterRequest(f.Merchant, member, pageLanguage(c))
		about.Program, about.Card = f.Program, card
		about.Work = s.Personal.Seal(workPlace(f.Merchant, f.Program), []byte(address), s.now())
		if err := s.Post.Ask(c.UserContext(), about); err != nil {
			return err
		}
	}
	return sendMailbox(c, f, base, typed, "work.sent")
}

// mayHaveLetter bounds the letters to strangers, wherever they are asked for from: of a
// company's domain every address gets one, whether there is such a mailbox or not.
func (s *Server) mayHaveLetter(c *fiber.Ctx, f *passes.Face, card loyalty.CardID, address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	of := sha256.Sum256([]byte(domain)) // it may be somebody's own
	type bucket struct {
		name   string
		every  time.Duration
		atOnce int
	}
	buckets := []bucket{
		{"work letters to " + f.Merchant.String() + " " + string(of[:]), domainLetterEvery, domainLettersAtOnce},
		{"work letters of " + f.Program.String(), programLetterEvery, programLettersAtOnce},
	}
	if !card.IsZero() { // one person has few addresses
		buckets = slices.Insert(buckets, 0, bucket{"work letters of " + card.String(), workLetterEvery, cardLettersAtOnce})
	}
	for _, b := range buckets {
		if ok, _ := s.KeyLimits.AllowEvery(c.UserContext(), b.name, b.every, b.atOnce); !ok {
			s.log.Warn("work letters asked for too often", slog.String("request_id", requestID(c)), slog.String("program", f.Program.String()))
			return false
		}
	}
	return true
}
