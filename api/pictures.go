package api

import (
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/passes"
)

// link is the signed address of a picture. scope is what the signature covers
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

func sendPicture(c *fiber.Ctx, text string, size int) error {
	picture, err := passes.QRPNG(text, size)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(picture)
}

// pictureSize reads how large a code is to be drawn, and holds that the end of a
// link is one. Errors: invalid_field.
func pictureSize(c *fiber.Ctx, size int32, expires int64) (int, error) {
	switch {
	case expires < 0:
		return 0, invalid("expires", "must be seconds since 1970")
	case c.Query("size") == "":
		return passes.DefaultQRSize, nil
	case size < passes.MinQRSize || size > passes.MaxQRSize:
		return 0, invalid("size", "must lie between 128 and 1024")
	}
	return int(size), nil
}
