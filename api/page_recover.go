package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/web"
)

// maxSignedOut bounds how many devices a recovery signs out.
const maxSignedOut = 1000

// makeRecovery shows a new recovery link, once; the one before ends.
func (s *Server) makeRecovery(c *fiber.Ctx) error {
	p := principalOf(c)
	paper := loyalty.Device{ID: loyalty.NewID(), Card: p.Card, Kind: loyalty.Recovery, Name: recoveryDevice, Created: s.moment()}
	token, err := s.addPage(c.UserContext(), p.Merchant, paper)
	if err != nil {
		return err
	}
	err = s.signOut(c.UserContext(), p, func(d *loyalty.Device) bool {
		return d.Kind == loyalty.Recovery && d.Name == recoveryDevice && d.ID != paper.ID
	})
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
	if principalOf(c).Revoked {
		return errNoPage
	}
	seen, err := s.see(c)
	if err != nil {
		return err
	}
	base := "/recover/" + c.Params("token")
	page := web.Recover{Page: brandedPage(c, &seen.face, base), Title: seen.face.Title, Once: rand.Text()}
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderRecover(&page) })
}

// recoveryGrace is how long the form that has opened a card is answered again: its
// first answer may not have come through, and all others are signed out.
const recoveryGrace = 5 * time.Minute

// recoverCard opens the card here, and signs everybody else out, lost phones and the
// link itself, which works once. The same form, sent again, leads to the same page:
// its token follows from the link and the form, and is kept nowhere.
func (s *Server) recoverCard(c *fiber.Ctx) error {
	p, link, once := principalOf(c), c.Params("token"), string(c.Context().PostArgs().Peek("once"))
	if len(once) != onceLength {
		return errForeignForm
	}
	now := s.moment()
	request := loyalty.Answer{Request: sha256.Sum256([]byte("recover " + p.Device.String() + " " + once)), Expires: now.Add(recoveryGrace)}
	page := newPage(p.Card, now)
	_, hash := credential.HeirSecret(page.ID, link, once)
	answer, err := s.Store.Recover(c.UserContext(), request, p.Merchant, p.Device, page, hash,
		loyalty.Answer{Status: http.StatusSeeOther, Body: []byte(page.ID.String())})
	if err == nil && !now.Before(answer.Expires) {
		err = errNoPage
	}
	if err != nil {
		return err
	}
	s.Pages.Tell(answer.Card) // those that are signed out now
	opened, err := loyalty.ParseID[loyalty.DeviceID](string(answer.Body))
	if err != nil {
		return err
	}
	token, _ := credential.HeirSecret(opened, link, once)
	return c.Redirect("/card/"+token+"?lang="+string(pageLanguage(c))+"&told=card.fresh", http.StatusSeeOther)
}

// signOut revokes the card's devices that are meant, and tells their open pages.
func (s *Server) signOut(ctx context.Context, p principal, meant func(*loyalty.Device) bool) error {
	err := revokeDevices(ctx, s.Store, p.Merchant, p.Card, s.moment(), meant)
	s.tellAll(err, p.Card)
	return err
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
