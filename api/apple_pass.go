package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/apple"
)

// passStore keeps passes.
type passStore interface {
	OpenPass(ctx context.Context, p loyalty.Pass) (loyalty.Pass, error)
	Pass(ctx context.Context, id loyalty.PassID) (loyalty.Pass, error)
}

// Apple is what the API needs of Apple Wallet.
type Apple struct {
	Type     string // the pass type's identifier
	Packager *apple.Packager
	Tokens   *credential.PassTokens
	Faces    passes.Faces
	Trial    bool // signed by a test chain, which no iPhone takes
}

// GetApplePass makes the package that an iPhone opens in Wallet.
func (s *Server) GetApplePass(c *fiber.Ctx, id gen.CardInPath, params gen.GetApplePassParams) error {
	if params.Expires < 0 {
		return invalid("expires", "must be seconds since 1970")
	}
	language, err := passLanguage(c, params.Language)
	if err != nil {
		return err
	}
	owner, err := s.cardOwner(c, id, passScope(id), params.Expires, params.Signature)
	if err != nil {
		return err
	}
	state, err := s.survivor(c, owner, id)
	if err != nil {
		return err
	}
	pass, file, err := s.openApplePass(c.UserContext(), state, language)
	if err != nil {
		return err
	}
	return sendPass(c, &pass, file)
}

// passLanguage is the one that was asked for, or else suits the asker best.
// Errors: invalid_field.
func passLanguage(c *fiber.Ctx, asked gen.PassLanguage) (passes.Language, error) {
	if c.Query("language") == "" && !c.Context().QueryArgs().Has("language") {
		return passes.MatchLanguage(c.Get(fiber.HeaderAcceptLanguage)), nil
	}
	for _, known := range passes.Languages() {
		if string(known) == string(asked) {
			return known, nil
		}
	}
	return "", invalid("language", "must be en, pl or ro")
}

// LinkPass makes a link for who can send no token: a browser that opens a pass.
func (s *Server) LinkPass(c *fiber.Ctx, id gen.CardInPath) error {
	if _, err := s.card(c, principalOf(c).Merchant, id); err != nil {
		return err
	}
	now := s.now()
	expires := now.Add(credential.LinkLife).Truncate(time.Second)
	query := url.Values{
		"expires": {strconv.FormatInt(expires.Unix(), 10)}, "signature": {s.Links.Sign(passScope(id), expires, now)},
	}
	return s.json(c, http.StatusCreated, gen.PassLink{
		AppleURL: "/v1/cards/" + id.String() + "/pass.pkpass?" + query.Encode(), ExpiresAt: expires.UTC(),
	})
}

// passScope is what the signature of a link covers beside its end.
func passScope(id loyalty.CardID) string { return "pass.pkpass " + id.String() }

// A phone adds ten passes at once. Merged cards beside them are looked past.
const (
	maxBundle = 10
	maxCards  = 50
)

// GetMemberPasses makes one file of the passes of a member's cards.
func (s *Server) GetMemberPasses(c *fiber.Ctx, id gen.MemberInPath) error {
	ctx := c.UserContext()
	member, err := s.Store.Member(ctx, principalOf(c).Merchant, id)
	if err != nil {
		return orNoMember(err)
	}
	cards, err := s.Store.MemberCards(ctx, member.Merchant, member.ID, loyalty.CardID{}, maxCards)
	if err != nil {
		return err
	}
	language := passes.MatchLanguage(c.Get(fiber.HeaderAcceptLanguage))
	var files [][]byte
	for _, state := range cards {
		if !state.Card.MergedInto.IsZero() || len(files) == maxBundle {
			continue
		}
		_, file, err := s.openApplePass(ctx, state, language)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	c.Set(fiber.HeaderContentType, apple.BundleMediaType)
	return c.Send(apple.Bundle(files))
}

// openApplePass packs a card's pass, which is made the first time.
func (s *Server) openApplePass(ctx context.Context, state *loyalty.State, language passes.Language) (loyalty.Pass, []byte, error) {
	face, err := s.Apple.Faces.Face(ctx, state, language)
	if err != nil {
		return loyalty.Pass{}, nil, err
	}
	now := s.moment()
	opening := loyalty.Pass{
		ID: loyalty.NewID(), Merchant: state.Card.Merchant, Card: state.Card.ID, Wallet: loyalty.AppleWallet,
		Language: string(language), KeyID: s.Apple.Tokens.KeyID(now), Created: now, Changed: now,
	}
	if opening.Shown, err = s.passCodes().Shown(ctx, &opening, state, face); err != nil {
		return loyalty.Pass{}, nil, err
	}
	pass, err := s.Store.OpenPass(ctx, opening)
	if err == nil && pass.Language != string(language) { // it was made before
		face, err = s.Apple.Faces.Face(ctx, state, passes.Language(pass.Language))
	}
	if err != nil {
		return loyalty.Pass{}, nil, err
	}
	file, err := s.packApplePass(ctx, &pass, state, face)
	return pass, file, err
}

func (s *Server) packApplePass(ctx context.Context, pass *loyalty.Pass, state *loyalty.State, face *passes.Face) ([]byte, error) {
	token, ok := s.Apple.Tokens.Mint(pass.ID, pass.KeyID)
	if !ok {
		return nil, fmt.Errorf("the key %s of passes was retired: its passes can no longer be updated", pass.KeyID)
	}
	barcode, err := s.passCodes().Barcode(state, face)
	if err != nil {
		return nil, err
	}
	tap, err := s.passCodes().TapText(state, face)
	if err != nil {
		return nil, err
	}
	return s.Apple.Packager.Pack(ctx, apple.Card{Face: face, Serial: pass.ID.String(), Token: token, Barcode: barcode, Tap: tap})
}

// passCodes are those on passes in Apple Wallet.
func (s *Server) passCodes() PassCodes { return PassCodes{Static: s.Static, Now: s.now} }

func sendPass(c *fiber.Ctx, pass *loyalty.Pass, file []byte) error {
	c.Set(fiber.HeaderContentType, apple.MediaType)
	c.Set(fiber.HeaderLastModified, pass.Changed.UTC().Format(http.TimeFormat))
	return c.Send(file)
}
