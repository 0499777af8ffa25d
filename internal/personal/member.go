package personal

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/seal"
)

// SealMember puts a profile, with the indexes of its contacts, on its member.
func (b *Box) SealMember(m *loyalty.Member, p *Profile, now time.Time) {
	m.Sealed = b.sealJSON(placeOf(m), p, now)
	m.Indexes = b.AllIndexes(m.Merchant, p)
}

// OpenMember is a member's profile. Errors: seal.ErrKeyGone, seal.ErrForeign.
func (b *Box) OpenMember(m *loyalty.Member) (p Profile, err error) {
	err = b.openJSON(placeOf(m), m.Sealed, &p)
	return p, err
}

// Name is a member's name alone; empty where none is known, or its key is gone and
// with it all that was known. Errors: seal.ErrForeign.
func (b *Box) Name(m *loyalty.Member) (string, error) {
	p, err := b.OpenMember(m)
	if errors.Is(err, seal.ErrKeyGone) {
		return "", nil
	}
	return p.Name, err
}

func placeOf(m *loyalty.Member) Place { return Place{m.Merchant, m.ID, ProfileColumn} }

// SealConsent puts what was shown on its consent. It is bound to the consent and
// not to the member, whose consents move along when members are merged.
func (b *Box) SealConsent(m loyalty.MerchantID, c *loyalty.Consent, s *Shown, now time.Time) {
	c.Sealed = b.sealJSON(Place{m, c.ID, ConsentColumn}, s, now)
}

// OpenConsent is what was shown for a consent. Errors: seal.ErrKeyGone, seal.ErrForeign.
func (b *Box) OpenConsent(m loyalty.MerchantID, c *loyalty.Consent) (s Shown, err error) {
	err = b.openJSON(Place{m, c.ID, ConsentColumn}, c.Sealed, &s)
	return s, err
}

// Indexes are what the database knows of a contact: one HMAC-SHA256 over
// merchant, kind and value under each key in force. Whoever writes a contact
// writes all of them, so that two who write the same one collide whichever key
// each thinks is current.
func (b *Box) Indexes(m loyalty.MerchantID, c Contact) []loyalty.Hash {
	keys := b.index.All()
	all := make([]loyalty.Hash, len(keys))
	for i, key := range keys {
		h := hmac.New(sha256.New, key)
		h.Write([]byte("stempel contact 1"))
		h.Write(m[:])
		h.Write([]byte{byte(len(c.Kind))})
		h.Write([]byte(c.Kind))
		h.Write([]byte(c.Value))
		all[i] = loyalty.Hash(h.Sum(nil))
	}
	return all
}

// AllIndexes are those of all contacts of a profile.
func (b *Box) AllIndexes(m loyalty.MerchantID, p *Profile) []loyalty.Hash {
	var all []loyalty.Hash
	for _, c := range p.Contacts() {
		all = append(all, b.Indexes(m, c)...)
	}
	return all
}

// Which is the kind of the contact of a profile that has an index; empty: none.
func (b *Box) Which(m loyalty.MerchantID, p *Profile, index loyalty.Hash) Kind {
	for _, c := range p.Contacts() {
		if slices.Contains(b.Indexes(m, c), index) {
			return c.Kind
		}
	}
	return ""
}

// ResealMember brings a member under the keys of this time, and reports whether
// that changed anything. Errors: seal.ErrKeyGone, seal.ErrForeign.
func (b *Box) ResealMember(m *loyalty.Member, now time.Time) (bool, error) {
	p, err := b.OpenMember(m)
	if err != nil {
		return false, err
	}
	if b.personal.Fresh(m.Sealed, now) && sameIndexes(m.Indexes, b.AllIndexes(m.Merchant, &p)) {
		return false, nil
	}
	b.SealMember(m, &p, now)
	return true, nil
}

// ResealConsent is ResealMember for a consent.
func (b *Box) ResealConsent(m loyalty.MerchantID, c *loyalty.Consent, now time.Time) (bool, error) {
	if b.personal.Fresh(c.Sealed, now) {
		return false, nil
	}
	shown, err := b.OpenConsent(m, c)
	if err != nil {
		return false, err
	}
	b.SealConsent(m, c, &shown, now)
	return true, nil
}

// sameIndexes compares without regard to order.
func sameIndexes(a, b []loyalty.Hash) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(h loyalty.Hash) bool { return !slices.Contains(b, h) })
}
