package credential

import (
	"crypto/hmac"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"stempel/internal/loyalty"
)

// StaticPrefix begins every static text.
const StaticPrefix = "STS."

// alphanumeric is RFC 4648 base32: all of it can stand in a QR code's alphanumeric
// mode. Five bytes fill eight characters with no bit to spare.
var alphanumeric = base32.StdEncoding.WithPadding(base32.NoPadding)

const (
	staticFields = 1 + 1 + 2 + 16 // key number, surface, generation, card
	staticMAC    = 15
	staticLength = len(StaticPrefix) + (staticFields+staticMAC)*8/5 // 60: QR version 3 at level M holds 61
)

// Static makes and reads static texts: the barcode of a wallet pass, a printed
// card, a plain NFC tag. They can be photographed, so they may do less. What a wallet
// pass hands an NFC reader is one, too, which nobody sees: which surface a text is of
// stands under its MAC, so that a photo of one does not give another away.
type Static struct{ keys MACKeys }

// StaticText is what a static text says.
type StaticText struct {
	Card       loyalty.CardID
	Surface    loyalty.Surface
	Generation int32
}

// NewStatic takes the keys for static texts, which must serve nothing else.
// Their ids are "s" and two lower-case hex digits: the text has one byte for them.
func NewStatic(keys MACKeys) *Static { return &Static{keys} }

// Mint makes the text of one surface and generation of a card. It is the same
// until the key changes. Generations reach from 1 to 65535.
func (s *Static) Mint(card loyalty.CardID, surface loyalty.Surface, generation int32, now time.Time) (string, error) {
	if surface < loyalty.Wallet || surface > loyalty.WalletNFC {
		return "", fmt.Errorf("surface %d has no static text", surface)
	}
	if generation < 1 || generation > math.MaxUint16 {
		return "", fmt.Errorf("generation %d does not fit a static text", generation)
	}
	kid, key := s.keys.Current(now)
	number, ok := keyNumber('s', kid)
	if !ok {
		return "", fmt.Errorf("key id %q does not fit a static text", kid)
	}
	b := make([]byte, 0, staticFields+staticMAC)
	b = append(b, number, byte(surface))
	b = binary.BigEndian.AppendUint16(b, uint16(generation))
	b = append(b, card[:]...)
	b = append(b, staticTag(key, b)...)
	return StaticPrefix + alphanumeric.EncodeToString(b), nil
}

// Parse reads a static text. Whether its generation is still good is the card's
// to say. Errors: credential_malformed, credential_invalid.
func (s *Static) Parse(text string) (StaticText, error) {
	if len(text) != staticLength || text[:len(StaticPrefix)] != StaticPrefix {
		return StaticText{}, errDamaged()
	}
	b, err := alphanumeric.DecodeString(text[len(StaticPrefix):])
	if err != nil || len(b) != staticFields+staticMAC { // shorter: the decoder passes over line breaks
		return StaticText{}, errDamaged()
	}
	fields, tag := b[:staticFields], b[staticFields:]
	key, ok := s.keys.Find(keyID('s', fields[0]))
	if !ok || !hmac.Equal(tag, staticTag(key, fields)) {
		return StaticText{}, errForged()
	}
	return StaticText{
		Surface:    loyalty.Surface(fields[1]),
		Generation: int32(binary.BigEndian.Uint16(fields[2:])),
		Card:       loyalty.CardID(fields[4:]),
	}, nil
}

func staticTag(key, fields []byte) []byte {
	return mac(key, []byte("stempel static 1"), fields)[:staticMAC]
}
