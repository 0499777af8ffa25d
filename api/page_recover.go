package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// maxSignedOut bounds how many devices a recovery signs out.
const maxSignedOut = 1000

// makeRecovery shows a new recovery link, once; the one before ends.
func (s *Server) makeRecovery(c *fiber.Ctx) error {
	p := principalOf(c)
	err := s.signOut(c.UserContext(), p, func(d *loyalty.Device) bool { return d.Name == recoveryDevice && d.ID != p.Device })
	if err != nil {
		return err
	}
	token, err := s.addPage(c.UserContext(), p.Merchant, p.Card, recoveryDevice)
	if err != nil {
		return err
	}
	link := web.Link{URL: s.publicURL(c) + "/recover/" + token}
	if link.QR.Path, link.QR.Size, err = passes.QRPath(link.URL); err != nil {
		return err
	}
	return s.sendCard(c, &link)
}

// signOutOthers leaves the card to this browser alone, and to wallets. A recovery
// link ends too: whoever may have taken it is one of the others.
func (s *Server) signOutOthers(c *fiber.Ctx) error {
	p := principalOf(c)
	err := s.signOut(c.UserContext(), p, func(d *loyalty.Device) bool { return d.Kind != loyalty.Google && d.ID != p.Device })
	if err != nil {
		return err
	}
	return backToCard(c, "others.done", "")
}

// recoverPage says what the link does, and has the button.
func (s *Server) recoverPage(c *fiber.Ctx) error {
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	base := "/card/" + c.Params("token")
	page := web.Recover{Page: brandedPage(c, &seen.face, base), Title: seen.face.Title}
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderRecover(&page) })
}

// recoverCard opens the card here, and signs everybody else out: lost phones and, at
// last, the link itself, which works once. Until then it can be tried again.
func (s *Server) recoverCard(c *fiber.Ctx) error {
	p := principalOf(c)
	err := s.signOut(c.UserContext(), p, func(d *loyalty.Device) bool { return d.Kind != loyalty.Google && d.ID != p.Device })
	if err != nil {
		return err
	}
	token, err := s.addPage(c.UserContext(), p.Merchant, p.Card, pageDevice)
	if err != nil {
		return err
	}
	err = s.signOut(c.UserContext(), p, func(d *loyalty.Device) bool { return d.ID == p.Device })
	if err != nil {
		return err
	}
	return c.Redirect("/card/"+token+"?lang="+string(pageLanguage(c))+"&told=card.fresh", http.StatusSeeOther)
}

// signOut revokes the card's devices that are meant.
func (s *Server) signOut(ctx context.Context, p principal, meant func(*loyalty.Device) bool) error {
	return revokeDevices(ctx, s.Store, p.Merchant, p.Card, s.moment(), meant)
}

func revokeDevices(ctx context.Context, store deviceStore, m loyalty.MerchantID, card loyalty.CardID, now time.Time, meant func(*loyalty.Device) bool) error {
	devices, err := store.Devices(ctx, m, card, loyalty.DeviceID{}, maxSignedOut)
	if err != nil {
		return err
	}
	for i := range devices {
		if !devices[i].Revoked.IsZero() || !meant(&devices[i]) {
			continue
		}
		_, err := store.RevokeDevice(ctx, loyalty.Answer{}, m, card, devices[i].ID, now,
			func(*loyalty.Device) (loyalty.Answer, error) { return loyalty.Answer{Status: http.StatusOK}, nil })
		if err != nil {
			return err
		}
	}
	return nil
}
