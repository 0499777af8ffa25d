package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/scanner"
)

// lookupStore knows who may look customers up, and remembers that they did.
type lookupStore interface {
	NoteLookup(ctx context.Context, look loyalty.Lookup, till loyalty.Till, pinMAC []byte) (loyalty.Staff, error)
}

// LookUp finds the cards of a customer who has nothing to show, by what they say.
// It answers as a scan of each would, and posts nothing.
func (s *Server) LookUp(c *fiber.Ctx) error {
	var body gen.LookupRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	sought, err := soughtBy(&body)
	if err != nil {
		return err
	}
	command, err := s.command(c, "", false)
	if err != nil {
		return err
	}
	matches, err := s.matches(c, &command, &sought, body.PIN)
	s.metrics.lookedUp(len(matches), err)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.Matches{Matches: matches})
}

// matches are the cards that a customer may mean, for whose PIN it is. Errors: as of
// noteLookup.
func (s *Server) matches(c *fiber.Ctx, command *loyalty.Command, sought *sought, pin string) ([]gen.Match, error) {
	look := loyalty.Lookup{ID: loyalty.NewID(), Merchant: command.Merchant, Till: command.Till, At: command.Captured}
	staff, err := s.noteLookup(c, look, pin)
	if err != nil {
		return nil, err
	}
	candidates, err := s.find(c, command.Merchant, sought)
	if err != nil {
		return nil, err
	}
	matches := []gen.Match{}
	for _, one := range candidates {
		if !one.state.Program.Takes(loyalty.Manual) {
			continue
		}
		match := s.match(command, look.ID, principalOf(c).Till, one.state)
		if staff.Role >= loyalty.Manager {
			match.FirstName = one.firstName
		}
		matches = append(matches, match)
	}
	return matches, nil
}

// noteLookup says who looks, by the PIN. Errors: pin_required, pin_wrong,
// pin_locked, rate_limited, till_revoked, invalid_field.
func (s *Server) noteLookup(c *fiber.Ctx, look loyalty.Lookup, pin string) (loyalty.Staff, error) {
	var mac []byte
	if pin != "" {
		if err := credential.CheckPIN(pin); err != nil {
			return loyalty.Staff{}, err
		}
		mac = s.PINs.MAC(look.Merchant, pin)
	}
	return s.Store.NoteLookup(c.UserContext(), look, principalOf(c).Till, mac)
}

// sought is by what a customer is looked up: one of the two.
type sought struct {
	contact personal.Contact
	card    loyalty.CardID
}

// soughtBy reads the one thing that a body names. Errors: invalid_field,
// missing_field.
func soughtBy(body *gen.LookupRequest) (by sought, err error) {
	given := 0
	for _, text := range []string{body.Phone, body.Email, body.CardNumber} {
		if text != "" {
			given++
		}
	}
	switch {
	case given == 0:
		return by, missing("phone")
	case given > 1:
		return by, invalid("phone", "cannot be given together with email or card_number")
	case body.Phone != "":
		by.contact.Kind = personal.Phone
		by.contact.Value, err = personal.ParsePhone(body.Phone, body.Region)
	case body.Email != "":
		by.contact.Kind = personal.Email
		by.contact.Value, err = personal.ParseEmail(body.Email)
	default:
		if by.card, err = loyalty.ParseCardNumber(body.CardNumber); err != nil {
			err = invalid("card_number", "is not the number of a card: it has 26 letters and digits")
		}
	}
	return by, err
}

// candidate is a card that was found, and its member's first name if known.
type candidate struct {
	state     *loyalty.State
	firstName string
}

// mostFound is how many cards of a member are shown, the newest.
const mostFound = 20

// find reads the merchant's cards that a customer may mean. Nobody is no error.
func (s *Server) find(c *fiber.Ctx, m loyalty.MerchantID, by *sought) ([]candidate, error) {
	ctx := c.UserContext()
	if !by.card.IsZero() {
		state, err := s.survivor(c, m, by.card)
		if errors.Is(err, errNoCard) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		member, err := s.Store.MemberOfCard(ctx, m, state.Card.ID)
		if errors.Is(err, loyalty.ErrNotFound) {
			return []candidate{{state: state}}, nil
		}
		if err != nil {
			return nil, err
		}
		return s.candidates(&member, []*loyalty.State{state})
	}
	members, err := s.Store.MembersByContact(ctx, s.Personal.Indexes(m, by.contact))
	if err != nil {
		return nil, err
	}
	var found []candidate
	for i := range members { // one at most, but for a moment while keys are renewed
		states, err := s.Store.MemberCards(ctx, m, members[i].ID, loyalty.CardID{}, mostFound)
		if err != nil {
			return nil, err
		}
		of, err := s.candidates(&members[i], states)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return found, nil
}

// candidates are a member's cards that go on.
func (s *Server) candidates(member *loyalty.Member, states []*loyalty.State) ([]candidate, error) {
	firstName, err := s.firstName(member)
	if err != nil {
		return nil, err
	}
	var found []candidate
	for _, state := range states {
		if state.Card.MergedInto.IsZero() {
			found = append(found, candidate{state, firstName})
		}
	}
	return found, nil
}

// firstName is the first word of a member's name; empty where none is known.
func (s *Server) firstName(member *loyalty.Member) (string, error) {
	name, err := s.Personal.Name(member)
	first, _, _ := strings.Cut(name, " ")
	return first, err
}

// match is what a scan of the card would answer.
func (s *Server) match(command *loyalty.Command, lookup loyalty.LookupID, till loyalty.Till, state *loyalty.State) gen.Match {
	of := *command // as the till would come back with the handle
	shown := scanner.LookedUp(scanner.Reading{Till: command.Till, At: command.Captured}, lookup, state.Card.ID)
	present(&of, shown)
	return gen.Match{
		Scan:      s.Handles.Seal(shown, command.Till, command.Captured),
		ExpiresAt: loyalty.ScanEnds(state.Program, shown.Captured),
		Card:      heldView(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, command.Captured),
		Offers:    offersView(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, state.Shortages(command.Captured), &shown.Scan, command.Captured),
		Earn:      termsView(loyalty.TermsOfEarning(state, till, of, command.Captured)),
	}
}
