package api

import (
	"github.com/gofiber/fiber/v2"

	"stempel/passes"
)

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
