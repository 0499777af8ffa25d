package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

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
	command, err := s.command(c, params.IdempotencyKey, body.Earn != nil)
	if err != nil {
		return err
	}
	shown, err := s.verify(c.UserContext(), &command, principalOf(c).Till.Readers, &body)
	switch {
	case body.Earn != nil:
		return s.earnAtOnce(c, command, &body, shown, err)
	case err != nil:
		return err
	}
	return s.look(c, command, shown)
}

// verify says what a till has read.
func (s *Server) verify(ctx context.Context, command *loyalty.Command, readers loyalty.Readers, body *gen.ScanRequest) (scanner.Presentation, error) {
	if body.Credential == "" {
		return scanner.Presentation{}, missing("credential")
	}
	channel, ok := scanner.ParseChannel(string(body.Channel))
	if !ok {
		return scanner.Presentation{}, invalid("channel", "must be camera, wedge, nfc or typed")
	}
	return s.Verifier.Verify(ctx, scanner.Reading{
		Merchant: command.Merchant, Till: command.Till, Readers: readers, Channel: channel, Text: body.Credential,
		Request: command.Request, At: command.Captured,
	})
}

// earnAtOnce earns on a presentation, or tells why it is none (reason).
func (s *Server) earnAtOnce(c *fiber.Ctx, command loyalty.Command, body *gen.ScanRequest, shown scanner.Presentation, reason error) error {
	do, err := earned(body.Earn.Units, body.Earn.Purchase)
	if err != nil {
		return err
	}
	command.Do = do
	handle := ""
	if reason == nil {
		present(&command, shown)
		handle = s.Handles.Seal(shown, command.Till, command.Captured)
		reason = s.approve(c.UserContext(), &command, body.PIN)
	}
	return withinEarn(s.post(c, command, reason, s.renderScan(handle)))
}

// withinEarn names the field of a purchase as it stands in the body of a scan.
func withinEarn(err error) error {
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Field, "purchase.") {
		return err
	}
	within := *refusal
	within.Field = "earn." + refusal.Field
	return &within
}

// look answers a scan that posts nothing. It writes nothing either.
func (s *Server) look(c *fiber.Ctx, command loyalty.Command, shown scanner.Presentation) error {
	c.Locals(methodLocal, shown.Scan.Method)
	c.Locals(successLocal, looked)
	now := command.Captured
	present(&command, shown)
	state, till, err := s.lookAt(c.UserContext(), &command)
	for follow(&command, err) {
		state, till, err = s.lookAt(c.UserContext(), &command)
	}
	if err != nil {
		return err
	}
	name, err := s.nameOnCard(state)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.Scan{
		Scan:      s.Handles.Seal(shown, command.Till, now),
		ExpiresAt: loyalty.ScanEnds(state.Program, shown.Captured),
		Card:      heldView(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, now),
		Offers:    offersView(state.Program, &state.Card, &state.Belonging, state.Vouchers, state.Lots, state.Shortages(now), &command.Scan, now),
		FirstName: name,
		Entries:   []gen.Entry{},
		Earn:      termsView(loyalty.TermsOfEarning(state, till, command, now)),
	})
}

// nameOnCard is the first name of a card's member, where the program shows it. Only a
// look tells it: what posts does not read it, and its answer, which is kept for retries,
// names nobody.
func (s *Server) nameOnCard(state *loyalty.State) (string, error) {
	if !state.Program.ShowsName || state.Holder.ID.IsZero() {
		return "", nil
	}
	return s.firstName(&state.Holder)
}

// lookAt reads a command's card and till. Errors: card_not_found, and as of
// loyalty.CheckLook.
func (s *Server) lookAt(ctx context.Context, command *loyalty.Command) (*loyalty.State, loyalty.Till, error) {
	state, till, err := s.Store.Look(ctx, command.Merchant, command.Card, command.Scan, command.Till)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil, till, errNoCard
	}
	if err != nil {
		return nil, till, err
	}
	return state, till, loyalty.CheckLook(state, till, command.Pairing, &command.Scan)
}

// Earn earns on a scan.
func (s *Server) Earn(c *fiber.Ctx, params gen.EarnParams) error {
	body := gen.EarnRequest{Units: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	do, err := earned(body.Units, body.Purchase)
	if err != nil {
		return err
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Do = do
	err = s.prepareScan(c, &command, body.Scan, body.PIN)
	return s.post(c, command, err, s.renderPosting(http.StatusOK))
}

// Redeem hands out a reward on a scan.
func (s *Server) Redeem(c *fiber.Ctx, params gen.RedeemParams) error {
	body := gen.RedeemRequest{Amount: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Do, err = s.redemption(c.UserContext(), command.Merchant, &body)
	if err == nil {
		err = s.prepareScan(c, &command, body.Scan, body.PIN)
	}
	return s.post(c, command, err, s.renderPosting(http.StatusOK))
}

// redemption is what a body asks for.
func (s *Server) redemption(ctx context.Context, m loyalty.MerchantID, body *gen.RedeemRequest) (loyalty.Redemption, error) {
	do := loyalty.Redemption{Voucher: body.Voucher, Purchase: body.Purchase}
	if body.Amount != absent {
		if do.Amount = body.Amount; do.Amount < 1 || do.Amount > loyalty.MaxAmount {
			return do, invalid("amount", "must be minor units, at least 1")
		}
	}
	var err error
	do.Reward, err = s.wanted(ctx, m, body.Reward, body.Voucher)
	return do, err
}

// wanted is the reward that a body names, itself or by a voucher for it.
func (s *Server) wanted(ctx context.Context, m loyalty.MerchantID, reward loyalty.RewardID, id loyalty.VoucherID) (loyalty.RewardID, error) {
	switch {
	case reward.IsZero() && id.IsZero():
		return reward, missing("reward")
	case !reward.IsZero() && !id.IsZero():
		return reward, invalid("voucher", "cannot be given together with reward")
	case id.IsZero():
		return reward, nil
	}
	voucher, err := s.Store.HonouredVoucher(ctx, m, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		err = refuse(loyalty.VoucherNotFound, "There is no such voucher.")
	}
	return voucher.Reward, err
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
	return s.post(c, command, err, s.renderPosting(http.StatusOK))
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
