package credential

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"stempel/internal/loyalty"
)

// RotatingPrefix begins every rotating text.
const RotatingPrefix = "STR."

// RotatingPeriod is how often a rotating text changes. It is accepted while it is
// the current one, and for one period before and after: clocks of phones differ.
const RotatingPeriod = 30 * time.Second

// RotatingDigits is how many decimal digits end a rotating text.
const RotatingDigits = 8

const (
	rotatingFields = 1 + 2 + 2 + 16 // key number, number and epoch of the secret, card
	rotatingTag    = 9
	rotatingKey    = 20 // bytes of a secret: those of SHA-1 (RFC 4226 §4)
	rotatingFixed  = len(RotatingPrefix) + (rotatingFields+rotatingTag)*8/5
	rotatingLength = rotatingFixed + RotatingDigits // 60: QR version 3 at level M holds 61
)

// How far from now a code is looked for that is refused anyway, to say why. Only
// few in the future: who guesses and is told "not yet" has won, as soon as it is.
const (
	rotatingPast   = 120 // periods: an hour
	rotatingFuture = 10  // periods: five minutes
)

// Rotating makes and reads rotating texts: a fixed prefix, and a TOTP (RFC 6238,
// SHA-1, as Google Wallet computes it too) which a phone makes without a network.
// Secrets follow from a key and are kept nowhere.
type Rotating struct{ keys MACKeys }

// RotatingSecret is all that a device needs to make texts.
type RotatingSecret struct {
	Prefix string // the text up to the digits
	Key    [rotatingKey]byte
}

// String is the key in base32, without padding as it needs none.
func (s *RotatingSecret) String() string { return alphanumeric.EncodeToString(s.Key[:]) }

// RotatingText is what a rotating text says.
type RotatingText struct {
	Card    loyalty.CardID
	Secret  loyalty.Secret
	Nonce   loyalty.Nonce
	Expires time.Time // when it is accepted no longer: a whole period, UTC
}

// NewRotating takes the keys for rotating texts, which must serve nothing else.
// Their ids are "t" and two lower-case hex digits: the text has one byte for them.
func NewRotating(keys MACKeys) *Rotating { return &Rotating{keys} }

// Secret is the secret of that name of a card. It is the same until the key
// changes, and texts made with the former go on until that key is retired.
func (r *Rotating) Secret(card loyalty.CardID, secret loyalty.Secret, now time.Time) (RotatingSecret, error) {
	kid, key := r.keys.Current(now)
	number, ok := keyNumber('t', kid)
	if !ok {
		return RotatingSecret{}, fmt.Errorf("key id %q does not fit a rotating text", kid)
	}
	if secret.Number == 0 || secret.Epoch == 0 {
		return RotatingSecret{}, fmt.Errorf("a card has no secret %d of epoch %d", secret.Number, secret.Epoch)
	}
	fields := make([]byte, 0, rotatingFields+rotatingTag)
	fields = append(fields, number)
	fields = binary.BigEndian.AppendUint16(fields, secret.Number)
	fields = binary.BigEndian.AppendUint16(fields, secret.Epoch)
	fields = append(fields, card[:]...)
	made, tag := derive(key, fields)
	return RotatingSecret{Prefix: RotatingPrefix + alphanumeric.EncodeToString(append(fields, tag[:]...)), Key: made}, nil
}

// Text is what the device shows at a time.
func (s *RotatingSecret) Text(at time.Time) string {
	return s.Prefix + totp(s.Key, stepAt(at))
}

// Parse reads a text at the time when it was shown. Whether its secret is still
// one of the card's is the card's to say. Errors: credential_malformed,
// credential_invalid, credential_expired, credential_from_future.
func (r *Rotating) Parse(text string, now time.Time) (RotatingText, error) {
	fields, key, err := r.open(text)
	if err != nil {
		return RotatingText{}, err
	}
	step, err := stepOf(key, text[rotatingFixed:], now)
	if err != nil {
		return RotatingText{}, err
	}
	t := RotatingText{
		Card:    loyalty.CardID(fields[5:]),
		Secret:  loyalty.Secret{Number: binary.BigEndian.Uint16(fields[1:]), Epoch: binary.BigEndian.Uint16(fields[3:])},
		Expires: time.Unix((step+2)*periodSeconds, 0).UTC(),
	}
	// Not of the key: a step is used once, also while an older key still counts.
	unique := binary.BigEndian.AppendUint64(append([]byte(nil), fields[1:5]...), uint64(step))
	t.Nonce = loyalty.NewNonce(loyalty.Rotating, t.Card, unique)
	return t, nil
}

// open reads the prefix of a text, and what its digits must follow from.
func (r *Rotating) open(text string) (fields []byte, key [rotatingKey]byte, err error) {
	if len(text) != rotatingLength || text[:len(RotatingPrefix)] != RotatingPrefix || !isDecimal(text[rotatingFixed:]) {
		return nil, key, errDamaged()
	}
	b, err := alphanumeric.DecodeString(text[len(RotatingPrefix):rotatingFixed])
	if err != nil || len(b) != rotatingFields+rotatingTag { // shorter: the decoder passes over line breaks
		return nil, key, errDamaged()
	}
	fields = b[:rotatingFields]
	master, ok := r.keys.Find(keyID('t', fields[0]))
	if !ok {
		return nil, key, errForged()
	}
	key, tag := derive(master, fields)
	if !hmac.Equal(b[rotatingFields:], tag[:]) {
		return nil, key, errForged()
	}
	return fields, key, nil
}

// derive makes of a key what belongs to some fields: the secret, and the tag that
// stands behind them in the text, so that who guesses digits must at least have
// seen a text of that card. HKDF-SHA256 (RFC 5869), without salt.
func derive(key, fields []byte) (secret [rotatingKey]byte, tag [rotatingTag]byte) {
	made, err := hkdf.Key(sha256.New, key, nil, "stempel rotating 1"+string(fields), rotatingKey+rotatingTag)
	if err != nil {
		panic("credential: HKDF makes no 29 bytes: " + err.Error())
	}
	copy(secret[:], made)
	copy(tag[:], made[rotatingKey:])
	return secret, tag
}

func isDecimal(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
