package credential

import (
	"crypto/hmac"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// PassTokens are by what a wallet proves that it holds a pass (Apple's
// authenticationToken). They are computed, not kept: a forged one is refused
// before anything is looked up, and a copy of the database holds none.
type PassTokens struct{ keys MACKeys }

// NewPassTokens takes the keys for passes' tokens, which must serve nothing else.
func NewPassTokens(keys MACKeys) *PassTokens { return &PassTokens{keys} }

// KeyID is the key that tokens of new passes are made with. It is kept with the
// pass, whose token may never change.
func (p *PassTokens) KeyID(now time.Time) string {
	kid, _ := p.keys.Current(now)
	return kid
}

// Mint is the token of a pass that was made under a key; false when the key was
// retired.
func (p *PassTokens) Mint(id loyalty.PassID, kid string) (string, bool) {
	key, ok := p.keys.Find(kid)
	return kid + "." + encoding.EncodeToString(passTag(key, id)), ok
}

// Check reports whether a token is that of a pass, in the same time for all that
// are not.
func (p *PassTokens) Check(id loyalty.PassID, token string) bool {
	kid, text, _ := strings.Cut(token, ".")
	tag, ok := decode(text)
	key, known := p.keys.Find(kid)
	return ok && known && hmac.Equal(tag, passTag(key, id))
}

func passTag(key []byte, id loyalty.PassID) []byte {
	return mac(key, []byte("stempel pass 1"), id[:])
}
