package credential

import (
	"crypto/hmac"
	"strings"
	"time"
)

const pictureMAC = 16 // bytes

// Pictures seals what a picture is drawn from into an address that cannot be
// guessed, so that anybody who has it may load it, at any time, from any process.
type Pictures struct{ keys MACKeys }

// NewPictures takes the keys for what wallets load.
func NewPictures(keys MACKeys) *Pictures { return &Pictures{keys} }

// Seal returns a text for contents, the same until the key changes. It can stand in
// a path as it is.
func (p *Pictures) Seal(contents []byte, now time.Time) string {
	kid, key := p.keys.Current(now)
	return kid + "." + encoding.EncodeToString(append(pictureTag(key, contents), contents...))
}

// Open returns what was sealed, while the key is not retired.
func (p *Pictures) Open(text string) (contents []byte, ok bool) {
	kid, rest, _ := strings.Cut(text, ".")
	key, known := p.keys.Find(kid)
	sealed, decoded := decode(rest)
	if !known || !decoded || len(sealed) < pictureMAC {
		return nil, false
	}
	contents = sealed[pictureMAC:]
	return contents, hmac.Equal(sealed[:pictureMAC], pictureTag(key, contents))
}

func pictureTag(key, contents []byte) []byte {
	return mac(key, []byte("stempel picture 1"), contents)[:pictureMAC:pictureMAC]
}
