package api

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// pageStore is what pages ask beyond what the contract's operations do.
type pageStore interface {
	ProgramOwner(ctx context.Context, id loyalty.ProgramID) (loyalty.MerchantID, error)
	EraseCard(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, now time.Time) error
	Watch(ctx context.Context, card loyalty.CardID, until int64, now time.Time) error
}

// routePages routes what people open in a browser. It stands beside the contract,
// which is for programs: pages may change their form at any time, and refuse in
// words for people. The token in a card's address is that of a device, the same
// that an app would send as a bearer token.
func (s *Server) routePages() {
	get := func(path string, do fiber.Handler) { s.app.Get(path, s.page(do)) }
	post := func(path string, do fiber.Handler) { s.app.Post(path, s.page(s.sameOrigin(do))) }

	get("/pages/:file", s.pageAsset)
	get("/pages/:version/:file", s.pageAsset)
	get("/join/:program", s.joinPage)
	post("/join/:program", s.join)
	get("/join/:program/style.css", s.joinStyle)
	get("/join/:program/logo.png", s.joinLogo)
	get("/join/:program/strip.png", s.joinStrip)
	get("/join/:program/poster.svg", s.poster)
	get("/join/:program/recover", s.lostPage)
	post("/join/:program/recover", s.askLetter)
	get("/join/:program/work", s.workPage)
	post("/join/:program/work", s.askWorkLetter)
	get("/join/:program/work/:token", s.workerPage)
	post("/join/:program/work/:token", s.confirmWork)

	get("/card/:token", s.held(s.cardPage))
	get("/card/:token/events", s.held(s.cardEvents))
	get("/card/:token/style.css", s.held(s.cardStyle))
	get("/card/:token/logo.png", s.held(s.cardLogo))
	get("/card/:token/icon.png", s.held(s.cardIcon))
	get("/card/:token/strip.png", s.held(s.cardStrip))
	get("/card/:token/qr.png", s.held(s.cardQR))
	get("/card/:token/offline", s.held(s.offlinePage))
	get("/card/:token/statements/:voucher.png", s.held(s.cardStatement))
	get("/card/:token/codes/:code.png", s.held(s.cardGift))
	get("/card/:token/manifest.webmanifest", s.held(s.cardManifest))
	get("/card/:token/apple", s.held(s.cardApple))
	get("/card/:token/google", s.held(s.cardGoogle))
	get("/card/:token/receipts/:entry", s.held(s.cardReceipt))
	get("/card/:token/work", s.held(s.heldWorkPage))
	post("/card/:token/work", s.held(s.askHeldWork))
	get("/card/:token/export.json", s.held(s.cardExport))
	post("/card/:token/erase", s.held(s.cardErase))
	post("/card/:token/consents", s.held(s.changeConsent))
	post("/card/:token/choice", s.held(s.chooseOnPage))
	post("/card/:token/recovery", s.held(s.makeRecovery))
	post("/card/:token/others", s.held(s.signOutOthers))

	get("/recover/:token", s.recovering(s.recoverPage))
	get("/recover/:token/style.css", s.recovering(s.cardStyle))
	get("/recover/:token/logo.png", s.recovering(s.cardLogo))
	post("/recover/:token", s.recovering(s.recoverCard))

	get("/t", unheard(s.cardTagPage))
	get("/t/:tag", unheard(s.tapPage))
	post("/t/:tag", unheard(s.script(s.tap)))
	post("/t/:tag/cards", unheard(s.script(s.tapCards)))
	get("/card/:token/taps/:approval", s.script(s.held(s.tapState)))
	get("/card/:token/taps/:approval/events", s.script(s.held(s.tapEvents)))

	get(tillRoot, s.tillPage)
	get(tillRoot+"/*", s.tillFile)
}

// page stands before every page.
func (s *Server) page(do fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy, web.Policy)
		c.Set(fiber.HeaderReferrerPolicy, "same-origin") // addresses open cards
		c.Set("Cross-Origin-Opener-Policy", "same-origin")
		c.Set("Cross-Origin-Resource-Policy", "same-origin")
		c.Set(fiber.HeaderXRobotsTag, "noindex")
		if err := do(c); err != nil {
			return s.refusePage(c, err)
		}
		return nil
	}
}

// sameOrigin refuses forms that another site has sent (the Fetch standard's
// Sec-Fetch-Site, and Origin for browsers that send none). Ours are the host that the
// request names and the public address: a proxy in between may name another host.
func (s *Server) sameOrigin(do fiber.Handler) fiber.Handler {
	public, _ := url.Parse(s.PublicURL) // checked when it was set; nil is no host's
	return func(c *fiber.Ctx) error {
		site, origin := c.Get("Sec-Fetch-Site"), c.Get(fiber.HeaderOrigin)
		if site != "" && site != "same-origin" && site != "none" {
			return errForeignForm
		}
		if at, err := url.Parse(origin); origin != "" && (err != nil || at.Host != c.Hostname() && !sameSite(at, public)) {
			return errForeignForm
		}
		return do(c)
	}
}

// sameSite reports whether an origin, as browsers write it, is the public address's.
func sameSite(origin, public *url.URL) bool {
	return public != nil && public.Host != "" && origin.Scheme == public.Scheme &&
		strings.EqualFold(origin.Host, strings.TrimSuffix(public.Host, ":443"))
}

// held lets in whoever holds the token of a device, which stands in the address.
func (s *Server) held(do fiber.Handler) fiber.Handler {
	return s.let(do, func(c *fiber.Ctx, token string) (principal, error) { return s.auth.holder(c, token, false) })
}

// recovering lets in who comes by a recovery link, which opens nothing else.
func (s *Server) recovering(do fiber.Handler) fiber.Handler { return s.let(do, s.auth.recovery) }

func (s *Server) let(do fiber.Handler, in func(c *fiber.Ctx, token string) (principal, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		p, err := in(c, c.Params("token"))
		if errors.Is(err, errUnauthorized) || err == nil && p.Device.IsZero() {
			return errNoPage
		}
		if err != nil {
			return err
		}
		if err := s.limit(c, &p); err != nil {
			return err
		}
		c.Locals(principalLocal, p)
		return do(c)
	}
}

// pageLanguage is what the reader has chosen, or else what the browser says.
func pageLanguage(c *fiber.Ctx) passes.Language {
	if chosen := c.Query("lang"); chosen != "" {
		return passes.MatchLanguage(chosen)
	}
	return passes.MatchLanguage(c.Get(fiber.HeaderAcceptLanguage))
}

func sendPage(c *fiber.Ctx, status int, render func() ([]byte, error)) error {
	body, err := render()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(body)
}

// pageAsset sends one of the files that pages load, from an address that names their
// version. While servers of two versions run, a page of one may ask the other, and
// gets what that has; nobody is to keep it under this name. The worker's address is
// always the same, as browsers demand.
func (s *Server) pageAsset(c *fiber.Ctx) error {
	file, mediaType, ok := web.Asset(c.Params("file"))
	if !ok {
		return errNoPage
	}
	if c.Params("file") == "worker.js" {
		c.Set("Service-Worker-Allowed", "/card/")
	}
	kept := "no-store"
	switch c.Params("version") {
	case web.AssetVersion:
		kept = "public, max-age=31536000, immutable"
	case "":
		kept = "public, max-age=300"
	}
	c.Set(fiber.HeaderCacheControl, kept)
	c.Set(fiber.HeaderContentType, mediaType)
	return c.Send(file)
}
