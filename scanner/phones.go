package scanner

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/scanner/smarttap"
	"stempel/scanner/vas"
)

// Phones are what is known of the NFC readers that ask phones for passes: what they
// hand over still encrypted is opened here. The zero value opens nothing.
type Phones struct {
	VAS      vas.Keys         // Apple's
	PassType string           // of the passes that VAS asks for
	SmartTap *smarttap.Reader // Google's; nil for none
}

// VASWindow is how old a cryptogram may be: no reader has a word in it, so nothing
// else tells a fresh one from one that was recorded and has not been used yet.
const VASWindow = 5 * time.Minute

// verifyVAS takes what an NFC reader read that begins like none of our texts, so
// it can only be a cryptogram. Which key opens it is said by its beginning.
func (v *Verifier) verifyVAS(text string, r Reading) (Presentation, error) {
	if r.Channel != NFC {
		return Presentation{}, errUnknown()
	}
	c, ok := vas.Parse(text)
	if !ok {
		return Presentation{}, errUnknown()
	}
	pass, err := v.phones.VAS.Open(&c, v.phones.PassType)
	switch {
	case errors.Is(err, vas.ErrNoKey):
		return Presentation{}, refuse(credential.Unknown, fmt.Sprintf(
			"This is not a loyalty code, or it was made for an NFC reader (%s) whose key this system does not have. Ask the customer to show the code of the loyalty card.", c.Reader))
	case err != nil:
		return Presentation{}, refuse(credential.Invalid,
			"What the phone sent was damaged, or is of another shop's pass. Hold the phone to the reader again, or scan the code of the loyalty card.")
	}
	if err := r.checkTapped(pass.Time); err != nil {
		return Presentation{}, err
	}
	static, err := v.parsePass(pass.Message)
	if err != nil {
		return Presentation{}, err
	}
	cryptogram := sha256.Sum256(c.Bytes())
	return r.present(static.Card, loyalty.Scanned{
		Method: loyalty.VAS, Surface: static.Surface, Generation: static.Generation,
		Expires: pass.Time.Add(VASWindow),
		Nonce:   loyalty.NewNonce(loyalty.VAS, static.Card, cryptogram[:]),
	}), nil
}

// checkTapped holds when a phone made a cryptogram, by its own clock.
func (r *Reading) checkTapped(made time.Time) error {
	switch {
	case made.After(r.At.Add(loyalty.Leeway)):
		return refuse(credential.FromFuture,
			"The phone's clock is ahead of ours. Ask the customer to set it by itself, or scan the code of the loyalty card.")
	case r.At.After(made.Add(VASWindow + loyalty.Leeway)):
		return refuse(credential.Expired,
			"The phone was held to the reader too long ago, or its clock is behind ours. Hold it to the reader again, or scan the code of the loyalty card.")
	}
	return nil
}

// verifySession opens what a Smart Tap reader hands over raw. The value in it counts
// as if the reader had handed it over itself, but for one thing: a session is used
// once.
func (v *Verifier) verifySession(text string, r Reading) (Presentation, error) {
	switch {
	case r.Channel != NFC:
		return Presentation{}, errUnknown()
	case v.phones.SmartTap == nil:
		return Presentation{}, refuse(credential.Unknown,
			"The NFC reader did not open what the phone sent, and this system has no keys of Smart Tap readers. Scan the code of the loyalty card.")
	}
	session, ok := smarttap.Parse(text)
	if !ok {
		return Presentation{}, refuse(credential.Malformed,
			"This begins like a Smart Tap session, but is none. Hold the phone to the reader again, or scan the code of the loyalty card.")
	}
	value, err := v.phones.SmartTap.Open(session)
	switch {
	case errors.Is(err, smarttap.ErrNoValue):
		return Presentation{}, errUnknown()
	case err != nil:
		return Presentation{}, refuse(credential.Invalid,
			"What the phone sent was damaged, or was read by another shop's reader. Hold the phone to the reader again, or scan the code of the loyalty card.")
	}
	static, err := v.parsePass(value)
	if err != nil {
		return Presentation{}, err
	}
	once := sha256.Sum256(session.Bytes())
	nonce := loyalty.NewNonce(loyalty.SmartTap, static.Card, once[:]) // also where it counts as static
	return r.presentStatic(static, r.methodOf(static), nonce), nil
}

// parsePass reads what stands in wallet passes for readers: a text of their own, which
// no photo of a pass shows, and no other. Errors: credential_unknown, and as of Static.Parse.
func (v *Verifier) parsePass(text string) (credential.StaticText, error) {
	if !strings.HasPrefix(text, credential.StaticPrefix) {
		return credential.StaticText{}, errUnknown()
	}
	static, err := v.static.Parse(text)
	switch {
	case err != nil:
	case static.Surface == loyalty.Print:
		err = refuse(credential.Invalid, "This code belongs on a printed card, and not into a phone. Ask the customer to show the card itself.")
	case static.Surface != loyalty.WalletNFC:
		err = refuse(credential.Invalid, "This is the text of a code on a screen, and not what a phone hands a reader. Scan the code of the loyalty card.")
	}
	return static, err
}

// methodOf is what a static text is worth: at a till with a Smart Tap reader, by NFC,
// what passes hold for readers came from the phone that holds the pass.
func (r *Reading) methodOf(static credential.StaticText) loyalty.Method {
	if r.Channel == NFC && r.Readers.Has(loyalty.SmartTapReader) && static.Surface == loyalty.WalletNFC {
		return loyalty.SmartTap
	}
	return loyalty.Static
}

func (r *Reading) presentStatic(static credential.StaticText, m loyalty.Method, nonce loyalty.Nonce) Presentation {
	return r.present(static.Card, loyalty.Scanned{
		Method: m, Surface: static.Surface, Generation: static.Generation, Nonce: nonce,
	})
}
