package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// GetRotatingSecret tells a phone what it needs to make its codes offline. Nothing
// is kept, for the secret follows from its name: whoever asks again is told the
// same. A card that was merged goes on with its own, whose codes lead on. Only the
// phone itself is told: what an API key could read would outlive the key.
func (s *Server) GetRotatingSecret(c *fiber.Ctx, card gen.CardInPath) error {
	p := principalOf(c)
	state, err := s.survivor(c, p.Merchant, p.meant(card))
	if err != nil {
		return err
	}
	if state.Card.Blocked {
		return refuse(loyalty.CardBlocked, "This card is blocked: it gets no new codes.")
	}
	device, err := s.Store.Device(c.UserContext(), p.Merchant, p.meant(card), p.Device)
	if err != nil {
		return err
	}
	if !device.Revoked.IsZero() {
		return refuse(loyalty.DeviceNotFound, "This phone was revoked: it makes no codes any more.")
	}
	now := s.moment()
	secret, err := s.Rotating.Secret(device.Home, device.Secret, now)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, rotatingView(&device, &secret, now))
}

// RenewDevice gives a phone another secret for its codes, which it asks for
// itself. To a phone the others do not exist.
func (s *Server) RenewDevice(c *fiber.Ctx, card gen.CardInPath, id gen.DeviceInPath, params gen.RenewDeviceParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	p := principalOf(c)
	if !p.Device.IsZero() && p.Device != id {
		return refuse(loyalty.DeviceNotFound, "There is no such phone of this card.")
	}
	answer, err := s.Store.RenewDevice(c.UserContext(), change, p.Merchant, p.meant(card), id, s.moment(),
		func(d *loyalty.Device) (loyalty.Answer, error) { return render(http.StatusOK, deviceView(d)) })
	return s.answerCard(c, answer, err)
}

func rotatingView(d *loyalty.Device, secret *credential.RotatingSecret, now time.Time) gen.RotatingSecret {
	return gen.RotatingSecret{
		Device: d.ID, Secret: secret.String(), Prefix: secret.Prefix,
		Digits: credential.RotatingDigits, PeriodSeconds: int32(credential.RotatingPeriod / time.Second),
		Number: int32(d.Secret.Number), Epoch: int32(d.Secret.Epoch), ServerTime: now,
	}
}
