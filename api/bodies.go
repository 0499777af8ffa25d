package api

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"stempel/internal/giftcodes"
	"stempel/internal/roster"
	"stempel/passes/artwork"
)

// Limits of a request's body, where largeBodies has no others.
const (
	maxBody      = 256 << 10        // bytes
	patience     = 10 * time.Second // for the whole of a request's work
	filePatience = time.Minute      // where that is a file of many rows
)

// largeBody is how a body is bounded that may be larger than others.
type largeBody struct {
	method, prefix, suffix string // of the operation's address, which is both at most
	max                    int    // bytes
	patience               time.Duration
	tooLarge               string // what a larger one is told
}

var largeBodies = []largeBody{
	{fiber.MethodPut, "/v1/merchant/brand/logo", "", artwork.MaxBytes, patience, pictureTooLarge},
	{fiber.MethodPut, "/v1/merchant/brand/icon", "", artwork.MaxBytes, patience, pictureTooLarge},
	{fiber.MethodPost, "/v1/till/sync", "", maxSyncBody, patience, "The body is larger than 512 KiB. Send fewer items at once."},
	{fiber.MethodPost, "/v1/rewards/", "/codes", giftcodes.MaxFile, filePatience, "The file is larger than 10 MiB. Send it in parts: codes that are there already are left out."},
	{fiber.MethodPost, "/v1/agreements/", "/roster", roster.MaxBytes, filePatience, "The file is larger than 4 MiB. Send it in parts: the first as it is, the others with add=true."},
}

const pictureTooLarge = "The file is larger than 1 MiB. Save the picture smaller, or with stronger compression."

// bodyOf are the bounds of the body of a request.
func bodyOf(method, address string) largeBody {
	path, _, _ := strings.Cut(address, "?")
	for _, b := range largeBodies {
		if method != b.method || !strings.HasPrefix(path, b.prefix) {
			continue
		}
		if rest := path[len(b.prefix):]; rest == b.suffix || b.suffix != "" && strings.HasSuffix(rest, b.suffix) {
			return b
		}
	}
	return largeBody{max: maxBody, patience: patience, tooLarge: "The body is larger than 256 KiB."}
}

// bodyLimit is how many bytes the body of a request may have, decided by its head,
// before any of them has memory.
func bodyLimit(head *fasthttp.RequestHeader) fasthttp.RequestConfig {
	return fasthttp.RequestConfig{MaxRequestBodySize: bodyOf(string(head.Method()), string(head.RequestURI())).max}
}

// csvFile is the body as it came: fiber's would decompress it, to any size. Errors:
// missing_field, unsupported_media_type.
func csvFile(c *fiber.Ctx) ([]byte, error) {
	body := c.Request().Body()
	kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	switch encoding := c.Get(fiber.HeaderContentEncoding); {
	case len(body) == 0:
		return nil, missing("body")
	case !strings.EqualFold(strings.TrimSpace(kind), "text/csv"):
		return nil, refuse(unsupportedMediaType, "Send the file itself as the body, as text/csv.")
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return nil, refuse(unsupportedMediaType, "Send the body as it is, without Content-Encoding.")
	}
	return body, nil
}
