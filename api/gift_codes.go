package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// tillReadsCode is how long a till can read a code that it has handed out: the time
// that a cashier needs to show it.
const tillReadsCode = 15 * time.Minute

var errNoCode = refuse(loyalty.CodeNotFound, "There is no such code, or this till may no longer read it. The customer's card shows it.")

// GetCode tells the text of a code to whom it concerns.
func (s *Server) GetCode(c *fiber.Ctx, id gen.CodeInPath) error {
	code, err := s.handedCode(c, id)
	if err != nil {
		return err
	}
	view, err := s.codeView(c, &code)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, view)
}

// GetCodePicture draws the text of a code.
func (s *Server) GetCodePicture(c *fiber.Ctx, id gen.CodeInPath, params gen.GetCodePictureParams) error {
	size, err := pictureSize(c, params.Size, 0)
	if err != nil {
		return err
	}
	code, err := s.handedCode(c, id)
	if err != nil {
		return err
	}
	text, err := s.Codes.Open(&code)
	if err != nil {
		return err
	}
	return sendPicture(c, text, size)
}

// handedCode is a code that whoever asks may read: the merchant's own office and app,
// and for a while the till that handed it out, a partner's of a coalition as well.
// Errors: till_revoked, code_not_found.
func (s *Server) handedCode(c *fiber.Ctx, id loyalty.GiftCodeID) (code loyalty.GiftCode, err error) {
	if err := s.paired(c); err != nil {
		return code, err
	}
	p := principalOf(c)
	if p.Till.ID.IsZero() {
		code, err = s.Store.GiftCode(c.UserContext(), p.Merchant, id)
	} else {
		code, err = s.Store.GiftCodeAt(c.UserContext(), p.Till.ID, id)
	}
	late := !p.Till.ID.IsZero() && (code.State != loyalty.CodeTaken || s.now().Sub(code.Taken) > tillReadsCode)
	if errors.Is(err, loyalty.ErrNotFound) || err == nil && late {
		return code, errNoCode
	}
	return code, err
}

// ListCardCodes tells a customer the codes that are good.
func (s *Server) ListCardCodes(c *fiber.Ctx, id gen.CardInPath, params gen.ListCardCodesParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.EntryID], params.After)
	if err != nil {
		return err
	}
	p := principalOf(c)
	if err := s.owned(c, &p, id); err != nil {
		return err
	}
	card, err := s.card(c, p.Merchant, p.meant(id))
	if err != nil {
		return err
	}
	codes, err := s.Store.CardCodes(c.UserContext(), p.Merchant, card.Card.ID, s.now(), after, limit+1)
	if err != nil {
		return err
	}
	codes, next := cut(codes, limit, func(k *loyalty.GiftCode) string { return k.Entry.String() })
	list := gen.GiftCodePage{Codes: []gen.GiftCode{}, Next: next}
	for i := range codes {
		view, err := s.codeViewOf(card.Program, &codes[i])
		if err != nil {
			return err
		}
		list.Codes = append(list.Codes, view)
	}
	return s.json(c, http.StatusOK, list)
}

// codeView shows a code, with the name that its reward has now.
func (s *Server) codeView(c *fiber.Ctx, code *loyalty.GiftCode) (gen.GiftCode, error) {
	shelf, err := s.Store.Shelf(c.UserContext(), code.Merchant, code.Reward)
	if err != nil && !errors.Is(err, loyalty.ErrNotFound) {
		return gen.GiftCode{}, err
	}
	program := &loyalty.Program{}
	if shelf != nil {
		program.Rewards = []loyalty.Reward{shelf.Reward}
	}
	return s.codeViewOf(program, code)
}

func (s *Server) codeViewOf(p *loyalty.Program, code *loyalty.GiftCode) (gen.GiftCode, error) {
	text, err := s.Codes.Open(code)
	if err != nil {
		return gen.GiftCode{}, err
	}
	view := gen.GiftCode{
		ID: code.ID, Reward: code.Reward, Code: text, Spoiled: code.State == loyalty.CodeSpoiled,
		ExpiresAt: code.Expires, HandedAt: code.Taken, Card: code.Card, Entry: code.Entry,
	}
	if reward, ok := p.Reward(code.Reward); ok {
		view.Name = reward.Name
	}
	return view, nil
}

// handedView names the code that a redemption handed out; nil where it did not.
func handedView(codes []loyalty.GiftCode) *gen.HandedCode {
	for _, code := range codes {
		if code.State == loyalty.CodeTaken {
			return &gen.HandedCode{ID: code.ID, ExpiresAt: code.Expires}
		}
	}
	return nil
}
