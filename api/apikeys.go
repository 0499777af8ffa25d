package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// ListAPIKeys shows the merchant's keys, without their secrets.
func (s *Server) ListAPIKeys(c *fiber.Ctx, params gen.ListAPIKeysParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.APIKeyID], params.After)
	if err != nil {
		return err
	}
	all, err := wantsAll(params.State)
	if err != nil {
		return err
	}
	list, err := s.Store.APIKeys(c.UserContext(), principalOf(c).Merchant, all, after, limit+1)
	if err != nil {
		return err
	}
	list, next := cut(list, limit, func(key *loyalty.KeyListing) string { return key.ID.String() })
	return s.json(c, http.StatusOK, gen.APIKeyPage{APIKeys: views(list, s.keyView), Next: next})
}

// CreateAPIKey makes a key and shows its secret this once.
func (s *Server) CreateAPIKey(c *fiber.Ctx, params gen.CreateAPIKeyParams) error {
	var body gen.NewAPIKey
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := checkName(body.Name); err != nil {
		return err
	}
	scope := loyalty.Scope(body.Scope)
	switch scope {
	case "":
		return missing("scope")
	case loyalty.Admin, loyalty.App:
	default:
		return invalid("scope", "must be admin or app")
	}
	key := loyalty.KeyListing{
		ID: loyalty.NewID(), Merchant: principalOf(c).Merchant, Name: body.Name, Scope: scope, Created: s.moment(),
	}
	view := s.keyView(&key)
	var hash loyalty.Hash
	view.Secret, hash = credential.NewKeySecret(key.ID)
	answer, err := s.created(c, params.IdempotencyKey, view)
	if err != nil {
		return err
	}
	answer.Secret = true
	answer, err = s.Store.AddAPIKey(c.UserContext(), answer, key, hash)
	return finish(c, answer, err)
}

// GetAPIKey shows a key, without its secret.
func (s *Server) GetAPIKey(c *fiber.Ctx, id gen.KeyInPath) error {
	key, err := s.Store.APIKey(c.UserContext(), principalOf(c).Merchant, id)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, s.keyView(&key))
}

// RotateAPIKey gives a key a new secret and shows it this once.
func (s *Server) RotateAPIKey(c *fiber.Ctx, id gen.KeyInPath, params gen.RotateAPIKeyParams) error {
	var body gen.Rotation
	if err := decode(c, &body); err != nil {
		return err
	}
	grace := time.Duration(body.GraceSeconds) * time.Second
	if grace < 0 || grace > loyalty.MaxGrace {
		return invalid("grace_seconds", "must lie between 0 and 86400")
	}
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	var formerUntil time.Time // no moment longer, by any process's clock
	if grace > 0 {
		formerUntil = s.moment().Add(grace)
	}
	rotate := func(key *loyalty.KeyListing) (loyalty.Hash, loyalty.Answer, error) {
		view := s.keyView(key)
		var hash loyalty.Hash
		view.Secret, hash = credential.NewKeySecret(key.ID)
		answer, err := render(http.StatusOK, view)
		answer.Secret = true
		return hash, answer, err
	}
	answer, err := s.Store.RotateAPIKey(c.UserContext(), request, principalOf(c).Merchant, id, formerUntil, rotate)
	return finish(c, answer, err)
}

// RevokeAPIKey ends a key at once; it may be the one that asks.
func (s *Server) RevokeAPIKey(c *fiber.Ctx, id gen.KeyInPath, params gen.RevokeAPIKeyParams) error {
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.RevokeAPIKey(c.UserContext(), request, principalOf(c).Merchant, id, s.moment(), func(key *loyalty.KeyListing) (loyalty.Answer, error) {
		return render(http.StatusOK, s.keyView(key))
	})
	return finish(c, answer, err)
}

func (s *Server) keyView(key *loyalty.KeyListing) gen.APIKey {
	view := gen.APIKey{
		ID: key.ID, Name: key.Name, Scope: gen.Scope(key.Scope), State: gen.APIKeyStateActive,
		CreatedAt: key.Created, RevokedAt: key.Revoked,
	}
	if !key.Revoked.IsZero() {
		view.State = gen.APIKeyStateRevoked
	}
	if s.now().Before(key.FormerUntil) {
		view.FormerSecretUntil = key.FormerUntil
	}
	return view
}
