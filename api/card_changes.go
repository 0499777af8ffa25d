package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// cardStore is what the office sees of cards, and does to them.
type cardStore interface {
	Cards(ctx context.Context, m loyalty.MerchantID, f loyalty.CardFilter, after loyalty.CardID, limit int) ([]*loyalty.State, loyalty.CardID, error)
	ChangeCard(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, change loyalty.CardChange, render func(*loyalty.Card) (loyalty.Answer, error)) (loyalty.Answer, error)
	CardChanges(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, after loyalty.ChangeID, limit int) ([]loyalty.CardChange, error)
	CardVouchers(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, state loyalty.VoucherState, after loyalty.VoucherID, limit int) ([]loyalty.Voucher, error)
}

// ListCards shows the merchant's cards, newest first.
func (s *Server) ListCards(c *fiber.Ctx, params gen.ListCardsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.CardID], params.After)
	if err != nil {
		return err
	}
	filter := loyalty.CardFilter{Program: params.Program}
	if c.Context().QueryArgs().Has("blocked") {
		filter.Blocked = &params.Blocked
	}
	cards, next, err := s.Store.Cards(c.UserContext(), principalOf(c).Merchant, filter, after, limit)
	if err != nil {
		return noProgram(err)
	}
	list := gen.CardPage{Cards: []gen.Card{}, Next: nextOf(next)}
	for _, state := range cards {
		list.Cards = append(list.Cards, heldView(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, s.now()))
	}
	return s.json(c, http.StatusOK, list)
}

// BlockCard stops a card.
func (s *Server) BlockCard(c *fiber.Ctx, id gen.CardInPath, params gen.BlockCardParams) error {
	return s.changeBlock(c, id, params.IdempotencyKey, loyalty.Block)
}

// UnblockCard lets it go on.
func (s *Server) UnblockCard(c *fiber.Ctx, id gen.CardInPath, params gen.UnblockCardParams) error {
	return s.changeBlock(c, id, params.IdempotencyKey, loyalty.Unblock)
}

func (s *Server) changeBlock(c *fiber.Ctx, id loyalty.CardID, key string, kind loyalty.ChangeKind) error {
	var body gen.ChangeNote
	if err := decode(c, &body); err != nil {
		return err
	}
	change, err := s.cardChange(c, id, kind, body.Note)
	if err != nil {
		return err
	}
	return s.changeCard(c, key, change, func(*loyalty.Card) (loyalty.Answer, error) {
		return render(http.StatusOK, changeView(&change))
	})
}

// ReissueCard replaces a lost code by the next generation.
func (s *Server) ReissueCard(c *fiber.Ctx, id gen.CardInPath, params gen.ReissueCardParams) error {
	var body gen.Loss
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Surface == "" {
		return missing("surface")
	}
	change, err := s.cardChange(c, id, loyalty.Reissue, body.Note)
	if err != nil {
		return err
	}
	change.RevokePhones = !body.KeepPhones
	if change.Surface, err = loyalty.ParseSurface(string(body.Surface)); err != nil {
		return invalid("surface", "must be print or wallet")
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return s.changeCard(c, params.IdempotencyKey, change, func(card *loyalty.Card) (loyalty.Answer, error) {
		token, _, err := s.mint(&loyalty.State{Card: *card}, gen.TokenMethodStatic, body.Surface)
		if err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := render(http.StatusCreated, gen.Token{Token: token, QRURL: s.qrLink(id, gen.TokenMethodStatic, body.Surface)})
		answer.Secret = true
		return answer, err
	})
}

// cardChange begins a change. Errors: invalid_field.
func (s *Server) cardChange(c *fiber.Ctx, id loyalty.CardID, kind loyalty.ChangeKind, note string) (loyalty.CardChange, error) {
	if err := checkNote(note); err != nil {
		return loyalty.CardChange{}, err
	}
	return loyalty.CardChange{
		ID: loyalty.NewID(), Card: id, Kind: kind, Key: principalOf(c).Key, At: s.moment(), Note: note,
	}, nil
}

func checkNote(note string) error {
	switch {
	case utf8.RuneCountInString(note) > maxNote:
		return invalid("note", "is longer than 500 characters")
	case strings.ContainsRune(note, 0): // which no column of text holds
		return invalid("note", "holds a NUL character")
	}
	return nil
}

func (s *Server) changeCard(c *fiber.Ctx, key string, change loyalty.CardChange, render func(*loyalty.Card) (loyalty.Answer, error)) error {
	request, err := s.change(c, key)
	if err != nil {
		return err
	}
	answer, err := s.Store.ChangeCard(c.UserContext(), request, principalOf(c).Merchant, change, render)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}

// ListCardChanges shows what the office did to a card.
func (s *Server) ListCardChanges(c *fiber.Ctx, id gen.CardInPath, params gen.ListCardChangesParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ChangeID], params.After)
	if err != nil {
		return err
	}
	changes, err := s.Store.CardChanges(c.UserContext(), principalOf(c).Merchant, id, after, limit+1)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	changes, next := cut(changes, limit, func(c *loyalty.CardChange) string { return c.ID.String() })
	list := gen.CardChangePage{Changes: []gen.CardChange{}, Next: next}
	for i := range changes {
		list.Changes = append(list.Changes, changeView(&changes[i]))
	}
	return s.json(c, http.StatusOK, list)
}

func changeView(c *loyalty.CardChange) gen.CardChange {
	return gen.CardChange{
		ID: c.ID, Card: c.Card, Change: gen.ChangeKind(c.Kind.String()), Surface: gen.Surface(c.Surface.String()),
		Key: c.Key, At: c.At, Note: c.Note,
	}
}
