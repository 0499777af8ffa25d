package api

import (
	"context"
	"errors"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// secretStore keeps the numbers of devices' secrets.
type secretStore interface {
	Card(ctx context.Context, m loyalty.MerchantID, id loyalty.CardID) (*loyalty.State, error)
	GoogleDevice(ctx context.Context, pass loyalty.PassID) (loyalty.Device, error)
	AddDevice(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, d loyalty.Device, token loyalty.Hash, answer loyalty.Answer) (loyalty.Answer, error)
}

// GoogleCodes are the rotating codes of passes in Google Wallet. Such a pass is a
// device of its card, under the pass's own id, and may be revoked as any other.
type GoogleCodes struct {
	Store    secretStore
	Rotating *credential.Rotating
	Static   *credential.Static
	Now      func() time.Time
}

// Barcode is what Google makes a pass's codes from; no pattern for a pass that was
// revoked. After a merge it is still the secret of the card that the pass was made
// for, whose codes lead on.
func (g GoogleCodes) Barcode(ctx context.Context, pass *loyalty.Pass) (pattern string, key []byte, err error) {
	device, err := g.device(ctx, pass)
	if err != nil || !device.Revoked.IsZero() {
		return "", nil, err
	}
	secret, err := g.Rotating.Secret(device.Home, device.Secret, g.Now())
	if err != nil {
		return "", nil, err
	}
	return secret.Prefix + "{totp_value_0}", secret.Key[:], nil
}

// TapValue is what the card's wallet passes hand NFC readers; empty for a pass that was
// revoked.
func (g GoogleCodes) TapValue(ctx context.Context, pass *loyalty.Pass) (string, error) {
	device, err := g.device(ctx, pass)
	if err != nil || !device.Revoked.IsZero() {
		return "", err
	}
	state, err := g.Store.Card(ctx, pass.Merchant, pass.Card)
	if err != nil {
		return "", err
	}
	return g.Static.Mint(pass.Card, loyalty.WalletNFC, state.Card.WalletGen, g.Now())
}

// device is the pass as a device, which it becomes the first time.
func (g GoogleCodes) device(ctx context.Context, pass *loyalty.Pass) (loyalty.Device, error) {
	known, err := g.Store.GoogleDevice(ctx, pass.ID)
	if !errors.Is(err, loyalty.ErrNotFound) {
		return known, err
	}
	device := loyalty.Device{
		ID: loyalty.DeviceID(pass.ID), Card: pass.Card, Kind: loyalty.Google, Name: "Google Wallet",
		Created: g.Now().UTC().Truncate(time.Microsecond),
	}
	_, err = g.Store.AddDevice(ctx, loyalty.Answer{}, pass.Merchant, device, loyalty.Hash{}, loyalty.Answer{})
	if err != nil && !errors.Is(err, loyalty.ErrConflict) { // another process was first
		return loyalty.Device{}, err
	}
	known, err = g.Store.GoogleDevice(ctx, pass.ID)
	if errors.Is(err, loyalty.ErrNotFound) { // it was erased
		return loyalty.Device{Revoked: device.Created}, nil
	}
	return known, err
}
