package api

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// deviceStore keeps what holds a token or secret of a card.
type deviceStore interface {
	AddDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, d loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error)
	Devices(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, after loyalty.DeviceID, limit int) ([]loyalty.Device, error)
	CardDevices(ctx context.Context, card loyalty.CardID, after loyalty.DeviceID, limit int) ([]loyalty.Device, error)
	RevokeDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID, now time.Time, render func(*loyalty.Device) (loyalty.Answer, error)) (loyalty.Answer, error)
	RenewDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID, now time.Time, render func(*loyalty.Device) (loyalty.Answer, error)) (loyalty.Answer, error)
	Device(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, id loyalty.DeviceID) (loyalty.Device, error)
	Recover(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, link loyalty.DeviceID, fresh loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error)
	DeviceAccess(ctx context.Context, id loyalty.DeviceID) (loyalty.Access, error)
}

const maxDeviceName = 100 // characters

// CreateDevice gives a phone a token of its card.
func (s *Server) CreateDevice(c *fiber.Ctx, card gen.CardInPath, params gen.CreateDeviceParams) error {
	var body gen.NewDevice
	if err := decode(c, &body); err != nil {
		return err
	}
	if utf8.RuneCountInString(body.Name) > maxDeviceName {
		return invalid("name", "is longer than 100 characters")
	}
	kind, err := newDeviceKind(body.Kind)
	if err != nil {
		return err
	}
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	device := loyalty.Device{
		ID: loyalty.NewID(), Card: card, Kind: kind, Name: body.Name, Created: s.moment(),
	}
	token, hash := credential.NewDeviceSecret(device.ID)
	told, err := render(http.StatusCreated, gen.DeviceToken{
		ID: device.ID, Name: device.Name, Token: token, CreatedAt: device.Created,
	})
	if err != nil {
		return err
	}
	told.Secret = true
	answer, err := s.Store.AddDevice(c.UserContext(), change, principalOf(c).Merchant, device, hash, told)
	return s.answerCard(c, answer, err)
}

// newDeviceKind is what a token may be made for: wallets have none.
// Errors: invalid_field.
func newDeviceKind(kind gen.NewDeviceKind) (loyalty.DeviceKind, error) {
	switch kind {
	case "", gen.NewDeviceKindPhone:
		return loyalty.Phone, nil
	case gen.NewDeviceKindWeb:
		return loyalty.Browser, nil
	}
	return 0, invalid("kind", "must be phone or web")
}

// ListDevices shows the phones of a card, newest first.
func (s *Server) ListDevices(c *fiber.Ctx, card gen.CardInPath, params gen.ListDevicesParams) error {
	limit, err := pageSize(c, params.Limit)
	if err != nil {
		return err
	}
	after, err := cursor(loyalty.ParseID[loyalty.DeviceID], params.After)
	if err != nil {
		return err
	}
	devices, err := s.Store.Devices(c.UserContext(), principalOf(c).Merchant, card, after, limit+1)
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	devices, next := cut(devices, limit, func(d *loyalty.Device) string { return d.ID.String() })
	return s.json(c, http.StatusOK, gen.DevicePage{Devices: views(devices, deviceView), Next: next})
}

// RevokeDevice ends a phone's token. To a phone the others do not exist.
func (s *Server) RevokeDevice(c *fiber.Ctx, card gen.CardInPath, id gen.DeviceInPath, params gen.RevokeDeviceParams) error {
	change, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	p, now := principalOf(c), s.moment()
	if !p.Device.IsZero() && p.Device != id {
		return refuse(loyalty.DeviceNotFound, "There is no such phone of this card.")
	}
	card = p.meant(card)
	answer, err := s.Store.RevokeDevice(c.UserContext(), change, p.Merchant, card, id, now,
		func(d *loyalty.Device) (loyalty.Answer, error) { return render(http.StatusOK, deviceView(d)) })
	s.tellAll(err, card)
	return s.answerCard(c, answer, err)
}

// answerCard answers a change of a card, which may not be there.
func (s *Server) answerCard(c *fiber.Ctx, answer loyalty.Answer, err error) error {
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoCard
	}
	if err != nil {
		return err
	}
	return send(c, answer)
}

func deviceView(d *loyalty.Device) gen.Device {
	return gen.Device{ID: d.ID, Kind: gen.DeviceKind(d.Kind.String()), Name: d.Name, CreatedAt: d.Created, RevokedAt: d.Revoked}
}
