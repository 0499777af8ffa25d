package credential

import (
	"crypto/hmac"
	"encoding/binary"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// LinkLife is the longest life of a signed link.
const LinkLife = 10 * time.Minute

const linkMAC = 16 // bytes

// Links signs URLs for those who cannot send a token: an <img>, a phone that
// opens a pass.
type Links struct{ keys MACKeys }

// NewLinks takes the keys for links, which must serve nothing else.
func NewLinks(keys MACKeys) *Links { return &Links{keys} }

// Sign returns the signature of a path until expires, which is kept to the
// second and lies at most LinkLife ahead. The text can stand in a URL as it is.
func (l *Links) Sign(path string, expires, now time.Time) string {
	kid, key := l.keys.Current(now)
	return kid + "." + encoding.EncodeToString(linkTag(key, path, expires))
}

// Check reports whether the signature is of this path and time, and the time has
// not come. Errors: link_invalid, link_expired.
func (l *Links) Check(path string, expires time.Time, signature string, now time.Time) error {
	kid, text, _ := strings.Cut(signature, ".")
	tag, ok := decode(text)
	key, known := l.keys.Find(kid)
	if !ok || !known || !hmac.Equal(tag, linkTag(key, path, expires)) || expires.After(now.Add(LinkLife+loyalty.Leeway)) {
		return refuse(LinkInvalid, "This link is not one that this shop's system has made. Open it again from where you got it.")
	}
	if now.After(expires) {
		return refuse(LinkExpired, "This link has expired: links are good for ten minutes. Open it again from where you got it.")
	}
	return nil
}

func linkTag(key []byte, path string, expires time.Time) []byte {
	seconds := binary.BigEndian.AppendUint64(nil, uint64(expires.Unix()))
	return mac(key, []byte("stempel link 1"), seconds, []byte(path))[:linkMAC]
}
