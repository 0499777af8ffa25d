package api

import (
	"context"
	"crypto/sha256"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/passes"
)

// PassCodes makes the codes that passes show beside a face, and so knows the version
// of all that is seen of a pass: a lost code that was replaced, a secret that was
// renewed or revoked, or another key is a change of the pass as much as a stamp.
type PassCodes struct {
	Static *credential.Static
	Google GoogleCodes
	Now    func() time.Time
}

// Barcode is the static text on a card's pass in Apple Wallet; empty on one that is not
// active.
func (c PassCodes) Barcode(state *loyalty.State, face *passes.Face) (string, error) {
	if face.State != passes.Active {
		return "", nil
	}
	return c.Static.Mint(state.Card.ID, loyalty.Wallet, state.Card.WalletGen, c.Now())
}

// TapText is what a card's pass in Apple Wallet hands an NFC reader; empty as Barcode is.
func (c PassCodes) TapText(state *loyalty.State, face *passes.Face) (string, error) {
	if face.State != passes.Active {
		return "", nil
	}
	return c.Static.Mint(state.Card.ID, loyalty.WalletNFC, state.Card.WalletGen, c.Now())
}

// Shown is what passes remember of a face and of the code beside it: the cut SHA-256 of
// both. The text for readers changes with the code. Errors: of the store.
func (c PassCodes) Shown(ctx context.Context, pass *loyalty.Pass, state *loyalty.State, face *passes.Face) ([16]byte, error) {
	code, err := c.Barcode(state, face)
	if err == nil && pass.Wallet == loyalty.GoogleWallet && face.State == passes.Active {
		var pattern string
		pattern, _, err = c.Google.Barcode(ctx, pass) // it names the secret's key, number and epoch
		code += pattern
	}
	digest := sha256.Sum256(append(face.Version[:], code...))
	return [16]byte(digest[:16]), err
}
