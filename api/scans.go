package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/scanner"
)

// Scan reads a credential, and earns on it at once if asked to.
func (s *Server) Scan(c *fiber.Ctx, params gen.ScanParams) error {
	var body gen.ScanRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Credential == "" {
		return missing("credential")
	}
	channel, ok := scanner.ParseChannel(string(body.Channel))
	if !ok {
		return &badField{code: invalidField, field: "channel", problem: "must be camera, wedge, nfc or typed"}
	}
	command, err := s.command(c, params.IdempotencyKey, body.Earn != nil)
	if err != nil {
		return err
	}
	shown, err := s.Verifier.Verify(scanner.Reading{
		Till: command.Till, Channel: channel, Text: body.Credential, Request: command.Request, At: command.Captured,
	})
	if body.Earn == nil {
		if err != nil {
			return err
		}
		return s.look(c, command, shown)
	}
	present(&command, shown)
	command.Do = loyalty.Earning{Units: body.Earn.Units, Purchase: body.Earn.Purchase}
	if err == nil {
		err = s.approve(c.UserContext(), &command, body.PIN)
	}
	return s.post(c, command, err, s.renderScan(shown, s.Handles.Seal(shown, command.Till, command.Captured)))
}

// look answers a scan that posts nothing. It writes nothing either.
func (s *Server) look(c *fiber.Ctx, command loyalty.Command, shown scanner.Presentation) error {
	state, till, err := s.Store.Look(c.UserContext(), command.Merchant, shown.Card, shown.Scan.Nonce, command.Till)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	if err := loyalty.CheckLook(state, till, &shown.Scan); err != nil {
		return err
	}
	now := command.Captured
	return s.json(c, http.StatusOK, gen.Scan{
		Scan:      s.Handles.Seal(shown, command.Till, now),
		ExpiresAt: loyalty.ScanEnds(state.Program, shown.Captured),
		Card:      cardView(state.Program, &state.Card, state.Vouchers, now),
		Offers:    offersView(state.Program, &state.Card, state.Vouchers, &shown.Scan, now),
		Entries:   []gen.Entry{},
	})
}

// Earn earns on a scan.
func (s *Server) Earn(c *fiber.Ctx, params gen.EarnParams) error {
	var body gen.EarnRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Do = loyalty.Earning{Units: body.Units, Purchase: body.Purchase}
	err = s.prepareScan(c, &command, body.Scan, body.PIN)
	return s.post(c, command, err, s.renderPosting(http.StatusOK, &command))
}

// Redeem hands out a reward on a scan.
func (s *Server) Redeem(c *fiber.Ctx, params gen.RedeemParams) error {
	var body gen.RedeemRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Reward.IsZero() && body.Voucher.IsZero():
		return missing("reward (or voucher)")
	case !body.Reward.IsZero() && !body.Voucher.IsZero():
		return &badField{code: invalidField, field: "voucher", problem: "cannot be given together with reward"}
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	do := loyalty.Redemption{Reward: body.Reward, Voucher: body.Voucher}
	if !do.Voucher.IsZero() {
		voucher, err := s.Store.Voucher(c.UserContext(), command.Merchant, do.Voucher)
		if errors.Is(err, loyalty.ErrNotFound) {
			return refuse(loyalty.VoucherNotFound, "There is no such voucher.")
		}
		if err != nil {
			return err
		}
		do.Reward = voucher.Reward
	}
	command.Do = do
	err = s.prepareScan(c, &command, body.Scan, body.PIN)
	return s.post(c, command, err, s.renderPosting(http.StatusOK, &command))
}

// VoidEntry takes an entry back.
func (s *Server) VoidEntry(c *fiber.Ctx, id gen.EntryInPath, params gen.VoidEntryParams) error {
	var body gen.VoidRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	entry, err := s.Store.Entry(c.UserContext(), command.Merchant, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return refuse(loyalty.EntryNotFound, "There is no such entry.")
	}
	if err != nil {
		return err
	}
	command.Card = entry.Card
	command.Do = loyalty.Reversal{Entry: entry.ID, Reward: entry.Reward}
	err = s.approve(c.UserContext(), &command, body.PIN)
	return s.post(c, command, err, s.renderPosting(http.StatusOK, &command))
}

// prepareScan opens a handle and checks the PIN of a command that acts on it.
func (s *Server) prepareScan(c *fiber.Ctx, command *loyalty.Command, handle, pin string) error {
	if handle == "" {
		return missing("scan")
	}
	shown, err := s.Handles.Open(handle, command.Till, command.Captured)
	if err != nil {
		return err
	}
	present(command, shown)
	return s.approve(c.UserContext(), command, pin)
}

func present(command *loyalty.Command, shown scanner.Presentation) {
	command.Card, command.Scan, command.Captured = shown.Card, shown.Scan, shown.Captured
}

var errNoCard = refuse(loyalty.CardNotFound, "There is no such card.")
