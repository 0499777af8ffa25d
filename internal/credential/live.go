package credential

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// LiveLife is how long a live token can be scanned.
const LiveLife = time.Minute

// MaxLiveLength keeps a live token within QR version 11 at level M, which every
// till's camera reads from a phone.
const MaxLiveLength = 230

// LivePrefix begins every live token: base64url of {" .
const LivePrefix = "eyJ"

// Live makes and reads live tokens: a JWT (RFC 7519) that shows one card for one
// minute and is good for one visit.
type Live struct{ jws jws }

// LiveToken is what a live token says.
type LiveToken struct {
	Card    loyalty.CardID
	Nonce   loyalty.Nonce
	Expires time.Time // whole seconds, UTC
}

// NewLive takes the keys for live tokens, which must serve nothing else.
func NewLive(keys SigningKeys) *Live { return &Live{jws{keys, `"}`}} }

// Mint makes a fresh token of a card and says until when it is good.
func (l *Live) Mint(card loyalty.CardID, now time.Time) (text string, expires time.Time, err error) {
	c := claims{card: card, expires: now.UTC().Add(LiveLife).Truncate(time.Second)}
	rand.Read(c.jti[:])
	text, err = l.jws.sign(c.appendJSON(nil), now)
	return text, c.expires, err
}

// Parse reads a token at the time when it was shown. Whether it was used before
// is not asked here. Errors: credential_malformed, credential_invalid,
// credential_expired, credential_from_future.
func (l *Live) Parse(text string, now time.Time) (LiveToken, error) {
	if len(text) > MaxLiveLength {
		return LiveToken{}, errDamaged()
	}
	u, flaw := l.jws.split(text)
	switch flaw {
	case damaged:
		return LiveToken{}, errDamaged()
	case foreign:
		return LiveToken{}, errForged()
	}
	c, ok := readClaims(u.payload)
	if !ok {
		return LiveToken{}, errDamaged()
	}
	if !l.jws.verify(u) {
		return LiveToken{}, errForged()
	}
	switch {
	case now.After(c.expires.Add(loyalty.Leeway)):
		return LiveToken{}, refuse(Expired, "This code is too old: it is good for one minute. Ask the customer to show a fresh one.")
	case c.expires.After(now.Add(LiveLife + loyalty.Leeway)):
		return LiveToken{}, refuse(FromFuture, "This code is from the future. Check the clock of this till, then ask the customer to show a fresh one.")
	}
	nonce := loyalty.NewNonce(loyalty.Live, c.card, c.jti[:])
	return LiveToken{Card: c.card, Nonce: nonce, Expires: c.expires}, nil
}

// claims are what stands in the token.
type claims struct {
	card    loyalty.CardID
	jti     [8]byte
	expires time.Time // whole seconds, UTC
}

// appendJSON writes the one spelling of the claims.
func (c *claims) appendJSON(b []byte) []byte {
	b = append(b, `{"sub":"`...)
	b = encoding.AppendEncode(b, c.card[:])
	b = append(b, `","jti":"`...)
	b = encoding.AppendEncode(b, c.jti[:])
	b = append(b, `","exp":`...)
	b = strconv.AppendInt(b, c.expires.Unix(), 10)
	return append(b, '}')
}

// readClaims reads exactly what appendJSON writes.
func readClaims(payload string) (claims, bool) {
	rest, sub := strings.CutPrefix(payload, `{"sub":"`)
	cardText, rest, jti := strings.Cut(rest, `","jti":"`)
	uniqueText, rest, exp := strings.Cut(rest, `","exp":`)
	digits, end := strings.CutSuffix(rest, "}")
	if !sub || !jti || !exp || !end {
		return claims{}, false
	}
	card, cardOK := decode(cardText)
	unique, uniqueOK := decode(uniqueText)
	seconds, err := strconv.ParseUint(digits, 10, 40)
	if !cardOK || len(card) != 16 || !uniqueOK || len(unique) != 8 || err != nil || digits[0] == '0' {
		return claims{}, false
	}
	c := claims{loyalty.CardID(card), [8]byte(unique), time.Unix(int64(seconds), 0).UTC()}
	return c, !c.card.IsZero()
}
