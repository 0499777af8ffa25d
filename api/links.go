package api

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// link is the signed address of a picture or a pass. scope is what the signature covers
// beside its end: who has the one link cannot make another of it.
func (s *Server) link(path, scope string, query url.Values) string {
	now := s.now()
	expires := now.Add(credential.LinkLife).Truncate(time.Second)
	query.Set("expires", strconv.FormatInt(expires.Unix(), 10))
	query.Set("signature", s.Links.Sign(scope, expires, now))
	return path + "?" + query.Encode()
}

// checkLink holds that an address was made by link, not too long ago, and that it is
// not asked for too often. Errors: link_invalid, link_expired, rate_limited.
func (s *Server) checkLink(c *fiber.Ctx, scope string, expires int64, signature string, of [16]byte) error {
	if err := s.Links.Check(scope, time.Unix(expires, 0), signature, s.now()); err != nil {
		return err
	}
	return s.limitLink(c, of)
}

// cardOwner is the merchant whose card it is: that of the key or, for a signed link,
// of the card which the link was made for. Errors: card_not_found, and as of checkLink.
func (s *Server) cardOwner(c *fiber.Ctx, card loyalty.CardID, scope string, expires int64, signature string) (loyalty.MerchantID, error) {
	if p := principalOf(c); !p.Merchant.IsZero() {
		return p.Merchant, nil
	}
	if err := s.checkLink(c, scope, expires, signature, card); err != nil {
		return loyalty.MerchantID{}, err
	}
	owner, err := s.Store.MerchantOf(c.UserContext(), card)
	if errors.Is(err, loyalty.ErrNotFound) {
		err = errNoCard
	}
	return owner, err
}
