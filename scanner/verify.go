package scanner

import (
	"context"
	"strings"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/scanner/smarttap"
)

// Verifier is the one entrance for credentials.
type Verifier struct {
	live     *credential.Live
	rotating *credential.Rotating
	static   *credential.Static
	tagKeys  *credential.TagKeys
	tags     Tags
	phones   Phones
}

// NewVerifier takes the readers of each kind of text, and what taps of tags and of
// phones are verified with.
func NewVerifier(live *credential.Live, rotating *credential.Rotating, static *credential.Static, tagKeys *credential.TagKeys, tags Tags, phones Phones) *Verifier {
	return &Verifier{live, rotating, static, tagKeys, tags, phones}
}

// Verify says what a reading presents. The reader is chosen by the prefix and
// the channel, never by trying all. It does not ask whether the nonce was spent, nor
// whether the card exists. Errors: credential_unknown, credential_malformed,
// credential_invalid, credential_expired, credential_from_future; for a tap
// tag_not_found, and of reading tags.
func (v *Verifier) Verify(ctx context.Context, r Reading) (Presentation, error) {
	text := r.text()
	switch {
	case len(text) > MaxTextLength:
		return Presentation{}, errUnknown()
	case strings.HasPrefix(text, credential.LivePrefix):
		return v.verifyLive(text, r)
	case strings.HasPrefix(text, credential.RotatingPrefix):
		return v.verifyRotating(text, r)
	case strings.HasPrefix(text, credential.StaticPrefix):
		return v.verifyStatic(text, r)
	case isAddress(text):
		return v.verifyTap(ctx, text, r)
	case strings.HasPrefix(text, smarttap.Prefix):
		return v.verifySession(text, r)
	}
	return v.verifyVAS(text, r)
}

func (v *Verifier) verifyLive(text string, r Reading) (Presentation, error) {
	token, err := v.live.Parse(text, r.At)
	if err != nil {
		return Presentation{}, err
	}
	return r.present(token.Card, loyalty.Scanned{Method: loyalty.Live, Nonce: token.Nonce, Expires: token.Expires}), nil
}

// verifyRotating does not know whether the device was revoked: the secret goes
// along, for the card to say.
func (v *Verifier) verifyRotating(text string, r Reading) (Presentation, error) {
	code, err := v.rotating.Parse(text, r.At)
	if err != nil {
		return Presentation{}, err
	}
	return r.present(code.Card, loyalty.Scanned{
		Method: loyalty.Rotating, Secret: code.Secret, Nonce: code.Nonce, Expires: code.Expires,
	}), nil
}

// verifyStatic makes a nonce of the request: the text itself is always the same.
func (v *Verifier) verifyStatic(text string, r Reading) (Presentation, error) {
	static, err := v.static.Parse(text)
	if err != nil {
		return Presentation{}, err
	}
	if static.Surface == loyalty.WalletNFC && r.Channel != NFC {
		return Presentation{}, refuse(credential.Invalid,
			"This text is for NFC readers alone, and nobody shows it. Ask the customer to show the code of the loyalty card.")
	}
	method := r.methodOf(static)
	return r.presentStatic(static, method, loyalty.NewNonce(method, static.Card, r.Request[:])), nil
}

func (r *Reading) present(card loyalty.CardID, scan loyalty.Scanned) Presentation {
	scan.ID = scanID(scan.Nonce, r.Till)
	return Presentation{Card: card, Captured: r.At, Scan: scan}
}

func errUnknown() error {
	return &loyalty.Refusal{
		Code:    credential.Unknown,
		Message: "This is not a loyalty code. Ask the customer to show the code of the loyalty card.",
	}
}
