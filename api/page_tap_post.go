package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// tapRequest is what the page behind a tag sends.
type tapRequest struct {
	Token   string `json:"token"`   // of the card, in this browser
	Message string `json:"message"` // what the chip has mirrored
	Once    string `json:"once"`    // names the page: sent twice, it is one tap
}

// maxTapBody is beyond what a page sends of twenty cards.
const maxTapBody = 8 << 10

// decodeTap reads what a page of ours has sent. Errors: errForeignForm.
func decodeTap(c *fiber.Ctx, into any) error {
	body := c.Request().Body()
	if len(body) > maxTapBody || json.Unmarshal(body, into, json.RejectUnknownMembers(true)) != nil {
		return errForeignForm
	}
	return nil
}

// tapAnswer is what a page behind a tag is told.
type tapAnswer struct {
	State     string    `json:"state"` // waiting, approved, refused or expired; or no, see Code
	Approval  string    `json:"approval,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	Left      int64     `json:"left,omitempty"` // ms that it can still be decided
	Code      string    `json:"code,omitempty"` // of a problem
	Heading   string    `json:"heading"`
	Text      string    `json:"text"`
	Again     bool      `json:"again,omitempty"` // the same may be tried again
}

// tap has a tap of a shop's own tag count for a card of this browser.
func (s *Server) tap(c *fiber.Ctx) error {
	if err := s.limitTaps(c); err != nil {
		return err
	}
	var body tapRequest
	if err := decodeTap(c, &body); err != nil || len(body.Once) != onceLength {
		return errForeignForm
	}
	holder, err := s.auth.holder(c, body.Token, false)
	if err == nil && holder.Device.IsZero() {
		err = errUnauthorized
	}
	if err != nil {
		return err
	}
	if err := s.limit(c, &holder); err != nil {
		return err
	}
	tag, scan, err := s.counterTap(c, "?"+body.Message)
	if err != nil {
		return err
	}
	if holder.Merchant != tag.Merchant {
		return refuse(loyalty.CounterOtherProgram, "This card is another merchant's.")
	}
	command := loyalty.Command{
		Merchant: tag.Merchant, Card: holder.Card, Do: loyalty.CounterTap{Approval: loyalty.NewID()}, Location: tag.Location,
		Scan: scan, Captured: s.moment(), BodyHash: s.PINs.BodyHash(c.Request().Body()),
		Request: sha256.Sum256([]byte("tap " + tag.ID.String() + " " + body.Once)),
	}
	rand.Read(command.Salt[:])
	return s.postTap(c, command)
}

// postTap posts a tap, and tells all whom it concerns.
func (s *Server) postTap(c *fiber.Ctx, command loyalty.Command) error {
	var decided *loyalty.Decision // of the last attempt
	render := func(_ *loyalty.Command, d *loyalty.Decision) (loyalty.Answer, error) {
		decided = d
		return render(http.StatusOK, s.tapTold(d, pageLanguage(c)))
	}
	answer, err := s.postTo(c.UserContext(), command, render)
	for follow(&command, err) {
		answer, err = s.postTo(c.UserContext(), command, render)
	}
	if err != nil {
		s.metrics.taps.WithLabelValues("refused").Inc()
		return err
	}
	if decided != nil && !answer.Replayed {
		s.countTap(decided)
	}
	return send(c, answer)
}

func (s *Server) countTap(d *loyalty.Decision) {
	switch {
	case len(d.Asked) > 0:
		s.metrics.taps.WithLabelValues("waiting").Inc()
		s.Pages.TellAll(d.Asked[0].Location)
	case d.Waits != nil:
		s.metrics.taps.WithLabelValues("waiting").Inc()
	default:
		s.metrics.taps.WithLabelValues("posted").Inc()
	}
	for i := range d.Gaps {
		s.metrics.skipped.Add(float64(d.Gaps[i].Missing()))
	}
	s.metrics.late.Add(float64(len(d.CameLate)))
}

// tapTold is what the page says of a tap that was taken.
func (s *Server) tapTold(d *loyalty.Decision, l passes.Language) tapAnswer {
	switch {
	case len(d.Asked) > 0:
		return s.waited(&d.Asked[0], l)
	case d.Waits != nil:
		return s.waited(d.Waits, l)
	}
	return tapSaid(loyalty.Approved, l)
}

// tapTexts are what pages say of each state.
var tapTexts = map[loyalty.ApprovalState]string{
	loyalty.Waiting: "tap.waiting", loyalty.Approved: "tap.approved", loyalty.Rejected: "tap.refused", loyalty.RanOut: "tap.expired",
}

func tapSaid(state loyalty.ApprovalState, l passes.Language) tapAnswer {
	id := tapTexts[state]
	return tapAnswer{State: string(state), Heading: web.Say(l, id, ""), Text: web.Say(l, id+".text", "")}
}

// tapState tells a card's page what became of a tap that waits.
func (s *Server) tapState(c *fiber.Ctx) error {
	asked, err := s.ownTap(c)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, s.waited(asked, pageLanguage(c)))
}

// waited is what became of a tap by now.
func (s *Server) waited(a *loyalty.Approval, l passes.Language) tapAnswer {
	now := s.now()
	told := tapSaid(a.State(now), l)
	if a.State(now) == loyalty.Waiting {
		told.Approval, told.ExpiresAt, told.Left = a.ID.String(), a.Expires, a.Expires.Sub(now).Milliseconds()
	}
	return told
}

// ownTap is the tap of an address, of the card whose page asks. Errors: errNoPage.
func (s *Server) ownTap(c *fiber.Ctx) (*loyalty.Approval, error) {
	id, err := loyalty.ParseID[loyalty.ApprovalID](c.Params("approval"))
	if err != nil {
		return nil, errNoPage
	}
	asked, err := s.Store.Approval(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return nil, errNoPage
	}
	seen, err := s.see(c)
	if err != nil {
		return nil, err
	}
	if asked.Card != principalOf(c).Card && asked.Card != seen.card.ID {
		return nil, errNoPage
	}
	return &asked, nil
}

// tapEvents tells a page what becomes of its tap: one event at once, and the last when
// it is decided or has run out.
func (s *Server) tapEvents(c *fiber.Ctx) error {
	asked, err := s.ownTap(c)
	if err != nil {
		return err
	}
	merchant, id, l := asked.Merchant, asked.ID, pageLanguage(c)
	left := max(0, asked.Expires.Sub(s.now()))
	return s.stream(c, &s.streams.pages, principalOf(c).Card, func(say func(string) error) {
		told := ""
		s.follow(id, pageLooks, left+heartbeat, say, func(ctx context.Context) bool {
			a, err := s.Store.Approval(ctx, merchant, id)
			if err != nil {
				return false
			}
			now := s.waited(&a, l)
			if now.State == told {
				return true
			}
			told = now.State
			data, err := json.Marshal(now)
			return err == nil && say("data: "+string(data)+"\n\n") == nil && now.State == string(loyalty.Waiting)
		})
	})
}

// script stands before what scripts of pages ask: refusals come as JSON, in the
// reader's words.
func (s *Server) script(do fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := do(c)
		if err == nil {
			return nil
		}
		said, code, retry := s.pageProblem(c, err)
		l := pageLanguage(c)
		answer := tapAnswer{State: "no", Code: string(code), Heading: web.Say(l, said.text, ""), Text: web.Say(l, said.text+".text", ""), Again: said.again}
		zone := time.UTC
		if tag, err := s.tagZone(c); err == nil {
			zone = tag
		}
		answer.Text = strings.ReplaceAll(answer.Text, "{n}", web.Moment(retry, zone, l))
		return s.json(c, said.status, answer)
	}
}

// tagZone is that of the shop where a tag lies.
func (s *Server) tagZone(c *fiber.Ctx) (*time.Location, error) {
	id, err := loyalty.ParseID[loyalty.TagID](c.Params("tag"))
	if err != nil {
		return nil, err
	}
	tag, err := s.Store.CounterTag(c.UserContext(), id)
	if err != nil {
		return nil, err
	}
	shop, err := s.Store.Location(c.UserContext(), tag.Merchant, tag.Location)
	return shop.Zone, err
}
