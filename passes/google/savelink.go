package google

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"stempel/internal/loyalty"
)

// saveAddress is where Android and browsers add a pass (Google Wallet API, "Add
// to Google Wallet" links).
const saveAddress = "https://pay.google.com/gp/v/save/"

// MaxSaveLink is how long a link may be, in characters; longer ones are cut by
// some browsers.
const MaxSaveLink = 1800

// SaveLink makes the link by which a phone adds a pass whose object stands at
// Google already: a JWT that names the object and says nothing else of it, so that
// no key and no name travels in a link. Errors: one about a link that came out too
// long.
func (w *Wallet) SaveLink(pass *loyalty.Pass, now time.Time) (string, error) {
	object := map[string]string{"id": w.issuer.Object(pass.ID), "classId": w.issuer.Class(pass.Program)}
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": w.account.Email, "aud": "google", "typ": "savetowallet", "iat": now.Unix(),
		"origins": w.origins,
		"payload": map[string]any{"loyaltyObjects": []any{object}},
	}).SignedString(w.account.key)
	if err != nil {
		return "", fmt.Errorf("sign a save link: %w", err)
	}
	link := saveAddress + token
	if len(link) > MaxSaveLink {
		return "", fmt.Errorf("a save link has %d characters, and may have %d", len(link), MaxSaveLink)
	}
	return link, nil
}
