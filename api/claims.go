package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// claimStore keeps claim codes. Claim and ClaimByCode read any merchant's.
type claimStore interface {
	IssueClaim(ctx context.Context, c loyalty.Command, program loyalty.ProgramID, issue IssueClaim) (loyalty.Answer, error)
	Claim(ctx context.Context, id loyalty.ClaimID) (loyalty.ClaimCode, error)
	ClaimByCode(ctx context.Context, code loyalty.Hash) (loyalty.ClaimCode, error)
	TillClaims(ctx context.Context, till loyalty.TillID, after loyalty.ClaimID, limit int) ([]loyalty.ClaimCode, error)
	WithdrawClaim(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, till loyalty.TillID, id loyalty.ClaimID, now time.Time, render func(*loyalty.ClaimCode) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// IssueClaim decides on a code of a program, whose purchase has earned an entry or
// none, and renders the answer; it may be called again after a rollback.
type IssueClaim = func(*loyalty.Program, loyalty.EntryID) (*loyalty.ClaimCode, loyalty.Answer, error)

// CreateClaim gives out a claim code for a customer without a phone.
func (s *Server) CreateClaim(c *fiber.Ctx, params gen.CreateClaimParams) error {
	body := gen.NewClaim{Units: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Program.IsZero() {
		return missing("program")
	}
	command, err := s.issuing(c, params.IdempotencyKey, &body)
	if err != nil {
		return err
	}
	c.Locals(successLocal, issued)
	answer, err := s.Store.IssueClaim(c.UserContext(), command, body.Program, s.issueClaim(command, principalOf(c).Till))
	if err != nil {
		return noProgram(err)
	}
	return send(c, answer)
}

// issuing is what a till gives a code out for, and who approved it.
func (s *Server) issuing(c *fiber.Ctx, key string, body *gen.NewClaim) (loyalty.Command, error) {
	do, err := earned(body.Units, body.Purchase)
	if err != nil {
		return loyalty.Command{}, err
	}
	command, err := s.command(c, key, true)
	if err == nil {
		err = s.paired(c)
	}
	if err == nil {
		command.Do = do
		err = s.approve(c.UserContext(), &command, body.PIN)
	}
	return command, err
}

// issueClaim decides on a code with an id of its own and renders it.
func (s *Server) issueClaim(command loyalty.Command, till loyalty.Till) IssueClaim {
	return func(p *loyalty.Program, credited loyalty.EntryID) (*loyalty.ClaimCode, loyalty.Answer, error) {
		code, err := loyalty.IssueClaim(p, till, command, credited)
		if err != nil {
			return nil, loyalty.Answer{}, err
		}
		code.ID = loyalty.NewID()
		minted := s.Claims.Mint(code.ID, command.Captured)
		code.Hash, code.Key = minted.Hash, minted.Key
		answer, err := render(http.StatusCreated, gen.IssuedClaim{
			ID: code.ID, Program: code.Program, Code: minted.Text, QRURL: s.claimLink(code.ID), Units: code.Worth,
			IssuedAt: code.Issued, ExpiresAt: code.Expires,
		})
		answer.Secret = true
		return &code, answer, err
	}
}

// Claim posts to a card what a code was given out for.
func (s *Server) Claim(c *fiber.Ctx, params gen.ClaimParams) error {
	body := gen.ClaimRequest{Card: principalOf(c).Card}
	if err := decode(c, &body); err != nil {
		return err
	}
	switch {
	case body.Code == "":
		return missing("code")
	case body.Card.IsZero():
		return missing("card")
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	p := principalOf(c)
	if err := s.owned(c, &p, body.Card); err != nil {
		return err
	}
	code, err := s.findCode(c, body.Code)
	if err != nil {
		return err
	}
	command.Card = p.meant(body.Card)
	code.Present(&command)
	return s.post(c, command, nil, s.renderPosting(http.StatusOK))
}

var errNoClaim = refuse(loyalty.ClaimNotFound, "There is no such code. Compare it with the slip.")

// findCode finds the claim of a code, and bounds how often one asker can guess.
// Errors: claim_malformed, claim_not_found, rate_limited.
func (s *Server) findCode(c *fiber.Ctx, text string) (loyalty.ClaimCode, error) {
	hash, err := credential.ParseClaim(text)
	if err != nil {
		return loyalty.ClaimCode{}, err
	}
	p := principalOf(c)
	guesser := string(p.id[:])
	if until := s.guesses.shutUntil(guesser); !until.IsZero() {
		return loyalty.ClaimCode{}, tooMany(until)
	}
	code, err := s.Store.ClaimByCode(c.UserContext(), hash)
	if errors.Is(err, loyalty.ErrNotFound) || err == nil && code.Merchant != p.Merchant {
		s.guesses.failed(guesser)
		return loyalty.ClaimCode{}, errNoClaim
	}
	return code, err
}

// GetClaim shows what became of a code.
func (s *Server) GetClaim(c *fiber.Ctx, id gen.ClaimInPath) error {
	code, err := s.claim(c, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, claimView(&code, s.now()))
}

// ListTillClaims shows what a till has given out, newest first.
func (s *Server) ListTillClaims(c *fiber.Ctx, id gen.TillInPath, params gen.ListTillClaimsParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.ClaimID], params.After)
	if err != nil {
		return err
	}
	if _, err := s.Store.Till(c.UserContext(), principalOf(c).Merchant, id); err != nil {
		return err
	}
	claims, err := s.Store.TillClaims(c.UserContext(), id, after, limit+1)
	if err != nil {
		return err
	}
	claims, next := cut(claims, limit, func(k *loyalty.ClaimCode) string { return k.ID.String() })
	view := func(k *loyalty.ClaimCode) gen.Claim { return claimView(k, s.now()) }
	return s.json(c, http.StatusOK, gen.ClaimPage{Claims: views(claims, view), Next: next})
}

// claim reads a claim for the till that gave it out, or its merchant's office.
// Errors: till_revoked, claim_not_found.
func (s *Server) claim(c *fiber.Ctx, id loyalty.ClaimID) (loyalty.ClaimCode, error) {
	if err := s.paired(c); err != nil {
		return loyalty.ClaimCode{}, err
	}
	p := principalOf(c)
	code, err := s.Store.Claim(c.UserContext(), id)
	if errors.Is(err, loyalty.ErrNotFound) || err == nil && (code.Merchant != p.Merchant || !p.Till.ID.IsZero() && code.Till != p.Till.ID) {
		return loyalty.ClaimCode{}, errNoClaim
	}
	return code, err
}

// paired refuses a till that was revoked a moment ago. Scans learn that in the trip
// that they make anyway. Errors: till_revoked.
func (s *Server) paired(c *fiber.Ctx) error {
	till := principalOf(c).Till.ID
	if till.IsZero() {
		return nil
	}
	access, err := s.Store.TillAccess(c.UserContext(), till)
	if err == nil && access.Revoked {
		err = errRevoked
	}
	return err
}

// working refuses a till that was revoked or blocked a moment ago. Errors:
// till_revoked, till_blocked.
func (s *Server) working(c *fiber.Ctx) error {
	till := principalOf(c).Till
	access, err := s.Store.TillAccess(c.UserContext(), till.ID)
	if err != nil {
		return err
	}
	return access.Till.CheckPaired(till.Pairing)
}

// WithdrawClaim takes a code back.
func (s *Server) WithdrawClaim(c *fiber.Ctx, id gen.ClaimInPath, params gen.WithdrawClaimParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	if err := s.paired(c); err != nil {
		return err
	}
	p, now := principalOf(c), s.moment()
	answer, err := s.Store.WithdrawClaim(c.UserContext(), change, p.Merchant, p.Till.ID, id, now,
		func(code *loyalty.ClaimCode) (loyalty.Answer, error) {
			return render(http.StatusOK, claimView(code, now))
		})
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoClaim
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}

func claimView(k *loyalty.ClaimCode, now time.Time) gen.Claim {
	view := gen.Claim{
		ID: k.ID, Program: k.Program, Till: k.Till, State: gen.ClaimStateOpen, Units: k.Worth,
		IssuedAt: k.Issued, ExpiresAt: k.Expires, ClaimedAt: k.Claimed, Entry: k.Entry, WithdrawnAt: k.Withdrawn,
	}
	switch {
	case !k.Claimed.IsZero():
		view.State = gen.ClaimStateClaimed
	case !k.Withdrawn.IsZero():
		view.State = gen.ClaimStateWithdrawn
	case now.After(k.Expires):
		view.State = gen.ClaimStateExpired
	}
	return view
}
