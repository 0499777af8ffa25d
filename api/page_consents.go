package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/passes/web"
)

// holder is whose card a page shows, and what that person has allowed.
type holder struct {
	member   loyalty.Member
	profile  personal.Profile
	consents []heldConsent // the latest of each purpose
}

type heldConsent struct {
	loyalty.Consent
	shown personal.Shown
}

// holder reads who holds the asker's card; nil where nobody is known.
func (s *Server) holder(c *fiber.Ctx) (*holder, error) {
	p := principalOf(c)
	member, err := s.Store.MemberOfCard(c.UserContext(), p.Merchant, p.Card)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := &holder{member: member}
	if h.profile, err = s.Personal.OpenMember(&member); err != nil {
		return nil, err
	}
	current, err := s.Store.CurrentConsents(c.UserContext(), []loyalty.MemberID{member.ID})
	if err != nil {
		return nil, err
	}
	for _, consent := range current[member.ID] {
		shown, err := s.Personal.OpenConsent(p.Merchant, &consent)
		if err != nil {
			return nil, err
		}
		h.consents = append(h.consents, heldConsent{consent, shown})
	}
	return h, nil
}

// latest is what was decided last about a purpose, if anything was.
func (h *holder) latest(purpose string) (heldConsent, bool) {
	i := slices.IndexFunc(h.consents, func(held heldConsent) bool { return held.Purpose == purpose })
	if i < 0 {
		return heldConsent{}, false
	}
	return h.consents[i], true
}

// reachable reports whether the person can be written to as a purpose means it.
func reachable(purpose string, profile *personal.Profile) bool {
	return purpose == "marketing_email" && profile.Email != "" || purpose == "marketing_sms" && profile.Phone != ""
}

// decision is what a page shows of a purpose: what was allowed in the words of that
// time; else what can be allowed now, in ours or, where it is not one of ours, in
// those that were shown before. Without words there is nothing to agree to.
func (h *holder) decision(purpose string, page *web.Page) (d web.Decision, ok bool) {
	held, decided := h.latest(purpose)
	d = web.Decision{Consent: web.Consent{Purpose: purpose, Wording: held.shown.Wording}, Given: held.Given}
	if !held.Given && slices.Contains(joinPurposes, purpose) {
		d.Wording = web.Say(page.Language, "consent."+purpose, page.Brand)
	}
	if d.Wording == "" && held.Given {
		d.Wording = purpose
	}
	if decided {
		d.At = held.At
	}
	sum := sha256.Sum256([]byte(d.Wording))
	d.Read = hex.EncodeToString(sum[:8])
	return d, d.Wording != "" && (decided || reachable(purpose, &h.profile))
}

// decisions are all that a page shows, those of the join page first.
func (s *Server) decisions(h *holder, page *web.Page) (list []web.Decision) {
	purposes := slices.Clone(joinPurposes)
	for _, held := range h.consents {
		if !slices.Contains(purposes, held.Purpose) {
			purposes = append(purposes, held.Purpose)
		}
	}
	for _, purpose := range purposes {
		if d, ok := h.decision(purpose, page); ok {
			list = append(list, d)
		}
	}
	return list
}

// changeConsent notes that the holder gives a consent or takes it back: one more
// line, with the words that stood on the page. The form says which words those
// were; where they have become others, the page is shown again and nothing is noted.
// So it is where nothing would change.
func (s *Server) changeConsent(c *fiber.Ctx) error {
	args := c.Context().PostArgs()
	purpose, given := string(args.Peek("purpose")), string(args.Peek("given")) == "yes"
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	h, err := s.holder(c)
	if err == nil && h == nil {
		err = errForeignForm
	}
	if err != nil {
		return err
	}
	page := brandedPage(c, &seen.face, "")
	d, ok := h.decision(purpose, &page)
	if !ok || d.Read != string(args.Peek("read")) {
		return errForeignForm
	}
	if d.Given == given {
		return backToCard(c, "consents.done", "#privacy")
	}
	if err := s.noteDecision(c, h, &d, given); err != nil {
		return err
	}
	return backToCard(c, "consents.done", "#privacy")
}

// cardPageSource is where a consent on the card's page is noted to come from.
const cardPageSource = "card page"

func (s *Server) noteDecision(c *fiber.Ctx, h *holder, d *web.Decision, given bool) error {
	now := s.moment()
	consent := loyalty.Consent{ID: loyalty.NewID(), Member: h.member.ID, Purpose: d.Purpose, Given: given, At: now}
	shown := personal.Shown{Wording: d.Wording, Language: string(pageLanguage(c))}
	if held, _ := h.latest(d.Purpose); held.shown.Wording == d.Wording || !given {
		shown = held.shown
	}
	shown.Source = cardPageSource
	s.Personal.SealConsent(h.member.Merchant, &consent, &shown, now)
	_, err := s.Store.AddConsent(c.UserContext(), loyalty.Answer{}, h.member.Merchant, consent, loyalty.Answer{Status: http.StatusOK})
	return err
}
