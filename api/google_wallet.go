package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/passes"
)

// googleStore keeps passes, and what Google says of its own.
type googleStore interface {
	OpenPass(ctx context.Context, p loyalty.Pass) (loyalty.Pass, error)
	HearGoogle(ctx context.Context, e loyalty.GoogleEvent, now time.Time) (fresh bool, err error)
}

// GoogleWallet shows cards in Google Wallet. Errors of both methods wrap
// loyalty.ErrUnavailable where it may work later.
type GoogleWallet interface {
	// Link sends what a card shows and returns the link that adds it to a phone.
	Link(ctx context.Context, pass *loyalty.Pass, f *passes.Face) (string, error)
	// Read verifies a callback. Errors: callback_invalid, callback_expired.
	Read(ctx context.Context, body []byte) (loyalty.GoogleEvent, error)
}

// Faces knows how cards look.
type Faces interface {
	Face(ctx context.Context, state *loyalty.State, in passes.Language) (*passes.Face, error)
	Subject(ctx context.Context, state *loyalty.State, language passes.Language) (passes.Subject, error)
	Dress(ctx context.Context, m loyalty.MerchantID, subject *passes.Subject) error
}

// GetGoogleWalletLink makes the link that adds a card to Google Wallet.
func (s *Server) GetGoogleWalletLink(c *fiber.Ctx, id gen.CardInPath, params gen.GetGoogleWalletLinkParams) error {
	if params.Expires < 0 {
		return invalid("expires", "must be seconds since 1970")
	}
	owner, err := s.cardOwner(c, id, walletScope(id), params.Expires, params.Signature)
	if err != nil {
		return err
	}
	state, err := s.survivor(c, owner, id)
	switch {
	case err != nil:
		return err
	case s.Google == nil:
		return s.noGoogle()
	case state.Card.Blocked:
		return errBlockedPass
	}
	link, err := s.googleLink(c.UserContext(), state, spoken(c, params.Language))
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, gen.GoogleWalletLink{URL: link, SignedURL: s.walletLink(id)})
}

var errBlockedPass = refuse(loyalty.CardBlocked, "This card is blocked: it gets no new passes.")

// spoken is the language that somebody wants or, unless they say so, that their
// phone speaks.
func spoken(c *fiber.Ctx, wanted string) passes.Language {
	if wanted == "" {
		wanted = c.Get(fiber.HeaderAcceptLanguage)
	}
	return passes.MatchLanguage(wanted)
}

// googleLink opens the card's pass, if need be, and has it shown.
func (s *Server) googleLink(ctx context.Context, state *loyalty.State, in passes.Language) (string, error) {
	card, now := &state.Card, s.moment()
	pass, err := s.Store.OpenPass(ctx, loyalty.Pass{
		ID: loyalty.NewID(), Merchant: card.Merchant, Card: card.ID, Wallet: loyalty.GoogleWallet, Language: string(in),
		Created: now, Changed: now,
	})
	if err != nil {
		return "", err
	}
	face, err := s.Faces.Face(ctx, state, passes.MatchLanguage(pass.Language))
	if err != nil {
		return "", err
	}
	return s.Google.Link(ctx, &pass, face)
}

func (s *Server) noGoogle() error {
	return refuse(walletNotConfigured, "Google Wallet is not set up on this server: "+s.GoogleMissing+" is missing.")
}

// walletLink is the signed address at which a card's link is made.
func (s *Server) walletLink(id loyalty.CardID) string {
	return s.link("/v1/cards/"+id.String()+"/google-wallet", walletScope(id), url.Values{})
}

func walletScope(id loyalty.CardID) string { return "google-wallet " + id.String() }
