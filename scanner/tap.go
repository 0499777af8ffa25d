package scanner

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/scanner/ntag"
)

// Tags knows which card a chip stands for.
type Tags interface {
	// TagByUID is the tag as which a merchant has registered a chip last, revoked or
	// not. Errors: loyalty.ErrNotFound.
	TagByUID(ctx context.Context, m loyalty.MerchantID, uid loyalty.TagUID) (loyalty.Tag, error)
}

// isAddress reports whether a text is a URL, as a chip says one.
func isAddress(text string) bool {
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// verifyTap asks for the tag, because only that says which key its chip has, and of
// which card it is. Whether it was revoked, or tapped later than this, is for the
// card to say.
func (v *Verifier) verifyTap(ctx context.Context, text string, r Reading) (Presentation, error) {
	if r.Channel != NFC {
		return Presentation{}, refuse(credential.Unknown,
			"This is a web address, not a loyalty code. If it stands on an NFC tag, hold the tag to the NFC reader.")
	}
	message, err := ntag.Parse(text)
	if errors.Is(err, ntag.ErrForeign) {
		return Presentation{}, errUnknown()
	}
	if err != nil {
		return Presentation{}, refuse(credential.Malformed, "This tag was read in part, or is none of ours. Hold it to the reader again.")
	}
	tapped, ok := v.open(&message, r.Merchant, r.At)
	if !ok {
		return Presentation{}, errNoTag()
	}
	tag, err := v.tags.TagByUID(ctx, r.Merchant, tapped.UID)
	if errors.Is(err, loyalty.ErrNotFound) {
		return Presentation{}, errNoTag()
	}
	if err != nil {
		return Presentation{}, err
	}
	if tag.OnCounter() {
		return Presentation{}, refuse(loyalty.CredentialNotAccepted, "This is the shop's own tag, for customers' phones. Ask the customer to show the card itself.")
	}
	key, ok := v.tagKeys.File(&tag)
	if !ok || message.KeyID != "" && message.KeyID != tag.KeyID || !message.Genuine(tapped, (*ntag.Key)(&key)) {
		return Presentation{}, refuse(credential.Invalid,
			"This tag did not make that message with the keys it should have. Ask the customer to show the card itself.")
	}
	return r.present(tag.Card, loyalty.Scanned{
		Method: loyalty.Tap, Nonce: tapNonce(&tag, tapped.Counter),
		Tapped: loyalty.Tapped{Tag: tag.ID, Epoch: tag.Epoch, Counter: tapped.Counter},
	}), nil
}

// open says which tap a message claims to be. A template that names no key is taken
// to mean the newest.
func (v *Verifier) open(message *ntag.Message, m loyalty.MerchantID, at time.Time) (ntag.Tap, bool) {
	var meta credential.TagKey
	if message.Encrypted() {
		kid, ok := message.KeyID, false
		if kid == "" {
			kid = v.tagKeys.KeyID(at)
		}
		if meta, ok = v.tagKeys.Meta(m, kid); !ok {
			return ntag.Tap{}, false
		}
	}
	return message.Open((*ntag.Key)(&meta))
}

// tapNonce is of what a chip counts, not of its text, which mirrors may spell in
// several ways.
func tapNonce(tag *loyalty.Tag, counter uint32) loyalty.Nonce {
	unique := append([]byte(nil), tag.UID[:]...)
	unique = binary.BigEndian.AppendUint32(unique, uint32(tag.Epoch))
	unique = binary.BigEndian.AppendUint32(unique, counter)
	return loyalty.NewNonce(loyalty.Tap, tag.Card, unique)
}

func errNoTag() error {
	return refuse(loyalty.TagNotFound, "This tag is not one of this shop's. Ask the customer to show the card itself.")
}
