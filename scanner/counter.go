package scanner

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/scanner/ntag"
)

// CounterTags knows the tags on shops' counters.
type CounterTags interface {
	// CounterTag is one of any merchant. Errors: loyalty.ErrNotFound.
	CounterTag(ctx context.Context, id loyalty.TagID) (loyalty.Tag, error)
}

// CounterTap says which tap of a shop's own tag a URL proves. The tag is the one that
// the URL names before its question mark, where no MAC is: that it has made the message
// its keys prove. Whether the tap was used is for the tag's row to say.
//
// Errors: credential_malformed, tag_not_found, credential_invalid, credential_revoked.
func (v *Verifier) CounterTap(ctx context.Context, tags CounterTags, id loyalty.TagID, text string, at time.Time) (loyalty.Tag, loyalty.Scanned, error) {
	if len(text) > MaxTextLength {
		return loyalty.Tag{}, loyalty.Scanned{}, errTorn()
	}
	message, err := ntag.Parse(text)
	if err != nil {
		return loyalty.Tag{}, loyalty.Scanned{}, errTorn()
	}
	tag, err := tags.CounterTag(ctx, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return loyalty.Tag{}, loyalty.Scanned{}, errNoTag()
	}
	if err != nil {
		return loyalty.Tag{}, loyalty.Scanned{}, err
	}
	tapped, ok := v.open(&message, tag.Merchant, at)
	key, known := v.tagKeys.File(&tag)
	switch {
	case !ok || !known || tapped.UID != tag.UID || message.KeyID != "" && message.KeyID != tag.KeyID,
		!message.Genuine(tapped, (*ntag.Key)(&key)):
		return loyalty.Tag{}, loyalty.Scanned{}, refuse(credential.Invalid, "This tag did not make that message with the keys it should have.")
	case !tag.Revoked.IsZero():
		return loyalty.Tag{}, loyalty.Scanned{}, refuse(loyalty.CredentialRevoked, "This tag was revoked.")
	}
	nonce := counterNonce(&tag, tapped.Counter)
	return tag, loyalty.Scanned{
		ID: scanID(nonce, loyalty.TillID{}), Method: loyalty.Counter, Nonce: nonce,
		Tapped: loyalty.Tapped{Tag: tag.ID, Epoch: tag.Epoch, Counter: tapped.Counter},
	}, nil
}

// counterNonce is the same for every card: it is the tap that can be used once.
func counterNonce(tag *loyalty.Tag, counter uint32) loyalty.Nonce {
	unique := append([]byte(nil), tag.ID[:]...)
	unique = binary.BigEndian.AppendUint32(unique, uint32(tag.Epoch))
	unique = binary.BigEndian.AppendUint32(unique, counter)
	return loyalty.NewNonce(loyalty.Counter, loyalty.CardID{}, unique)
}

func errTorn() error {
	return refuse(credential.Malformed, "This tag was read in part, or is none of ours. Tap it again.")
}
